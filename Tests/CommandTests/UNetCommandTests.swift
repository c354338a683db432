import Foundation
import Testing

@Suite("wattbook-unet")
struct UNetCommandTests {
    /// A small set that a test may damage.
    private func set(_ folder: CommandFolder, count: Int = 12) throws -> String {
        let made = try UNetCommand(
            [
                "synthesize", "--out", "\(folder.path)/set", "--count", "\(count)", "--size", "32", "--area", "0.03",
                "--quiet",
            ])
        try #require(made.status == 0, "\(made.errors)")
        return "\(folder.path)/set"
    }

    private func train(_ data: String, _ more: [String], environment: [String: String] = [:]) throws -> UNetCommand {
        let small = ["--filters", "2", "--depth", "2", "--size", "16", "--batch", "2", "--threads", "1"]
        return try UNetCommand(["train", "--data", data] + small + more, environment: environment)
    }

    /// Every error is two sentences on standard error, the first of which names the culprit.
    private func expect(_ call: UNetCommand, status: Int32, naming culprit: String, _ location: SourceLocation) {
        #expect(call.status == status, "\(call.errors)", sourceLocation: location)
        #expect(call.output.isEmpty, sourceLocation: location)
        #expect(call.errorLines.count == 2, "\(call.errors)", sourceLocation: location)
        #expect(call.errorLines.first?.contains(culprit) == true, "\(call.errors)", sourceLocation: location)
        #expect(call.errorLines.allSatisfy { $0.hasSuffix(".") }, "\(call.errors)", sourceLocation: location)
    }

    @Test(arguments: [
        ["--nonsense"], ["train"], ["train", "--data", "x", "--batch", "many"], ["synthesize", "--count", "3"],
        ["teach"],
    ])
    func `what is no command line ends with 64`(arguments: [String]) throws {
        let call = try UNetCommand(arguments)
        #expect(call.status == 64)
        #expect(call.output.isEmpty && !call.errors.isEmpty)
    }

    @Test(arguments: [
        (["--size", "100", "--depth", "4"], "100"), (["--batch", "0"], "--batch 0"),
        (["--filters", "0"], "--filters 0"),
        (["--depth", "9"], "--depth 9"), (["--epochs", "1", "--steps", "1"], "--epochs"),
        (["--steps", "0"], "--steps 0"),
        (["--learning-rate", "0"], "--learning-rate"), (["--validation-fraction", "1"], "--validation-fraction"),
        (["--precision", "fp7"], "fp7"), (["--threads", "0"], "--threads 0"),
    ])
    func `impossible values end with 64 before any data is read`(options: [String], culprit: String) throws {
        expect(
            try UNetCommand(["train", "--data", "/nowhere"] + options),
            status: 64,
            naming: culprit,
            #_sourceLocation
        )
    }

    @Test func `a size that cannot be halved names the next ones that can`() throws {
        let call = try UNetCommand(["train", "--data", "/nowhere", "--size", "100"])
        #expect(call.errors.contains("96 or 112"))
    }

    @Test func `a precision that this program lacks ends with 69`() throws {
        let call = try UNetCommand(["train", "--data", "/nowhere", "--precision", "tf32"])
        expect(call, status: 69, naming: "tf32", #_sourceLocation)
    }

    @Test func `no data ends with 66`() throws {
        let folder = try CommandFolder()
        for path in ["/nowhere/set", folder.path] {
            expect(try train(path, ["--steps", "1"]), status: 66, naming: path, #_sourceLocation)
        }
        let infer = try UNetCommand(["infer", "--checkpoint", "/nowhere/net", "--data", folder.path, "--threads", "1"])
        expect(infer, status: 66, naming: "/nowhere/net", #_sourceLocation)
    }

    @Test func `bad data ends with 65 and names the file`() throws {
        let folder = try CommandFolder()
        let data = try set(folder)
        let image = "\(data)/training/5.png"
        let whole = try Data(contentsOf: URL(filePath: image))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: image))
        expect(try train(data, ["--epochs", "1", "--quiet"]), status: 65, naming: image, #_sourceLocation)

        try whole.write(to: URL(filePath: image))
        try FileManager.default.removeItem(atPath: "\(data)/training/5_seg.png")
        expect(try train(data, ["--steps", "1"]), status: 65, naming: image, #_sourceLocation)
    }

    @Test func `what cannot be written ends with 73`() throws {
        let folder = try CommandFolder()
        let data = try set(folder)
        let blocked = "\(data)/training/0.png/below"
        let made = try UNetCommand(["synthesize", "--out", blocked, "--count", "1", "--size", "32"])
        expect(made, status: 73, naming: blocked, #_sourceLocation)
        let trained = try train(data, ["--steps", "1", "--checkpoint", "\(folder.path)/none/net"])
        expect(trained, status: 73, naming: "\(folder.path)/none/net", #_sourceLocation)
    }

    @Test func `describe counts the default nets`() throws {
        for (filters, parameters) in [(16, 1_942_289), (32, 7_762_465), (64, 31_036_481)] {
            let document = try UNetCommand(["describe", "--filters", "\(filters)", "--json"]).json()
            #expect(document["parameters"] as? Int == parameters)
            let macs = try ["forward_macs", "backward_macs"].map { try #require(document[$0] as? Int) }
            #expect(document["training_flop"] as? Int == 2 * (macs[0] + macs[1]))
            // The image needs no gradient: the first layer has half the products of the others.
            #expect(macs[1] == 2 * macs[0] - 9 * filters * 256 * 256)
        }
        #expect(try UNetCommand(["describe"]).output.contains("1942289"))
    }

    @Test func `synthesis tells what it made and makes it again`() throws {
        let folder = try CommandFolder()
        let options = ["--count", "4", "--test", "2", "--size", "32", "--seed", "6", "--json"]
        let call = try UNetCommand(["synthesize", "--out", "\(folder.path)/a"] + options)
        #expect(try call.json()["images"] as? Int == 4)
        _ = try UNetCommand(["synthesize", "--out", "\(folder.path)/b"] + options)
        let manager = FileManager.default
        #expect(try manager.contentsOfDirectory(atPath: "\(folder.path)/a/training").count == 12)
        #expect(try manager.contentsOfDirectory(atPath: "\(folder.path)/a/test").count == 6)
        #expect(manager.contentsEqual(atPath: "\(folder.path)/a", andPath: "\(folder.path)/b"))
    }

    @Test func `a training tells its course, marks it and leaves a net to infer with`() throws {
        let folder = try CommandFolder()
        let data = try set(folder, count: 20)
        let net = "\(folder.path)/net.safetensors"
        #expect(FileManager.default.createFile(atPath: "\(folder.path)/marks", contents: nil))
        let call = try train(
            data,
            ["--steps", "12", "--seed", "3", "--json", "--quiet", "--checkpoint", net],
            environment: ["WATTBOOK_MARKS": "\(folder.path)/marks"]
        )
        try #require(call.status == 0, "\(call.errors)")
        let document = try call.json()
        #expect(document["schema"] as? String == "wattbook.unet.training/1")
        #expect(document["steps"] as? Int == 12 && document["images"] as? Int == 24)
        #expect(document["training_images"] as? Int == 18 && document["validation_images"] as? Int == 2)
        #expect(document["split_by"] as? String == "video")
        #expect((document["epochs"] as? [Any])?.count == 2)
        for key in ["loss", "dice", "iou", "first_loss", "images_per_s"] { #expect(document[key] is Double, "\(key)") }

        let marks = try String(contentsOfFile: "\(folder.path)/marks", encoding: .utf8).split(separator: "\n")
        #expect(Set(marks.map { $0.split(separator: " ")[1] }).count == 1, "one process, one thread")
        let verbs = marks.map { $0.split(separator: " ").dropFirst(2).prefix(2).joined(separator: " ") }
        #expect(verbs.count { $0 == "begin step" } == 12 && verbs.count { $0 == "end step" } == 12)
        #expect(verbs.count { $0 == "begin validation" } == 2 && verbs.count { $0 == "count images=2" } == 12)
        #expect(verbs.first == "info framework=wattbook-unet" && verbs.last == "end train")

        let infer = [
            "infer", "--checkpoint", net, "--data", data, "--threads", "1", "--out", "\(folder.path)/out", "--json",
        ]
        let inferred = try UNetCommand(infer)
        try #require(inferred.status == 0, "\(inferred.errors)")
        #expect(try inferred.json()["images"] as? Int == 20)
        #expect(try inferred.json()["iou"] is Double)
        let latency = try #require(try inferred.json()["latency_ms"] as? [String: Double])
        let (middle, most) = try (#require(latency["median"]), #require(latency["p99"]))
        #expect(try middle > 0 && middle <= #require(latency["p95"]) && most >= #require(latency["p95"]))
        #expect(try #require(inferred.json()["images_per_s"] as? Double) > 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/out").count == 20)
    }

    @Test func `int8 infers with a calibration and says so`() throws {
        let folder = try CommandFolder()
        let (data, net) = (try set(folder), "\(folder.path)/net.safetensors")
        let trained = try train(data, ["--steps", "20", "--quiet", "--checkpoint", net])
        try #require(trained.status == 0, "\(trained.errors)")
        let base = ["infer", "--checkpoint", net, "--data", data, "--threads", "1", "--json", "--quiet"]
        let exact = try UNetCommand(base).json()
        let int8 = base + ["--precision", "int8"]
        for call in [try UNetCommand(int8), try UNetCommand(int8 + ["--calibration", data, "--batch", "5"])] {
            try #require(call.status == 0, "\(call.errors)")
            let document = try call.json()
            #expect(document["precision"] as? String == "int8" && document["images"] as? Int == 12)
            let losses = try [exact, document].map { try #require($0["loss"] as? Double) }
            #expect(abs(losses[0] - losses[1]) < 0.05 && losses[0] != losses[1], "\(losses)")
            #expect(
                (document["implementations"] as? [String])?.contains { $0.contains("int8") || $0.contains("vnni") }
                    == true
            )
        }
        #expect(try (UNetCommand(int8).json()["warnings"] as? [String])?.first?.contains("--calibration") == true)
        try FileManager.default.createDirectory(atPath: "\(folder.path)/empty", withIntermediateDirectories: true)
        let empty = try UNetCommand(int8 + ["--calibration", "\(folder.path)/empty"])
        expect(empty, status: 65, naming: "\(folder.path)/empty", #_sourceLocation)
        let missing = try UNetCommand(int8 + ["--calibration", "/nowhere/set"])
        expect(missing, status: 66, naming: "/nowhere/set", #_sourceLocation)
    }

    @Test func `int8 does not train`() throws {
        let call = try UNetCommand(["train", "--data", "/nowhere", "--precision", "int8", "--threads", "1"])
        expect(call, status: 64, naming: "int8", #_sourceLocation)
    }

    /// Processors without bf16, as oneDNN sees them under its own limit.
    @Test(arguments: ["AVX2", "AVX512_CORE"])
    func `bf16 without hardware is fp32 with a sentence, and emulated where that is allowed`(limit: String) throws {
        let folder = try CommandFolder()
        let data = try set(folder)
        let old = ["ONEDNN_MAX_CPU_ISA": limit]
        let steps = ["--steps", "2", "--precision", "bf16", "--json"]
        let call = try train(data, steps, environment: old)
        try #require(call.status == 0, "\(call.errors)")
        let document = try call.json()
        #expect(document["precision"] as? String == "fp32" && document["requested_precision"] as? String == "bf16")
        #expect(document["arithmetic"] as? String == "native")
        let sentence = try #require((document["warnings"] as? [String])?.first { $0.contains("fp32") })
        #expect(call.errors.contains("warning: \(sentence)"))
        let emulated = try train(data, steps + ["--allow-emulation"], environment: old).json()
        #expect(emulated["precision"] as? String == "bf16" && emulated["arithmetic"] as? String == "emulated")
    }

    @Test func `fp16 trains with a scaled loss and says that its speed is not that of fp16`() throws {
        let folder = try CommandFolder()
        let call = try train(try set(folder), ["--steps", "3", "--precision", "fp16", "--json"])
        try #require(call.status == 0, "\(call.errors)")
        let document = try call.json()
        #expect(document["precision"] as? String == "fp16" && document["arithmetic"] as? String == "emulated")
        #expect(document["loss_scale"] as? Double == 65_536 && document["skipped_steps"] as? Int == 0)
        #expect(call.errors.contains("speed"))
    }

    @Test(arguments: ["fp32", "bf16", "fp16", "int8"])
    func `describe tells what runs for each layer`(precision: String) throws {
        let options = ["--filters", "4", "--depth", "2", "--size", "32", "--threads", "1", "--allow-emulation"]
        let call = try UNetCommand(["describe", "--precision", precision, "--json"] + options)
        try #require(call.status == 0, "\(call.errors)")
        let document = try call.json()
        let layers = try #require(document["layers"] as? [[String: Any]])
        #expect(layers.count == 15)
        for (key, total) in [
            ("parameters", "parameters"), ("macs", "forward_macs"), ("backward_macs", "backward_macs"),
            ("activation_bytes", "activation_bytes"),
        ] {
            #expect(layers.reduce(0) { $0 + ($1[key] as? Int ?? 0) } == document[total] as? Int, "\(key)")
        }
        for layer in layers {
            #expect((layer["implementations"] as? [String: [String]])?.isEmpty == false, "\(layer)")
            #expect((layer["precision"] as? String)?.isEmpty == false)
            // int8 folds normalisation into the convolution; else it has a pass for training and one for prediction.
            let normalization = try #require(layer["normalization"] as? [String: [String]])
            let has = layer["kind"] as? String == "convolution 3x3" && precision != "int8"
            #expect(Set(normalization.keys) == (has ? ["forward", "inference", "backward"] : []), "\(layer)")
        }
        let table = try UNetCommand(["describe", "--precision", precision] + options).output
        #expect(table.contains("decoder.0.conv2") && table.contains(precision))
        #expect(table.contains("norm ") == (precision != "int8") && table.contains("bnorm") == (precision != "int8"))
    }

    @Test func `activations are counted as they lie, with the channels that fill up a block`() throws {
        func bytes(_ engine: String) throws -> Int {
            let call = try UNetCommand([
                "describe", "--filters", "4", "--depth", "1", "--size", "32", "--threads", "1", "--engine", engine,
                "--json",
            ])
            let first = try #require((try call.json()["layers"] as? [[String: Any]])?.first)
            return try #require(first["activation_bytes"] as? Int)
        }
        #expect(try bytes("openblas") == 4 * 32 * 32 * 8)
        // A block is eight channels on AVX2, sixteen on AVX-512.
        #expect([8, 16].contains(try bytes("onednn") / (32 * 32 * 8)))
    }

    @Test func `the fastest algorithm is recorded with what it chose`() throws {
        let folder = try CommandFolder()
        let call = try train(try set(folder), ["--steps", "1", "--algorithm", "fastest", "--json", "--quiet"])
        try #require(call.status == 0, "\(call.errors)")
        #expect(try call.json()["algorithm"] as? String == "fastest")
        let lines = try #require(try call.json()["implementations"] as? [String])
        #expect(lines.contains { $0.hasPrefix("encoder.0.conv2 forward ") && $0.contains(":avx") }, "\(lines)")
    }

    @Test func `the same seed trains the same net, to the last bit on one thread`() throws {
        let folder = try CommandFolder()
        let data = try set(folder)
        let calls = try [3, 3, 4].map { seed in
            try train(data, ["--steps", "3", "--seed", "\(seed)", "--json", "--quiet"]).json()
        }
        #expect(calls[0]["loss"] as? Double == calls[1]["loss"] as? Double)
        #expect(calls[0]["loss"] as? Double != calls[2]["loss"] as? Double)
    }

    @Test func `the threads asked for reach the engine`() throws {
        let folder = try CommandFolder()
        let data = try set(folder)
        let call = try train(
            data,
            ["--steps", "1", "--json", "--quiet"],
            environment: ["OMP_NUM_THREADS": "7", "OMP_WAIT_POLICY": ""]
        )
        try #require(call.status == 0, "\(call.errors)")
        #expect(try call.json()["threads"] as? Int == 1)
    }
}

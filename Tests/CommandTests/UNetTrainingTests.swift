import Foundation
import Testing

/// What `train` offers beyond a plain training: schedules, changes to images, resumption, limits.
@Suite("wattbook-unet train")
struct UNetTrainingTests {
    private static func set(_ folder: CommandFolder, count: Int = 12) throws -> String {
        let made = try UNetCommand(
            [
                "synthesize", "--out", "\(folder.path)/set", "--count", "\(count)", "--size", "32", "--area", "0.03",
                "--quiet",
            ])
        try #require(made.status == 0, "\(made.errors)")
        return "\(folder.path)/set"
    }

    private static let small = ["--filters", "2", "--depth", "2", "--size", "16", "--batch", "2", "--threads", "1"]

    private static func train(_ data: String, _ more: [String]) throws -> UNetCommand {
        try UNetCommand(["train", "--data", data] + small + ["--json", "--quiet"] + more)
    }

    private func expect(_ call: UNetCommand, status: Int32, naming culprit: String, _ location: SourceLocation) {
        #expect(call.status == status, "\(call.errors)", sourceLocation: location)
        #expect(call.errorLines.count == 2, "\(call.errors)", sourceLocation: location)
        #expect(call.errorLines.first?.contains(culprit) == true, "\(call.errors)", sourceLocation: location)
        #expect(call.errorLines.allSatisfy { $0.hasSuffix(".") }, "\(call.errors)", sourceLocation: location)
    }

    /// The whole of it: order, augmentation, schedule, moments, the best net and its patience.
    @Test(arguments: [[], ["--patience", "9"], ["--precision", "fp16"]])
    func `twice n steps are n steps and n more, to the last bit`(more: [String]) throws {
        let folder = try CommandFolder()
        let data = try Self.set(folder)
        let options =
            ["--seed", "3", "--schedule", "cyclic", "--cycle-steps", "4", "--augment", "flip,rotate,brightness"] + more
        // Five steps an epoch: the pause falls on an epoch's end, so that both training courses validate alike.
        func path(_ name: String) -> String { "\(folder.path)/\(name)" }
        let whole = try Self.train(data, options + ["--steps", "10", "--checkpoint", path("whole")]).json()
        let half = try Self.train(data, options + ["--steps", "5", "--checkpoint", path("half")]).json()
        let rest = try Self.train(
            data,
            options + ["--steps", "10", "--resume", path("half"), "--checkpoint", path("rest")]
        ).json()
        #expect(half["steps"] as? Int == 5 && half["resumed_at_step"] is NSNull)
        #expect(rest["steps"] as? Int == 5 && rest["resumed_at_step"] as? Int == 5)
        #expect(rest["iou"] as? Double == whole["iou"] as? Double && whole["iou"] is Double)
        let manager = FileManager.default
        #expect(manager.contentsEqual(atPath: path("whole"), andPath: path("rest")))
        #expect(!manager.contentsEqual(atPath: path("whole"), andPath: path("half")))
    }

    @Test func `what is learnt follows schedule, loss, range and augmentation`() throws {
        let folder = try CommandFolder()
        let data = try Self.set(folder)
        let plain = try Self.train(data, ["--steps", "3"]).json()
        #expect(plain["schedule"] as? String == "constant" && plain["cycle_steps"] is NSNull)
        #expect(plain["augmentation"] is NSNull && plain["loss_kind"] as? String == "dice-bce")
        #expect(plain["load_wait_s"] is Double && plain["stopped_early"] as? Bool == false)
        for more in [
            ["--schedule", "cyclic", "--cycle-steps", "2"], ["--loss", "dice"], ["--input-range", "symmetric"],
            ["--augment", "rotate"],
        ] {
            let other = try Self.train(data, ["--steps", "3"] + more).json()
            #expect(other["loss"] as? Double != plain["loss"] as? Double && other["loss"] is Double, "\(more)")
        }
    }

    @Test func `patience ends a training that does not get better, and keeps the best net`() throws {
        let folder = try CommandFolder()
        let data = try Self.set(folder)
        let net = "\(folder.path)/net"
        // A rate too small to learn anything: the first validation stays the best.
        let document = try Self.train(
            data,
            ["--epochs", "50", "--patience", "2", "--learning-rate", "1e-12", "--checkpoint", net]
        ).json()
        #expect(document["stopped_early"] as? Bool == true)
        let epochs = try #require(document["epochs"] as? [[String: Any]])
        #expect(epochs.count < 50)
        let best = try #require(document["best_epoch"] as? Int)
        #expect(epochs.count == best + 2)
        let scores = epochs.compactMap { $0["iou"] as? Double }
        #expect(document["iou"] as? Double == scores.max() && scores[best - 1] == scores.max())

        let unheld = try Self.train(data, ["--steps", "1", "--patience", "2", "--validation-fraction", "0"])
        expect(unheld, status: 64, naming: "--patience", #_sourceLocation)
    }

    @Test func `a checkpoint of another shape or training is refused`() throws {
        let folder = try CommandFolder()
        let data = try Self.set(folder)
        let net = "\(folder.path)/net"
        #expect(try Self.train(data, ["--steps", "2", "--checkpoint", net]).status == 0)
        let shape = try Self.train(data, ["--steps", "4", "--resume", net, "--filters", "4"])
        expect(shape, status: 65, naming: net, #_sourceLocation)
        let infer = try UNetCommand(["infer", "--checkpoint", net, "--data", data, "--depth", "3", "--threads", "1"])
        expect(infer, status: 65, naming: net, #_sourceLocation)
        let seed = try Self.train(data, ["--steps", "4", "--resume", net, "--seed", "8"])
        expect(seed, status: 64, naming: net, #_sourceLocation)
        let done = try Self.train(data, ["--steps", "2", "--resume", net])
        expect(done, status: 64, naming: "has 2 steps", #_sourceLocation)
        let missing = try Self.train(data, ["--steps", "2", "--resume", "\(net).none"])
        expect(missing, status: 66, naming: "\(net).none", #_sourceLocation)
    }

    @Test func `a loss that is no number ends with 65, names the step and saves the state before it`() throws {
        let folder = try CommandFolder()
        let data = try Self.set(folder)
        let net = "\(folder.path)/net"
        let call = try Self.train(data, ["--epochs", "9", "--learning-rate", "1e38", "--checkpoint", net])
        expect(call, status: 65, naming: "The loss of step ", #_sourceLocation)
        let document = try call.json()
        let steps = try #require(document["steps"] as? Int)
        #expect(call.errors.contains("The loss of step \(steps + 1) is not a finite number."))
        let saved = try #require(document["checkpoint"] as? String)
        #expect(FileManager.default.fileExists(atPath: saved) && call.errors.contains(saved))
        #expect((document["error"] as? String)?.contains("step \(steps + 1)") == true)
    }

    @Test func `a training that goes wrong without a checkpoint still leaves what it had come to`() throws {
        let folder = try CommandFolder()
        let data = try Self.set(folder)
        let options = ["train", "--data", data, "--epochs", "9", "--learning-rate", "1e38", "--json", "--quiet"]
        let call = try UNetCommand(options + Self.small, directory: folder.path)
        expect(call, status: 65, naming: "The loss of step ", #_sourceLocation)
        let saved = try #require(try call.json()["checkpoint"] as? String)
        #expect(saved.hasPrefix("wattbook-unet-stopped.safetensors") && call.errors.contains(saved))
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/\(saved)"))
    }

    @Test(arguments: [
        "--batch 1", "--precision bf16 --allow-emulation", "--precision int8", "--algorithm winograd --batch 2",
    ])
    func `infer holds to its estimate and refuses before it reads the net`(options: String) throws {
        let folder = try CommandFolder()
        let (data, net) = (try Self.set(folder), "\(folder.path)/net")
        let shape = ["--filters", "16", "--depth", "4", "--size", "64", "--batch", "2", "--threads", "1"]
        let train = ["train", "--data", data, "--steps", "1", "--checkpoint", net, "--quiet"] + shape
        try #require(try UNetCommand(train).status == 0)
        let infer = ["infer", "--checkpoint", net, "--data", data, "--threads", "1", "--json", "--quiet"]
        let more = options.split(separator: " ").map(String.init)
        let document = try UNetCommand(infer + more).json()
        let estimate = try #require(document["estimated_memory_bytes"] as? Int)
        let peak = try #require(document["peak_memory_bytes"] as? Int)
        #expect(estimate >= peak && estimate <= 2 * peak, "\(estimate >> 20) for \(peak >> 20) MiB")
        let refused = try UNetCommand(infer + more + ["--memory-limit", "8MiB"])
        expect(refused, status: 69, naming: "8 MiB", #_sourceLocation)
    }

    @Test func `a memory limit refuses before anything is allocated, with the estimate`() throws {
        let folder = try CommandFolder()
        let data = try Self.set(folder)
        let large = ["--filters", "128", "--depth", "5", "--size", "4096", "--batch", "64", "--memory-limit", "2GiB"]
        let call = try UNetCommand(["train", "--data", data, "--threads", "1"] + large)
        expect(call, status: 69, naming: "2048 MiB", #_sourceLocation)
        #expect(call.errors.contains("GiB, which is above"))
        let enough = try Self.train(data, ["--steps", "1", "--memory-limit", "512MiB"])
        #expect(enough.status == 0, "\(enough.errors)")
        #expect(try enough.json()["memory_limit_bytes"] as? Int == 512 << 20)
        for text in ["0", "2 parsecs", "-1GiB", "GiB"] {
            #expect(try Self.train(data, ["--steps", "1", "--memory-limit", text]).status == 64, "\(text)")
        }
    }

    /// The estimate is what a scheduler is asked for: never below what the kernel counted, and not far above.
    @Test(arguments: [
        "--filters 2 --depth 2 --size 16 --batch 2", "--filters 8 --depth 3 --size 128 --batch 4",
        "--filters 16 --depth 4 --size 64 --batch 4 --algorithm winograd",
        "--filters 16 --depth 4 --size 128 --batch 2 --precision bf16 --allow-emulation",
        "--filters 16 --depth 4 --size 128 --batch 2 --precision bf16 --allow-emulation --algorithm fastest",
        "--filters 16 --depth 4 --size 128 --batch 4 --precision fp16",
        "--filters 8 --depth 3 --size 64 --batch 4 --engine openblas",
        "--filters 16 --depth 5 --size 64 --batch 2 --checkpoint CHECKPOINT --patience 3",
        "--filters 128 --depth 1 --size 64 --batch 1 --algorithm winograd --threads 8",
    ])
    func `the estimate of memory holds the peak and little more`(options: String) throws {
        let folder = try CommandFolder()
        let data = try Self.set(folder)
        let more = options.split(separator: " ").map { $0 == "CHECKPOINT" ? "\(folder.path)/net" : String($0) }
        let call = try UNetCommand(
            ["train", "--data", data, "--threads", "1", "--steps", "2", "--json", "--quiet"] + more
        )
        try #require(call.status == 0, "\(call.errors)")
        let document = try call.json()
        let estimate = try #require(document["estimated_memory_bytes"] as? Int)
        let peak = try #require(document["peak_memory_bytes"] as? Int)
        // How oneDNN's threads share transformed weights it decides for itself.
        let most = more.contains("8") && more.contains("winograd") ? 1.5 : 1.25
        #expect(estimate >= peak && Double(estimate) <= most * Double(peak), "\(estimate >> 20) for \(peak >> 20) MiB")
    }

    @Test func `the preset is the published recipe, and says what is not`() throws {
        let folder = try CommandFolder()
        let data = try Self.set(folder)
        let call = try UNetCommand(
            [
                "train", "--data", data, "--preset", "bagls", "--filters", "2", "--size", "16", "--steps", "2",
                "--threads", "1", "--json",
            ])
        try #require(call.status == 0, "\(call.errors)")
        let document = try call.json()
        #expect(document["preset"] as? String == "bagls" && document["depth"] as? Int == 4)
        #expect(document["batch"] as? Int == 16 && document["seed"] as? Int == 42)
        #expect(document["filters"] as? Int == 2, "an option overrules the preset")
        #expect(document["schedule"] as? String == "cyclic" && document["cycle_steps"] as? Int == 3000)
        #expect(document["loss_kind"] as? String == "dice" && document["input_range"] as? String == "symmetric")
        let changes = try #require(document["augmentation"] as? [String: Double])
        #expect(changes["flip_probability"] == 0.5 && changes["rotation_probability"] == 0.75)
        #expect(changes["rotation_degrees"] == 30 && changes["brightness_probability"] == 0.75)
        #expect(document["architecture"] as? String == "bagls" && changes["blur_probability"] == 0.5)
        #expect(call.errors.contains("whole videos"))
        let net = try UNetCommand(["describe", "--preset", "bagls", "--json"]).json()
        #expect(net["filters"] as? Int == 64 && net["depth"] as? Int == 4)
        #expect(net["size"] as? Int == 512 && net["width"] as? Int == 256 && net["parameters"] as? Int == 21_981_440)
        #expect(net["preset"] as? String == "bagls" && (net["warnings"] as? [Any])?.count == 1)
    }

    @Test func `a GPU is refused, too many threads are warned of`() throws {
        let folder = try CommandFolder()
        let data = try Self.set(folder)
        for flag in [["--gpu"], ["--cuda"], ["--device", "cuda"]] {
            let call = try UNetCommand(["train", "--data", data] + flag)
            expect(call, status: 69, naming: "CPU alone", #_sourceLocation)
        }
        let threads = ProcessInfo.processInfo.processorCount + 3
        let call = try UNetCommand(
            ["train", "--data", data] + Self.small + ["--threads", "\(threads)", "--steps", "1", "--json"],
            threads: threads
        )
        try #require(call.status == 0, "\(call.errors)")
        #expect(call.errors.contains("\(threads) threads share"))
        #expect((try call.json()["warnings"] as? [String])?.contains { $0.contains("\(threads) threads") } == true)
    }

    @Test(arguments: [
        (["--augment", "flip,wink"], "wink"), (["--schedule", "cyclic", "--base-learning-rate", "1"], "cycle"),
        (["--cycle-steps", "0", "--schedule", "cyclic"], "--cycle-steps"), (["--patience", "0"], "--patience 0"),
        (["--rotation", "400"], "--rotation"), (["--checkpoint-every", "0"], "--checkpoint-every"),
        (["--checkpoint-every", "2"], "--checkpoint-every"), (["--cycle-steps", "5"], "--cycle-steps"),
    ])
    func `impossible values end with 64`(options: [String], culprit: String) throws {
        let call = try UNetCommand(["train", "--data", "/nowhere", "--threads", "1"] + options)
        expect(call, status: 64, naming: culprit, #_sourceLocation)
    }
}

import Foundation
import Testing

/// `unet_pytorch.py` and `unet_keras.py` against `wattbook-unet`, where their frameworks are installed.
@Suite("The U-Net in other frameworks", .serialized)
struct FrameworkTests {
    /// One of the two programs with an interpreter that runs it.
    struct Framework: Sendable, CustomTestStringConvertible {
        var name: String
        var script: String
        var python: String
        var testDescription: String { name }
    }

    private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Scripts").standardizedFileURL.path

    /// The interpreter that a variable names, else that of Scripts/frameworks.
    private static func installed(_ name: String, module: String, variable: String) -> Framework? {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        let python = environment[variable] ?? "\(cache)/wattbook/\(name)/bin/python"
        let library = URL(fileURLWithPath: python).deletingLastPathComponent().appendingPathComponent("../lib").path
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        guard
            versions.contains(where: {
                FileManager.default.fileExists(atPath: "\(library)/\($0)/site-packages/\(module)")
            })
        else { return nil }
        return Framework(name: name, script: "\(scripts)/python/unet_\(name).py", python: python)
    }

    private static let pytorch = installed("pytorch", module: "torch", variable: "WATTBOOK_PYTORCH")
    private static let keras = installed("keras", module: "tensorflow", variable: "WATTBOOK_KERAS")
    static let frameworks = [pytorch, keras].compactMap(\.self)
    private static let absent: Comment = """
        Neither PyTorch nor TensorFlow is installed: run Scripts/frameworks, or name interpreters that have them in \
        WATTBOOK_PYTORCH and WATTBOOK_KERAS.
        """

    /// One step that hardly moves a weight, but all running statistics.
    private static let still = ["--steps", "1", "--seed", "5", "--learning-rate", "1e-9"]
    private static let small = ["--size", "32", "--batch", "4", "--threads", "1", "--json", "--quiet"]

    private func program() throws -> Program {
        var program = try Program()
        program.environment = ["PYTHONDONTWRITEBYTECODE": "1"]
        return program
    }

    private func call(_ program: Program, _ framework: Framework, _ arguments: [String]) throws -> Program.Outcome {
        try program.finish(program.start(framework.python, [framework.script] + arguments))
    }

    /// A set with frames in colour among its frames, and a net trained on it for a step.
    private func set(_ program: Program) throws -> [String: Any] {
        let made = try program.finish(
            program.start(
                "wattbook-unet",
                [
                    "synthesize", "--out", "set", "--count", "40", "--test", "4", "--size", "48", "--area", "0.03",
                    "--quiet",
                ]
            )
        )
        try #require(made.status == 0, "\(made.errors)")
        let arguments = ["train", "--data", "set", "--checkpoint", "net"] + Self.still + Self.small
        let trained = try program.finish(program.start("wattbook-unet", arguments))
        try #require(trained.status == 0, "\(trained.errors)")
        return try trained.json()
    }

    private func number(_ document: [String: Any], _ key: String) throws -> Double {
        try #require((document[key] as? NSNumber)?.doubleValue, "\(key)")
    }

    @Test(.enabled(if: !frameworks.isEmpty, absent), arguments: frameworks)
    func theNetAndItsFirstLossAreTheSame(framework: Framework) throws {
        let program = try program()
        defer { program.clean() }
        let own = try set(program)
        let arguments = ["train", "--data", "set", "--checkpoint", "other"] + Self.still + Self.small
        let run = try call(program, framework, arguments)
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        let other = try run.json()
        #expect(try number(other, "parameters") == 1_942_289)
        #expect(other["parameters"] as? Int == own["parameters"] as? Int)
        #expect(try abs(number(other, "first_loss") - number(own, "first_loss")) < 1e-4)
        #expect(try abs(number(other, "validation_loss") - number(own, "validation_loss")) < 1e-4)
        for key in ["training_images", "validation_images", "steps", "images", "seed"] {
            #expect(try number(other, key) == number(own, key), "\(key)")
        }
        #expect(other["split_by"] as? String == own["split_by"] as? String)
        let missing = Set(own.keys).subtracting(other.keys)
        #expect(missing.isEmpty, "\(missing)")
        #expect(other["allow_tf32"] as? Bool == false && other["precision"] as? String == "fp32")
        #expect(other["arithmetic"] as? String == "native")
        let versions = try #require(other["versions"] as? [String: String])
        #expect(versions[framework.name == "keras" ? "tensorflow" : "torch"] != nil && versions["python"] != nil)
    }

    @Test(.enabled(if: !frameworks.isEmpty, absent), arguments: frameworks)
    func theFirstLossOnChangedImagesIsTheSame(framework: Framework) throws {
        let program = try program()
        defer { program.clean() }
        _ = try set(program)
        let arguments =
            ["train", "--data", "set", "--augment", "flip,rotate,brightness"] + Self.still + Self.small
        let own = try program.finish(program.start("wattbook-unet", arguments)).json()
        let other = try call(program, framework, arguments).json()
        #expect(try abs(number(other, "first_loss") - number(own, "first_loss")) < 1e-4)
    }

    @Test(.enabled(if: !frameworks.isEmpty, absent), arguments: frameworks)
    func aNetPredictsTheSameInBothPrograms(framework: Framework) throws {
        let program = try program()
        defer { program.clean() }
        _ = try set(program)
        let train = ["train", "--data", "set", "--steps", "1", "--seed", "6", "--checkpoint", "theirs"] + Self.small
        #expect(try call(program, framework, train).status == 0)
        for net in ["net", "theirs"] {
            let arguments = ["infer", "--checkpoint", net, "--data", "set", "--threads", "1", "--json", "--quiet"]
            let own = try program.finish(program.start("wattbook-unet", arguments)).json()
            let run = try call(program, framework, arguments + ["--out", "masks"])
            #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
            let other = try run.json()
            #expect(Set(own.keys).isSubset(of: other.keys))
            #expect(try number(other, "images") == 4)
            #expect(try abs(number(other, "loss") - number(own, "loss")) < 1e-4)
            #expect(try abs(number(other, "iou") - number(own, "iou")) < 0.01)
        }
        let masks = try FileManager.default.contentsOfDirectory(atPath: program.path("masks"))
        #expect(masks.sorted() == ["0_seg.png", "1_seg.png", "2_seg.png", "3_seg.png"])
    }

    @Test(.enabled(if: !frameworks.isEmpty, absent), arguments: frameworks)
    func theMeterSeesItsRegions(framework: Framework) throws {
        let program = try program()
        defer { program.clean() }
        _ = try set(program)
        let arguments = ["train", "--data", "set", "--epochs", "1"] + Self.small
        let run = try program.finish(
            program.start("wattbook", ["run", "--json", "--", framework.python, framework.script] + arguments)
        )
        #expect(run.status == 0, "\(run.errors)")
        let document = try run.json()
        let info = try #require(document["info"] as? [String: String])
        #expect(info["framework"] == framework.name && info["device"] == "cpu" && info["precision"] == "fp32")
        #expect(info["allow_tf32"] == "false" && info["threads"] == "1")
        let regions = try #require(document["regions"] as? [[String: Any]]).compactMap { $0["path"] as? String }
        #expect(
            Set(["train", "train/epoch", "train/epoch/step", "train/epoch/validation"]).isSubset(of: regions),
            "\(regions)"
        )
        #expect((document["counts"] as? [String: Int])?["images"] == 36)
        let metrics = try #require(document["metrics"] as? [String: Double])
        #expect(metrics["iou"] != nil && metrics["dice"] != nil && metrics["loss"] != nil)
    }

    /// An interrupted training ends with the numbers of one that was not, and each program goes on with the others'.
    @Test(.enabled(if: !frameworks.isEmpty, absent), arguments: frameworks)
    func aTrainingGoesOnWhereItStopped(framework: Framework) throws {
        let program = try program()
        defer { program.clean() }
        _ = try set(program)
        let options =
            ["train", "--data", "set", "--seed", "5", "--filters", "4", "--depth", "2", "--patience", "9"] + Self.small
        let run = { (arguments: [String]) in try call(program, framework, options + arguments) }
        #expect(try run(["--steps", "14", "--checkpoint", "whole"]).status == 0)
        let half = try run(["--steps", "5", "--checkpoint", "half", "--checkpoint-every", "1"])
        #expect(half.status == 0)
        let rest = try run(["--steps", "14", "--resume", "half", "--checkpoint", "rest"])
        #expect(rest.status == 0 && rest.errors.isEmpty, "\(rest.errors)")
        #expect(try number(rest.json(), "resumed_at_step") == 5 && number(rest.json(), "steps") == 9)
        let files = try ["whole", "rest"].map { try Data(contentsOf: program.folder.appendingPathComponent($0)) }
        #expect(files[0] == files[1])
        let other = try program.finish(
            program.start("wattbook-unet", options + ["--steps", "14", "--resume", "half"])
        )
        #expect(other.status == 0, "\(other.errors)")
        #expect(try abs(number(other.json(), "loss") - number(rest.json(), "loss")) < 1e-3)
        let own = ["--steps", "5", "--checkpoint", "own"]
        #expect(try program.finish(program.start("wattbook-unet", options + own)).status == 0)
        let back = try run(["--steps", "14", "--resume", "own"])
        #expect(back.status == 0, "\(back.errors)")
        #expect(try abs(number(back.json(), "loss") - number(rest.json(), "loss")) < 1e-2)
    }

    @Test(.enabled(if: !frameworks.isEmpty, absent), arguments: frameworks)
    func whatATrainingCannotGoOnWithIsRefused(framework: Framework) throws {
        let program = try program()
        defer { program.clean() }
        _ = try set(program)
        let train = ["train", "--data", "set", "--steps", "4", "--seed", "5"] + Self.small
        let cases: [([String], Int32, String)] = [
            (train + ["--resume", "net", "--filters", "4"], 65, "net"),
            (train + ["--resume", "net", "--seed", "8"], 64, "net"),
            (train + ["--resume", "net", "--steps", "1"], 64, "has 1 steps"),
            (train + ["--resume", "/nowhere/net"], 66, "/nowhere/net"),
            (train + ["--memory-limit", "20MiB"], 69, "--memory-limit of 20 MiB"),
        ]
        program.expect(cases) { try call(program, framework, $0) }
    }

    @Test(.enabled(if: !frameworks.isEmpty, absent), arguments: frameworks)
    func theMemoryIsForeseen(framework: Framework) throws {
        let program = try program()
        defer { program.clean() }
        _ = try set(program)
        let arguments = ["--filters", "32", "--size", "128", "--memory-limit", "4GiB", "--steps", "1"]
        let document = try call(program, framework, ["train", "--data", "set"] + Self.small + arguments).json()
        let ratio = try number(document, "estimated_memory_bytes") / number(document, "peak_memory_bytes")
        #expect(ratio > 0.9 && ratio < 2, "\(ratio)")
        #expect(try number(document, "memory_limit_bytes") == 0x1p32)
    }

    @Test(.enabled(if: !frameworks.isEmpty, absent), arguments: frameworks)
    func thePresetIsTheRecipeOfTheReferenceOnAnotherNet(framework: Framework) throws {
        let program = try program()
        defer { program.clean() }
        _ = try set(program)
        let arguments = ["train", "--data", "set", "--preset", "bagls", "--filters", "2", "--steps", "1"] + Self.small
        let own = try program.finish(program.start("wattbook-unet", arguments)).json()
        let other = try call(program, framework, arguments).json()
        for key in ["preset", "loss_kind", "schedule", "input_range"] {
            #expect(other[key] as? String == own[key] as? String, "\(key)")
        }
        for key in [
            "filters", "depth", "seed", "learning_rate", "base_learning_rate", "cycle_steps", "training_images",
        ] {
            #expect(try abs(number(other, key) - number(own, key)) < 1e-9, "\(key)")
        }
        #expect(own["architecture"] as? String == "bagls" && other["architecture"] as? String == "unet")
        #expect((other["warnings"] as? [String])?.contains { $0.contains("that of wattbook-unet alone") } == true)
    }

    @Test(.enabled(if: pytorch != nil, "PyTorch is not installed: run Scripts/frameworks."))
    func twoProcessesLearnWhatOneLearns() throws {
        let program = try program()
        defer { program.clean() }
        _ = try set(program)
        let framework = try #require(Self.pytorch)
        let arguments = ["train", "--data", "set", "--steps", "2", "--seed", "5"] + Self.small
        let one = try call(program, framework, arguments).json()
        let run = try program.finish(
            program.start(
                framework.python,
                ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", framework.script] + arguments
            )
        )
        #expect(run.status == 0, "\(run.errors)")
        let two = try run.json()
        #expect(two["processes"] as? Int == 2 && two["images"] as? Int == 8)
        #expect(try abs(number(two, "first_loss") - number(one, "first_loss")) < 1e-5)
        // After one update: the gradients were the same.
        #expect(try abs(number(two, "loss") - number(one, "loss")) < 2e-3)
        #expect(try abs(number(two, "validation_loss") - number(one, "validation_loss")) < 2e-2)
    }

    @Test(.enabled(if: pytorch != nil, "PyTorch is not installed: run Scripts/frameworks."))
    func processesMayKeepTheirStatistics() throws {
        let program = try program()
        defer { program.clean() }
        _ = try set(program)
        let framework = try #require(Self.pytorch)
        func two(_ more: [String]) throws -> [String: Any] {
            let arguments = ["train", "--data", "set", "--steps", "2", "--seed", "5"] + Self.small + more
            let launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", framework.script]
            let run = try program.finish(program.start(framework.python, launcher + arguments))
            try #require(run.status == 0, "\(run.errors)")
            return try run.json()
        }
        let (plain, local) = (try two([]), try two(["--batch-norm", "local"]))
        #expect(plain["batch_per_process"] as? Int == 2 && plain["allreduce"] as? String == "fp32")
        #expect(plain["batch_norm"] as? String == "synchronised")
        let first = try abs(number(local, "first_loss") - number(plain, "first_loss"))
        #expect(first > 1e-5 && local["batch_norm"] as? String == "local", "\(first)")
        let train = ["train", "--data", "set", "--steps", "1", "--allreduce", "bf16"] + Self.small
        let rounded = try call(program, framework, train)
        #expect(rounded.status == 69 && rounded.errors.contains("--allreduce bf16"), "\(rounded.errors)")
    }

    @Test(.enabled(if: keras != nil, "TensorFlow is not installed: run Scripts/frameworks."))
    func aQuantisedNetIsWrittenAndPredicts() throws {
        let program = try program()
        defer { program.clean() }
        _ = try set(program)
        let run = try call(
            program,
            #require(Self.keras),
            [
                "infer", "--checkpoint", "net", "--data", "set", "--precision", "int8", "--tflite", "net.tflite",
                "--threads", "1", "--json", "--quiet",
            ]
        )
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        let document = try run.json()
        #expect(document["precision"] as? String == "int8" && document["images"] as? Int == 4)
        let net = try Data(contentsOf: program.folder.appendingPathComponent("net.tflite"))
        // A quarter of the 7.8 MB of fp32, and the mark of the format.
        #expect(net.count < 3_000_000 && net[4..<8].elementsEqual("TFL3".utf8))
    }

    @Test(.enabled(if: !frameworks.isEmpty, absent), arguments: frameworks)
    func badDataAndMissingDevicesAreNamed(framework: Framework) throws {
        let program = try program()
        defer { program.clean() }
        _ = try set(program)
        try program.write("no picture", to: "bad/1.png")
        try program.write("no picture", to: "bad/1_seg.png")
        try program.write("no net", to: "damaged")
        let train = ["train", "--data", "set", "--steps", "1"] + Self.small
        let cases: [([String], Int32, String)] = [
            // Without --json: an account that tells of the error would stand on standard output.
            (["train", "--data", "bad", "--steps", "1"] + Self.small.filter { $0 != "--json" }, 65, "bad/1.png"),
            (["train", "--data", "/nowhere", "--steps", "1"], 66, "/nowhere"),
            (["infer", "--data", "set", "--checkpoint", "damaged"], 65, "damaged"),
            (["infer", "--data", "set", "--checkpoint", "/nowhere/net"], 66, "/nowhere/net"),
            (train + ["--checkpoint", "/nowhere/net"], 73, "/nowhere/net"),
            (train + ["--device", "cuda"], 69, "cuda"),
        ]
        program.expect(cases) { try call(program, framework, $0) }
    }

    @Test(arguments: ["pytorch", "keras"])
    func wrongWordsAreRefusedWithoutAnyFramework(name: String) throws {
        var program = try program()
        defer { program.clean() }
        let script = "\(Self.scripts)/python/unet_\(name).py"
        program.environment["WATTBOOK_PYTORCH"] = "/nowhere/python"
        program.environment["WATTBOOK_KERAS"] = "/nowhere/python"
        let train = ["train", "--data", "set"]
        let cases: [([String], Int32, String)] = [
            (["teach"], 64, "teach"), (["train"], 64, "--data"), (train + ["--nonsense"], 64, "--nonsense"),
            (train + ["--batch", "many"], 64, "many"), (train + ["--batch", "0"], 64, "--batch 0"),
            (train + ["--size", "100"], 64, "--size 100"), (train + ["--depth", "9"], 64, "--depth 9"),
            (train + ["--epochs", "1", "--steps", "1"], 64, "--epochs"), (train + ["--steps", "0"], 64, "--steps 0"),
            (train + ["--precision", "fp7"], 64, "fp7"), (train + ["--device", "tpu"], 64, "tpu"),
            (train + ["--learning-rate", "nan"], 64, "--learning-rate"),
            (train + ["--validation-fraction", "1"], 64, "--validation-fraction"),
            (train + ["--augment", "flip,warp"], 64, "warp"), (train + ["--loss", "mse"], 64, "--loss mse"),
            (train + ["--schedule", "cyclic", "--cycle-decay", "2"], 64, "--cycle-decay"),
            (train + ["--patience", "0"], 64, "--patience 0"), (train + ["--preset", "coco"], 64, "--preset coco"),
            (train + ["--checkpoint-every", "0"], 64, "--checkpoint-every 0"),
            (train + ["--memory-limit", "much"], 64, "--memory-limit much"),
            (train + ["--precision", "int8"], 69, "int8"), (train + ["--precision", "tf32"], 69, "tf32"),
            // No folder of packages: what a bare interpreter says.
            (train, 69, "/nowhere/python"),
        ]
        program.expect(cases) { try program.finish(program.start("/usr/bin/env", ["python3", "-S", script] + $0)) }
    }
}

extension Program {
    /// Every call ends with its status, nothing on standard output, and two sentences of which the first names the
    /// culprit.
    fileprivate func expect(_ cases: [([String], Int32, String)], _ call: ([String]) throws -> Outcome) {
        for (arguments, status, culprit) in cases {
            guard let outcome = try? call(arguments) else {
                Issue.record("\(arguments) could not be started")
                continue
            }
            let lines = outcome.errors.split(separator: "\n")
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(outcome.output.isEmpty && lines.count == 2, "\(arguments): \(outcome.errors)")
            #expect(lines.first?.contains(culprit) == true, "\(arguments): \(outcome.errors)")
            #expect(lines.allSatisfy { $0.hasSuffix(".") }, "\(arguments): \(outcome.errors)")
        }
    }
}

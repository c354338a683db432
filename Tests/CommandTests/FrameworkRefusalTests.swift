import Foundation
import Testing

/// What `unet_pytorch.py` and `unet_keras.py` refuse, in two sentences and with the status of the contract.
@Suite("Wrong calls of the U-Net in other frameworks")
struct FrameworkRefusalTests {
    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all)
    func whatATrainingCannotGoOnWithIsRefused(framework: Framework) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        try folder.trained(.unet)
        let train = ["train", "--data", "set", "--steps", "4", "--seed", "5"] + FrameworkFolder.small
        let cases: [([String], Int32, String)] = [
            (train + ["--resume", "net", "--filters", "4"], 65, "net"),
            (train + ["--resume", "net", "--seed", "8"], 64, "net"),
            (train + ["--resume", "net", "--size", "32x16"], 64, "--size 32 "),
            (train + ["--resume", "net", "--steps", "1"], 64, "has 1 steps"),
            (train + ["--resume", "net", "--input-range", "symmetric"], 64, "--input-range unit"),
            (train + ["--resume", "/nowhere/net"], 66, "/nowhere/net"),
            (train + ["--memory-limit", "20MiB"], 69, "--memory-limit of 20 MiB"),
        ]
        expect(cases) { try folder.call(framework, $0) }
    }

    /// The same words from all three programs, but for the name before them.
    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all)
    func aWrongNetOrSizeIsRefusedInTheWordsOfTheReference(framework: Framework) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        try folder.trained(.unet)
        try folder.trained(.bagls, into: "bagls")
        let train = ["train", "--data", "set", "--steps", "4"] + FrameworkFolder.small
        let infer = ["infer", "--data", "set", "--quiet", "--checkpoint"]
        let preset = FrameworkNet.bagls.options
        let cases: [([String], Int32)] = [
            (train + ["--size", "100x64"], 64), (train + preset + ["--size", "2x6"], 64),
            (train + ["--size", "16x9000"], 64), (infer + ["bagls", "--size", "34x16"], 64),
            (train + ["--augment", "blur,warp"], 64), (train + ["--noise", "2"], 64), (train + ["--blur", "0"], 64),
            (train + ["--resume", "bagls"], 65), (train + preset + ["--resume", "net"], 65),
            (infer + ["net", "--preset", "bagls"], 65), (infer + ["bagls", "--depth", "3"], 65),
            (infer + ["bagls", "--preset", "bagls"], 65), (infer + ["/nowhere/net"], 66), (infer + ["set"], 65),
        ]
        func words(_ outcome: Program.Outcome) -> String {
            outcome.errors.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? ""
        }
        for (arguments, status) in cases {
            let (own, other) = (try folder.wattbook(arguments), try folder.call(framework, arguments))
            #expect(own.status == status && other.status == status, "\(arguments): \(own.errors)\(other.errors)")
            #expect(words(own) == words(other) && words(own).split(separator: "\n").count == 2, "\(arguments)")
        }
        // What no option can take is told by the parser of options, which has more to say.
        for wrong in ["512x", "x", "0x16", "1x2x3"] {
            let arguments = train + ["--size", wrong]
            let (own, other) = (try folder.wattbook(arguments), try folder.call(framework, arguments))
            let sentence = "The value '\(wrong)' is invalid for '--size <size>'"
            #expect(own.status == 64 && own.errors.contains(sentence), "\(own.errors)")
            #expect(other.status == 64 && other.errors.contains(sentence), "\(other.errors)")
        }
    }

    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all)
    func badDataAndMissingDevicesAreNamed(framework: Framework) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        try folder.program.write("no picture", to: "bad/1.png")
        try folder.program.write("no picture", to: "bad/1_seg.png")
        try folder.program.write("no net", to: "damaged")
        let train = ["train", "--data", "set", "--steps", "1"] + FrameworkFolder.small
        let cases: [([String], Int32, String)] = [
            // Without --json: an account that tells of the error would stand on standard output.
            (
                ["train", "--data", "bad", "--steps", "1"] + FrameworkFolder.small.filter { $0 != "--json" }, 65,
                "bad/1.png"
            ),
            (["train", "--data", "/nowhere", "--steps", "1"], 66, "/nowhere"),
            (["infer", "--data", "set", "--checkpoint", "damaged"], 65, "damaged"),
            (["infer", "--data", "set", "--checkpoint", "/nowhere/net"], 66, "/nowhere/net"),
            (train + ["--checkpoint", "/nowhere/net"], 73, "/nowhere/net"),
            (train + ["--device", "cuda"], 69, "cuda"),
        ]
        expect(cases) { try folder.call(framework, $0) }
    }

    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all)
    func anInferenceSparesTheMasksOfItsImagesAndTakesNoDivergedNet(framework: Framework) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        try folder.trained(.unet)
        var net = try folder.content("net")
        // The first weight, behind the header and its length.
        let start = 8 + net.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        net.replaceSubrange(start..<start + 4, with: [0, 0, 0xC0, 0x7F])
        try net.write(to: folder.program.folder.appendingPathComponent("nan"))
        let before = try folder.content("set/test/0_seg.png")
        let infer = ["infer", "--data", "set", "--quiet", "--checkpoint"]
        expect([
            (infer + ["net", "--out", "set/training/../test"], 64, "--out set/training/../test"),
            (infer + ["nan"], 65, "nan"),
        ]) { try folder.call(framework, $0) }
        #expect(try folder.content("set/test/0_seg.png") == before)
    }

    /// What compiles for GPUs is refused before one is looked for.
    @Test(.enabled(if: Framework.pytorch != nil, "PyTorch is not installed: run Scripts/frameworks."))
    func whatCannotBeCompiledForAGPUIsRefused() throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let framework = try #require(Framework.pytorch)
        let train = ["train", "--data", "set", "--steps", "1", "--device", "cuda", "--compile", "--quiet"]
        let cases: [([String: String], [String], String)] = [
            (["CC": "/nowhere/cc"], train, "C compiler"),
            (["CC": "/bin/sh", "WORLD_SIZE": "2"], train, "synchronised batch normalisation"),
            (["CC": "/bin/sh", "WORLD_SIZE": "2"], train + ["--batch-norm", "local"], "CUDA"),
            (["CC": "/bin/sh"], train, "CUDA"),
        ]
        for (environment, arguments, culprit) in cases {
            var program = folder.program
            program.environment.merge(environment) { $1 }
            expect([(arguments, 69, culprit)]) {
                try program.finish(program.start(framework.python, [framework.script] + $0))
            }
        }
    }

    @Test(arguments: ["pytorch", "keras"])
    func aVariableThatOverrulesThePrecisionIsRefused(name: String) throws {
        var program = try Program()
        defer { program.clean() }
        let script = "\(Framework.scripts)/python/unet_\(name).py"
        let cuda = ["train", "--data", "set", "--device", "cuda", "--precision"]
        for (value, precision) in [("1", "fp32"), ("0", "tf32"), ("1", "fp16")] {
            program.environment = ["PYTHONDONTWRITEBYTECODE": "1", "NVIDIA_TF32_OVERRIDE": value]
            expect([(cuda + [precision], 69, "NVIDIA_TF32_OVERRIDE=\(value)")]) {
                try program.finish(program.start("/usr/bin/env", ["python3", "-S", script] + $0))
            }
        }
    }

    @Test(arguments: ["pytorch", "keras"])
    func wrongWordsAreRefusedWithoutAnyFramework(name: String) throws {
        var program = try Program()
        defer { program.clean() }
        let script = "\(Framework.scripts)/python/unet_\(name).py"
        program.environment = [
            "PYTHONDONTWRITEBYTECODE": "1", "WATTBOOK_PYTORCH": "/nowhere/python", "WATTBOOK_KERAS": "/nowhere/python",
        ]
        let train = ["train", "--data", "set"]
        let cases: [([String], Int32, String)] = [
            (["teach"], 64, "teach"), (["train"], 64, "--data"), (train + ["--nonsense"], 64, "--nonsense"),
            (train + ["--batch", "many"], 64, "many"), (train + ["--batch", "0"], 64, "--batch 0"),
            (train + ["--size", "100"], 64, "--size 100"), (train + ["--depth", "9"], 64, "--depth 9"),
            (train + ["--size", "512x"], 64, "'512x'"), (train + ["--size", "64x100"], 64, "--size 64x100"),
            (train + ["--epochs", "1", "--steps", "1"], 64, "--epochs"), (train + ["--steps", "0"], 64, "--steps 0"),
            (train + ["--precision", "fp7"], 64, "fp7"), (train + ["--device", "tpu"], 64, "tpu"),
            (train + ["--learning-rate", "nan"], 64, "--learning-rate"),
            (train + ["--learning-rate", "1e39"], 64, "--learning-rate"),
            (train + ["--precision", "fp8"], 69, "fp8"),
            (train + ["--validation-fraction", "1"], 64, "--validation-fraction"),
            (train + ["--augment", "flip,warp"], 64, "warp"), (train + ["--loss", "mse"], 64, "--loss mse"),
            (train + ["--contrast", "1"], 64, "--contrast 1.0"),
            (train + ["--schedule", "cyclic", "--cycle-decay", "2"], 64, "--cycle-decay"),
            (train + ["--patience", "0"], 64, "--patience 0"), (train + ["--preset", "coco"], 64, "--preset coco"),
            (train + ["--checkpoint-every", "0"], 64, "--checkpoint-every 0"),
            (train + ["--checkpoint-every", "2"], 64, "--checkpoint-every"),
            (train + ["--cycle-steps", "9"], 64, "--cycle-steps"),
            (train + ["--schedule", "constant", "--cycle-decay", "1"], 64, "--cycle-decay"),
            (
                train + ["--preset", "bagls", "--schedule", "constant", "--base-learning-rate", "1"], 64,
                "--base-learning-rate"
            ),
            (train + ["--memory-limit", "much"], 64, "--memory-limit much"),
            (train + ["--precision", "int8"], 69, "int8"), (train + ["--precision", "tf32"], 69, "tf32"),
            // No folder of packages: what a bare interpreter says.
            (train, 69, "/nowhere/python"),
        ]
        expect(cases) { try program.finish(program.start("/usr/bin/env", ["python3", "-S", script] + $0)) }
    }

    /// Every call ends with its status, nothing on standard output, and two sentences of which the first names the
    /// culprit.
    private func expect(_ cases: [([String], Int32, String)], _ call: ([String]) throws -> Program.Outcome) {
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

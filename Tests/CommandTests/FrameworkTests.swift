import Foundation
import Testing

/// `unet_pytorch.py` and `unet_keras.py` against `wattbook-unet`, where their frameworks are installed.
@Suite("The U-Net in other frameworks", .serialized)
struct FrameworkTests {
    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all, FrameworkNet.all)
    func theNetAndItsFirstLossAreTheSame(framework: Framework, net: FrameworkNet) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let own = try folder.trained(net)
        let run = try folder.call(framework, FrameworkFolder.still(net) + ["--checkpoint", "other"])
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        let other = try run.json()
        #expect(other["parameters"] as? Int == net.parameters && own["parameters"] as? Int == net.parameters)
        #expect(other["architecture"] as? String == net.name)
        for key in ["first_loss", "validation_loss"] {
            #expect(try abs(number(other, key) - number(own, key)) < 1e-4, "\(key)")
        }
        for key in ["training_images", "validation_images", "steps", "images", "seed", "size", "width"] {
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

    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all)
    func theFirstLossOnChangedImagesIsTheSame(framework: Framework) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let arguments = FrameworkFolder.still(.unet) + ["--augment", "flip,rotate,brightness", "--size", "32x48"]
        let (own, other) = (try folder.wattbook(arguments).json(), try folder.call(framework, arguments).json())
        #expect(try abs(number(other, "first_loss") - number(own, "first_loss")) < 1e-4)
    }

    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all, FrameworkNet.all)
    func aNetPredictsTheSameInBothPrograms(framework: Framework, net: FrameworkNet) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        try folder.trained(net)
        let train = ["train", "--data", "set", "--steps", "1", "--seed", "6", "--checkpoint", "theirs"]
        #expect(try folder.call(framework, train + FrameworkFolder.small + net.options).status == 0)
        for file in ["net", "theirs"] {
            let arguments = ["infer", "--checkpoint", file, "--data", "set", "--threads", "1", "--json", "--quiet"]
            let own = try folder.wattbook(arguments + ["--out", "own"]).json()
            let run = try folder.call(framework, arguments + ["--out", "masks"])
            #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
            let other = try run.json()
            #expect(Set(own.keys).isSubset(of: other.keys))
            #expect(try number(other, "images") == 4 && number(other, "width") == number(own, "width"))
            #expect(try abs(number(other, "loss") - number(own, "loss")) < 1e-4)
            #expect(try abs(number(other, "iou") - number(own, "iou")) < 0.01)
        }
        for name in ["masks", "own"] {
            let masks = try FileManager.default.contentsOfDirectory(atPath: folder.program.path(name))
            #expect(masks.sorted() == ["0_seg.png", "1_seg.png", "2_seg.png", "3_seg.png"])
        }
    }

    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all)
    func theMeterSeesItsRegions(framework: Framework) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let arguments = ["train", "--data", "set", "--epochs", "1"] + FrameworkFolder.small
        let run = try folder.program.finish(
            folder.program.start("wattbook", ["run", "--json", "--", framework.python, framework.script] + arguments)
        )
        #expect(run.status == 0, "\(run.errors)")
        let document = try run.json()
        let info = try #require(document["info"] as? [String: String])
        #expect(info["framework"] == framework.name && info["device"] == "cpu" && info["precision"] == "fp32")
        #expect(info["allow_tf32"] == "false" && info["threads"] == "1" && info["size"] == "32")
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
    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all, FrameworkNet.all)
    func aTrainingGoesOnWhereItStopped(framework: Framework, net: FrameworkNet) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let options =
            ["train", "--data", "set", "--seed", "5", "--patience", "9", "--schedule", "cyclic", "--cycle-steps", "20"]
            + FrameworkFolder.small + net.options + ["--filters", "4", "--depth", "2"]
        let run = { (arguments: [String]) in try folder.call(framework, options + arguments) }
        #expect(try run(["--steps", "14", "--checkpoint", "whole"]).status == 0)
        let half = try run(["--steps", "5", "--checkpoint", "half", "--checkpoint-every", "1"])
        #expect(half.status == 0)
        let rest = try run(["--steps", "14", "--resume", "half", "--checkpoint", "rest"])
        #expect(rest.status == 0 && rest.errors.isEmpty, "\(rest.errors)")
        #expect(try number(rest.json(), "resumed_at_step") == 5 && number(rest.json(), "steps") == 9)
        #expect(try folder.content("whole") == folder.content("rest"))
        let other = try folder.wattbook(options + ["--steps", "14", "--resume", "half"])
        #expect(other.status == 0, "\(other.errors)")
        #expect(try abs(number(other.json(), "loss") - number(rest.json(), "loss")) < 1e-3)
        #expect(try folder.wattbook(options + ["--steps", "5", "--checkpoint", "own"]).status == 0)
        let back = try run(["--steps", "14", "--resume", "own"])
        #expect(back.status == 0, "\(back.errors)")
        #expect(try abs(number(back.json(), "loss") - number(rest.json(), "loss")) < 1e-2)
        // Nine steps are an epoch: one that was cut short is scored, but keeps no net.
        #expect(try number(half.json(), "iou") >= 0 && half.json()["best_epoch"] is NSNull)
        #expect(try number(rest.json(), "best_epoch") == 1)
    }

    /// The loss scale of fp16 goes on too, in all three programs, and Adam counts no step that was skipped.
    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all)
    func theLossScaleGoesOn(framework: Framework) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let options =
            ["train", "--data", "set", "--seed", "5", "--precision", "fp16", "--allow-emulation"]
            + FrameworkFolder.small + ["--filters", "4", "--depth", "2"]
        let run = { (arguments: [String]) in try folder.call(framework, options + arguments).json() }
        _ = try run(["--steps", "9", "--checkpoint", "whole"])
        _ = try run(["--steps", "5", "--checkpoint", "half"])
        let rest = try run(["--steps", "9", "--resume", "half", "--checkpoint", "rest"])
        #expect(try folder.content("whole") == folder.content("rest") && number(rest, "skipped_steps") == 0)
        // A scale that no gradient fits in: each step is skipped and halves it.
        var large = try folder.content("half")
        let place = try #require(large.range(of: Data("65536.0".utf8)))
        large.replaceSubrange(place, with: Data("1.0e+30".utf8))
        try large.write(to: folder.program.folder.appendingPathComponent("large"))
        let skipped = try run(["--steps", "8", "--resume", "large", "--checkpoint", "skipped"])
        #expect(try number(skipped, "skipped_steps") == 3 && number(skipped, "loss_scale") < 1.3e29)
        let header = try String(decoding: folder.content("skipped").prefix(8000), as: UTF8.self)
        #expect(header.contains(#""training_steps": "8""#) && header.contains(#""loss_scale_skipped_steps": "3""#))
        let again = try run(["--steps", "9", "--resume", "skipped"])
        #expect(try number(again, "skipped_steps") == 4)
        let scale = try number(rest, "loss_scale")
        let own = try folder.wattbook(options + ["--steps", "9", "--resume", "half", "--checkpoint", "own"]).json()
        #expect(try number(own, "loss_scale") == scale && number(own, "skipped_steps") == 0)
        #expect(try number(run(["--steps", "10", "--resume", "own"]), "loss_scale") == scale)
    }

    @Test(
        .enabled(if: !Framework.all.isEmpty, Framework.absent),
        arguments: Framework.all,
        [
            ["--filters", "32", "--size", "128"],
            ["--preset", "bagls", "--filters", "16", "--size", "256x128", "--batch", "4"],
        ]
    )
    func theMemoryIsForeseen(framework: Framework, net: [String]) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let arguments = ["train", "--data", "set"] + FrameworkFolder.small + net
        let document = try folder.call(framework, arguments + ["--memory-limit", "4GiB", "--steps", "1"]).json()
        let ratio = try number(document, "estimated_memory_bytes") / number(document, "peak_memory_bytes")
        #expect(ratio > 0.9 && ratio < 2, "\(ratio)")
        #expect(try number(document, "memory_limit_bytes") == 0x1p32)
    }

    /// All that the preset says, and the loss of a step on its images of 512 x 256 pixels.
    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all)
    func thePresetIsThatOfTheReference(framework: Framework) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let arguments = [
            "train", "--data", "set", "--preset", "bagls", "--filters", "2", "--batch", "2", "--steps", "1",
            "--threads", "1", "--json", "--quiet",
        ]
        let (own, other) = (try folder.wattbook(arguments).json(), try folder.call(framework, arguments).json())
        for key in ["preset", "architecture", "loss_kind", "schedule", "input_range", "split_by"] {
            #expect(other[key] as? String == own[key] as? String, "\(key)")
        }
        for key in [
            "filters", "depth", "size", "width", "parameters", "seed", "learning_rate", "base_learning_rate",
            "cycle_steps", "training_images", "validation_images",
        ] {
            #expect(try abs(number(other, key) - number(own, key)) < 1e-9, "\(key)")
        }
        #expect(try number(other, "size") == 512 && number(other, "width") == 256)
        for key in ["first_loss", "validation_loss"] {
            #expect(try abs(number(other, key) - number(own, key)) < 1e-4, "\(key)")
        }
        let changes = try #require(own["augmentation"] as? [String: Double])
        let others = try #require(other["augmentation"] as? [String: Double])
        #expect(changes.keys.sorted() == others.keys.sorted())
        for (key, value) in changes { #expect(abs(others[key, default: .nan] - value) < 1e-6, "\(key)") }
        #expect(other["warnings"] as? [String] == own["warnings"] as? [String])
    }

    @Test(.enabled(if: Framework.pytorch != nil, "PyTorch is not installed: run Scripts/frameworks."))
    func twoProcessesLearnWhatOneLearns() throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let framework = try #require(Framework.pytorch)
        for net in FrameworkNet.all {
            let arguments =
                ["train", "--data", "set", "--steps", "2", "--seed", "5"] + FrameworkFolder.small + net.options
            let one = try folder.call(framework, arguments).json()
            let run = try two(folder, framework, arguments)
            #expect(run.status == 0, "\(run.errors)")
            let two = try run.json()
            #expect(two["processes"] as? Int == 2 && two["images"] as? Int == 8)
            #expect(try abs(number(two, "first_loss") - number(one, "first_loss")) < 1e-5)
            // After one update: the gradients were the same.
            #expect(try abs(number(two, "loss") - number(one, "loss")) < 2e-3)
            #expect(try abs(number(two, "validation_loss") - number(one, "validation_loss")) < 2e-2)
        }
    }

    @Test(.enabled(if: Framework.pytorch != nil, "PyTorch is not installed: run Scripts/frameworks."))
    func processesMayKeepTheirStatistics() throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let framework = try #require(Framework.pytorch)
        let arguments = ["train", "--data", "set", "--steps", "2", "--seed", "5"] + FrameworkFolder.small
        let plain = try two(folder, framework, arguments).json()
        let local = try two(folder, framework, arguments + ["--batch-norm", "local"]).json()
        #expect(plain["batch_per_process"] as? Int == 2 && plain["allreduce"] as? String == "fp32")
        #expect(plain["batch_norm"] as? String == "synchronised")
        let first = try abs(number(local, "first_loss") - number(plain, "first_loss"))
        #expect(first > 1e-5 && local["batch_norm"] as? String == "local", "\(first)")
        let train = ["train", "--data", "set", "--steps", "1", "--allreduce", "bf16"] + FrameworkFolder.small
        let rounded = try folder.call(framework, train)
        #expect(rounded.status == 69 && rounded.errors.contains("--allreduce bf16"), "\(rounded.errors)")
    }

    /// A frame of one process's share alone: its error ends all of them, and an error that all see leaves an account.
    @Test(.enabled(if: Framework.pytorch != nil, "PyTorch is not installed: run Scripts/frameworks."))
    func anErrorOfOneProcessEndsBoth() throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let framework = try #require(Framework.pytorch)
        let train = ["train", "--data", "set", "--epochs", "2", "--seed", "5"] + FrameworkFolder.small
        let wild = try two(folder, framework, train + ["--learning-rate", "1e30"])
        #expect(wild.status != 0 && wild.errors.contains("is not a finite number"), "\(wild.errors)")
        #expect((try wild.json()["error"] as? String)?.contains("is not a finite number") == true)
        try folder.program.write("no picture", to: "set/training/7.png")
        let run = try two(folder, framework, train)
        #expect(run.status != 0 && run.errors.contains("set/training/7.png"), "\(run.errors)")
    }

    private func two(
        _ folder: FrameworkFolder,
        _ framework: Framework,
        _ arguments: [String]
    ) throws -> Program.Outcome {
        let launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", framework.script]
        return try folder.program.finish(folder.program.start(framework.python, launcher + arguments))
    }

    @Test(
        .enabled(if: Framework.keras != nil, "TensorFlow is not installed: run Scripts/frameworks."),
        arguments: FrameworkNet.all
    )
    func aQuantisedNetIsWrittenAndPredicts(net: FrameworkNet) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        try folder.trained(net)
        let infer = ["infer", "--checkpoint", "net", "--data", "set", "--threads", "1", "--json", "--quiet"]
        let framework = try #require(Framework.keras)
        let run = try folder.call(framework, infer + ["--precision", "int8", "--tflite", "net.tflite"])
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        let document = try run.json()
        #expect(document["precision"] as? String == "int8" && document["images"] as? Int == 4)
        // The set's own training frames calibrate, and others where they are named.
        #expect(document["warnings"] as? [String] == [])
        let same = try folder.call(framework, infer + ["--precision", "int8", "--calibration", "set/test"])
        #expect((try same.json()["warnings"] as? [String])?.first?.contains("very images that it infers") == true)
        let exact = try folder.wattbook(infer).json()
        #expect(try abs(number(document, "loss") - number(exact, "loss")) < 0.05)
        let file = try folder.content("net.tflite")
        // Less than half of fp32, beside what describes the net; and the mark of the format.
        #expect(file.count < 2 * net.parameters + 40_000 && file[4..<8].elementsEqual("TFL3".utf8), "\(file.count)")
    }
}

import Foundation
import Testing

/// What a training in Python leaves when it goes wrong, and how well what is no number scores.
@Suite struct FrameworkDivergenceTests {
    private static let wild =
        ["train", "--data", "set", "--learning-rate", "1e20", "--filters", "4", "--depth", "2"] + FrameworkFolder.small

    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all)
    func aLossThatIsNoNumberLeavesTheNetBeforeIt(framework: Framework) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        for (options, path) in [(["--checkpoint", "net"], "net"), ([], "wattbook-unet-stopped.safetensors")] {
            let run = try folder.call(framework, Self.wild + ["--steps", "3"] + options)
            #expect(run.status == 65, "\(run.errors)")
            #expect(run.errors.contains("The loss of step 2 is not a finite number.\nGo on with --resume \(path)"))
            #expect(try run.json()["checkpoint"] as? String == path)
            // Another of the three goes on with it.
            let rest = try folder.wattbook(
                ["train", "--data", "set", "--resume", path, "--steps", "2", "--learning-rate", "1e-9"]
                    + ["--filters", "4", "--depth", "2"] + FrameworkFolder.small
            )
            #expect(try rest.json()["resumed_at_step"] as? Int == 1, "\(rest.errors)")
        }
    }

    /// The document stays JSON, which knows no NaN.
    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all)
    func scoresThatAreNoNumbersAreUnknown(framework: Framework) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let run = try folder.call(framework, Self.wild + ["--steps", "1"])
        #expect(!run.output.contains("NaN"))
        let loss = try run.json()["validation_loss"]
        #expect(loss is NSNull || (loss as? Double)?.isFinite == true)
    }

    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent))
    func aNetOfNoNumbersIsNotRight() throws {
        let framework = try #require(Framework.all.first)
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        var program = folder.program
        program.environment["PYTHONPATH"] = Framework.scripts + "/python"
        let script = """
            import numpy, unet_score
            score = unet_score.Score()
            score.add(numpy.full((1, 4, 4), numpy.nan), numpy.zeros((1, 4, 4)))
            print(score.iou, score.dice, score.loss)
            """
        let run = try program.finish(program.start(framework.python, ["-c", script]))
        #expect(run.output == "nan nan nan\n", "\(run.errors)")
    }

    /// One value a channel has no variance: Keras keeps the net whole, PyTorch refuses in a sentence.
    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent), arguments: Framework.all)
    func aLowestLevelOfOneValueIsNoTrap(framework: Framework) throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let train = ["train", "--data", "set", "--size", "4", "--depth", "2", "--filters", "4", "--batch", "1"]
        let run = try folder.call(framework, train + ["--steps", "2", "--threads", "1", "--json", "--quiet"])
        if framework.name == "pytorch" {
            #expect(run.status == 69 && run.errors.contains("one value a channel"), "\(run.errors)")
        } else {
            #expect(run.status == 0, "\(run.errors)")
            #expect(try number(run.json(), "validation_loss").isFinite)
        }
    }
}

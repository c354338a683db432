import Foundation
import Testing

/// What of the Python programs needs no GPU to be looked at, though it is for one.
@Suite("Parts of the U-Net in other frameworks")
struct FrameworkPartsTests {
    private static let programs = "\(Framework.scripts)/python"
    private static let fakeNet = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/fake_net.py").path

    private struct Asked: Decodable {
        struct Call: Decodable, Equatable {
            var name: String
            var numbers: [Int]

            init(_ name: String, _ numbers: Int...) { (self.name, self.numbers) = (name, numbers) }

            init(from decoder: any Decoder) throws {
                var parts = try decoder.unkeyedContainer()
                (name, numbers) = (try parts.decode(String.self), [])
                while !parts.isAtEnd { numbers.append(try parts.decode(Int.self)) }
            }
        }

        var calls: [Call]
        var decoded: Int

        /// What the steps saw: sums of images, then of masks.
        var steps: [[Int]] { calls.filter { $0.name == "step" }.map(\.numbers) }
        /// All in turn, without what a step saw.
        var turns: [Call] { calls.map { $0.name == "step" ? Call("step") : $0 } }
    }

    private func ask(_ folder: FrameworkFolder, _ process: [String], _ options: [String]) throws -> Asked {
        let python = try #require(Framework.all.first?.python)
        let arguments = [Self.fakeNet, Self.programs] + process + options + ["--data", "set", "--quiet"]
        let run = try folder.program.finish(folder.program.start(python, arguments))
        #expect(run.status == 0, "\(run.errors)")
        return try JSONDecoder().decode(Asked.self, from: Data(run.output.utf8))
    }

    private static let train = ["train", "--size", "32", "--filters", "2", "--depth", "1"]

    /// The frames held back fill a batch where a graph needs it alone, the warm-up predicts as many, and the peak of the
    /// GPU's memory is that of the training.
    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent))
    func aValidationComputesWhatItScores() throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        let options = Self.train + ["--batch", "8", "--steps", "2", "--device", "cuda"]
        for (oneSize, images) in [("no", 4), ("yes", 8)] {
            #expect(
                try ask(folder, ["0", "1", oneSize], options).turns == [
                    .init("warm_up", 8), .init("predict", images), .init("forget_peak"), .init("step"), .init("step"),
                    .init("predict", images), .init("close"),
                ]
            )
        }
        #expect(
            try ask(folder, ["1", "2", "yes"], options).calls.filter { $0.name == "predict" } == [
                .init("predict", 4), .init("predict", 4),
            ]
        )
    }

    /// Two processes see what one sees, each its half, and decode no more than that.
    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent))
    func aProcessDecodesItsShareAlone() throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        // 36 frames to train on; in the second case the last two of a batch are shown twice.
        for batch in [12, 38] {
            let options =
                Self.train + ["--batch", "\(batch)", "--epochs", "2", "--augment", "flip,rotate,noise", "--seed", "3"]
            let one = try ask(folder, ["0", "1", "no"], options)
            let two = try ["0", "1"].map { try ask(folder, [$0, "2", "no"], options) }
            #expect(!one.steps.isEmpty && two.allSatisfy { $0.steps.count == one.steps.count })
            let half = batch / 2
            for (whole, (first, second)) in zip(one.steps, zip(two[0].steps, two[1].steps)) {
                let images = first[..<half] + second[..<half]
                #expect(whole == Array(images + first[half...] + second[half...]))
            }
            #expect(two.map(\.decoded) == [one.decoded / 2, one.decoded / 2])
        }
    }

    /// The clock of a prediction starts when what came before is done.
    @Test(.enabled(if: !Framework.all.isEmpty, Framework.absent))
    func aPredictionIsTimedAlone() throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        _ = try ask(folder, ["0", "1", "no"], Self.train + ["--steps", "1", "--checkpoint", "net"])
        let infer = ["infer", "--checkpoint", "net", "--batch", "2"]
        #expect(
            try ask(folder, ["0", "1", "no"], infer).calls == [
                .init("predict", 2), .init("predict", 2), .init("wait"), .init("predict", 2), .init("wait"),
                .init("predict", 2), .init("close"),
            ]
        )
    }

    private func python(_ interpreter: String, _ text: String, _ environment: [String: String] = [:]) throws
        -> Program.Outcome
    {
        var program = try Program()
        defer { program.clean() }
        program.environment = ["PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": Self.programs].merging(environment) { $1 }
        return try program.finish(program.start(interpreter, ["-c", text]))
    }

    /// TensorFlow says it by the type of its error alone.
    @Test func anExhaustedDeviceIsToldFromAnErrorOfTheProgram() throws {
        for (name, status) in [("ResourceExhaustedError", 69), ("InternalError", 70)] {
            let run = try python(
                "/usr/bin/python3",
                """
                import unet_command
                def main(_):
                    raise type("\(name)", (Exception,), {})("Graph execution error: OOM when allocating tensor")
                unet_command.run("unet_keras.py", main)
                """
            )
            #expect(run.status == status, "\(run.errors)")
        }
    }

    @Test(.enabled(if: Framework.keras != nil, "TensorFlow is not installed: run Scripts/frameworks."))
    func whatLayoutTensorFlowChoosesOnAGPUIsUnknown() throws {
        let run = try python(
            try #require(Framework.keras).python,
            """
            import os
            os.environ.update(CUDA_VISIBLE_DEVICES="-1", TF_CPP_MIN_LOG_LEVEL="3")
            import unet_command, unet_keras_net
            unet_keras_net.Net._gpu = lambda self: {}
            for words in ("fp32 cuda", "tf32 cuda", "fp16 cuda", "fp32 cpu"):
                precision, device = words.split()
                options = unet_command.parse("", "Keras", ["train", "--data", "set", "--filters", "1", "--depth", "1",
                    "--size", "16", "--precision", precision, "--device", device])
                print(unet_keras_net.Net(options).facts["channels_last"])
            """
        )
        #expect(run.output == "None\nNone\nTrue\nTrue\n", "\(run.errors)")
    }

    /// On a GPU that has TF32 the compiler would advise it.
    @Test(.enabled(if: Framework.pytorch != nil, "PyTorch is not installed: run Scripts/frameworks."))
    func singlePrecisionIsCompiledWithoutAdvice() throws {
        let run = try python(
            try #require(Framework.pytorch).python,
            """
            import torch, unet_pytorch_net
            from torch._inductor import compile_fx
            unet_pytorch_net._allow_tf32(False)
            torch.cuda.is_available = lambda: True
            torch.cuda.get_device_capability = lambda *_: (9, 0)
            compile_fx._warn_tf32_disabled()
            print(compile_fx._warn_tf32_disabled.cache_info().currsize)
            """
        )
        #expect(run.output == "1\n" && run.errors.isEmpty, "\(run.errors)")
    }

    /// A compiler that looks for GPUs finds none where the CPU was asked for.
    @Test(.enabled(if: Framework.pytorch != nil, "PyTorch is not installed: run Scripts/frameworks."))
    func aComputationOnTheCPUStartsNoGPU() throws {
        let folder = try FrameworkFolder()
        defer { folder.clean() }
        try folder.program.write(
            "import os, sys\nprint(os.environ.get('CUDA_VISIBLE_DEVICES'))\nsys.stdout.flush()\nos._exit(0)\n",
            to: "torch/__init__.py"
        )
        let framework = try #require(Framework.pytorch)
        var program = folder.program
        program.environment["PYTHONPATH"] = folder.program.folder.path
        for (device, seen) in [("cpu", "-1"), ("cuda", "0")] {
            program.environment["CUDA_VISIBLE_DEVICES"] = "0"
            let train = [framework.script, "train", "--data", "set", "--device", device, "--steps", "1"]
            let run = try program.finish(program.start(framework.python, train))
            #expect(run.output == "\(seen)\n", "\(run.errors)")
        }
    }

    /// Marks in what torch.compile reads are none, and break it neither with the meter nor without.
    @Test(.enabled(if: Framework.pytorch != nil, "PyTorch is not installed: run Scripts/frameworks."))
    func marksWithinACompiledFunctionAreNone() throws {
        let lines = try marks(
            try #require(Framework.pytorch).python,
            """
            import torch, wattbook_marks as marks
            class Net(torch.nn.Module):
                def __init__(self):
                    super().__init__()
                    self.layer = torch.nn.Linear(4, 1)
                def forward(self, x):
                    with marks.region("forward"):
                        marks.count(rows=8)
                        return self.scaled(self.layer(x))
                @marks.region("scaled")
                def scaled(self, x):
                    return 2 * x
            net = torch.compile(Net(), backend="eager", fullgraph=True)
            with marks.region("step"):
                net(torch.ones(8, 4))
            """
        )
        #expect(lines == ["begin step", "end step"])
    }

    @Test(.enabled(if: Framework.keras != nil, "TensorFlow is not installed: run Scripts/frameworks."))
    func theKerasCallbackStandsInALoopOfOnesOwn() throws {
        let lines = try marks(
            try #require(Framework.keras).python,
            """
            import os
            os.environ.update(KERAS_BACKEND="tensorflow", CUDA_VISIBLE_DEVICES="-1", TF_CPP_MIN_LOG_LEVEL="3")
            import keras, numpy, wattbook_marks as marks
            model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
            model.compile(optimizer="sgd", loss="mse")
            hooks = keras.callbacks.CallbackList([marks.KerasCallback()], model=model)
            hooks.on_epoch_begin(0)
            model.train_on_batch(numpy.ones((4, 4)), numpy.ones((4, 1)))
            hooks.on_epoch_end(0, {"loss": 0.5})
            """
        )
        #expect(lines == ["begin epoch number=0", "metric loss=0.5", "count steps=1", "end epoch"])
    }

    /// What a script marks under an interpreter, without times and writers; without the meter it must end as well.
    private func marks(_ interpreter: String, _ script: String) throws -> [String] {
        var program = try Program()
        defer { program.clean() }
        program.environment = ["PYTHONPATH": "\(Framework.scripts)/python", "PYTHONDONTWRITEBYTECODE": "1"]
        #expect(try program.finish(program.start(interpreter, ["-c", script])).status == 0)
        try program.write("", to: "marks")
        program.environment["WATTBOOK_MARKS"] = program.path("marks")
        let run = try program.finish(program.start(interpreter, ["-c", script]))
        #expect(run.status == 0, "\(run.errors)")
        return try String(contentsOfFile: program.path("marks"), encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") }
    }
}

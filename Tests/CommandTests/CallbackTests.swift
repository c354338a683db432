import Foundation
import Testing

/// The callbacks in the real packages of Keras, PyTorch Lightning and Hugging Face, where an interpreter has them.
@Suite("Callbacks in the real packages", .serialized)
struct CallbackTests {
    private static let python = ProcessInfo.processInfo.environment["WATTBOOK_CALLBACKS"]
    private static let absent: Comment = """
        No interpreter with lightning and transformers is named: make a virtual environment with `pip install torch \
        lightning transformers accelerate` and name its python in WATTBOOK_CALLBACKS.
        """
    private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Scripts/python").standardizedFileURL.path

    /// Two epochs of four steps with a validation after each; `fails` raises in the second step.
    private static let lightning = """
        import pickle, sys, torch, lightning.pytorch as L
        import wattbook_marks as marks
        from torch.utils.data import DataLoader, TensorDataset

        class Line(L.LightningModule):
            def __init__(self):
                super().__init__()
                self.layer = torch.nn.Linear(4, 1)
            def training_step(self, batch, index):
                if "fails" in sys.argv and index == 1:
                    raise RuntimeError("as asked for")
                loss = ((self.layer(batch[0]) - batch[1]) ** 2).mean()
                self.log("loss", loss)
                return loss
            def validation_step(self, batch, index):
                self.log("val", ((self.layer(batch[0]) - batch[1]) ** 2).mean())
            def configure_optimizers(self):
                return torch.optim.SGD(self.parameters(), lr=0.01)

        pickle.loads(pickle.dumps(marks.LightningCallback()))
        data = DataLoader(TensorDataset(torch.randn(16, 4), torch.randn(16, 1)), batch_size=4)
        trainer = L.Trainer(max_epochs=2, accelerator="cpu", logger=False, enable_checkpointing=False,
                            enable_progress_bar=False, enable_model_summary=False,
                            callbacks=[marks.LightningCallback()])
        try:
            trainer.fit(Line(), data, data)
        except RuntimeError:
            with marks.region("after"):
                pass
        """

    /// Two trials that raise in their first epoch, then one of two epochs of ten steps, four of them at once.
    private static let keras = """
        import pickle, keras, numpy
        import wattbook_marks as marks

        def fail(epoch, logs):
            raise KeyError("as asked for")

        pickle.loads(pickle.dumps(marks.KerasCallback()))
        # With a hook of its own Keras on PyTorch or JAX would wait for every batch.
        for hook in "on_batch_end", "on_train_batch_end", "on_test_batch_end":
            assert getattr(marks.KerasCallback, hook) is getattr(keras.callbacks.Callback, hook)
        rows, truths = numpy.ones((40, 4)), numpy.ones((40, 1))
        for others in [[keras.callbacks.LambdaCallback(on_epoch_begin=fail)]] * 2 + [[]]:
            model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
            model.compile(optimizer="sgd", loss="mse", steps_per_execution=4)
            try:
                model.fit(rows, truths, batch_size=4, epochs=2, validation_data=(rows, truths), verbose=0,
                          callbacks=[marks.KerasCallback()] + others)
            except KeyError:
                pass
        """

    /// A trial that raises in its first step, then one of two epochs of four steps.
    private static let transformers = """
        import pickle, torch
        import wattbook_marks as marks
        from transformers import Trainer, TrainerCallback, TrainingArguments

        class Line(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = torch.nn.Linear(4, 1)
            def forward(self, x=None, labels=None):
                y = self.layer(x)
                return {"loss": ((y - labels) ** 2).mean(), "logits": y}

        class Rows(torch.utils.data.Dataset):
            def __len__(self):
                return 16
            def __getitem__(self, index):
                return {"x": torch.randn(4), "labels": torch.randn(1)}

        pickle.loads(pickle.dumps(marks.TrainerCallback()))
        arguments = TrainingArguments(output_dir="out", num_train_epochs=2, per_device_train_batch_size=4, report_to=[],
                                      save_strategy="no", logging_steps=2, eval_strategy="epoch", disable_tqdm=True,
                                      use_cpu=True)
        class Fails(TrainerCallback):
            def on_step_end(self, args, state, control, **kwargs):
                raise KeyError("as asked for")

        for others in [Fails()], []:
            try:
                Trainer(model=Line(), args=arguments, train_dataset=Rows(), eval_dataset=Rows(),
                        callbacks=[marks.TrainerCallback()] + others).train()
            except KeyError:
                pass
        """

    /// What the meter saw of a script.
    private func measured(
        _ script: String,
        _ arguments: [String] = [],
        by python: String? = Self.python
    ) throws -> [String: Any] {
        var program = try Program()
        defer { program.clean() }
        program.environment = [
            "PYTHONPATH": Self.scripts, "PYTHONDONTWRITEBYTECODE": "1", "HF_HUB_OFFLINE": "1",
        ]
        try program.write(script, to: "script.py")
        let python = try #require(python)
        let run = try program.finish(
            program.start("wattbook", ["run", "--json", "--quiet", "--", python, "script.py"] + arguments)
        )
        #expect(run.status == 0, "\(run.errors)")
        // The packages print on standard output; the document is what begins with a brace.
        let text = run.output.drop { $0 != "{" }
        let start = try #require(run.output.range(of: "{\n  \"schema\"")?.lowerBound ?? text.startIndex)
        let document = try JSONSerialization.jsonObject(with: Data(run.output[start...].utf8))
        return try #require(document as? [String: Any])
    }

    private func visits(_ document: [String: Any]) throws -> [String: Int] {
        let regions = try #require(document["regions"] as? [[String: Any]])
        return Dictionary(
            regions.compactMap { region in
                (region["path"] as? String).flatMap { path in (region["count"] as? Int).map { (path, $0) } }
            }
        ) { first, _ in first }
    }

    @Test(.enabled(if: Framework.keras != nil, Framework.absent))
    func `Keras's epochs, validations and steps are seen, after trials that raised too`() throws {
        let document = try measured(Self.keras, by: Framework.keras?.python)
        let visits = try visits(document)
        #expect(visits["train"] == 3 && visits["train/epoch"] == 4 && visits["train/epoch/validate"] == 2, "\(visits)")
        #expect(visits.count == 3, "\(visits)")
        #expect((document["counts"] as? [String: Int])?["steps"] == 20)
        #expect(Set(try #require(document["metrics"] as? [String: Double]).keys) == ["loss", "val_loss"])
        #expect((document["info"] as? [String: String])?["framework"] == "keras")
    }

    @Test(.enabled(if: python != nil, absent))
    func `Lightning's epochs, validations and steps are seen`() throws {
        let document = try measured(Self.lightning)
        let visits = try visits(document)
        #expect(visits["train"] == 1 && visits["train/epoch"] == 2 && visits["train/epoch/validate"] == 2, "\(visits)")
        #expect((document["counts"] as? [String: Int])?["steps"] == 8)
        #expect(Set(try #require(document["metrics"] as? [String: Double]).keys).isSuperset(of: ["loss", "val"]))
        #expect((document["info"] as? [String: String])?["framework"] == "pytorch-lightning")
    }

    @Test(.enabled(if: python != nil, absent))
    func `an exception closes Lightning's regions`() throws {
        let visits = try visits(try measured(Self.lightning, ["fails"]))
        #expect(visits["train"] == 1 && visits["after"] == 1 && visits["train/after"] == nil, "\(visits)")
    }

    @Test(.enabled(if: python != nil, absent))
    func `the Trainer's epochs, steps and logs are seen`() throws {
        let document = try measured(Self.transformers)
        let visits = try visits(document)
        #expect(visits["train"] == 2 && visits["train/epoch"] == 3, "\(visits)")
        #expect(visits["train/epoch/train"] == nil, "\(visits)")
        #expect((document["counts"] as? [String: Int])?["steps"] == 9)
        let metrics = try #require(document["metrics"] as? [String: Double])
        #expect(metrics["loss"] != nil && metrics["eval_loss"] != nil && metrics["learning_rate"] != nil)
        #expect((document["info"] as? [String: String])?["framework"] == "transformers")
    }
}

internal import UNet

/// When a training ends.
enum TrainingLength {
    /// After passes over the training images.
    case epochs(Int)
    /// After optimiser steps.
    case steps(Int)
}

/// One training from the first batch to the last validation, marked for the profiler as it goes.
struct TrainingSession {
    let options: TrainingOptions
    let length: TrainingLength
    let cache: SampleCache
    let split: DatasetSplit
    let threads: Int
    let isQuiet: Bool

    /// What a training left.
    struct Outcome {
        var trainer: Trainer
        var document: TrainingDocument
        /// Why it ended early; then the document and the net tell how far it came.
        var failure: UNetError?
    }

    /// Trains and returns the net with the account of its training.
    ///
    /// It ends early with `.badData` for frames that cannot be used and for a loss that is no number, and with
    /// what else the files' reading may end with.
    func run() throws(UNetError) -> Outcome {
        let marks = Marks()
        let trainer = try Trainer(options)
        var document = TrainingDocument(options, trainer.numerics, threads: threads, split: split)
        announce(document, marks)
        if !isQuiet { for warning in document.warnings { printError("warning: \(warning)") } }

        let progress = TrainingProgress(isShown: !isQuiet, steps: totalSteps)
        let (start, processorStart) = (monotonicSeconds(), processorSeconds())
        var failure: UNetError?
        marks.begin("train")
        while failure == nil && document.steps < totalSteps {
            let epoch = document.epochs.count
            var account = TrainingDocument.Epoch(epoch: epoch + 1)
            marks.begin("epoch", ["index": "\(epoch)"])
            do throws(UNetError) {
                try learn(trainer, &account, &document, progress, marks)
                try validate(trainer, &account, marks)
            } catch {
                failure = error
            }
            marks.end("epoch")
            if account.steps > 0 { document.epochs.append(account) }
            progress.finish(account, steps: document.steps)
        }
        marks.end("train")
        document.durationS = monotonicSeconds() - start
        document.cpuS = processorSeconds() - processorStart
        (document.lossScale, document.skippedSteps) = (trainer.lossScale?.value, trainer.lossScale?.skippedSteps)
        document.close(failure)
        return Outcome(trainer: trainer, document: document, failure: failure)
    }

    /// Steps of an epoch: a last short batch is dropped, unless it is the only one.
    private var stepsPerEpoch: Int { max(1, split.training.count / options.batch) }

    private var totalSteps: Int {
        switch length {
        case .epochs(let count): count * stepsPerEpoch
        case .steps(let count): count
        }
    }

    /// The clock of processor time for a step: with one thread that thread's own, since another decodes meanwhile.
    private var computingSeconds: Double { threads == 1 ? threadSeconds() : processorSeconds() }

    private func announce(_ document: TrainingDocument, _ marks: Marks) {
        marks.info([
            "framework": "wattbook-unet", "device": "cpu", "precision": document.precision,
            "arithmetic": document.arithmetic, "algorithm": document.algorithm, "engine": document.engine,
            "threads": "\(threads)", "filters": "\(document.filters)", "depth": "\(document.depth)",
            "batch": "\(document.batch)", "size": "\(document.size)", "seed": "\(document.seed)",
        ])
    }

    /// One pass over the training images, or what is left of the steps.
    private func learn(
        _ trainer: Trainer,
        _ account: inout TrainingDocument.Epoch,
        _ document: inout TrainingDocument,
        _ progress: TrainingProgress,
        _ marks: Marks
    ) throws(UNetError) {
        let start = monotonicSeconds()
        defer {
            account.durationS = monotonicSeconds() - start
            if account.steps > 0 { marks.metric(["loss": account.loss]) }
        }
        var lossSum = 0.0
        var loader = BatchLoader(
            cache,
            order: split.order(epoch: account.epoch - 1, seed: options.seed),
            batch: options.batch,
            dropsLast: true
        )
        while document.steps < totalSteps, let batch = try loader.next() {
            marks.begin("step")
            let (began, processorBegan) = (monotonicSeconds(), computingSeconds)
            let outcome = Result { () throws(UNetError) in
                try trainer.step(images: batch.images, masks: batch.masks)
            }
            document.stepTimes.append((monotonicSeconds() - began, computingSeconds - processorBegan))
            marks.count(["images": batch.indices.count])
            marks.end("step")
            let loss = Double(try outcome.get())
            guard loss.isFinite else { throw diverged(at: document.steps + 1) }
            document.steps += 1
            document.firstLoss = document.firstLoss ?? loss
            document.images += batch.indices.count
            account.images += batch.indices.count
            account.steps += 1
            lossSum += loss
            account.loss = lossSum / Double(account.steps)
            progress.show(account, steps: document.steps, images: document.images, last: document.epochs.last)
        }
    }

    /// Scores the frames held back; without any the scores stay unknown.
    private func validate(_ trainer: Trainer, _ account: inout TrainingDocument.Epoch, _ marks: Marks) throws(UNetError)
    {
        guard !split.validation.isEmpty else { return }
        marks.begin("validation")
        defer { marks.end("validation") }
        var score = SegmentationScore()
        var loader = BatchLoader(cache, order: split.validation, batch: options.batch, dropsLast: false)
        while let batch = try loader.next() {
            let probabilities = try trainer.predict(images: batch.images)
            score.add(
                probabilities: probabilities,
                masks: batch.masks,
                count: batch.indices.count,
                pixels: options.size * options.size
            )
        }
        (account.validationLoss, account.dice, account.iou) = (score.loss, score.dice, score.iou)
        marks.count(["validation_images": score.images])
        if let loss = score.loss, let dice = score.dice, let iou = score.iou {
            marks.metric(["validation_loss": loss, "dice": dice, "iou": iou])
        }
    }

    private func diverged(at step: Int) -> UNetError {
        UNetError(
            code: .badData,
            problem: "The loss of step \(step) is not a finite number.",
            remedy: "Lower --learning-rate, now \(options.learningRate), and check that the images are not all black."
        )
    }
}

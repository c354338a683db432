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
    let augmentation: Augmentation
    let range: InputRange
    let patience: Int?
    /// Where it goes on from, and the file that this was read from.
    let resumed: Checkpoint?
    let resumedFrom: String?
    let checkpoint: String?
    /// Epochs between checkpoints on the way; nil for one at the end alone.
    let checkpointEvery: Int?
    let isQuiet: Bool

    /// What a training left.
    struct Outcome {
        var trainer: Trainer
        var best: BestNet
        var document: TrainingDocument
        /// Why it ended early; then the document and the net tell how far it came.
        var failure: UNetError?
    }

    /// Trains and returns the net with the account of its training, to which `describe` adds what only the caller knows.
    ///
    /// It ends early with `.badData` for frames that cannot be used, with `.diverged` for a loss that is no number, and
    /// with what else the files' reading may end with.
    func run(_ describe: (inout TrainingDocument) -> Void) throws(UNetError) -> Outcome {
        if let done = resumed?.training?.steps, done >= totalSteps {
            throw UNetError(
                code: .usage,
                problem: "The checkpoint to go on from has \(done) steps, and this call asks for \(totalSteps) in all.",
                remedy: "Give more --steps or --epochs: they count from the beginning of the training."
            )
        }
        let marks = Marks()
        let trainer = try Trainer(options)
        trainer.mark(with: marks)
        let world = options.parallel?.world
        var best = BestNet(patience: patience, resumed: resumed)
        if let resumed, let point = resumed.training {
            do {
                try trainer.resume(
                    point.net ?? resumed.tensors,
                    moments: point.moments,
                    steps: point.steps,
                    lossScale: point.lossScale
                )
            } catch {
                throw error.of(resumedFrom ?? "")
            }
        }
        var document = TrainingDocument(options, trainer.numerics, split: split, augmentation, range)
        document.resumedAtStep = resumed.map { _ in trainer.steps }
        describe(&document)
        announce(document, marks)
        if !isQuiet { for warning in document.warnings { printError("warning: \(warning)") } }

        let progress = TrainingProgress(isShown: !isQuiet, steps: totalSteps - trainer.steps)
        document.stepTimes.reserveCapacity(min(totalSteps - trainer.steps, 1 << 20))
        let loader = BatchLoader(
            cache,
            TrainingOrder(split, batch: options.totalBatch, seed: options.seed, steps: trainer.steps..<totalSteps)
                .share(of: world?.rank ?? 0, among: world?.size ?? 1),
            batch: options.batch,
            threads: options.threads ?? 1,
            augmentation: augmentation,
            seed: options.seed
        )
        let (start, processorStart) = (monotonicSeconds(), processorSeconds())
        var failure: UNetError?
        var batch = Batch()
        marks.begin("train")
        while failure == nil && trainer.steps < totalSteps && !best.isPatienceSpent {
            let epoch = trainer.steps / stepsPerEpoch
            var account = TrainingDocument.Epoch(epoch: epoch + 1)
            marks.begin("epoch", ["index": "\(epoch)"])
            do throws(UNetError) {
                try learn(trainer, loader, &batch, &account, &document, progress, marks)
                trainer.shareStatistics()
                try validate(trainer, &account, marks)
                // An epoch that is cut short goes on another time: that must not make it another training.
                if trainer.steps.isMultiple(of: stepsPerEpoch) { best.consider(account, trainer) }
                if let checkpoint, let every = checkpointEvery, (epoch + 1).isMultiple(of: every),
                    (world?.rank ?? 0) == 0, trainer.isFinite
                {
                    try marks.region("checkpoint") { () throws(UNetError) in
                        try save(trainer, best, to: checkpoint)
                    }
                }
            } catch {
                // What the other ranks do not know of ends them too, before they wait for this one.
                guard world == nil || error.code == .diverged else { throw error }
                failure = error
            }
            marks.end("epoch")
            if account.steps > 0 { document.epochs.append(account) }
            progress.finish(account, steps: document.steps)
        }
        marks.end("train")
        document.durationS = monotonicSeconds() - start
        document.cpuS = processorSeconds() - processorStart
        document.closeRanks(options.parallel)
        document.stoppedEarly = best.isPatienceSpent && trainer.steps < totalSteps
        (document.lossScale, document.skippedSteps) = (trainer.lossScale?.value, trainer.lossScale?.skippedSteps)
        document.close(failure, best: best.best)
        return Outcome(trainer: trainer, best: best, document: document, failure: failure)
    }

    /// Writes the net, and what it takes to go on with the training; errors: `.cannotWrite` and its like.
    func save(_ trainer: Trainer, _ best: BestNet, to path: String) throws(UNetError) {
        let point = TrainingPoint(
            steps: trainer.steps,
            seed: options.seed,
            batch: options.totalBatch,
            images: split.training.count,
            best: best.best,
            validationsSinceBest: best.validationsSinceBest,
            moments: [],
            lossScale: trainer.lossScale
        )
        let kept = best.state?.map(TensorView.init)
        try Checkpoint(net: options.net, size: options.size, range: range, tensors: [], training: point).write(
            to: path,
            kept ?? trainer.stateViews,
            trainer.momentViews,
            last: kept == nil ? [] : trainer.stateViews
        )
    }

    private var stepsPerEpoch: Int { TrainingOrder.stepsPerEpoch(split, batch: options.totalBatch) }

    /// Steps in all, those before the checkpoint that it goes on from included.
    private var totalSteps: Int {
        switch length {
        case .epochs(let count): count * stepsPerEpoch
        case .steps(let count): count
        }
    }

    private func announce(_ document: TrainingDocument, _ marks: Marks) {
        marks.info([
            "framework": "wattbook-unet", "device": "cpu", "precision": document.precision,
            "arithmetic": document.arithmetic, "algorithm": document.algorithm, "engine": document.engine,
            "threads": "\(document.threads)", "filters": "\(document.filters)", "depth": "\(document.depth)",
            "batch": "\(document.batch)", "size": "\(options.size)", "seed": "\(document.seed)",
        ])
        if let world = options.parallel?.world {
            marks.info(["rank": "\(world.rank)", "ranks": "\(world.size)", "host": World.host])
        }
    }

    /// One pass over the training images, or what is left of it and of the steps.
    private func learn(
        _ trainer: Trainer,
        _ loader: BatchLoader,
        _ batch: inout Batch,
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
        let end = min(totalSteps, account.epoch * stepsPerEpoch)
        var lossSum = 0.0
        while trainer.steps < end {
            let asked = monotonicSeconds()
            marks.begin("load")
            let loaded = Result { () throws(UNetError) in try loader.next(&batch) }
            marks.end("load")
            guard try loaded.get() else { return }
            let (began, processorBegan) = (monotonicSeconds(), computingSeconds(threads: options.threads))
            document.loadWaitS += began - asked
            account.learningRate = trainer.learningRate
            marks.begin("step")
            let outcome = Result { () throws(UNetError) in
                try trainer.step(images: batch.images, masks: batch.masks)
            }
            let processorEnded = computingSeconds(threads: options.threads)
            document.stepTimes.append((monotonicSeconds() - began, processorEnded - processorBegan))
            marks.count(["images": batch.indices.count])
            marks.end("step")
            let loss = Double(try outcome.get())
            guard loss.isFinite else { throw diverged(at: trainer.steps + 1, account.learningRate) }
            document.steps += 1
            document.firstLoss = document.firstLoss ?? loss
            let images = batch.indices.count * (options.parallel?.world.size ?? 1)
            document.images += images
            account.images += images
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
        var score = SegmentationScore(options.loss)
        let world = options.parallel?.world
        let share = split.validation.indices.filter { $0 % (world?.size ?? 1) == world?.rank ?? 0 }
        let groups = BatchRequest.groups(of: share.map { split.validation[$0] }, batch: options.batch)
        let loader = BatchLoader(cache, groups, batch: options.batch, threads: options.threads ?? 1)
        var (batch, probabilities) = (Batch(), [Float]())
        while try loader.next(&batch) {
            try trainer.predict(images: batch.images, into: &probabilities)
            score.add(
                probabilities: probabilities,
                masks: batch.masks,
                count: batch.indices.count,
                pixels: options.size.pixels
            )
        }
        marks.count(["validation_images": score.images])
        if let world { score.add(over: world) }
        (account.validationLoss, account.dice, account.iou) = (score.loss, score.dice, score.iou)
        if let loss = score.loss, let dice = score.dice, let iou = score.iou {
            marks.metric(["validation_loss": loss, "dice": dice, "iou": iou])
        }
    }

    private func diverged(at step: Int, _ rate: Float) -> UNetError {
        UNetError(
            code: .diverged,
            problem: "The loss of step \(step) is not a finite number.",
            remedy: "Lower --learning-rate, \(rate) in that step, and check that the images are not all black."
        )
    }
}

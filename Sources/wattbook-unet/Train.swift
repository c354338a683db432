internal import ArgumentParser
internal import UNet

/// `wattbook-unet train`: trains a net and scores it on frames held back.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train the net on a folder of images and masks.",
        discussion: """
            The folder is one of BAGLS, one made by synthesize, or any that holds N.png and N_seg.png. Whole videos \
            are held back for validation where N.meta files name them. Optimiser: Adam; scores: Dice and IoU at a \
            threshold of 0.5, averaged over images. A training that --resume goes on with ends with the same net as \
            one that was never interrupted, if the other options are the same; to the last bit on one thread.

            Under OpenMPI's mpirun, or srun --mpi=pmix, the ranks train one net together: --batch counts the images of \
            all of them, each takes its share, and rank 0 writes and prints. With --batch-norm synchronised they learn \
            what one process would.
            """
    )

    @Option(help: ArgumentHelp("Folder of the images.", valueName: "dir"))
    var data: String
    @OptionGroup var net: NetOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup(title: "Learning") var learning: LearningOptions
    @OptionGroup(title: "Ranks of mpirun or srun") var ranks: ParallelOptions
    @Option(help: "Images in a step, those of all ranks together (default 8).")
    var batch: Int?
    @Option(
        help: ArgumentHelp(
            "The net's input in pixels, as 256 for a square (default) or 512x256, rows first; images are resized to it.",
            valueName: "size"
        )
    )
    var size: ImageSize?
    @Option(help: "Passes over the training images in all (default 10, unless --steps is given).")
    var epochs: Int?
    @Option(help: "Optimiser steps in all, instead of --epochs.")
    var steps: Int?
    @Option(help: "Seed of the weights, the split, the order and the changes of the images (default 1).")
    var seed: UInt64?
    @Option(help: "Fraction of the images to hold back for validation (default 0.1); 0 for none.")
    var validationFraction: Double?
    @Option(
        help: ArgumentHelp("Write the net and the state of its training to this file (safetensors).", valueName: "file")
    )
    var checkpoint: String?
    @Option(help: ArgumentHelp("Write it after every so many epochs too.", valueName: "epochs"))
    var checkpointEvery: Int?
    @Option(help: ArgumentHelp("Go on with the training that this checkpoint is of.", valueName: "file"))
    var resume: String?
    @Flag(help: "Print one JSON document on standard output.")
    var json = false
    @Flag(help: "Print nothing but errors and the JSON document.")
    var quiet = false

    func run() throws {
        var options = try trainingOptions()
        let length = try trainingLength()
        let augmentation = try learning.augmentation(net.preset)
        try engine.prepare()
        options.parallel = try ranks.join()
        options.batch = try ParallelOptions.share(of: options.batch, options.parallel)
        let isFirst = (options.parallel?.world.rank ?? 0) == 0
        try options.check()
        if let checkpoint, isFirst { try checkWritable(checkpoint) }

        let dataset = try Dataset(data)
        let estimate = self.estimate(options, dataset)
        try Memory.check(estimate, limit: engine.memoryLimit)
        let split = DatasetSplit(
            dataset,
            fraction: validationFraction ?? net.preset?.validationFraction ?? 0.1,
            seed: options.seed
        )
        if learning.patience != nil && split.validation.isEmpty {
            throw UNetError(
                code: .usage,
                problem: "--patience waits for a better IoU, but no image is held back to compute it.",
                remedy: "Use a --validation-fraction above 0 and two images at least, or leave --patience out."
            )
        }
        let range = learning.inputRange ?? net.preset?.range ?? .unit
        try ParallelOptions.check(
            options,
            split,
            "\(length) \(augmentation) \(range) \(String(describing: learning.patience)) \(resume != nil)"
        )
        try ParallelOptions.check(images: split.training.count, options)
        let session = TrainingSession(
            options: options,
            length: length,
            cache: SampleCache(dataset, size: options.size, range: range, limit: estimate.frames),
            split: split,
            augmentation: augmentation,
            range: range,
            patience: learning.patience,
            resumed: try resume.map { path throws(UNetError) in try resumed(path, options, split, range) },
            resumedFrom: resume,
            checkpoint: checkpoint,
            checkpointEvery: checkpointEvery,
            isQuiet: quiet || !isFirst
        )
        let outcome = try session.run { document in
            document.preset = net.preset?.rawValue
            document.warnings += engine.warnings + ParallelOptions.warnings
            if let preset = net.preset { document.warnings.append(preset.warning) }
            document.estimatedMemoryBytes = estimate.total
            document.memoryLimitBytes = engine.memoryLimit?.bytes
        }
        if isFirst {
            do {
                try finish(session, outcome)
            } catch let error as UNetError where error.problem == outcome.failure?.problem {
                options.parallel?.world.leave()
                throw error
            }
            options.parallel?.world.leave()
        } else {
            // All ranks know of it, and the first one tells.
            options.parallel?.world.leave()
            if let failure = outcome.failure { throw ExitCode(failure.exitStatus) }
        }
    }

    /// Where a training without --checkpoint leaves its state when its loss is no number, in the present folder.
    private static let rescued = "wattbook-unet-stopped.safetensors"

    /// Saves and prints; whatever ends a training early, it leaves the net and the account that it has come to.
    private func finish(_ session: TrainingSession, _ outcome: TrainingSession.Outcome) throws {
        var (document, failure) = (outcome.document, outcome.failure)
        let isFinite = outcome.trainer.isFinite
        if !isFinite && failure == nil {
            failure = UNetError(
                code: .diverged,
                problem: "Step \(outcome.trainer.steps), the last one, left weights that are no finite numbers.",
                remedy: "Train anew with a lower --learning-rate."
            )
            document.error = failure?.problem
        }
        // What a training that went wrong had come to is saved without being asked for.
        let target = checkpoint ?? (failure?.code == .diverged ? Self.rescued : nil)
        if let target, document.steps > 0 || failure == nil {
            // A net that is beyond repair must not replace one that is not.
            let path = isFinite ? target : target + ".diverged"
            do throws(UNetError) {
                try session.save(outcome.trainer, outcome.best, to: path)
                document.checkpoint = path
                if failure?.code == .diverged {
                    failure?.remedy =
                        isFinite
                        ? "Go on with --resume \(path), the state before that step, and a lower --learning-rate."
                        : "Train anew with a lower --learning-rate; the state before that step is in \(path)."
                }
            } catch {
                failure = failure ?? error
                document.error = failure?.problem
            }
        }
        document.peakMemoryBytes = Memory.peak
        if json {
            try printJSON(document)
        } else if !quiet && document.steps > 0 {
            try printOutput(document.summary)
        }
        if let failure { throw failure }
    }

    /// The memory of the training, and of as many decoded frames as its limit leaves room for.
    private func estimate(_ options: TrainingOptions, _ dataset: Dataset) -> MemoryEstimate {
        // Net and moments where a checkpoint was read, and the best net beside it; the best net.
        let copies = (resume == nil ? 0 : 4) + (learning.patience == nil ? 0 : 1)
        var estimate = MemoryEstimate(options, copies: copies)
        let frames = SampleCache.bytes(dataset.count, size: options.size)
        let room = min(SampleCache.defaultLimit, (engine.memoryLimit?.bytes ?? .max) - estimate.total)
        if frames <= room { estimate.frames = frames }
        return estimate
    }

    private func resumed(
        _ path: String,
        _ options: TrainingOptions,
        _ split: DatasetSplit,
        _ range: InputRange
    ) throws(UNetError) -> Checkpoint {
        let saved = try Checkpoint(contentsOf: path, training: true)
        try check(saved.net, of: path, is: options.net)
        guard let point = saved.training else {
            throw UNetError(
                code: .badData,
                problem: "\(path) holds a net without the state of its training.",
                remedy: "Name a file that `wattbook-unet train --checkpoint` has written."
            )
        }
        guard point.seed == options.seed, point.batch == options.totalBatch, point.images == split.training.count,
            saved.size == options.size, saved.range == range
        else {
            throw UNetError(
                code: .usage,
                problem: "\(path) is of a training with --seed \(point.seed) --batch \(point.batch) "
                    + "--size \(saved.size) --input-range \(saved.range.rawValue) on \(point.images) images, "
                    + "which this call is not.",
                remedy: "Give the same options and data as before, or start anew without --resume."
            )
        }
        return saved
    }

    private func trainingOptions() throws(UNetError) -> TrainingOptions {
        let shape = try net.configuration()
        let size = size ?? net.preset?.size ?? 256
        try check(size: size, depth: shape.depth)
        var options = TrainingOptions()
        options.net = shape
        options.keepsGradients = false
        options.batch = batch ?? net.preset?.batch ?? 8
        try check("--batch", options.batch, in: 1...65_536)
        if let patience = learning.patience { try check("--patience", patience, in: 1...1_000_000) }
        if let checkpointEvery {
            try check("--checkpoint-every", checkpointEvery, in: 1...1_000_000)
            guard checkpoint != nil else {
                throw UNetError(
                    code: .usage,
                    problem: "--checkpoint-every has no file to write to.",
                    remedy: "Give --checkpoint FILE too."
                )
            }
        }
        if let fraction = validationFraction, !(0..<1).contains(fraction) {
            throw UNetError(
                code: .usage,
                problem: "--validation-fraction \(fraction) is not in 0 to 1 (1 left out).",
                remedy: "Use 0.1, for example, or 0 for no validation."
            )
        }
        options.size = size
        try engine.apply(to: &options)
        try learning.apply(to: &options, preset: net.preset)
        options.seed = seed ?? net.preset?.seed ?? 1
        return options
    }

    private func trainingLength() throws(UNetError) -> TrainingLength {
        if epochs != nil && steps != nil {
            throw UNetError(
                code: .usage,
                problem: "--epochs and --steps are both given.",
                remedy: "Keep one of them: --steps counts optimiser steps in all."
            )
        }
        if let steps {
            try check("--steps", steps, in: 1...1_000_000_000)
            return .steps(steps)
        }
        let epochs = epochs ?? net.preset?.epochs ?? 10
        try check("--epochs", epochs, in: 1...1_000_000)
        return .epochs(epochs)
    }
}

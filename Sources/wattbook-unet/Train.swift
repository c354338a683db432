internal import ArgumentParser
internal import UNet

/// `wattbook-unet train`: trains a net and scores it on frames held back.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train the net on a folder of images and masks.",
        discussion: """
            The folder is one of BAGLS, one made by synthesize, or any that holds N.png and N_seg.png. Whole videos \
            are held back for validation where N.meta files name them. Loss: soft Dice plus binary cross entropy; \
            optimiser: Adam; scores: Dice and IoU at a threshold of 0.5, averaged over images.
            """
    )

    @Option(help: ArgumentHelp("Folder of the images.", valueName: "dir"))
    var data: String
    @OptionGroup var net: NetOptions
    @OptionGroup var engine: EngineOptions
    @Option(help: "Images in a step.")
    var batch = 8
    @Option(help: "Side of the net's square input in pixels; images are resized to it.")
    var size = 256
    @Option(help: "Passes over the training images (default 10, unless --steps is given).")
    var epochs: Int?
    @Option(help: "Optimiser steps in all, instead of --epochs.")
    var steps: Int?
    @Option(help: "Seed of the weights, the split and the order of the images.")
    var seed: UInt64 = 1
    @Option(help: "Step size of Adam.")
    var learningRate: Float = 1e-3
    @Option(help: "Fraction of the images to hold back for validation; 0 for none.")
    var validationFraction = 0.1
    @Option(help: ArgumentHelp("Write the trained net to this file (safetensors).", valueName: "file"))
    var checkpoint: String?
    @Flag(help: "Print one JSON document on standard output.")
    var json = false
    @Flag(help: "Print nothing but errors and the JSON document.")
    var quiet = false

    func run() throws {
        let options = try trainingOptions()
        let length = try trainingLength()
        try engine.prepare()
        try options.check()
        if let checkpoint { try checkWritable(checkpoint) }

        let dataset = try Dataset(data)
        let split = DatasetSplit(dataset, fraction: validationFraction, seed: seed)
        let session = TrainingSession(
            options: options,
            length: length,
            cache: SampleCache(dataset, size: size),
            split: split,
            threads: engine.threadCount,
            isQuiet: quiet
        )
        let outcome = try session.run()
        var (document, failure) = (outcome.document, outcome.failure)
        // Whatever ends a training early, it leaves the net and the account that it has come to.
        let state = outcome.trainer.state
        if let checkpoint, document.steps > 0, state.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) {
            do throws(UNetError) {
                try Checkpoint(net: options.net, size: size, tensors: state).write(to: checkpoint)
                document.checkpoint = checkpoint
            } catch {
                failure = failure ?? error
                document.error = failure?.problem
            }
        }
        if json {
            try printJSON(document)
        } else if !quiet && document.steps > 0 {
            try printOutput(document.summary)
        }
        if let failure { throw failure }
    }

    private func trainingOptions() throws(UNetError) -> TrainingOptions {
        let net = try net.configuration()
        try check(size: size, depth: net.depth)
        try check("--batch", batch, in: 1...65_536)
        guard learningRate > 0 && learningRate.isFinite else {
            throw UNetError(
                code: .usage,
                problem: "--learning-rate \(learningRate) is not a positive number.",
                remedy: "Use 0.001, for example."
            )
        }
        guard (0..<1).contains(validationFraction) else {
            throw UNetError(
                code: .usage,
                problem: "--validation-fraction \(validationFraction) is not in 0 to 1 (1 left out).",
                remedy: "Use 0.1, for example, or 0 for no validation."
            )
        }
        var options = TrainingOptions()
        options.net = net
        options.batch = batch
        options.size = size
        try engine.apply(to: &options)
        options.learningRate = learningRate
        options.seed = seed
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
        try check("--epochs", epochs ?? 10, in: 1...1_000_000)
        return .epochs(epochs ?? 10)
    }
}

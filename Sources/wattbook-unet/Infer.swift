internal import ArgumentParser
internal import UNet

/// `wattbook-unet infer`: writes the masks that a trained net sees.
struct Infer: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Predict masks with a trained net, and time it.",
        discussion: "Reads DIR/test where there is one. Where the images have masks, the prediction is scored too."
    )

    @Option(help: ArgumentHelp("Net to load, as train --checkpoint wrote it.", valueName: "file"))
    var checkpoint: String
    @Option(help: ArgumentHelp("Folder of the images.", valueName: "dir"))
    var data: String
    @Option(help: ArgumentHelp("Folder for the masks N_seg.png, in the size of the images.", valueName: "dir"))
    var out: String?
    @OptionGroup var net: NetOptions
    @OptionGroup var engine: EngineOptions
    @Option(help: "Images in a prediction.")
    var batch = 1
    @Option(help: "Side of the net's square input in pixels (default: that of the training).")
    var size: Int?
    @Flag(help: "Print one JSON document on standard output.")
    var json = false
    @Flag(help: "Print nothing but errors and the JSON document.")
    var quiet = false

    func run() throws {
        try check("--batch", batch, in: 1...65_536)
        try engine.prepare()
        let saved = try Checkpoint(contentsOf: checkpoint)
        try check(saved.net, of: checkpoint, is: net.configuration(like: saved.net))
        let size = size ?? saved.size
        try check(size: size, depth: saved.net.depth)
        var options = TrainingOptions()
        options.net = saved.net
        options.batch = batch
        options.size = size
        options.precision = try engine.resolvedPrecision()
        options.algorithm = engine.resolvedAlgorithm(options.precision)
        options.engine = engine.engine
        options.threads = engine.threadCount
        options.allowEmulation = engine.allowEmulation
        try options.check()
        // The net as it was read lies beside the one that computes.
        let estimate = MemoryEstimate(options, copies: 1)
        try Memory.check(estimate, limit: engine.memoryLimit)
        let dataset = try Dataset(data, part: .test, needsMasks: false)
        if let out { try makeFolder(out) }
        let trainer = try Trainer(options)
        try trainer.load(saved.tensors)

        let session = InferenceSession(
            trainer: trainer,
            dataset: dataset,
            batch: batch,
            size: size,
            range: saved.range,
            out: out,
            progress: ProgressLine(isShown: !quiet)
        )
        var document = try session.run(options, threads: engine.threadCount)
        document.warnings += engine.warnings
        document.estimatedMemoryBytes = estimate.total
        document.memoryLimitBytes = engine.memoryLimit?.bytes
        document.peakMemoryBytes = Memory.peak
        if !quiet { for warning in document.warnings { printError("warning: \(warning)") } }
        if json {
            try printJSON(document)
        } else if !quiet {
            try printOutput(document.summary)
        }
    }
}

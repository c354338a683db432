internal import ArgumentParser
internal import Foundation
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
    @Option(help: "The net's input in pixels, as 256 or 512x256, rows first (default: that of the training).")
    var size: ImageSize?
    @Option(
        help: ArgumentHelp(
            "Folder of the images that int8 takes its scales from (default: training/ of --data, or all of it).",
            valueName: "dir"
        )
    )
    var calibration: String?
    @Option(help: "Images of the calibration to use, spread over its folder.")
    var calibrationImages = 64
    @Flag(help: "Print one JSON document on standard output.")
    var json = false
    @Flag(help: "Print nothing but errors and the JSON document.")
    var quiet = false

    func run() throws {
        try check("--batch", batch, in: 1...65_536)
        try engine.prepare()
        // The tensors come when it is known that there is room for them.
        let saved = try Checkpoint.header(of: checkpoint)
        try check(saved.net, of: checkpoint, is: net.configuration(like: saved.net))
        let size = size ?? saved.size
        try check(size: size, depth: saved.net.depth)
        var options = TrainingOptions()
        options.net = saved.net
        options.batch = batch
        options.size = size
        options.isTraining = false
        try engine.apply(to: &options)
        try options.check()
        try check("--calibration-images", calibrationImages, in: 1...100_000)
        // The net as it was read lies beside the one that computes.
        // Images and masks.
        let calibrating = options.precision == .int8 ? 2 * calibrationImages * size.pixels * 4 : 0
        let estimate = MemoryEstimate(options, copies: 1, frames: calibrating)
        try Memory.check(estimate, limit: engine.memoryLimit)
        let dataset = try Dataset(data, part: .test, needsMasks: false)
        if let out {
            try makeFolder(out)
            try checkMasks(of: dataset, survive: out)
        }
        let predictor = try predictor(options, saved.range)
        let session = InferenceSession(
            predictor: predictor,
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
        if options.precision == .int8, try calibrationFrames(calibration ?? data).folder == dataset.folder {
            document.warnings.append(
                "int8 takes its scales from the very images that it infers: give --calibration a folder of others."
            )
        }
        if options.precision != .int8, let calibration {
            document.warnings.append("Only int8 is calibrated: --calibration \(calibration) plays no part.")
        }
        if options.precision == .int8, options.algorithm != .direct {
            document.warnings.append(
                "int8 has one algorithm only: --algorithm \(options.algorithm.rawValue) plays no part."
            )
        }
        if !quiet { for warning in document.warnings { printError("warning: \(warning)") } }
        if json {
            try printJSON(document)
        } else if !quiet {
            try printOutput(document.summary)
        }
    }

    /// The net of the checkpoint in the precision asked for.
    private func predictor(_ options: TrainingOptions, _ range: InputRange) throws(UNetError) -> any Predictor {
        let saved = try Checkpoint(contentsOf: checkpoint)
        guard saved.tensors.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
            throw UNetError(
                code: .badData,
                problem: "\(checkpoint) holds weights that are no finite numbers.",
                remedy: "Name the checkpoint of a training that did not diverge."
            )
        }
        guard options.precision == .int8 else {
            let trainer = try Trainer(options)
            do { try trainer.load(saved.tensors) } catch { throw error.of(checkpoint) }
            return trainer
        }
        let folder = calibration ?? data
        let frames = try calibrationFrames(folder)
        // Evenly spread: neighbours are of the same video and much alike.
        let count = min(calibrationImages, frames.count)
        let order = (0..<count).map { $0 * frames.count / count }
        let images = try SampleCache(frames, size: options.size, range: range, limit: 0).batch(
            order,
            filledTo: count
        ).images
        do {
            return try QuantizedNet(options, state: saved.tensors, calibration: images)
        } catch {
            throw error.of(checkpoint)
        }
    }

    /// Throws `.usage` where predictions would take the place of the masks that they are scored by.
    private func checkMasks(of dataset: Dataset, survive out: String) throws(UNetError) {
        let folders = [dataset.folder, out].map { URL(filePath: $0).resolvingSymlinksInPath().path }
        guard dataset.hasMasks, folders[0] == folders[1] else { return }
        throw UNetError(
            code: .usage,
            problem: "--out \(out) is the folder of the images' own masks, which predictions would replace.",
            remedy: "Name another folder."
        )
    }

    /// The calibration's frames; a folder that holds none is bad data, one that is not there is missing.
    private func calibrationFrames(_ folder: String) throws(UNetError) -> Dataset {
        do {
            return try Dataset(folder, needsMasks: false)
        } catch  where error.code == .missingInput && FileManager.default.fileExists(atPath: folder) {
            throw UNetError(
                code: .badData,
                problem: "The calibration set \(folder) holds no image.",
                remedy: "Give --calibration a folder of training images: int8 takes its scales from them."
            )
        }
    }
}

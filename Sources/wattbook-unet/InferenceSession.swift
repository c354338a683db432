internal import UNet

/// Predicts every frame of a data set, one batch after the other.
struct InferenceSession {
    let predictor: any Predictor
    let dataset: Dataset
    let batch: Int
    let size: ImageSize
    let range: InputRange
    let out: String?
    let progress: ProgressLine

    /// Predictions before the timed ones: the first touch memory and caches for the first time.
    private static let warmUp = 2

    /// Predicts, writes the masks where asked to, and accounts for it.
    func run(_ options: TrainingOptions, threads: Int) throws -> InferenceDocument {
        let marks = Marks()
        var document = InferenceDocument(options, predictor.numerics, threads: threads)
        marks.info([
            "framework": "wattbook-unet", "device": "cpu", "precision": document.precision,
            "arithmetic": document.arithmetic, "algorithm": document.algorithm, "engine": document.engine,
            "threads": "\(threads)", "filters": "\(document.filters)", "batch": "\(batch)", "size": "\(size)",
        ])
        // Every frame is needed once: nothing is kept.
        let cache = SampleCache(dataset, size: size, range: range, limit: 0)
        let first = try cache.batch([0], filledTo: batch)
        var probabilities: [Float] = []
        try marks.region("warm-up") {
            for _ in 0..<Self.warmUp { try predictor.predict(images: first.images, into: &probabilities) }
        }

        marks.begin("infer")
        defer { marks.end("infer") }
        let groups = BatchRequest.groups(of: Array(0..<dataset.count), batch: batch)
        let loader = BatchLoader(cache, groups, batch: batch, threads: threads)
        var (times, score, next) = ([(wall: Double, processor: Double)](), SegmentationScore(), Batch())
        times.reserveCapacity(groups.count)
        while try marks.region("load", { try loader.next(&next) }) {
            let (start, processorStart) = (monotonicSeconds(), computingSeconds(threads: threads))
            try marks.region("predict") { try predictor.predict(images: next.images, into: &probabilities) }
            times.append((monotonicSeconds() - start, computingSeconds(threads: threads) - processorStart))
            marks.count(["images": next.indices.count])
            document.images += next.indices.count
            if dataset.hasMasks {
                score.add(
                    probabilities: probabilities,
                    masks: next.masks,
                    count: next.indices.count,
                    pixels: size.pixels
                )
            }
            try write(probabilities, next)
            progress.show(
                fraction: Double(document.images) / Double(dataset.count),
                "\(document.images)/\(dataset.count) images"
            )
        }
        progress.clear()
        document.close(times: times, score: score)
        if let dice = score.dice, let iou = score.iou { marks.metric(["dice": dice, "iou": iou]) }
        return document
    }

    /// Writes the masks of a batch in the size that their images have on disk.
    private func write(_ probabilities: [Float], _ batch: Batch) throws {
        guard let out else { return }
        for (position, index) in batch.indices.enumerated() {
            let range = position * size.pixels..<(position + 1) * size.pixels
            let mask = GrayImage(
                width: size.width,
                height: size.height,
                pixels: probabilities[range].map { $0 > 0.5 ? 255 : 0 }
            )
            let (width, height) = batch.extents[position]
            let file = try mask.resizedNearest(width: width, height: height).png(channels: 3)
            try writeFile("\(out)/\(dataset.names[index])_seg.png", file)
        }
    }
}

/// The account of an inference, as `infer --json` prints it; unknown is null.
struct InferenceDocument: Encodable {
    /// Time of one prediction in milliseconds.
    struct Latency: Encodable {
        var median: Double
        var p95: Double
        var p99: Double

        init(_ seconds: [Double]) {
            let sorted = seconds.sorted().map { $0 * 1000 }
            (median, p95, p99) = (quantile(sorted, 0.5), quantile(sorted, 0.95), quantile(sorted, 0.99))
        }
    }

    var schema = "wattbook.unet.inference/1"
    var engine: String
    var precision: String
    var requestedPrecision: String
    var arithmetic: String
    var algorithm: String
    var implementations: [String]
    var threads: Int
    var filters: Int
    var depth: Int
    var architecture: String
    var batch: Int
    /// Rows and columns of the input; `size` is the rows.
    var size: Int
    var width: Int
    var images = 0
    /// Wall time.
    @OrNull var latencyMs: Latency?
    /// Processor time: of the predicting thread where it computes alone, else of the whole process.
    @OrNull var latencyCpuMs: Latency?
    @OrNull var imagesPerS: Double?
    @OrNull var loss: Double?
    @OrNull var dice: Double?
    @OrNull var iou: Double?
    /// Memory: foreseen, allowed, and held at most.
    @OrNull var estimatedMemoryBytes: Int?
    @OrNull var memoryLimitBytes: Int?
    @OrNull var peakMemoryBytes: Int?
    var warnings: [String]

    init(_ options: TrainingOptions, _ numerics: Numerics, threads: Int) {
        engine = options.engine.rawValue
        precision = numerics.precision.rawValue
        requestedPrecision = options.precision.rawValue
        arithmetic = numerics.arithmetic
        algorithm = numerics.algorithm.rawValue
        implementations = numerics.implementations
        self.threads = threads
        filters = options.net.filters
        depth = options.net.depth
        batch = options.batch
        architecture = options.net.architecture.rawValue
        (size, width) = (options.size.height, options.size.width)
        warnings = numerics.warnings
    }

    /// Fills in the statistics of the predictions.
    mutating func close(times: [(wall: Double, processor: Double)], score: SegmentationScore) {
        (loss, dice, iou) = (score.loss, score.dice, score.iou)
        let total = times.reduce(0) { $0 + $1.wall }
        guard total > 0 else { return }
        (latencyMs, latencyCpuMs) = (Latency(times.map(\.wall)), Latency(times.map(\.processor)))
        imagesPerS = Double(images) / total
    }

    /// Two lines for people.
    var summary: String {
        let scores = dice.flatMap { dice in iou.map { "  Dice \(fixed(dice, 4))  IoU \(fixed($0, 4))" } } ?? ""
        let latency = latencyMs.map {
            "median \(fixed($0.median, 2)) ms  p95 \(fixed($0.p95, 2)) ms  p99 \(fixed($0.p99, 2)) ms"
        }
        return """
            \(precision) (\(arithmetic))  \(engine) \(algorithm)  \(threads) thread\(threads == 1 ? "" : "s")  batch \(batch)
            \(images) images  \(latency ?? "")\(imagesPerS.map { "  \(fixed($0, 1)) images/s" } ?? "")\(scores)
            """
    }
}

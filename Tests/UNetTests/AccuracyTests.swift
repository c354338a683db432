import Foundation
import Testing

@testable import UNet

/// What a precision may cost in IoU, on nets trained to the end of their learning rate on synthetic images.
///
/// For each seed the same first weights and the same order of images are trained in each precision. The difference to
/// fp32 is paired by seed; its one-sided upper bound at 95 % has to stay below the margin (non-inferiority).
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["WATTBOOK_SLOW"] == "1"))
struct AccuracyTests {
    private static let seeds = 10
    private static let steps = 400
    private static let batch = 4
    /// The 95 % quantile of Student's t with `seeds` - 1 degrees of freedom.
    private static let quantile = 1.8331

    private let folder: DatasetFolder
    private let training: SampleCache
    private let held: SampleCache
    private static let trainingCount = 1600
    private static let heldCount = 300

    init() throws {
        folder = try DatasetFolder()
        training = try Self.set("\(folder.path)/a", Self.trainingCount, seed: 101)
        held = try Self.set("\(folder.path)/b", Self.heldCount, seed: 202)
    }

    private static func set(_ path: String, _ count: Int, seed: UInt64) throws -> SampleCache {
        try Synthesis(count: count, size: 64, seed: seed, area: 0.04).write(to: path)
        return SampleCache(try Dataset(path), size: 64)
    }

    private func options(_ precision: Precision, seed: UInt64) -> TrainingOptions {
        var options = TrainingOptions()
        options.net = NetConfiguration(filters: 8, depth: 3)
        (options.batch, options.size, options.precision, options.seed) = (Self.batch, 64, precision, seed)
        (options.threads, options.allowEmulation, options.learningRate) = (1, true, 4e-3)
        return options
    }

    private func train(_ precision: Precision, seed: UInt64) throws -> Trainer {
        let options = options(precision, seed: seed)
        let trainer = try Trainer(options)
        var generator = SplitMix64(seed: seed)
        for step in 0..<Self.steps {
            // To zero along a cosine: what is left of the noise of single batches would hide a precision's part.
            let fraction = Double(step) / Double(Self.steps)
            trainer.adam.learningRate = options.learningRate * Float(0.5 + 0.5 * cos(.pi * fraction))
            let frames = (0..<Self.batch).map { _ in Int(generator.next() % UInt64(Self.trainingCount)) }
            let batch = try training.batch(frames, filledTo: Self.batch)
            _ = try trainer.step(images: batch.images, masks: batch.masks)
        }
        return trainer
    }

    private func iou(_ net: some Predictor) throws -> Double {
        var score = SegmentationScore()
        let batch = try held.batch(Array(0..<Self.heldCount), filledTo: Self.heldCount)
        let probabilities = try net.predict(images: batch.images)
        score.add(probabilities: probabilities, masks: batch.masks, count: Self.heldCount, pixels: 64 * 64)
        return try #require(score.iou)
    }

    @Test func lowerPrecisionsAreNotInferiorToFP32() throws {
        let margins: [(Precision, Double)] = [(.bf16, 0.01), (.fp16, 0.01), (.int8, 0.02)]
        var scores: [Precision: [Double]] = [:]
        let calibration = try training.batch(Array(0..<32), filledTo: 32).images
        for seed in 1...UInt64(Self.seeds) {
            let exact = try train(.fp32, seed: seed)
            let quantized = try QuantizedNet(
                options(.fp32, seed: seed),
                state: exact.state,
                calibration: calibration
            )
            scores[.fp32, default: []].append(try iou(exact))
            scores[.int8, default: []].append(try iou(quantized))
            for precision in [Precision.bf16, .fp16] {
                scores[precision, default: []].append(try iou(train(precision, seed: seed)))
            }
            let last = Precision.allCases.map { "\($0) \(scores[$0]?.last ?? .nan)" }
            print("seed \(seed):", last.joined(separator: "  "))
        }
        let exact = try #require(scores[.fp32])
        let mean = exact.reduce(0, +) / Double(Self.seeds)
        #expect(mean > 0.7, "a net that has learnt nothing loses nothing: \(exact)")
        for (precision, margin) in margins {
            let losses = zip(exact, try #require(scores[precision])).map { $0 - $1 }
            let n = Double(losses.count)
            let average = losses.reduce(0, +) / n
            let variance = losses.reduce(0) { $0 + ($1 - average) * ($1 - average) } / (n - 1)
            let bound = average + Self.quantile * (variance / n).squareRoot()
            print("\(precision): fp32 mean \(mean), mean loss \(average), sd \(variance.squareRoot()), bound \(bound)")
            #expect(bound < margin, "\(precision) loses up to \(bound) IoU: \(losses)")
        }
    }
}

import COneDNN
import Glibc
import Testing

@testable import UNet

/// A normalisation in bf16 with all that goes in.
private struct Case {
    static let images = 2
    static let epsilon: Float = 1e-5

    /// What a training computes.
    struct Results: Equatable {
        var mean: [Float]
        var variance: [Float]
        var scaleGradient: [Float]
        var shiftGradient: [Float]
        var output: [UInt16] = []
        var gradient: [UInt16] = []

        init(channels: Int) {
            mean = [Float](repeating: 9, count: channels)
            (variance, scaleGradient, shiftGradient) = (mean, mean, mean)
        }
    }

    let size: ImageSize
    let channels: Int
    let source: [UInt16]
    let gradient: [UInt16]
    let scale: [Float]
    let shift: [Float]

    /// Every third channel has a mean that is thirty times its deviation, every fifth a negative scale.
    init(_ size: ImageSize, channels: Int) {
        var generator = SplitMix64(seed: 31)
        (self.size, self.channels) = (size, channels)
        source = Self.activation(size, channels: channels) { generator.normal() + ($0 % 3 == 1 ? 30 : 0.2) }
        gradient = Self.activation(size, channels: channels) { _ in generator.normal() * 1e-3 + 2e-4 }
        scale = (0..<channels).map { $0 % 5 == 2 ? -0.7 : 1 + Float($0) / 50 }
        shift = (0..<channels).map { Float($0 % 7) / 10 - 0.3 }
    }

    /// Activations in blocks of sixteen channels.
    private static func activation(_ size: ImageSize, channels: Int, _ value: (Int) -> Float) -> [UInt16] {
        let blocks = (channels + 15) / 16
        let values = (0..<images * blocks * size.pixels * 16).map { index in
            let channel = index / (size.pixels * 16) % blocks * 16 + index % 16
            return channel < channels ? value(channel) : 0
        }
        var packed = [UInt16](repeating: 0, count: values.count)
        unsafe od_pack(od_bf16, Int64(values.count), values, &packed)
        return packed
    }

    /// `given` are statistics to normalise by.
    func run(threads: Int32, given: Results? = nil) throws -> Results {
        od_use_threads(threads)
        defer { od_use_threads(1) }
        let context = try unsafe #require(unsafe od_open())
        defer { unsafe od_close(context) }
        var shape = od_normalization(
            n: Int32(Self.images),
            c: Int32(channels),
            h: Int32(size.height),
            w: Int32(size.width),
            epsilon: Self.epsilon,
            type: od_bf16,
            given_statistics: given != nil
        )
        #expect(unsafe od_normalization_workspace(context, &shape) == 0)
        var results = given ?? Results(channels: channels)
        results.output = [UInt16](repeating: 1, count: source.count)
        results.gradient = gradient
        let forward = unsafe od_normalization_training(
            context,
            &shape,
            source,
            scale,
            shift,
            &results.mean,
            &results.variance,
            &results.output,
            nil
        )
        try unsafe complete(#require(forward), context)
        let backward = unsafe od_normalization_backward(
            context,
            &shape,
            source,
            scale,
            shift,
            results.mean,
            results.variance,
            nil,
            &results.gradient,
            &results.scaleGradient,
            &results.shiftGradient
        )
        try unsafe complete(#require(backward), context)
        return results
    }

    private func complete(_ operation: OpaquePointer, _ context: OpaquePointer) throws {
        let scratch = try Buffer(bytes: Int(unsafe od_scratch_bytes(context)))
        unsafe od_set_scratch(context, scratch.raw)
        #expect(unsafe od_run(operation) == 0)
        #expect(unsafe String(cString: od_implementation(operation)) == "loop:avx512_core_bf16")
        unsafe od_free(operation)
    }

    /// The places of a channel's values.
    func places(_ channel: Int) -> [Int] {
        let blocks = (channels + 15) / 16
        return (0..<Self.images).flatMap { image in
            (0..<size.pixels).map { ((image * blocks + channel / 16) * size.pixels + $0) * 16 + channel % 16 }
        }
    }
}

private func widened(_ packed: [UInt16]) -> [Float] {
    var wide = [Float](repeating: 0, count: packed.count)
    unsafe od_unpack(od_bf16, Int64(packed.count), packed, &wide)
    return wide
}

/// Batch normalisation with ReLU in bf16 against its formulas in f64, on the values that bf16 has.
@Suite(.enabled(if: od_computes_bf16()))
struct NormalizationTests {
    /// Planes of one pixel, of an odd number, of many rows; channels that are padded, and more blocks than one.
    @Test(arguments: [
        (ImageSize(height: 1, width: 1), 16), (ImageSize(height: 7, width: 5), 9),
        (ImageSize(height: 33, width: 47), 40),
        (ImageSize(height: 64, width: 64), 32),
    ])
    func itIsItsFormula(size: ImageSize, channels: Int) throws {
        let test = Case(size, channels: channels)
        let results = try test.run(threads: 1)
        #expect(try test.run(threads: 3) == results, "the same bits on all threads")
        let fixed = try test.run(threads: 2, given: results)
        #expect(fixed.output == results.output)
        let (source, gradient) = (widened(test.source), widened(test.gradient))
        let (output, flow, fixedFlow) = (widened(results.output), widened(results.gradient), widened(fixed.gradient))
        for channel in 0..<channels {
            let places = test.places(channel), count = Double(places.count)
            let x = places.map { Double(source[$0]) }
            let mean = x.reduce(0, +) / count
            let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
            #expect(abs(Double(results.mean[channel]) - mean) <= 1e-6 * max(1, abs(mean)))
            #expect(abs(Double(results.variance[channel]) - variance) <= 1e-5 * variance)
            let deviation = (variance + Double(Case.epsilon)).squareRoot()
            let factor = Double(test.scale[channel]) / deviation
            let normal = x.map { ($0 - mean) / deviation }
            let result = normal.map { $0 * Double(test.scale[channel]) + Double(test.shift[channel]) }
            // A result that f32 cannot tell from zero may pass its gradient or not.
            let isClear = result.allSatisfy { abs($0) > 1e-5 }
            let passed = zip(places, result).map { $1 > 0 ? Double(gradient[$0]) : 0 }
            let sum = passed.reduce(0, +)
            let product = zip(passed, normal).reduce(0) { $0 + $1.0 * $1.1 }
            for (index, place) in places.enumerated() {
                #expect(abs(Double(output[place]) - max(0, result[index])) <= 0.005 * max(0, result[index]) + 1e-5)
                guard isClear else { continue }
                let own = factor * passed[index], back = factor * (sum + normal[index] * product) / count
                #expect(abs(Double(fixedFlow[place]) - own) <= 0.005 * abs(own) + 1e-8)
                #expect(abs(Double(flow[place]) - (own - back)) <= 0.005 * abs(own - back) + 1e-6)
            }
            guard isClear else { continue }
            let scale = passed.reduce(1e-6) { $0 + abs($1) }
            #expect(abs(Double(results.shiftGradient[channel]) - sum) <= 1e-6 * scale)
            #expect(abs(Double(results.scaleGradient[channel]) - product) <= 1e-5 * scale)
        }
        let padding = Set(output.indices).subtracting((0..<channels).flatMap(test.places))
        #expect(padding.allSatisfy { output[$0] == 0 && flow[$0] == 0 })
    }
}

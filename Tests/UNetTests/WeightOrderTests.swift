import COneDNN
import Testing

@testable import UNet

/// Weights in blocks: every value has a place of its own, and nobody outside sees the order.
@Suite struct WeightOrderTests {
    @Test func blocksLieAsTheyAreDescribed() {
        let order = WeightOrder(rows: 32, parts: [16, 32])
        let shape = [32, 48, 3, 3]
        var places: [Int] = []
        order.forEachPlace(shape) { places.append($0) }
        #expect(Set(places) == Set(0..<32 * 48 * 9))
        // Row 17, column 16 + 5 and tap 4: in the second part, of its two by two blocks the third, row 1 of column 5.
        let place = 32 * 16 * 9 + (2 * 9 + 4) * 256 + 5 * 16 + 1
        #expect(places[(17 * 48 + 21) * 9 + 4] == place)
    }

    @Test(arguments: [(8, [16]), (16, [8, 8]), (16, [1]), (16, [16, 8])])
    func channelsThatFillNoBlockStayPlain(rows: Int, parts: [Int]) {
        #expect(WeightOrder(rows: rows, parts: parts) == .plain)
    }

    /// A net with weights of both orders, from the same seed, is the same net.
    @Test func theOrderIsSeenByNobody() throws {
        let net = NetConfiguration(filters: 8, depth: 3)
        let (blocked, plain) = (try NetParameters(net, isBlocked: true), try NetParameters(net))
        blocked.initialize(seed: 3)
        plain.initialize(seed: 3)
        #expect(
            blocked.slots.contains { $0.order != .plain }
                && blocked.slots.contains { $0.shape.count == 4 && $0.order == .plain }
        )
        for (one, other) in zip(blocked.slots, plain.slots) {
            let values = blocked.read(one, from: blocked.values)
            #expect(values == plain.read(other, from: plain.values))
            blocked.write(values, to: one, in: blocked.gradients)
            #expect(blocked.read(one, from: blocked.gradients) == values)
        }
    }

    /// Passes of a convolution, plain or transposed, by the place of their operands.
    enum Pass: String, CaseIterable {
        case forward, backwardData, backwardWeights, upForward, upBackwardData, upBackwardWeights
    }

    /// Every pass computes from weights in blocks, and from their halves, what it computes from plain ones.
    @Test(.enabled(if: od_block() == 16), arguments: Pass.allCases, [od_f32, od_bf16].map(\.rawValue))
    func everyPassReadsAndWritesBlocks(pass: Pass, type: UInt32) throws {
        let type = od_type(type)
        guard type == od_f32 || od_computes_bf16() else { return }
        let (inputs, outputs, size) = (32, 48, ImageSize(height: 6, width: 34))
        let isUp = pass.rawValue.hasPrefix("up")
        let isReading = pass != .backwardWeights && pass != .upBackwardWeights
        let shape = isUp ? [inputs, outputs, 2, 2] : [outputs, inputs, 3, 3]
        var generator = SplitMix64(seed: 12)
        let plain = (0..<shape.reduce(1, *)).map { _ in generator.normal() }
        let order = isUp ? WeightOrder(rows: inputs, parts: [outputs]) : WeightOrder(rows: outputs, parts: [inputs])
        let source = Self.activation(inputs * 2 * size.pixels, type, &generator)
        let gradient = Self.activation(outputs * 2 * size.pixels * (isUp ? 4 : 1), type, &generator)

        func run(isBlocked: Bool, halved: Bool) throws -> [Float] {
            let context = try unsafe #require(unsafe od_open())
            defer { unsafe od_close(context) }
            od_use_threads(1)
            let (weights, result) = (
                try Buffer(floats: plain.count), try Buffer(bytes: 4 * gradient.bytes + 4 * source.bytes)
            )
            let halves = (try Buffer(bytes: 2 * plain.count), try Buffer(bytes: 2 * plain.count))
            var index = 0
            (isBlocked ? order : .plain).forEachPlace(shape) { place in
                unsafe weights.floats[place] = plain[index]
                index += 1
            }
            if halved {
                let target = unsafe od_half_weights(
                    columns: halves.0.raw.assumingMemoryBound(to: UInt16.self),
                    rows: halves.1.raw.assumingMemoryBound(to: UInt16.self)
                )
                unsafe od_halve(Int64(plain.count), weights.floats, target)
                unsafe od_set_half_weights(context, Int64(plain.count), weights.floats, target)
                // Whoever reads the weights themselves now reads nonsense.
                if isReading { unsafe weights.floats.update(repeating: 9, count: plain.count) }
            }
            var convolution = od_convolution(
                n: 2,
                ic: Int32(inputs),
                oc: Int32(outputs),
                h: Int32(size.height),
                w: Int32(size.width),
                k: 3,
                weights_row: Int64(inputs * 9),
                blocked_weights: isBlocked,
                plain_source: false,
                type: type,
                algorithm: od_direct
            )
            var up = od_up(
                n: 2,
                ic: Int32(inputs),
                oc: Int32(outputs),
                h: Int32(size.height),
                w: Int32(size.width),
                blocked_weights: isBlocked,
                type: type
            )
            let (x, y, w, to) = unsafe (source.raw, gradient.raw, weights.floats, result)
            let made =
                switch pass {
                case .forward: unsafe od_convolution_forward(context, &convolution, x, w, to.raw, false)
                case .backwardData: unsafe od_convolution_backward_data(context, &convolution, y, w, to.raw)
                case .backwardWeights: unsafe od_convolution_backward_weights(context, &convolution, x, y, to.floats)
                case .upForward: unsafe od_up_forward(context, &up, x, w, to.raw)
                case .upBackwardData: unsafe od_up_backward_data(context, &up, y, w, to.raw)
                case .upBackwardWeights: unsafe od_up_backward_weights(context, &up, x, y, to.floats)
                }
            let operation = try unsafe #require(unsafe made)
            defer { unsafe od_free(operation) }
            let scratch = try Buffer(bytes: Int(unsafe od_scratch_bytes(context)))
            unsafe od_set_scratch(context, scratch.raw)
            #expect(unsafe od_run(operation) == 0)
            if isReading {
                return unsafe Array(UnsafeBufferPointer(start: result.floats, count: result.bytes / 4))
            }
            var values: [Float] = []
            (isBlocked ? order : .plain).forEachPlace(shape) { values.append(unsafe result.floats[$0]) }
            return values
        }
        let (given, blocked) = (try run(isBlocked: false, halved: false), try run(isBlocked: true, halved: false))
        let expected = given.map(\.bitPattern)
        #expect(expected.contains { $0 != 0 } && blocked.count == given.count)
        if pass == .backwardData && type == od_f32 {
            // Computed as a convolution with the kernel turned round: other sums of the same products.
            let largest = given.map(abs).max() ?? 0
            #expect(zip(given, blocked).allSatisfy { abs($0 - $1) <= 2e-6 * largest })
        } else {
            #expect(blocked.map(\.bitPattern) == expected)
        }
        if type == od_bf16 { #expect(try run(isBlocked: true, halved: true).map(\.bitPattern) == expected) }
    }

    /// Random values in memory of a type.
    private static func activation(_ count: Int, _ type: od_type, _ generator: inout SplitMix64) -> Buffer {
        guard let buffer = try? Buffer(floats: count) else { preconditionFailure("no memory") }
        let values = (0..<count).map { _ in generator.normal() }
        if type == od_f32 {
            unsafe buffer.floats.update(from: values, count: count)
        } else {
            unsafe od_pack(type, Int64(count), values, buffer.raw.assumingMemoryBound(to: UInt16.self))
        }
        return buffer
    }
}

import COneDNN
import Glibc
import Testing

@testable import UNet

/// The loops that stand beside oneDNN: each against what it is defined to be, and the same bits on every number of
/// threads.
@Suite struct LoopTests {
    /// A convolution from one block of sixteen channels to one.
    @safe
    private struct Block {
        let context: OpaquePointer
        var shape: od_convolution

        init(_ size: ImageSize, inputs: Int32, outputs: Int32, threads: Int32 = 1) throws {
            unsafe context = try #require(unsafe od_open())
            od_use_threads(threads)
            shape = od_convolution(
                n: 2,
                ic: inputs,
                oc: outputs,
                h: Int32(size.height),
                w: Int32(size.width),
                k: 3,
                weights_row: Int64(inputs * 9 + 18),
                blocked_weights: false,
                plain_source: false,
                type: od_f32,
                algorithm: od_direct
            )
        }

        /// Runs what `make` makes of the shape with an algorithm, and frees it.
        mutating func run(
            _ algorithm: od_algorithm,
            _ make: (OpaquePointer, UnsafePointer<od_convolution>) -> OpaquePointer?
        ) throws -> String {
            shape.algorithm = algorithm
            let operation = try unsafe #require(unsafe make(context, &shape))
            let scratch = try Buffer(bytes: Int(unsafe od_scratch_bytes(context)))
            unsafe od_set_scratch(context, scratch.raw)
            #expect(unsafe od_run(operation) == 0)
            defer { unsafe od_free(operation) }
            return unsafe String(cString: od_implementation(operation))
        }
    }

    /// Random activations in blocks of sixteen channels, whose padding is zero.
    private static func activation(_ size: ImageSize, channels: Int, _ generator: inout SplitMix64) -> [Float] {
        let blocks = (channels + 15) / 16
        return (0..<2 * blocks * size.pixels * 16).map { index in
            let block = index / (size.pixels * 16) % blocks
            return block * 16 + index % 16 < channels ? generator.normal() : 0
        }
    }

    /// Values rounded to bf16, packed and as they are then.
    private static func halves(of values: [Float]) -> (narrow: [UInt16], wide: [Float]) {
        var (narrow, wide) = ([UInt16](repeating: 0, count: values.count), values)
        unsafe od_pack(od_bf16, Int64(values.count), values, &narrow)
        unsafe od_unpack(od_bf16, Int64(values.count), narrow, &wide)
        return (narrow, wide)
    }

    private static let hasBlocksOfSixteen = od_block() == 16

    /// Tiles that reach beyond the image, strips that are not full, channels that are padded.
    @Test(
        .enabled(if: hasBlocksOfSixteen),
        arguments: [
            (ImageSize(height: 32, width: 64), 16, 16), (ImageSize(height: 34, width: 70), 16, 16),
            (ImageSize(height: 7, width: 5), 9, 13), (ImageSize(height: 1, width: 1), 16, 3),
        ]
    )
    func winogradOnOneBlockIsTheDirectConvolution(size: ImageSize, inputs: Int, outputs: Int) throws {
        var generator = SplitMix64(seed: 7)
        var block = try Block(size, inputs: Int32(inputs), outputs: Int32(outputs))
        defer { unsafe od_close(block.context) }
        let source = Self.activation(size, channels: inputs, &generator)
        let gradient = Self.activation(size, channels: outputs, &generator)
        let weights = (0..<outputs * (inputs * 9 + 18)).map { _ in generator.normal() }
        for accumulate in [false, true] {
            var results: [[Float]] = []
            for algorithm in [od_direct, od_winograd] {
                var result = [Float](repeating: accumulate ? 1 : 9, count: source.count)
                let name = try unsafe block.run(algorithm) {
                    unsafe od_convolution_forward($0, $1, source, weights, &result, accumulate)
                }
                #expect((name == "loop_wino_4x3:avx512_core") == (algorithm == od_winograd))
                results.append(result)
            }
            #expect(distance(results[1], results[0]) < 5e-6)
        }
        var results: [[Float]] = []
        for algorithm in [od_direct, od_winograd] {
            var result = [Float](repeating: 9, count: source.count)
            _ = try unsafe block.run(algorithm) {
                unsafe od_convolution_backward_data($0, $1, gradient, weights, &result)
            }
            results.append(result)
        }
        #expect(distance(results[1], results[0]) < 5e-6)
    }

    /// A direct pass and its gradient are adjoint: <conv(x), y> = <x, gradient(y)>.
    @Test(.enabled(if: hasBlocksOfSixteen), arguments: [od_direct, od_winograd].map(\.rawValue))
    func theGradientIsAdjoint(algorithm: UInt32) throws {
        let size = ImageSize(height: 10, width: 18)
        var generator = SplitMix64(seed: 3)
        var block = try Block(size, inputs: 11, outputs: 14)
        defer { unsafe od_close(block.context) }
        let x = Self.activation(size, channels: 11, &generator)
        let y = Self.activation(size, channels: 14, &generator)
        let weights = (0..<14 * (11 * 9 + 18)).map { _ in generator.normal() }
        var forward = [Float](repeating: 0, count: x.count)
        var backward = forward
        _ = try unsafe block.run(od_algorithm(algorithm)) {
            unsafe od_convolution_forward($0, $1, x, weights, &forward, false)
        }
        _ = try unsafe block.run(od_algorithm(algorithm)) {
            unsafe od_convolution_backward_data($0, $1, y, weights, &backward)
        }
        func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        let (left, right) = (product(forward, y), product(x, backward))
        #expect(abs(left - right) < 1e-4 * max(abs(left), 100))
    }

    /// The gradient of weights V is adjoint too: <conv(x; V), y> = <V, gradient(x, y)>.
    ///
    /// For one block, for many, for more than there are parts, for rows of odd length and for padded channels; weights of
    /// other inputs stay as they are.
    @Test(
        .enabled(if: hasBlocksOfSixteen),
        arguments: [
            (ImageSize(height: 10, width: 18), 11, 14), (ImageSize(height: 7, width: 5), 48, 32),
            (ImageSize(height: 2, width: 2), 160, 144), (ImageSize(height: 90, width: 64), 16, 16),
        ]
    )
    func theGradientOfWeightsIsAdjoint(size: ImageSize, inputs: Int, outputs: Int) throws {
        var generator = SplitMix64(seed: 8)
        let x = Self.activation(size, channels: inputs, &generator)
        let y = Self.activation(size, channels: outputs, &generator)
        let row = inputs * 9 + 18
        let weights = (0..<outputs * row).map { _ in generator.normal() }
        var forward = [Float](repeating: 0, count: y.count)
        var gradient = [Float](repeating: 7, count: weights.count)
        for threads in [1, 3] as [Int32] {
            var block = try Block(size, inputs: Int32(inputs), outputs: Int32(outputs), threads: threads)
            defer { unsafe od_close(block.context) }
            _ = try unsafe block.run(od_direct) {
                unsafe od_convolution_forward($0, $1, x, weights, &forward, false)
            }
            let before = gradient
            let name = try unsafe block.run(od_direct) {
                unsafe od_convolution_backward_weights($0, $1, x, y, &gradient)
            }
            #expect(name == "loop:avx512_core")
            #expect(threads == 1 || gradient == before, "the same bits on all threads")
        }
        od_use_threads(1)
        func product(_ a: [Float], _ b: [Float], where isCounted: (Int) -> Bool = { _ in true }) -> Double {
            zip(a, b).enumerated().reduce(0) {
                isCounted($1.offset) ? $0 + Double($1.element.0) * Double($1.element.1) : $0
            }
        }
        let left = product(forward, y)
        let right = product(weights, gradient) { $0 % row < inputs * 9 }
        #expect(abs(left - right) < 1e-4 * max(abs(left), 1000))
        #expect(gradient.enumerated().allSatisfy { $0.offset % row < inputs * 9 || $0.element == 7 })
    }

    /// In bf16 the gradient of weights is that of the same values in fp32; for rows of odd length, several rows at once,
    /// images higher than a group of rows, padded channels, and shapes that are left to oneDNN.
    @Test(
        .enabled(if: od_computes_bf16()),
        arguments: [
            (ImageSize(height: 9, width: 33), 11, 14), (ImageSize(height: 70, width: 64), 16, 32),
            (ImageSize(height: 5, width: 301), 80, 48), (ImageSize(height: 1, width: 40), 48, 3),
            (ImageSize(height: 6, width: 2050), 16, 16), (ImageSize(height: 12, width: 32), 96, 48),
            (ImageSize(height: 12, width: 36), 96, 48),
        ]
    )
    func theGradientOfWeightsInBF16(size: ImageSize, inputs: Int, outputs: Int) throws {
        var generator = SplitMix64(seed: 21)
        let x = Self.halves(of: Self.activation(size, channels: inputs, &generator))
        let y = Self.halves(of: Self.activation(size, channels: outputs, &generator))
        let row = inputs * 9 + 18
        let untouched = [Float](repeating: 7, count: outputs * row)
        var block = try Block(size, inputs: Int32(inputs), outputs: Int32(outputs), threads: 2)
        defer { unsafe od_close(block.context) }
        var expected = untouched
        _ = try unsafe block.run(od_direct) {
            unsafe od_convolution_backward_weights($0, $1, x.wide, y.wide, &expected)
        }
        block.shape.type = od_bf16
        var gradient = untouched
        let name = try unsafe block.run(od_direct) {
            unsafe od_convolution_backward_weights($0, $1, x.narrow, y.narrow, &gradient)
        }
        let isOwn = size.width <= 1024 && (inputs < 96 || size.width >= 36)
        #expect((name == "loop:avx512_core_bf16") == isOwn)
        #expect(distance(gradient, expected) < 2e-5)
        #expect(!gradient.indices.contains { $0 % row >= inputs * 9 && gradient[$0] != 7 })
    }

    /// A transposed convolution's gradient of weights V in bf16 is its formula, V[i, o, y, x] = sum of source[i, p] *
    /// gradient[o, 2 p + (y, x)]; for several rows at once, fewer than there are parts, one part, and padded channels.
    ///
    /// It has the same bits on all threads. Rows of odd length are left to oneDNN, which has others.
    @Test(
        .enabled(if: od_computes_bf16()),
        arguments: [
            (ImageSize(height: 9, width: 34), 11, 14), (ImageSize(height: 3, width: 300), 48, 20),
            (ImageSize(height: 2, width: 2), 16, 512), (ImageSize(height: 70, width: 6), 32, 16),
            (ImageSize(height: 5, width: 7), 16, 16),
        ]
    )
    func theGradientOfTransposedWeightsInBF16(size: ImageSize, inputs: Int, outputs: Int) throws {
        var generator = SplitMix64(seed: 22)
        let x = Self.halves(of: Self.activation(size, channels: inputs, &generator))
        let y = Self.halves(of: Self.activation(size.doubled, channels: outputs, &generator))
        func run(isBlocked: Bool, threads: Int32) throws -> [Float] {
            let context = try unsafe #require(unsafe od_open())
            defer { unsafe od_close(context) }
            od_use_threads(threads)
            defer { od_use_threads(1) }
            var shape = od_up(
                n: 2,
                ic: Int32(inputs),
                oc: Int32(outputs),
                h: Int32(size.height),
                w: Int32(size.width),
                blocked_weights: isBlocked,
                type: od_bf16
            )
            var weights = [Float](repeating: 7, count: inputs * outputs * 4)
            let made = unsafe od_up_backward_weights(context, &shape, x.narrow, y.narrow, &weights)
            let operation = try unsafe #require(unsafe made)
            defer { unsafe od_free(operation) }
            let scratch = try Buffer(bytes: Int(unsafe od_scratch_bytes(context)))
            unsafe od_set_scratch(context, scratch.raw)
            #expect(unsafe od_run(operation) == 0)
            let isOwn = unsafe String(cString: od_implementation(operation)) == "loop:avx512_core_bf16"
            #expect(isOwn == (size.width % 2 == 0))
            return weights
        }
        /// Place of the first pixel of a channel of an image.
        func plane(_ image: Int, _ channel: Int, of channels: Int, _ size: ImageSize) -> Int {
            (image * ((channels + 15) / 16) + channel / 16) * size.pixels * 16 + channel % 16
        }
        var expected: [Float] = []
        for input in 0..<inputs {
            for output in 0..<outputs {
                for (down, across) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    var sum = 0.0
                    for image in 0..<2 {
                        let from = plane(image, input, of: inputs, size)
                        let to = plane(image, output, of: outputs, size.doubled)
                        for row in 0..<size.height {
                            for column in 0..<size.width {
                                let place = (2 * row + down) * 2 * size.width + 2 * column + across
                                let seen = x.wide[from + (row * size.width + column) * 16]
                                sum += Double(seen) * Double(y.wide[to + place * 16])
                            }
                        }
                    }
                    expected.append(Float(sum))
                }
            }
        }
        let weights = try run(isBlocked: false, threads: 1)
        #expect(distance(weights, expected) < 2e-5)
        let threads: Int32 = size.width % 2 == 0 ? 3 : 1
        #expect(try run(isBlocked: false, threads: threads) == weights)
        guard inputs % 16 == 0 && outputs % 16 == 0 else { return }
        let blocked = try run(isBlocked: true, threads: threads)
        var places: [Int] = []
        WeightOrder(rows: inputs, parts: [outputs]).forEachPlace([inputs, outputs, 2, 2]) { places.append($0) }
        #expect(places.map { blocked[$0] } == weights)
    }

    /// Vectors, rows and the rest behind them; logits of both signs, far out too.
    @Test(arguments: [1, 7, 8, 1000, 1024, 5003])
    func theLossIsItsFormula(count: Int) {
        var generator = SplitMix64(seed: UInt64(count))
        let logits = (0..<count).map { index in generator.normal() * (index % 5 == 0 ? 40 : 2) }
        let masks = (0..<count).map { _ in Float(generator.next() & 1) }
        var probabilities = [Float](repeating: -1, count: count)
        let sums = unsafe od_loss(Int64(count), logits, masks, &probabilities)
        var wanted = (entropy: 0.0, overlap: 0.0, predicted: 0.0, present: 0.0)
        for (z, g) in zip(logits.map(Double.init), masks.map(Double.init)) {
            let p = 1 / (1 + exp(-z))
            wanted.entropy += max(z, 0) - z * g + log1p(exp(-abs(z)))
            wanted.overlap += p * g
            wanted.predicted += p
            wanted.present += g
        }
        #expect(abs(sums.entropy - wanted.entropy) <= 1e-6 * wanted.entropy)
        #expect(abs(sums.overlap - wanted.overlap) <= 1e-6 * max(wanted.overlap, 1e-6))
        #expect(abs(sums.predicted - wanted.predicted) <= 1e-6 * wanted.predicted)
        #expect(sums.present == wanted.present)
        for (p, z) in zip(probabilities, logits.map(Double.init)) {
            let exact = 1 / (1 + exp(-z))
            #expect(abs(Double(p) - exact) <= 3e-7 * exact + 1e-37)
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func aLogitThatIsNoNumberMakesALossThatIsNone(bad: Float) {
        var logits = [Float](repeating: 0.5, count: 20)
        logits[13] = bad
        var probabilities = logits
        // Of the right class a logit without end is no mistake, but its product with a mask of zero is no number.
        let sums = unsafe od_loss(20, logits, [Float](repeating: 0, count: 20), &probabilities)
        #expect(!sums.entropy.isFinite)
    }

    /// The first of equal pixels is chosen, as PyTorch does, and the gradient is added where it came from.
    @Test func poolingChoosesTheFirstAndAdds() {
        let lanes = Int(od_activation_bytes(od_f32, 1, 1, 1, 1)) / 4
        let pixels: [Float] = [1, 1, 1, 3, 0, -2, -2, -1]
        let source = pixels.flatMap { [Float](repeating: $0, count: lanes) }
        var result = [Float](repeating: 0, count: 2 * lanes)
        var choices = [UInt8](repeating: 9, count: 2 * lanes)
        // Two rows of four: windows {1, 1, 0, -2} and {1, 3, -2, -1}.
        unsafe od_pool(od_f32, 1, 1, 2, 4, source, &result, &choices)
        #expect(result == [1, 3].flatMap { [Float](repeating: $0, count: lanes) })
        #expect(choices == [0, 1].flatMap { [UInt8](repeating: $0, count: lanes) })
        var gradient = [Float](repeating: 10, count: 8 * lanes)
        unsafe od_pool_backward(od_f32, 1, 1, 2, 4, result, choices, &gradient)
        #expect(gradient == [11, 10, 10, 13, 10, 10, 10, 10].flatMap { [Float](repeating: $0, count: lanes) })
    }

    /// In bf16 a gradient is added as it is in fp32, and rounded; of two images, on several threads.
    @Test(.enabled(if: od_computes_bf16())) func poolingInBF16IsThatOfTheSameValues() {
        let size = ImageSize(height: 6, width: 10)
        var generator = SplitMix64(seed: 12)
        let source = Self.halves(of: Self.activation(size, channels: 40, &generator))
        var sums = Self.halves(of: Self.activation(size, channels: 40, &generator))
        let quarter = source.narrow.count / 4
        var (narrow, wide) = ([UInt16](repeating: 0, count: quarter), [Float](repeating: 0, count: quarter))
        var choices = [[UInt8](repeating: 9, count: quarter), [UInt8](repeating: 8, count: quarter)]
        od_use_threads(3)
        unsafe od_pool(od_bf16, 2, 40, 6, 10, source.narrow, &narrow, &choices[0])
        unsafe od_pool(od_f32, 2, 40, 6, 10, source.wide, &wide, &choices[1])
        #expect(narrow == Self.halves(of: wide).narrow && choices[0] == choices[1])
        unsafe od_pool_backward(od_bf16, 2, 40, 6, 10, narrow, choices[0], &sums.narrow)
        unsafe od_pool_backward(od_f32, 2, 40, 6, 10, wide, choices[1], &sums.wide)
        od_use_threads(1)
        #expect(sums.narrow == Self.halves(of: sums.wide).narrow)
    }

    /// Sums are made of the same parts, so that a training does not depend on the threads of its own loops.
    @Test func theSameBitsOnAnyNumberOfThreads() throws {
        let (n, channels, height, width) = (2, 16, 36, 52)
        let pixels = height * width
        var generator = SplitMix64(seed: 4)
        let features = (0..<n * channels * pixels).map { _ in generator.normal() }
        let logits = (0..<n * pixels).map { _ in generator.normal() }
        let masks = (0..<n * pixels).map { _ in Float(generator.next() & 1) }
        func results(_ threads: Int32) -> [[Float]] {
            od_use_threads(threads)
            defer { od_use_threads(1) }
            let (rows, planes) = (Int64(pixels), Int32(n))
            var (probabilities, gradient) = (logits, logits)
            let sums = unsafe od_loss(Int64(logits.count), logits, masks, &probabilities)
            let slopes = od_loss_slopes(entropy: 0.5, on_mask: -0.25, everywhere: 0.125)
            unsafe od_loss_gradients(Int64(logits.count), slopes, probabilities, masks, &gradient)
            var (channelSums, weights, bias) = ([Float](repeating: 0, count: 16), masks.prefix(16).map { $0 }, Float(0))
            unsafe od_sum_channels(od_f32, planes, 16, rows, features, &channelSums)
            var (spread, first) = (features, [Float](repeating: 0, count: 16 * 9))
            unsafe od_head_backward(
                od_f32,
                planes,
                16,
                rows,
                features,
                channelSums,
                gradient,
                &spread,
                &weights,
                &bias
            )
            unsafe od_first_weights(od_f32, planes, 16, Int32(height), Int32(width), logits, features, &first)
            unsafe od_add_bias(od_f32, planes, 16, rows, &spread, weights)
            let parts = [sums.entropy, sums.overlap, sums.predicted, sums.present].map { Float($0) }
            return [parts, probabilities, gradient, channelSums, weights, [bias], spread, first]
        }
        let alone = results(1)
        #expect(results(2) == alone && results(3) == alone)
    }
}

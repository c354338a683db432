import COneDNN
import Testing

@testable import UNet

/// int8 after the training: scales, folding, and how far it may be from fp32.
@Suite struct QuantizationTests {
    private func trained(_ net: NetConfiguration) throws -> (TrainingOptions, Trainer, SmallBatch) {
        var options = EngineTests.small
        (options.net, options.size, options.learningRate) = (net, 32, 1e-2)
        var batch = SmallBatch(options)
        // Images have no negative values.
        for index in batch.images.indices { batch.images[index] = min(max(batch.images[index] / 3 + 0.3, 0), 1) }
        let trainer = try Trainer(options)
        for _ in 0..<40 { _ = try trainer.step(images: batch.images, masks: batch.masks) }
        return (options, trainer, batch)
    }

    @Test(arguments: [(2, 1), (3, 2), (8, 2), (16, 3)])
    func probabilitiesAreThoseOfFP32(filters: Int, depth: Int) throws {
        let (options, trainer, batch) = try trained(NetConfiguration(filters: filters, depth: depth))
        let quantized = try QuantizedNet(options, state: trainer.state, calibration: batch.images)
        let (exact, rounded) = (try trainer.predict(images: batch.images), try quantized.predict(images: batch.images))
        let error = zip(exact, rounded).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(exact.count)
        #expect(error > 0 && error < 0.02, "\(error)")
    }

    @Test func everyConvolutionIsInt8AndNoneByReferenceCode() throws {
        let (options, trainer, batch) = try trained(NetConfiguration(filters: 4, depth: 2))
        let numerics = try QuantizedNet(options, state: trainer.state, calibration: batch.images).numerics
        #expect(numerics.precision == .int8)
        let convolutions = numerics.primitives.filter(\.isConvolution)
        #expect(convolutions.count == 12 && convolutions.allSatisfy { $0.arithmetic == .int8 })
        let slow = numerics.primitives.filter(\.isReference)
        #expect(slow.isEmpty)
        #expect(numerics.primitives.last?.layer == "head" && numerics.primitives.last?.arithmetic == .fp32)
        if od_computes_int8() {
            #expect(numerics.arithmetic == "native" && numerics.warnings.isEmpty)
            let emulated = convolutions.filter(\.isEmulated)
            #expect(emulated.isEmpty)
        } else {
            #expect(numerics.arithmetic == "emulated" && numerics.warnings.count == 1)
        }
    }

    @Test func weightsHaveAStepForEachChannel() {
        let folded = FoldedConvolution(
            outputs: 3,
            inputs: 2,
            taps: 1,
            weights: [1, -0.5, 100, 25, 0, 0],
            bias: [0, 0, 0]
        )
        let quantized = QuantizedWeights(folded, inputScales: [1, 4])
        #expect(quantized.values == [64, -127, 127, 127, 0, 0])
        #expect(quantized.steps == [2 / 127, 100 / 127, 1])
    }

    @Test func aNetOfManyBatchesAndAShortOnePredictsEachImageAlike() throws {
        let (options, trainer, batch) = try trained(NetConfiguration(filters: 4, depth: 1))
        let quantized = try QuantizedNet(options, state: trainer.state, calibration: batch.images)
        let pixels = options.size.pixels
        let all = try quantized.predict(images: batch.images + batch.images[..<pixels])
        #expect(Array(all[..<pixels]) == Array(all[(3 * pixels)...]))
        #expect(throws: UNetError.self) { try quantized.predict(images: [0, 1]) }
    }

    @Test func noCalibrationIsBadData() throws {
        let (options, trainer, _) = try trained(NetConfiguration(filters: 2, depth: 1))
        let error = try #require(throws: UNetError.self) {
            try QuantizedNet(options, state: trainer.state, calibration: [])
        }
        #expect(error.code == .badData)
    }

    @Test func int8CannotTrain() throws {
        var options = EngineTests.small
        options.precision = .int8
        let refused = options
        let error = try #require(throws: UNetError.self) { try Trainer(refused) }
        #expect(error.code == .usage && error.remedy.contains("infer"))
    }
}

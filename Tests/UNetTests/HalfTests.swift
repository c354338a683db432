import COneDNN
import Testing

@testable import UNet

/// fp16: its rounding, its storage, and the scale that keeps gradients in its range.
@Suite struct HalfTests {
    private static let small = {
        var options = EngineTests.small
        options.precision = .fp16
        return options
    }()

    /// The bits of `value` as the loops pack it.
    private func packed(_ values: [Float]) -> [UInt16] {
        var bits = [UInt16](repeating: 0, count: values.count)
        unsafe od_pack(od_f16, Int64(values.count), values, &bits)
        return bits
    }

    @Test func everyHalfSurvives() {
        let all = (0...UInt16.max).map { $0 }
        var values = [Float](repeating: 0, count: all.count)
        unsafe od_unpack(od_f16, Int64(all.count), all, &values)
        let again = packed(values)
        for (half, value) in zip(all, values) {
            let (exponent, fraction) = (Int(half >> 10 & 31), Float(half & 1023))
            if exponent == 31 {
                #expect(fraction == 0 ? value.isInfinite : value.isNaN)
                #expect(fraction == 0 ? again[Int(half)] == half : again[Int(half)] & 0x7fff == 0x7e00)
                continue
            }
            let scale: Float = exponent == 0 ? 0x1p-24 : (0..<exponent).reduce(0x1p-25) { size, _ in size * 2 }
            let size = (exponent == 0 ? fraction : 1024 + fraction) * scale
            #expect(value == (half < 0x8000 ? size : -size) && again[Int(half)] == half)
        }
    }

    private static let roundings: [Rounding] = [
        Rounding(1, 0x3c00), Rounding(-2, 0xc000), Rounding(65_504, 0x7bff), Rounding(65_519.99, 0x7bff),
        Rounding(65_520, 0x7c00), Rounding(1e9, 0x7c00), Rounding(-.infinity, 0xfc00), Rounding(0x1p-24, 1),
        Rounding(0x1p-25, 0), Rounding(0x1.8p-25, 1), Rounding(0x1.8p-24, 2), Rounding(1 + 0x1p-11, 0x3c00),
        Rounding(1 + 0x1.8p-10, 0x3c02), Rounding(1 + 0x1p-11 + 0x1p-20, 0x3c01), Rounding(0x1.ff8p-15, 0x03ff),
        Rounding(0x1.ffcp-15, 0x0400), Rounding(0, 0), Rounding(-0.0, 0x8000), Rounding(1e-30, 0),
    ]

    struct Rounding: Sendable {
        var value: Float
        var bits: UInt16

        init(_ value: Float, _ bits: UInt16) { (self.value, self.bits) = (value, bits) }
    }

    @Test(arguments: roundings)
    func tiesGoToEvenAndOverflowToInfinity(rounding: Rounding) {
        #expect(packed([rounding.value]) == [rounding.bits])
        var rounded = [rounding.value]
        unsafe od_round(od_f16, 1, &rounded)
        #expect(packed(rounded) == [rounding.bits])
    }

    @Test func fp16IsCloserToFP32ThanBF16() throws {
        var options = PrecisionTests.small
        let batch = SmallBatch(options)
        func gradients(_ precision: Precision) throws -> [Float] {
            options.precision = precision
            options.allowEmulation = true
            return try Trainer(options).gradients(images: batch.images, masks: batch.masks).1.flatMap(\.values)
        }
        let exact = try gradients(.fp32)
        let (half, brain) = (distance(try gradients(.fp16), exact), distance(try gradients(.bf16), exact))
        #expect(half > 1e-4 && half < 0.06 && half < brain / 2, "\(half) \(brain)")
    }

    @Test func theReportSaysThatTheSpeedIsNotThatOfFP16() throws {
        let numerics = try Trainer(Self.small).numerics
        #expect(numerics.precision == .fp16 && numerics.arithmetic == "emulated")
        #expect(numerics.warnings.count == 1 && numerics.warnings[0].contains("speed"))
    }

    /// 2^40 times the gradients cannot be stored: nothing but the scale may change, until it fits.
    @Test func anOverflowSkipsTheStepAndHalvesTheScale() throws {
        let batch = SmallBatch(Self.small)
        let trainer = try Trainer(Self.small)
        #expect(trainer.lossScale?.value == 65_536)
        trainer.lossScale?.value = 0x1p40
        let before = trainer.state.filter { !$0.name.contains("running") }
        _ = try trainer.step(images: batch.images, masks: batch.masks)
        #expect(trainer.state.filter { !$0.name.contains("running") } == before)
        #expect(trainer.lossScale?.value == 0x1p39 && trainer.lossScale?.skippedSteps == 1)
        while trainer.lossScale?.goodSteps == 0 { _ = try trainer.step(images: batch.images, masks: batch.masks) }
        let skipped = try #require(trainer.lossScale?.skippedSteps)
        #expect(skipped > 10 && skipped < 40 && trainer.adam.step == 1)
        #expect(trainer.state.filter { !$0.name.contains("running") } != before)
        #expect(trainer.state.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    }

    /// The scale is a power of two and leaves the gradients as they are; it reaches what lies below 2^-24.
    @Test func theScaleSavesSmallGradients() throws {
        var options = Self.small
        (options.batch, options.size) = (1, 64)
        let batch = SmallBatch(options)
        options.precision = .fp32
        let exact = try Trainer(options).gradients(images: batch.images, masks: batch.masks).1.flatMap(\.values)
        options.precision = .fp16
        let trainer = try Trainer(options)
        let scaled = try trainer.gradients(images: batch.images, masks: batch.masks).1.flatMap(\.values)
        trainer.lossScale?.value = 0x1p-8
        let vanished = try trainer.gradients(images: batch.images, masks: batch.masks).1.flatMap(\.values)
        #expect(distance(scaled, exact) < 0.05, "\(distance(scaled, exact))")
        #expect(distance(vanished, exact) > 2 * distance(scaled, exact), "\(distance(vanished, exact))")
    }

    @Test func manyGoodStepsDoubleTheScale() {
        var scale = LossScale()
        scale.growthInterval = 3
        let updates = [true, true, false, true, true, true, true].map { scale.update(isFinite: $0) }
        #expect(updates == [true, true, false, true, true, true, true])
        #expect(scale.value == 65_536 && scale.goodSteps == 1 && scale.skippedSteps == 1)
        scale.value = 1
        _ = scale.update(isFinite: false)
        #expect(scale.value == 1)
    }

    @Test func otherPrecisionsHaveNoScale() throws {
        #expect(try Trainer(EngineTests.small).lossScale == nil)
    }
}

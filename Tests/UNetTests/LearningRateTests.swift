import Testing

@testable import UNet

@Suite struct LearningRateTests {
    @Test func aConstantScheduleIsConstant() {
        for step in [0, 1, 10_000] { #expect(LearningRateSchedule.constant.rate(at: step, peak: 0.25) == 0.25) }
    }

    /// The published form: 1e-6 at the ends, 1e-3 after 3000 steps, straight lines between.
    @Test func aCycleGoesUpAndComesDown() {
        let schedule = LearningRateSchedule.cyclic(.init(base: 1e-6, halfSteps: 3000))
        for (step, wanted) in [
            (0, 1e-6), (1500, 0.0005005), (3000, 1e-3), (4500, 0.0005005), (6000, 1e-6), (9000, 1e-3), (12_000, 1e-6),
        ] {
            #expect(abs(Double(schedule.rate(at: step, peak: 1e-3)) - wanted) < 1e-9, "\(step)")
        }
        // Smith's own words: x = |step / halfSteps - 2 cycle + 1|, height max(0, 1 - x), cycle = 1 + floor(...).
        for step in stride(from: 0, to: 20_000, by: 37) {
            let cycle = (1 + Double(step) / 6000).rounded(.down)
            let height = max(0, 1 - abs(Double(step) / 3000 - 2 * cycle + 1))
            let wanted = 1e-6 + (1e-3 - 1e-6) * height
            #expect(abs(Double(schedule.rate(at: step, peak: 1e-3)) - wanted) < 1e-9, "\(step)")
        }
    }

    @Test func aDecayLowersTheCyclesButNotTheirBase() {
        let schedule = LearningRateSchedule.cyclic(.init(base: 0.1, halfSteps: 2, decay: 0.5))
        let rates = (0...6).map { schedule.rate(at: $0, peak: 1.1) }
        let wanted: [Float] = [0.1, 0.35, 0.35, 0.1625, 0.1, 0.1 + 0.5 / 32, 0.1 + 1 / 64]
        for (rate, value) in zip(rates, wanted) { #expect(abs(rate - value) < 1e-6) }
    }

    /// The trainer takes the rate of its own step: two steps with a rate of all but nothing leave the net as it is.
    @Test func theTrainerFollowsItsSchedule() throws {
        var options = EngineTests.small
        options.learningRate = 0.1
        options.schedule = .cyclic(.init(base: 1e-12, halfSteps: 1))
        let batch = SmallBatch(options)
        let trainer = try Trainer(options)
        let first = trainer.state[0].values
        _ = try trainer.step(images: batch.images, masks: batch.masks)
        #expect(distance(trainer.state[0].values, first) < 1e-6)
        #expect(trainer.steps == 1 && abs(trainer.learningRate - 0.1) < 1e-6)
        _ = try trainer.step(images: batch.images, masks: batch.masks)
        #expect(distance(trainer.state[0].values, first) > 1e-2)
    }

    /// Dice alone against both parts: by finite differences, since the engines' own tests know the sum only.
    @Test(arguments: LossKind.allCases)
    func aLossAgreesWithItsGradient(kind: LossKind) {
        let masks: [Float] = [1, 0, 0, 1, 1, 0]
        let logits: [Float] = [0.3, -1, 2, -0.2, 1.5, 0.1]
        func loss(_ logits: [Float]) -> (Float, [Float]) {
            var (probabilities, gradients) = (masks, masks)
            let value = unsafe Loss.evaluate(
                kind,
                count: masks.count,
                logits: logits,
                masks: masks,
                probabilities: &probabilities,
                gradients: &gradients
            )
            return (value, gradients)
        }
        let (value, gradients) = loss(logits)
        #expect(kind == .dice ? value < 1 : value > 0.5)
        for index in logits.indices {
            var (more, less) = (logits, logits)
            more[index] += 1e-2
            less[index] -= 1e-2
            #expect(abs((loss(more).0 - loss(less).0) / 2e-2 - gradients[index]) < 1e-4)
        }
    }
}

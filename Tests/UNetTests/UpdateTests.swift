import COneDNN
import Testing

@testable import UNet

/// Updates tensor by tensor on the way back through the net: what comes out is what one update at the end gives.
@Suite struct UpdateTests {
    /// A trainer that uses up its gradients makes the same steps, bit by bit, as one that keeps them.
    @Test(
        arguments: [
            (.fp32, .onednn, .unet), (.bf16, .onednn, .unet), (.fp16, .onednn, .unet), (.fp32, .openblas, .unet),
            (.fp32, .onednn, .bagls), (.bf16, .onednn, .bagls), (.fp32, .openblas, .bagls),
        ] as [(Precision, EngineKind, NetArchitecture)]
    )
    func gradientsThatAreUsedUpMakeTheSameSteps(
        precision: Precision,
        engine: EngineKind,
        architecture: NetArchitecture
    ) throws {
        var options = EngineTests.small
        options.net = NetConfiguration(filters: 8, depth: 2, architecture: architecture)
        (options.precision, options.engine, options.allowEmulation) = (precision, engine, true)
        let batch = SmallBatch(options)
        var states: [[NamedTensor]] = []
        for keeps in [true, false] {
            options.keepsGradients = keeps
            let trainer = try Trainer(options)
            for _ in 0..<3 { _ = try trainer.step(images: batch.images, masks: batch.masks) }
            states.append(trainer.state + trainer.moments)
            let gradients = try? trainer.gradients(images: batch.images, masks: batch.masks)
            #expect((gradients != nil) == keeps)
        }
        #expect(zip(states[0], states[1]).allSatisfy { $0.values == $1.values })
    }

    /// Halves are made anew wherever weights change: by a step, by a seed, by a checkpoint.
    @Test(.enabled(if: od_computes_bf16()))
    func aNetReadsTheWeightsThatItHas() throws {
        var options = EngineTests.small
        options.net = NetConfiguration(filters: 16, depth: 2)
        options.precision = .bf16
        let batch = SmallBatch(options)
        let trainer = try Trainer(options)
        for _ in 0..<2 { _ = try trainer.step(images: batch.images, masks: batch.masks) }
        // Predicts from the weights themselves: its net is not for training and has no halves.
        options.isTraining = false
        let check = try Trainer(options)
        try check.load(trainer.state)
        #expect(try trainer.predict(images: batch.images) == check.predict(images: batch.images))
        let refused = #expect(throws: UNetError.self) { try check.step(images: batch.images, masks: batch.masks) }
        #expect(refused?.code == .usage)
        options.seed += 1
        let other = try Trainer(options)
        try trainer.load(other.state)
        #expect(try trainer.predict(images: batch.images) == other.predict(images: batch.images))
    }

    /// A step computes from halves what a net without them computes.
    @Test(.enabled(if: od_computes_bf16()))
    func halvesAreTheRoundedWeights() throws {
        let net = NetConfiguration(filters: 16, depth: 1)
        let parameters = try NetParameters(net, isBlocked: true)
        let context = try unsafe #require(unsafe od_open())
        defer { unsafe od_close(context) }
        try unsafe parameters.keepHalves(for: context)
        parameters.initialize(seed: 9)
        for (index, slot) in parameters.slots.enumerated() {
            let halves = unsafe parameters.halves(slot: index)
            guard case .blocked = slot.order else {
                #expect(unsafe halves.columns == nil && halves.rows == nil)
                continue
            }
            for place in 0..<slot.count {
                // Of a tap's sixteen columns of sixteen rows each.
                let (tap, column, row) = (place / 256, place % 256 / 16, place % 16)
                var (value, half) = (unsafe parameters.values.floats[slot.offset + place], UInt16(0))
                unsafe od_pack(od_bf16, 1, &value, &half)
                let inColumns = tap * 256 + column / 2 * 32 + row * 2 + column % 2
                let inRows = tap * 256 + row / 2 * 32 + column * 2 + row % 2
                guard unsafe halves.columns[inColumns] == half && halves.rows[inRows] == half else {
                    Issue.record("the value at \(place) of \(slot.name)")
                    return
                }
            }
        }
    }
}

import Testing

@testable import UNet

/// A training that was interrupted ends where one that was not does.
@Suite struct ResumeTests {
    private func bits(_ tensors: [NamedTensor]) -> [[UInt32]] { tensors.map { $0.values.map(\.bitPattern) } }

    @Test(arguments: [EngineKind.onednn, .openblas], [Precision.fp32, .bf16])
    func twiceNStepsAreNStepsAndNMore(engine: EngineKind, precision: Precision) throws {
        guard engine == .onednn || precision == .fp32 else { return }
        var options = EngineTests.small
        (options.engine, options.precision, options.allowEmulation) = (engine, precision, true)
        options.schedule = .cyclic(.init(base: 1e-5, halfSteps: 4))
        let batches = (0..<6).map { SmallBatch(options, seed: UInt64($0)) }
        let whole = try Trainer(options)
        for batch in batches { _ = try whole.step(images: batch.images, masks: batch.masks) }

        let half = try Trainer(options)
        for batch in batches[..<3] { _ = try half.step(images: batch.images, masks: batch.masks) }
        let folder = try DatasetFolder()
        let path = "\(folder.path)/net.safetensors"
        let point = TrainingPoint(steps: half.steps, seed: 1, batch: 3, images: 18, moments: half.moments)
        try Checkpoint(net: options.net, size: options.size, tensors: half.state, training: point).write(to: path)

        let saved = try Checkpoint(contentsOf: path, training: true)
        let read = try #require(saved.training)
        options.seed = 99
        let rest = try Trainer(options)
        try rest.resume(saved.tensors, moments: read.moments, steps: read.steps)
        for batch in batches[3...] { _ = try rest.step(images: batch.images, masks: batch.masks) }
        #expect(bits(rest.state) == bits(whole.state))
        #expect(bits(rest.moments) == bits(whole.moments))
    }

    /// A scale that has come down by overflows and is about to double: whoever starts from 2^16 learns otherwise.
    @Test func fp16GoesOnWithItsLossScale() throws {
        var options = EngineTests.small
        (options.precision, options.allowEmulation) = (.fp16, true)
        let batches = (0..<12).map { SmallBatch(options, seed: UInt64($0)) }
        func trainer() throws -> Trainer {
            let trainer = try Trainer(options)
            var scale = LossScale()
            // Overflows at first.
            scale.value = 0x1p24
            trainer.lossScale = scale
            return trainer
        }
        let whole = try trainer()
        for batch in batches { _ = try whole.step(images: batch.images, masks: batch.masks) }
        let half = try trainer()
        for batch in batches[..<6] { _ = try half.step(images: batch.images, masks: batch.masks) }
        #expect(half.steps == 6 && half.lossScale?.skippedSteps ?? 0 > 0)

        let folder = try DatasetFolder()
        let path = "\(folder.path)/net.safetensors"
        var point = TrainingPoint(steps: half.steps, seed: 1, batch: 3, images: 18, moments: half.moments)
        point.lossScale = half.lossScale
        try Checkpoint(net: options.net, size: options.size, tensors: half.state, training: point).write(to: path)
        let saved = try Checkpoint(contentsOf: path, training: true)
        let read = try #require(saved.training)
        #expect(read.lossScale == half.lossScale)
        let rest = try Trainer(options)
        try rest.resume(saved.tensors, moments: read.moments, steps: read.steps, lossScale: read.lossScale)
        for batch in batches[6...] { _ = try rest.step(images: batch.images, masks: batch.masks) }
        #expect(bits(rest.state) == bits(whole.state) && bits(rest.moments) == bits(whole.moments))
        #expect(rest.lossScale == whole.lossScale && rest.steps == whole.steps)

        // A file of before has none of it, and loads.
        point.lossScale = nil
        try Checkpoint(net: options.net, size: options.size, tensors: half.state, training: point).write(to: path)
        #expect(try Checkpoint(contentsOf: path, training: true).training?.lossScale == nil)
    }

    @Test func aTrainingPointSurvivesTheFile() throws {
        let options = EngineTests.small
        let trainer = try Trainer(options)
        var other = trainer.state
        other[0].values[0] += 1
        let best = TrainingPoint.Best(epoch: 4, loss: 0.1 + 0.2, dice: 1.0 / 3, iou: 0.7)
        let point = TrainingPoint(
            steps: 12,
            seed: .max,
            batch: 3,
            images: 40,
            best: best,
            validationsSinceBest: 2,
            moments: trainer.moments,
            net: other
        )
        let folder = try DatasetFolder()
        let path = "\(folder.path)/net.safetensors"
        try Checkpoint(
            net: options.net,
            size: 16,
            range: .symmetric,
            tensors: trainer.state,
            training: point
        ).write(to: path)
        let saved = try Checkpoint(contentsOf: path, training: true)
        let read = try #require(saved.training)
        #expect(saved.range == .symmetric && saved.tensors == trainer.state)
        #expect(read.steps == 12 && read.seed == .max && read.batch == 3 && read.images == 40)
        #expect(read.best == best && read.validationsSinceBest == 2)
        #expect(read.net == other && read.moments == trainer.moments)
        // What infers needs none of it, and does not hold it.
        let net = try Checkpoint(contentsOf: path)
        #expect(net.training == nil && net.tensors == trainer.state)
    }

    @Test func momentsOfAnotherNetAreRefusedAndChangeNothing() throws {
        let trainer = try Trainer(EngineTests.small)
        let before = trainer.state
        var moments = trainer.moments
        moments[1].shape = [1]
        let wrong = moments
        var moved = before
        moved[0].values[0] += 1
        let state = moved
        let error = try #require(throws: UNetError.self) { try trainer.resume(state, moments: wrong, steps: 3) }
        #expect(error.code == .badData && error.problem.contains("first_moment."))
        #expect(trainer.state == before && trainer.steps == 0)
    }

    @Test func theOrderOfATrainingContinuesFromAnyStep() {
        let split = DatasetSplit(videos: (0..<50).map { "v\($0 / 5)" }, fraction: 0.1, seed: 3)
        let whole = Array(TrainingOrder(split, batch: 4, seed: 3, steps: 0..<30))
        #expect(whole.count == 30 && whole.allSatisfy { $0.indices.count == 4 })
        #expect(Array(TrainingOrder(split, batch: 4, seed: 3, steps: 17..<30)) == Array(whole[17...]))
        let perEpoch = TrainingOrder.stepsPerEpoch(split, batch: 4)
        let first = whole.prefix(perEpoch).flatMap(\.indices)
        #expect(Set(first).count == first.count && Set(first).isSubset(of: split.training))
        #expect(whole[perEpoch].epoch == 1 && whole[perEpoch].indices != whole[0].indices)
    }

    /// Masks far above one: the loss is a number, its gradient is none that fp16 has, however it is scaled.
    @Test func anOverflowThatNoScaleMendsIsALossThatIsNoNumber() throws {
        var options = EngineTests.small
        (options.precision, options.allowEmulation) = (.fp16, true)
        let batch = SmallBatch(options)
        let trainer = try Trainer(options)
        var scale = LossScale()
        scale.value = 4
        trainer.lossScale = scale
        let masks = batch.masks.map { $0 * 1e12 }
        for _ in 0..<2 { #expect(try trainer.step(images: batch.images, masks: masks).isFinite) }
        #expect(trainer.lossScale?.value == 1 && trainer.steps == 2)
        let state = trainer.state
        #expect(try !trainer.step(images: batch.images, masks: masks).isFinite)
        #expect(trainer.state == state && trainer.steps == 2)
    }

    /// A scale of a normalisation that is no number hides behind the ReLU.
    @Test(arguments: [Precision.fp32, .bf16])
    func aScaleThatIsNoNumberIsSeenBeforeTheUpdate(precision: Precision) throws {
        var options = EngineTests.small
        (options.precision, options.allowEmulation) = (precision, true)
        let batch = SmallBatch(options)
        let trainer = try Trainer(options)
        var broken = trainer.state
        let index = try #require(broken.firstIndex { $0.name.hasSuffix("norm1.weight") })
        broken[index].values[0] = -.nan
        try trainer.load(broken)
        #expect(try !trainer.step(images: batch.images, masks: batch.masks).isFinite)
        #expect(trainer.steps == 0)
    }

    /// A loss without a value leaves weights, statistics and moments as they were, to be saved.
    @Test(arguments: [EngineKind.onednn, .openblas])
    func aLossThatIsNoNumberChangesNothing(engine: EngineKind) throws {
        var options = EngineTests.small
        options.engine = engine
        let batch = SmallBatch(options)
        let trainer = try Trainer(options)
        _ = try trainer.step(images: batch.images, masks: batch.masks)
        let (state, moments) = (trainer.state, trainer.moments)
        var broken = batch.images
        broken[7] = .nan
        #expect(try !trainer.step(images: broken, masks: batch.masks).isFinite)
        #expect(trainer.state == state && trainer.moments == moments && trainer.steps == 1)
    }
}

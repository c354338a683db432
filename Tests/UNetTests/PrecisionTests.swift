import Testing

@testable import UNet

/// What bf16 and Winograd may cost in accuracy, and what they must not.
@Suite struct PrecisionTests {
    static let small = {
        var options = EngineTests.small
        options.net = NetConfiguration(filters: 8, depth: 2)
        options.size = 32
        return options
    }()

    /// Relative distance of gradients in bf16 to those in fp32: PyTorch's autocast has 0.01 to 0.1 on small nets and
    /// noise like these, where a rounded activation changes which ReLUs are open.
    private static let bf16Gradients = 0.2

    /// All gradients in one row.
    private func row(_ gradients: [NamedTensor]) -> [Float] { gradients.flatMap(\.values) }

    /// On CPUs with bf16 this is what their instructions compute, elsewhere its emulation.
    @Test func bf16IsCloseToFP32ButNotEqual() throws {
        var options = Self.small
        let batch = SmallBatch(options)
        let exact = try Trainer(options).gradients(images: batch.images, masks: batch.masks)
        options.precision = .bf16
        options.allowEmulation = true
        let trainer = try Trainer(options)
        #expect(trainer.numerics.precision == .bf16)
        let rounded = try trainer.gradients(images: batch.images, masks: batch.masks)
        #expect(exact.loss != rounded.loss)
        #expect(abs(exact.loss - rounded.loss) / exact.loss < 2e-2)
        #expect(distance(row(rounded.1), row(exact.1)) < Self.bf16Gradients)
    }

    /// The emulation is of use only if it computes what the instructions do, but for the order of additions.
    @Test func emulationComputesWhatTheInstructionsDo() throws {
        var options = Self.small
        options.precision = .bf16
        options.allowEmulation = true
        let batch = SmallBatch(options)
        let parameters = try NetParameters(options.net)
        parameters.initialize(seed: options.seed)
        let network = try OneDNNNetwork(options, parameters, .emulatedBF16)
        for (index, value) in batch.images.enumerated() { unsafe network.images[index] = value }
        try network.forward(training: true)
        var (probabilities, gradients) = (batch.masks, batch.masks)
        let emulated = unsafe Loss.evaluate(
            count: batch.masks.count,
            logits: network.logits,
            masks: batch.masks,
            probabilities: &probabilities,
            gradients: &gradients
        )
        let loss = try Trainer(options).gradients(images: batch.images, masks: batch.masks).loss
        #expect(abs(emulated - loss) / loss < 5e-3)
    }

    @Test(arguments: [8, 24])
    func winogradIsOfFP32Quality(filters: Int) throws {
        var options = Self.small
        options.net.filters = filters
        let batch = SmallBatch(options)
        let direct = try Trainer(options).gradients(images: batch.images, masks: batch.masks)
        options.algorithm = .winograd
        let trainer = try Trainer(options)
        // Only AVX-512 has it; elsewhere the direct algorithm stands in, with a warning.
        #expect(trainer.numerics.algorithm == .winograd || trainer.numerics.warnings.count == 1)
        let winograd = try trainer.gradients(images: batch.images, masks: batch.masks)
        #expect(abs(winograd.loss - direct.loss) / direct.loss < 1e-4)
        #expect(distance(row(winograd.1), row(direct.1)) < 1e-3)
    }

    /// Channels beyond the net's own pad a vector; none of them may reach a result.
    @Test(arguments: [Precision.fp32, .bf16, .fp16])
    func paddingStaysOutOfTheNet(precision: Precision) throws {
        var options = Self.small
        options.net = NetConfiguration(filters: 3, depth: 1)
        options.precision = precision
        options.allowEmulation = true
        let batch = SmallBatch(options)
        let trainer = try Trainer(options)
        for _ in 0..<3 { _ = try trainer.step(images: batch.images, masks: batch.masks) }
        options.engine = .openblas
        options.precision = .fp32
        let check = try Trainer(options)
        try check.load(trainer.state)
        let first = try trainer.gradients(images: batch.images, masks: batch.masks)
        let second = try check.gradients(images: batch.images, masks: batch.masks)
        #expect(distance(row(first.1), row(second.1)) < (precision == .fp32 ? 1e-3 : Self.bf16Gradients))
    }

    @Test func adamIsThatOfThePaper() throws {
        let parameters = try NetParameters(NetConfiguration(filters: 1, depth: 1))
        let count = parameters.count
        var expected = (0..<count).map { Double($0 % 7) - 3 }
        var (first, second) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        for index in 0..<count { unsafe parameters.values.floats[index] = Float(expected[index]) }
        var adam = Adam(learningRate: 0.01)
        for step in 1...3 {
            var (power1, power2) = (1.0, 1.0)
            for _ in 0..<step { (power1, power2) = (power1 * 0.9, power2 * 0.999) }
            for index in 0..<count {
                let g = Double(index % 5 - 2) / Double(step)
                unsafe parameters.gradients.floats[index] = Float(g)
                first[index] = 0.9 * first[index] + 0.1 * g
                second[index] = 0.999 * second[index] + 0.001 * g * g
                let scale = (second[index] / (1 - power2)).squareRoot() + 1e-8
                expected[index] -= 0.01 * first[index] / (1 - power1) / scale
            }
            adam.update(parameters)
        }
        for index in parameters.slots.flatMap(\.range) {
            #expect(abs(Double(unsafe parameters.values.floats[index]) - expected[index]) < 1e-5)
        }
    }
}

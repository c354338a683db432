import Testing

@testable import UNet

/// The same weights and batch as PyTorch give the same loss, gradients and weights after a step.
///
/// The fixtures are what `Scripts/python/record_unet_tensors.py` recorded: the plain net on squares with its loss, and
/// the one published with BAGLS on rectangles of both signs with Dice alone.
@Suite struct PyTorchTests {
    /// The recorded tensors whose names begin so, without that beginning.
    private func tensors(_ recorded: Checkpoint, _ prefix: String) -> [NamedTensor] {
        recorded.tensors.filter { $0.name.hasPrefix(prefix) }.map {
            NamedTensor(name: String($0.name.dropFirst(prefix.count)), shape: $0.shape, values: $0.values)
        }
    }

    private func row(_ tensors: [NamedTensor]) -> [Float] {
        tensors.sorted { $0.name < $1.name }.flatMap(\.values)
    }

    /// How a net computes, and how far from PyTorch's it may be.
    struct Arithmetic: Sendable, CustomTestStringConvertible {
        var precision: Precision
        var algorithm: ConvolutionAlgorithm
        var engine: EngineKind
        var limit: Double
        var testDescription: String { "\(precision) \(algorithm) \(engine)" }

        init(_ precision: Precision, _ algorithm: ConvolutionAlgorithm, _ engine: EngineKind, _ limit: Double) {
            (self.precision, self.algorithm, self.engine, self.limit) = (precision, algorithm, engine, limit)
        }
    }

    @Test(
        arguments: NetArchitecture.allCases,
        [
            Arithmetic(.fp32, .direct, .onednn, 1e-4), Arithmetic(.fp32, .winograd, .onednn, 1e-4),
            Arithmetic(.fp32, .fastest, .onednn, 1e-4), Arithmetic(.fp32, .direct, .openblas, 1e-4),
            Arithmetic(.bf16, .direct, .onednn, 2e-2), Arithmetic(.bf16, .fastest, .onednn, 2e-2),
            Arithmetic(.fp16, .direct, .onednn, 2e-2),
        ]
    )
    func aStepIsThatOfPyTorch(architecture: NetArchitecture, arithmetic: Arithmetic) throws {
        let recorded = try Checkpoint(contentsOf: fixture("PyTorch/\(architecture.rawValue).safetensors"))
        #expect(recorded.net == NetConfiguration(filters: 4, depth: 2, architecture: architecture))
        let (precision, limit) = (arithmetic.precision, arithmetic.limit)
        // PyTorch has no fp16 on a CPU to compare with: its fp32 stands in.
        let source = precision == .bf16 ? "bf16" : "fp32"
        let images = try #require(tensors(recorded, "images").first)
        let masks = try #require(tensors(recorded, "masks").first)
        var options = TrainingOptions()
        (options.net, options.batch, options.size) = (recorded.net, images.shape[0], recorded.size)
        (options.precision, options.algorithm, options.engine) = (precision, arithmetic.algorithm, arithmetic.engine)
        options.loss = architecture == .bagls ? .dice : .diceEntropy
        (options.allowEmulation, options.threads, options.learningRate) = (true, 1, 1e-3)

        let trainer = try Trainer(options)
        try trainer.load(tensors(recorded, "weight."))
        let (loss, gradients) = try trainer.gradients(images: images.values, masks: masks.values)
        let wantedLoss = try #require(tensors(recorded, "\(source).loss").first?.values.first)
        #expect(abs(loss - wantedLoss) / wantedLoss < Float(limit))
        let wanted = tensors(recorded, "\(source).gradient.")
        #expect(distance(row(gradients), row(wanted)) < limit)
        // Tensor by tensor in fp32; in 16 bits one that is small beside the others may be mostly rounding.
        if precision == .fp32 {
            for gradient in gradients {
                let other = try #require(wanted.first { $0.name == gradient.name })
                #expect(distance(gradient.values, other.values) < limit, "\(gradient.name)")
            }
        }

        // Anew: the pass before has entered the running statistics.
        try trainer.load(tensors(recorded, "weight."))
        _ = try trainer.step(images: images.values, masks: masks.values)
        let next = tensors(recorded, "\(source).next.")
        #expect(next.count == trainer.state.count)
        for tensor in trainer.state {
            let other = try #require(next.first { $0.name == tensor.name })
            // A shift starts near zero and moves by the sign of its gradient: its distance is that of the step.
            let size = other.values.reduce(0) { max($0, abs($1)) }
            let apart = zip(tensor.values, other.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(apart <= Float(limit) * max(size, 0.1), "\(tensor.name)")
        }
    }
}

import Testing

@testable import UNet

/// The same weights and batch as PyTorch give the same loss, gradients and weights after a step.
///
/// The fixture is what `Scripts/python/record_unet_tensors.py` recorded.
@Suite struct PyTorchTests {
    private static let file = fixture("PyTorch/step.safetensors")

    /// The recorded tensors whose names begin so, without that beginning.
    private func tensors(_ recorded: Checkpoint, _ prefix: String) -> [NamedTensor] {
        recorded.tensors.filter { $0.name.hasPrefix(prefix) }.map {
            NamedTensor(name: String($0.name.dropFirst(prefix.count)), shape: $0.shape, values: $0.values)
        }
    }

    private func row(_ tensors: [NamedTensor]) -> [Float] {
        tensors.sorted { $0.name < $1.name }.flatMap(\.values)
    }

    @Test(arguments: [
        (Precision.fp32, ConvolutionAlgorithm.direct, EngineKind.onednn, 1e-4),
        (.fp32, .winograd, .onednn, 1e-4), (.fp32, .fastest, .onednn, 1e-4), (.fp32, .direct, .openblas, 1e-4),
        (.bf16, .direct, .onednn, 2e-2), (.bf16, .fastest, .onednn, 2e-2), (.fp16, .direct, .onednn, 2e-2),
    ])
    func aStepIsThatOfPyTorch(
        precision: Precision,
        algorithm: ConvolutionAlgorithm,
        engine: EngineKind,
        limit: Double
    ) throws {
        let recorded = try Checkpoint(contentsOf: Self.file)
        // PyTorch has no fp16 on a CPU to compare with: its fp32 stands in.
        let source = precision == .bf16 ? "bf16" : "fp32"
        let images = try #require(tensors(recorded, "images").first)
        let masks = try #require(tensors(recorded, "masks").first)
        var options = TrainingOptions()
        (options.net, options.batch, options.size) = (recorded.net, images.shape[0], recorded.size)
        (options.precision, options.algorithm, options.engine) = (precision, algorithm, engine)
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

import Testing

@testable import UNet

/// The net published with BAGLS: its published counts, its precisions, its first weights, its rectangle.
///
/// That both engines compute it, `EngineTests` finds out; that it is PyTorch's, `PyTorchTests`.
@Suite struct BAGLSNetTests {
    static let small = {
        var options = EngineTests.small
        options.net = NetConfiguration(filters: 4, depth: 2, architecture: .bagls)
        options.size = ImageSize(height: 24, width: 16)
        return options
    }()

    @Test(arguments: [(4, 86_480, 0.33), (8, 344_608, 1.29), (16, 1_375_808, 5.15), (64, 21_981_440, 82.23)])
    func itHasTheParametersAndProductsOfThePublishedNet(filters: Int, wanted: Int, gigaMacs: Double) throws {
        let net = NetConfiguration(filters: filters, architecture: .bagls)
        #expect(net.parameterCount == wanted)
        let layers = net.layers(size: ImageSize(height: 512, width: 256))
        #expect(layers.reduce(0) { $0 + $1.parameters } == wanted)
        let channels = NetLayout(net).normalizations.reduce(0) { $0 + $1.channels }
        #expect(2 * channels == 154 * filters)
        let macs = Double(layers.reduce(0) { $0 + $1.forwardMacs }) / 1e9
        #expect(abs(macs - gigaMacs) < 0.006, "\(macs)")
    }

    @Test(arguments: [Precision.fp32, .bf16, .fp16])
    func lossFallsInEveryPrecision(precision: Precision) throws {
        var options = Self.small
        (options.precision, options.allowEmulation, options.learningRate) = (precision, true, 1e-2)
        let batch = SmallBatch(options)
        let trainer = try Trainer(options)
        #expect(trainer.numerics.primitives.allSatisfy { !$0.isReference && !$0.isEmulated })
        let losses = try (0..<60).map { _ in try trainer.step(images: batch.images, masks: batch.masks) }
        #expect(losses.allSatisfy(\.isFinite) && losses[59] < 0.7 * losses[0], "\(losses)")
    }

    /// The published range of -1 to 1 has both signs.
    @Test(arguments: [NetArchitecture.unet, .bagls])
    func int8IsNearFP32OnSignedImages(architecture: NetArchitecture) throws {
        var options = Self.small
        (options.net.architecture, options.learningRate) = (architecture, 1e-2)
        var batch = SmallBatch(options)
        for index in batch.images.indices { batch.images[index] = min(max(batch.images[index], -1), 1) }
        let trainer = try Trainer(options)
        for _ in 0..<40 { _ = try trainer.step(images: batch.images, masks: batch.masks) }
        let quantized = try QuantizedNet(options, state: trainer.state, calibration: batch.images)
        let slow = quantized.numerics.primitives.filter(\.isReference)
        #expect(slow.isEmpty)
        let (exact, rounded) = (try trainer.predict(images: batch.images), try quantized.predict(images: batch.images))
        let error = zip(exact, rounded).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(exact.count)
        #expect(error > 0 && error < 0.03, "\(error)")
    }

    @Test func firstWeightsAreUniformWithinTheirLimits() throws {
        let state = try Trainer(Self.small).state
        for (name, limit) in [("encoder.1.conv1.weight", 6.0 / 36), ("head.weight", 6.0 / 5)] {
            let values = try #require(state.first { $0.name == name }).values
            let peak = values.reduce(0) { max($0, abs($1)) }
            #expect(Double(peak * peak) <= limit && Double(peak * peak) > 0.3 * limit, "\(name)")
        }
        #expect(!state.contains { $0.name == "head.bias" })
    }

    @Test func aCheckpointKnowsItsNetAndItsRectangle() throws {
        let trainer = try Trainer(Self.small)
        let folder = try DatasetFolder()
        let path = "\(folder.path)/net.safetensors"
        try Checkpoint(net: Self.small.net, size: Self.small.size, tensors: trainer.state).write(to: path)
        let read = try Checkpoint(contentsOf: path)
        #expect(read.net == Self.small.net && read.size == ImageSize(height: 24, width: 16))
        #expect(read.tensors == trainer.state)
    }

    @Test func sizesAreReadAndWritten() {
        #expect(ImageSize("512x256") == ImageSize(height: 512, width: 256) && ImageSize("64") == 64)
        #expect(ImageSize(height: 512, width: 256).description == "512x256" && ImageSize(64).description == "64")
        for text in ["", "x", "1x", "0", "1x2x3", "-4", "a"] { #expect(ImageSize(text) == nil, "\(text)") }
    }
}

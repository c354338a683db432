import COneDNN
import Testing

@testable import UNet

/// A small batch with structure: smooth images, a blob for a mask, one mask empty.
struct SmallBatch {
    var images: [Float]
    var masks: [Float]

    init(_ options: TrainingOptions, seed: UInt64 = 5) {
        var generator = SplitMix64(seed: seed)
        let (height, width) = (options.size.height, options.size.width)
        images = (0..<(options.batch * options.size.pixels)).map { _ in generator.normal() * 0.5 }
        masks = []
        for n in 0..<options.batch {
            for y in 0..<height {
                for x in 0..<width {
                    let inside = n > 0 && abs(2 * x - width) < width / 2 && abs(2 * y - height) < height / 3
                    masks.append(inside ? 1 : 0)
                    images[(n * height + y) * width + x] += inside ? 1 : 0
                }
            }
        }
    }
}

/// Relative Euclidean distance.
func distance(_ a: [Float], _ b: [Float]) -> Double {
    let difference = zip(a, b).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    let size = b.reduce(0.0) { $0 + Double($1 * $1) }
    return (difference / max(size, 1e-30)).squareRoot()
}

@Suite struct EngineTests {
    static let small = {
        var options = TrainingOptions()
        options.net = NetConfiguration(filters: 4, depth: 2)
        (options.batch, options.size, options.seed) = (3, 16, 11)
        // Tests run side by side already; nets this small wait for threads longer than they compute.
        options.threads = 1
        return options
    }()

    @Test(arguments: [(16, 1_942_289), (32, 7_762_465), (64, 31_036_481)])
    func parameterCount(filters: Int, wanted: Int) {
        let count = NetConfiguration(filters: filters, depth: 4).parameterCount
        #expect(count == wanted)
    }

    /// The two engines share no code below the parameters: same weights and batch, same loss and gradients.
    @Test(
        arguments: [
            (NetConfiguration(filters: 4, depth: 2), 16), (NetConfiguration(filters: 12, depth: 1), 24),
            (NetConfiguration(filters: 16, depth: 3), 32),
            (NetConfiguration(filters: 4, depth: 2), ImageSize(height: 24, width: 16)),
            (NetConfiguration(filters: 4, depth: 2, architecture: .bagls), ImageSize(height: 24, width: 16)),
            (NetConfiguration(filters: 12, depth: 3, architecture: .bagls), ImageSize(height: 16, width: 40)),
        ] as [(NetConfiguration, ImageSize)]
    )
    func enginesAgree(net: NetConfiguration, size: ImageSize) throws {
        var options = Self.small
        (options.net, options.size) = (net, size)
        let batch = SmallBatch(options)
        let ours = try Trainer(options)
        options.engine = .openblas
        let check = try Trainer(options)
        let (loss, gradients) = try ours.gradients(images: batch.images, masks: batch.masks)
        let (checkLoss, checkGradients) = try check.gradients(images: batch.images, masks: batch.masks)
        #expect(abs(loss - checkLoss) / checkLoss < 1e-3)
        #expect(gradients.map(\.name) == checkGradients.map(\.name))
        for (own, other) in zip(gradients, checkGradients) {
            #expect(distance(own.values, other.values) < 1e-3, "\(own.name)")
        }
        let (first, second) = (try ours.predict(images: batch.images), try check.predict(images: batch.images))
        #expect(distance(first, second) < 1e-3)
    }

    /// A step of each parameter along its gradient changes the loss by the gradient's squared norm.
    @Test(arguments: EngineKind.allCases, NetArchitecture.allCases)
    func gradientsMatchFiniteDifferences(engine: EngineKind, architecture: NetArchitecture) throws {
        var options = BAGLSNetTests.small
        (options.engine, options.net.architecture) = (engine, architecture)
        let batch = SmallBatch(options)
        let trainer = try Trainer(options)
        let (_, gradients) = try trainer.gradients(images: batch.images, masks: batch.masks)
        let state = trainer.state
        var seen = 0
        for gradient in gradients {
            let norm = gradient.values.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
            guard norm > 1e-3 else { continue }
            seen += 1
            let step = 5e-4 / norm
            func loss(_ sign: Float) throws -> Double {
                var moved = state
                let index = try #require(moved.firstIndex { $0.name == gradient.name })
                for k in gradient.values.indices { moved[index].values[k] += sign * Float(step) * gradient.values[k] }
                try trainer.load(moved)
                return Double(try trainer.gradients(images: batch.images, masks: batch.masks).loss)
            }
            let slope = try (loss(1) - loss(-1)) / (2 * step)
            #expect(abs(slope - norm * norm) < 0.03 * norm * norm + 5e-7 / step, "\(gradient.name)")
        }
        #expect(seen > 20)
    }

    @Test(arguments: [Precision.fp32, .bf16, .fp16])
    func lossFallsOnAFixedBatch(precision: Precision) throws {
        var options = Self.small
        options.precision = precision
        options.allowEmulation = true
        options.learningRate = 1e-2
        let batch = SmallBatch(options)
        let trainer = try Trainer(options)
        let losses = try (0..<30).map { _ in try trainer.step(images: batch.images, masks: batch.masks) }
        let finite = losses.allSatisfy(\.isFinite)
        #expect(finite)
        #expect(losses[29] < 0.6 * losses[0], "\(losses)")
    }

    /// What follows depends on the CPU, or on ONEDNN_MAX_CPU_ISA; both outcomes are checked where they occur.
    @Test func bf16WithoutHardwareBecomesFP32UnlessEmulationIsAllowed() throws {
        var options = Self.small
        options.precision = .bf16
        let numerics = try Trainer(options).numerics
        options.allowEmulation = true
        let allowed = try Trainer(options).numerics
        #expect(allowed.precision == .bf16)
        if od_computes_bf16() {
            #expect(numerics == allowed && numerics.arithmetic == "native" && numerics.warnings.isEmpty)
        } else {
            #expect(numerics.precision == .fp32 && numerics.arithmetic == "native" && numerics.warnings.count == 1)
            #expect(numerics.warnings[0].contains("--allow-emulation"))
            #expect(allowed.arithmetic == "emulated" && allowed.warnings.count == 1)
        }
    }

    @Test func openBLASRefusesBF16() throws {
        var options = Self.small
        (options.precision, options.engine, options.allowEmulation) = (.bf16, .openblas, true)
        let refused = options
        let error = try #require(throws: UNetError.self) { try Trainer(refused) }
        #expect(error.code == .usage && error.problem.contains("openblas"))
    }

    /// A path that is slow by its nature must not hide in a measurement: neither reference code, nor a type that
    /// instructions of another type stand in for.
    @Test(arguments: [Precision.fp32, .bf16, .fp16])
    func noLayerRunsByReferenceOrEmulatedCode(precision: Precision) throws {
        let nets: [(filters: Int, depth: Int, algorithm: ConvolutionAlgorithm)] = [
            (2, 2, .direct), (8, 5, .winograd), (16, 2, .direct), (24, 2, .fastest), (64, 2, .winograd),
            (128, 1, .direct),
        ]
        for (filters, depth, algorithm) in nets {
            var options = Self.small
            options.net = NetConfiguration(filters: filters, depth: depth)
            (options.algorithm, options.precision, options.size) = (algorithm, precision, 32)
            let primitives = try Trainer(options).numerics.primitives
            let slow = primitives.filter { $0.isReference || $0.isEmulated }
            #expect(slow.isEmpty, "\(slow)")
        }
    }

    @Test func emulatedCodeIsKnownByItsName() {
        func primitive(_ name: String, _ precision: Precision, _ layer: String = "up.0") -> Primitive {
            Primitive(layer: layer, pass: .forward, arithmetic: precision, implementation: name)
        }
        #expect(primitive("jit_bf16:avx512_core", .bf16).isEmulated)
        #expect(!primitive("jit_bf16:avx512_core_bf16", .bf16).isEmulated)
        #expect(!primitive("brgconv:avx512_core_bf16_amx_bf16", .bf16).isEmulated)
        #expect(primitive("jit_int8:avx512_core", .int8).isEmulated)
        #expect(!primitive("brgconv:avx512_core_vnni", .int8).isEmulated)
        #expect(!primitive("bnorm_jit:avx512_core", .bf16, "encoder.0.norm1").isEmulated)
        #expect(!primitive("jit_wino_4x3:avx512_core", .fp32).isEmulated)
        #expect(primitive("ref:any", .fp32).isReference)
    }

    /// Every layer has a primitive of each pass that it takes part in.
    @Test(arguments: [EngineKind.onednn, .openblas])
    func everyLayerTellsWhatItRuns(engine: EngineKind) throws {
        var options = Self.small
        options.engine = engine
        let primitives = try Trainer(options).numerics.primitives
        for layer in options.net.layers(size: options.size) {
            let passes = Set(primitives.filter(layer.owns).map(\.pass.rawValue))
            #expect(passes.contains("forward") && passes.contains { $0.hasPrefix("backward") }, "\(layer.name)")
        }
        let counted = options.net.layers(size: options.size).reduce(0) { $0 + $1.parameters }
        #expect(counted == options.net.parameterCount)
    }

    @Test func stateSurvivesARoundTrip() throws {
        let options = Self.small
        let batch = SmallBatch(options)
        let trainer = try Trainer(options)
        _ = try trainer.step(images: batch.images, masks: batch.masks)
        var other = options
        other.seed = 99
        let copy = try Trainer(other)
        try copy.load(trainer.state)
        #expect(copy.state == trainer.state)
        let (own, copied) = (try trainer.predict(images: batch.images), try copy.predict(images: batch.images))
        #expect(own == copied)
        var wrong = trainer.state
        wrong[0].shape = [1]
        let misshapen = wrong
        #expect(throws: UNetError.self) { try copy.load(misshapen) }
    }

    @Test func aSizeThatTheDepthDoesNotDivideIsNamed() throws {
        var options = Self.small
        options.size = 30
        #expect {
            _ = try Trainer(options)
        } throws: { error in
            (error as? UNetError)?.problem.contains("30") == true
                && (error as? UNetError)?.remedy.contains("28 or 32") == true
        }
    }
}

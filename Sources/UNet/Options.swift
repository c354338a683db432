/// Shape of the default net: one input channel, `depth` poolings, `filters x 2^level` channels at each level.
public struct NetConfiguration: Sendable, Hashable {
    /// Channels of the first level.
    public var filters: Int
    /// Poolings between the first and the bottom level.
    public var depth: Int

    /// A net of the given size.
    public init(filters: Int = 16, depth: Int = 4) {
        self.filters = filters
        self.depth = depth
    }

    /// Channels at a level, 0 at the top.
    public func channels(_ level: Int) -> Int { filters << level }

    /// Trainable parameters, as in the table of the documentation.
    public var parameterCount: Int { NetParameters.layout(self).reduce(0) { $0 + $1.count } }
}

/// Arithmetic of activations and weights in convolutions; everything else is always fp32.
public enum Precision: String, Sendable, CaseIterable {
    case fp32, bf16
}

/// Algorithm of the 3x3 convolutions.
public enum ConvolutionAlgorithm: String, Sendable, CaseIterable {
    case direct, winograd
}

/// The library below the net.
public enum EngineKind: String, Sendable, CaseIterable {
    case onednn, openblas
}

/// Everything that a trainer is made of.
public struct TrainingOptions: Sendable {
    /// The net.
    public var net: NetConfiguration
    /// Images a step.
    public var batch: Int
    /// Side of the square images, in pixels; a multiple of 2^depth.
    public var size: Int
    /// Arithmetic that is wanted.
    public var precision: Precision
    /// Convolution algorithm that is wanted.
    public var algorithm: ConvolutionAlgorithm
    /// Library that is wanted.
    public var engine: EngineKind
    /// Adam's step size.
    public var learningRate: Float
    /// Seed of the weights.
    public var seed: UInt64
    /// Whether bf16 may be computed in fp32 where the CPU has no bf16 arithmetic.
    public var allowEmulation: Bool

    /// Options; the arguments are the properties of the same names.
    public init(
        net: NetConfiguration = NetConfiguration(),
        batch: Int = 8,
        size: Int = 256,
        precision: Precision = .fp32,
        algorithm: ConvolutionAlgorithm = .direct,
        engine: EngineKind = .onednn,
        learningRate: Float = 1e-3,
        seed: UInt64 = 1,
        allowEmulation: Bool = false
    ) {
        self.net = net
        self.batch = batch
        self.size = size
        self.precision = precision
        self.algorithm = algorithm
        self.engine = engine
        self.learningRate = learningRate
        self.seed = seed
        self.allowEmulation = allowEmulation
    }
}

/// A tensor with its name, in PyTorch's layout.
public struct NamedTensor: Sendable, Hashable {
    /// As `encoder.0.conv1.weight`.
    public var name: String
    /// Extents, slowest first.
    public var shape: [Int]
    /// Values in row-major order.
    public var values: [Float]

    /// A tensor; `values.count` is the product of `shape`.
    public init(name: String, shape: [Int], values: [Float]) {
        self.name = name
        self.shape = shape
        self.values = values
    }
}

/// What a net really computes with; it may differ from what was asked for, and says so.
public struct Numerics: Sendable, Hashable {
    /// The precision in force.
    public var precision: Precision
    /// `native`, or `emulated` where bf16 values are computed by fp32 instructions.
    public var arithmetic: String
    /// The convolution algorithm in force: `winograd` if any layer uses it.
    public var algorithm: ConvolutionAlgorithm
    /// Each layer with its implementation in the library's words, as `encoder.0.conv1 forward jit:avx2`.
    public var implementations: [String] = []
    /// Sentences for the user where something differs from what was asked.
    public var warnings: [String] = []
}

/// What a net really computes with, which may be less than what was asked for.
public struct Numerics: Sendable, Hashable {
    /// Precision in force.
    public var precision: Precision
    /// `native`, or `emulated` where instructions of another type compute: then the speed says nothing.
    public var arithmetic: String
    /// Algorithm in force: `winograd` where at least one convolution uses it, `fastest` where each was timed.
    public var algorithm: ConvolutionAlgorithm
    /// What runs for each layer.
    public var primitives: [Primitive]
    /// Sentences on what differs from what was asked for.
    public var warnings: [String]

    /// The primitives as lines, as `encoder.0.conv2 forward jit:avx2`.
    public var implementations: [String] { primitives.map(\.line) }
}

/// What a trainer really computes with, which may be less than what was asked for.
public struct Numerics: Sendable, Hashable {
    /// Precision in force.
    public var precision: Precision
    /// `native`, or `emulated` where fp32 instructions compute with values rounded to bf16.
    public var arithmetic: String
    /// Algorithm in force: `winograd` where at least one convolution uses it.
    public var algorithm: ConvolutionAlgorithm
    /// What the library runs for each layer, as `encoder.0.conv2 forward: jit:avx2`.
    public var implementations: [String]
    /// Sentences on what differs from what was asked for.
    public var warnings: [String]
}

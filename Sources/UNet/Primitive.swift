/// One call of the library or one loop of this program, as a net runs it for a layer.
public struct Primitive: Sendable, Hashable {
    /// What a layer does in it.
    public enum Pass: String, Sendable, Hashable {
        case forward, inference
        case backwardData = "backward data"
        case backwardWeights = "backward weights"
        case backward
    }

    /// Name of the layer, for example `encoder.0.conv1`; halves of a split convolution end in `.0` and `.1`.
    public var layer: String
    /// What it computes for the layer.
    public var pass: Pass
    /// What it computes with: `fp32`, `bf16` or `int8`, whatever the type that its activations are stored in.
    public var arithmetic: Precision
    /// The library's name of its implementation, as `jit:avx512_core`; `loop` for a loop of this program, with the
    /// instructions that it was made for, and the algorithm where there is a choice.
    public var implementation: String

    /// Whether the library runs it by its reference code, a hundred times slower than it could be.
    var isReference: Bool { implementation.contains("ref:") }

    /// Whether it multiplies matrices: elsewhere instructions for small types make no difference.
    var isConvolution: Bool { layer.contains(".conv") || layer.hasPrefix("up.") }

    /// Whether it is a convolution in bf16 or int8 by instructions that were not made for it.
    var isEmulated: Bool {
        guard isConvolution else { return false }
        switch arithmetic {
        case .bf16: return !implementation.contains("core_bf16") && !implementation.contains("amx")
        case .int8: return !implementation.contains("vnni") && !implementation.contains("amx")
        case .fp16, .fp32: return false
        }
    }

    /// As a line: `encoder.0.conv2 forward jit:avx2`.
    var line: String { "\(layer) \(pass.rawValue) \(implementation)" }
}

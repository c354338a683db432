/// An fp32 tensor with its name, in PyTorch's layout.
public struct NamedTensor: Sendable, Hashable {
    /// Name as in a PyTorch module, for example `encoder.0.conv1.weight`.
    public var name: String
    /// Extents, slowest first.
    public var shape: [Int]
    /// Values in row-major order; as many as the product of `shape`.
    public var values: [Float]

    /// Creates a tensor.
    public init(name: String, shape: [Int], values: [Float]) {
        self.name = name
        self.shape = shape
        self.values = values
    }
}

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

/// A tensor that is copied when it is needed: a net that is written one by one takes the memory of its largest.
public struct TensorView {
    /// As of the tensor.
    public var name: String
    public let shape: [Int]
    /// Copies the values as they are now.
    let read: () -> [Float]

    /// A view of a copy that is there.
    public init(_ tensor: NamedTensor) { self.init(tensor.name, tensor.shape) { tensor.values } }

    init(_ name: String, _ shape: [Int], _ read: @escaping () -> [Float]) {
        (self.name, self.shape, self.read) = (name, shape, read)
    }

    /// The same under a name that begins with `prefix`.
    func named(_ prefix: String) -> TensorView { TensorView(prefix + name, shape, read) }

    /// A copy.
    var tensor: NamedTensor { NamedTensor(name: name, shape: shape, values: read()) }
}

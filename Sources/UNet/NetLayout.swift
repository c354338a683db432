/// The tensors of a net: names and shapes as PyTorch has them, places in one block of memory.
struct NetLayout: Sendable {
    /// How a trainable tensor starts.
    enum Role: Sendable {
        /// He-normal with so many inputs an output.
        case normal(fanIn: Int)
        /// Uniform between the square roots of a limit: 6 / inputs is He's, 6 / (inputs + outputs) is Glorot's.
        case uniform(limit: Float)
        /// Scales of batch normalisation: one.
        case scale
        /// Shifts and biases: zero.
        case shift
    }

    /// A trainable tensor.
    struct Tensor: Sendable {
        var name: String
        var shape: [Int]
        var role: Role
        /// Place of its first value in a block of parameters.
        var offset = 0
        var count: Int { shape.reduce(1, *) }
    }

    /// Trainable tensors in the order of the forward pass.
    private(set) var tensors: [Tensor] = []
    /// Batch normalisations with their channels.
    private(set) var normalizations: [(name: String, channels: Int)] = []
    /// Floats in a block of parameters.
    private(set) var count = 0

    /// The tensors of a net.
    init(_ net: NetConfiguration) {
        let isUniform = net.architecture == .bagls
        for operation in net.operations {
            let (name, inputs, outputs) = (operation.name, operation.inputChannels, operation.channels)
            switch operation.kind {
            case .convolution:
                let role: Role = isUniform ? .uniform(limit: 6 / Float(9 * inputs)) : .normal(fanIn: 9 * inputs)
                add("\(name).weight", [outputs, inputs, 3, 3], role)
                add("\(operation.normalization).weight", [outputs], .scale)
                add("\(operation.normalization).bias", [outputs], .shift)
                normalizations.append((operation.normalization, outputs))
            case .up:
                // Each input reaches every output once: strides and kernel are both 2.
                add("\(name).weight", [inputs, outputs, 2, 2], .normal(fanIn: inputs))
                add("\(name).bias", [outputs], .shift)
            case .head(let hasBias):
                let role: Role = isUniform ? .uniform(limit: 6 / Float(inputs + outputs)) : .normal(fanIn: inputs)
                add("\(name).weight", [outputs, inputs, 1, 1], role)
                if hasBias { add("\(name).bias", [outputs], .shift) }
            case .pooling, .repetition: break
            }
        }
    }

    private mutating func add(_ name: String, _ shape: [Int], _ role: Role) {
        let tensor = Tensor(name: name, shape: shape, role: role, offset: count)
        tensors.append(tensor)
        // Every tensor starts on a cache line of its own.
        count += (tensor.count + 15) / 16 * 16
    }
}

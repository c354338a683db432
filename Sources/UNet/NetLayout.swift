/// The tensors of a net: names and shapes as PyTorch has them, places in one block of memory.
struct NetLayout: Sendable {
    /// How a trainable tensor starts.
    enum Role: Sendable, Hashable {
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
        let name: String
        let shape: [Int]
        let role: Role
        let order: WeightOrder
        /// Places of its values in a block of parameters.
        let range: Range<Int>

        var offset: Int { range.lowerBound }
        var count: Int { range.count }

        init(name: String, shape: [Int], role: Role, order: WeightOrder = .plain, offset: Int = 0) {
            (self.name, self.shape, self.role, self.order) = (name, shape, role, order)
            range = offset..<offset + shape.reduce(1, *)
        }
    }

    /// Trainable tensors in the order of the forward pass.
    private(set) var tensors: [Tensor] = []
    /// Batch normalisations with their channels.
    private(set) var normalizations: [(name: String, channels: Int)] = []
    /// Floats in a block of parameters.
    private(set) var count = 0

    /// The tensors of a net; the weights in blocks, where that is asked for and their channels fill them.
    init(_ net: NetConfiguration, isBlocked: Bool = false) {
        let isUniform = net.architecture == .bagls
        let operations = net.operations
        for operation in operations {
            let (name, inputs, outputs) = (operation.name, operation.inputChannels, operation.channels)
            switch operation.kind {
            case .convolution:
                let role: Role = isUniform ? .uniform(limit: 6 / Float(9 * inputs)) : .normal(fanIn: 9 * inputs)
                let parts = operation.inputs.isEmpty ? [inputs] : operation.inputs.map { operations[$0].channels }
                let order = isBlocked ? WeightOrder(rows: outputs, parts: parts) : .plain
                add("\(name).weight", [outputs, inputs, 3, 3], role, order)
                add("\(operation.normalization).weight", [outputs], .scale)
                add("\(operation.normalization).bias", [outputs], .shift)
                normalizations.append((operation.normalization, outputs))
            case .up:
                // Each input reaches every output once: strides and kernel are both 2.
                let order = isBlocked ? WeightOrder(rows: inputs, parts: [outputs]) : .plain
                add("\(name).weight", [inputs, outputs, 2, 2], .normal(fanIn: inputs), order)
                add("\(name).bias", [outputs], .shift)
            case .head(let hasBias):
                let role: Role = isUniform ? .uniform(limit: 6 / Float(inputs + outputs)) : .normal(fanIn: inputs)
                add("\(name).weight", [outputs, inputs, 1, 1], role)
                if hasBias { add("\(name).bias", [outputs], .shift) }
            case .pooling, .repetition: break
            }
        }
    }

    /// Where gradients begin that are used up operation by operation, and how many floats they take: all weights' in one
    /// place, everything else behind it.
    var sharedGradients: (places: [Int], count: Int) {
        let isWeights = { (tensor: Tensor) in tensor.shape.count > 1 }
        var count = Self.aligned(tensors.filter(isWeights).map(\.count).max() ?? 0)
        let places = tensors.map { tensor in
            if isWeights(tensor) { return 0 }
            defer { count += Self.aligned(tensor.count) }
            return count
        }
        return (places, count)
    }

    /// Every tensor starts on a cache line of its own, in 16 bits too.
    private static func aligned(_ count: Int) -> Int { (count + 31) / 32 * 32 }

    private mutating func add(_ name: String, _ shape: [Int], _ role: Role, _ order: WeightOrder = .plain) {
        let tensor = Tensor(name: name, shape: shape, role: role, order: order, offset: count)
        tensors.append(tensor)
        count += Self.aligned(tensor.count)
    }
}

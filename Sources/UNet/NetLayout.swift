/// The tensors of the default net: names and shapes as PyTorch has them, places in one block of memory.
struct NetLayout: Sendable {
    /// How a trainable tensor starts.
    enum Role: Sendable {
        /// He-normal with so many inputs an output.
        case weights(fanIn: Int)
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
        for level in 0...net.depth {
            addBlock("encoder.\(level)", inputs: level == 0 ? 1 : net.channels(level - 1), outputs: net.channels(level))
        }
        for level in (0..<net.depth).reversed() {
            let (below, channels) = (net.channels(level + 1), net.channels(level))
            // Each input reaches every output once: strides and kernel are both 2.
            add("up.\(level).weight", [below, channels, 2, 2], .weights(fanIn: below))
            add("up.\(level).bias", [channels], .shift)
            addBlock("decoder.\(level)", inputs: 2 * channels, outputs: channels)
        }
        add("head.weight", [1, net.filters, 1, 1], .weights(fanIn: net.filters))
        add("head.bias", [1], .shift)
    }

    private mutating func addBlock(_ name: String, inputs: Int, outputs: Int) {
        for (index, channels) in [(1, inputs), (2, outputs)] {
            add("\(name).conv\(index).weight", [outputs, channels, 3, 3], .weights(fanIn: 9 * channels))
            add("\(name).norm\(index).weight", [outputs], .scale)
            add("\(name).norm\(index).bias", [outputs], .shift)
            normalizations.append(("\(name).norm\(index)", outputs))
        }
    }

    private mutating func add(_ name: String, _ shape: [Int], _ role: Role) {
        let tensor = Tensor(name: name, shape: shape, role: role, offset: count)
        tensors.append(tensor)
        // Every tensor starts on a cache line of its own.
        count += (tensor.count + 15) / 16 * 16
    }
}

/// Which published net the operations follow.
public enum NetArchitecture: String, Sendable, CaseIterable {
    /// Two convolutions at every level, transposed convolutions upwards (Ronneberger et al., MICCAI 2015).
    case unet
    /// The net published with BAGLS: one convolution in the lowest level; upwards a convolution, repeated pixels, the
    /// skip, and a convolution; one more before a head without bias; uniform first weights.
    case bagls
}

/// One operation of a net; what engines compute, what is counted and what is stored all follow from a list of them.
struct NetOperation: Sendable {
    enum Kind: Sendable {
        /// Convolution 3x3 without bias, batch normalisation, ReLU.
        case convolution
        /// Max pooling 2x2.
        case pooling
        /// Transposed convolution 2x2 with stride 2, and its bias.
        case up
        /// Every pixel four times.
        case repetition
        /// Convolution 1x1 to one channel.
        case head(hasBias: Bool)
    }

    /// Name as in a checkpoint, for example `encoder.0.conv1`.
    var name: String
    var kind: Kind
    /// Operations whose outputs it reads one behind the other as channels; none of them is the image.
    var inputs: [Int]
    /// Channels that it reads.
    var inputChannels: Int
    /// Channels that it writes.
    var channels: Int
    /// How often the image was halved where it writes.
    var level: Int

    /// Name of a convolution's normalisation: `encoder.0.norm1`.
    var normalization: String { Self.normalization(of: name) }

    static func normalization(of convolution: String) -> String {
        "\(convolution.dropLast(5))norm\(convolution.suffix(1))"
    }

    /// Names before `.weight` and `.bias` of its parameters.
    var layers: [String] {
        switch kind {
        case .convolution: [normalization, name]
        case .up, .head: [name]
        case .pooling, .repetition: []
        }
    }
}

extension NetConfiguration {
    /// The operations in the order of the forward pass; every one but the head is read by another behind it.
    var operations: [NetOperation] {
        var all: [NetOperation] = []
        func add(_ name: String, _ kind: NetOperation.Kind, _ inputs: [Int], _ channels: Int, _ level: Int) {
            let read = inputs.isEmpty ? 1 : inputs.reduce(0) { $0 + all[$1].channels }
            all.append(
                NetOperation(
                    name: name,
                    kind: kind,
                    inputs: inputs,
                    inputChannels: read,
                    channels: channels,
                    level: level
                )
            )
        }
        var last: [Int] { all.isEmpty ? [] : [all.count - 1] }
        var skips: [Int] = []
        for level in 0...depth {
            add("encoder.\(level).conv1", .convolution, last, channels(level), level)
            if architecture == .unet || level < depth {
                add("encoder.\(level).conv2", .convolution, last, channels(level), level)
            }
            guard level < depth else { break }
            skips += last
            add("pool.\(level)", .pooling, last, channels(level), level + 1)
        }
        for level in (0..<depth).reversed() {
            let outputs = channels(level)
            switch architecture {
            case .unet:
                add("up.\(level)", .up, last, outputs, level)
                add("decoder.\(level).conv1", .convolution, [skips[level]] + last, outputs, level)
                add("decoder.\(level).conv2", .convolution, last, outputs, level)
            case .bagls:
                add("decoder.\(level).conv1", .convolution, last, outputs, level + 1)
                add("repeat.\(level)", .repetition, last, outputs, level)
                add("decoder.\(level).conv2", .convolution, [skips[level]] + last, outputs, level)
            }
        }
        if architecture == .bagls { add("last.conv1", .convolution, last, filters, 0) }
        add("head", .head(hasBias: architecture == .unet), last, 1, 0)
        return all
    }
}

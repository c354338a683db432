#if canImport(Glibc)
import Glibc
#endif

/// Trainable parameters, their gradients and Adam's moments, each in one block of memory; and the running
/// statistics of batch normalisation, which are not trained.
final class NetParameters {
    /// One tensor within the block.
    struct Slot {
        var name: String
        var shape: [Int]
        /// Inputs that feed one output, for He's initialisation; 0: biases and shifts (zero), -1: scales (one).
        var fanIn: Int
        var offset = 0
        var count: Int { shape.reduce(1, *) }
    }

    let slots: [Slot]
    let count: Int
    let values: Buffer
    let gradients: Buffer
    let firstMoment: Buffer
    let secondMoment: Buffer
    private let byName: [String: Int]
    /// Running mean and variance by the name of their normalisation.
    private(set) var running: [(name: String, channels: Int, mean: Buffer, variance: Buffer)] = []

    init(_ net: NetConfiguration) throws(UNetError) {
        var offset = 0
        var slots = Self.layout(net)
        for index in slots.indices {
            slots[index].offset = offset
            // Each tensor starts on a cache line, so that vector loads of neighbours never meet.
            offset += (slots[index].count + 15) / 16 * 16
        }
        self.slots = slots
        count = offset
        byName = Dictionary(uniqueKeysWithValues: slots.enumerated().map { ($1.name, $0) })
        values = try Buffer(floats: offset)
        gradients = try Buffer(floats: offset)
        firstMoment = try Buffer(floats: offset)
        secondMoment = try Buffer(floats: offset)
        for (name, channels) in Self.normalizations(net) {
            let variance = try Buffer(floats: channels)
            for index in 0..<channels { unsafe variance.floats[index] = 1 }
            running.append((name, channels, try Buffer(floats: channels), variance))
        }
    }

    /// A tensor's values; `name` is one of the layout's.
    func value(_ name: String) -> UnsafeMutablePointer<Float> { unsafe values.floats + slot(name).offset }

    /// A tensor's gradient.
    func gradient(_ name: String) -> UnsafeMutablePointer<Float> { unsafe gradients.floats + slot(name).offset }

    /// Running mean and variance of a normalisation.
    func statistics(_ name: String) -> (mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>) {
        guard let found = running.first(where: { $0.name == name }) else { preconditionFailure("no \(name)") }
        return unsafe (found.mean.floats, found.variance.floats)
    }

    private func slot(_ name: String) -> Slot {
        guard let index = byName[name] else { preconditionFailure("the net has no tensor \(name)") }
        return slots[index]
    }

    /// He-normal weights (standard deviation sqrt(2 / fan in)), zero biases, unit scales.
    func initialize(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for slot in slots {
            let target = unsafe values.floats + slot.offset
            for index in 0..<slot.count {
                unsafe target[index] =
                    switch slot.fanIn {
                    case 0: 0
                    case -1: 1
                    default: generator.normal() * sqrtf(2 / Float(slot.fanIn))
                    }
            }
        }
    }
}

extension NetParameters {
    /// Every trainable tensor in the order of the forward pass, in PyTorch's shapes.
    static func layout(_ net: NetConfiguration) -> [Slot] {
        var slots: [Slot] = []
        func block(_ name: String, _ input: Int, _ output: Int) {
            for (index, channels) in [(1, input), (2, output)] {
                slots.append(
                    Slot(name: "\(name).conv\(index).weight", shape: [output, channels, 3, 3], fanIn: channels * 9)
                )
                slots.append(Slot(name: "\(name).norm\(index).weight", shape: [output], fanIn: -1))
                slots.append(Slot(name: "\(name).norm\(index).bias", shape: [output], fanIn: 0))
            }
        }
        for level in 0...net.depth {
            block("encoder.\(level)", level == 0 ? 1 : net.channels(level - 1), net.channels(level))
        }
        for level in (0..<net.depth).reversed() {
            let (below, here) = (net.channels(level + 1), net.channels(level))
            slots.append(Slot(name: "up.\(level).weight", shape: [below, here, 2, 2], fanIn: below))
            slots.append(Slot(name: "up.\(level).bias", shape: [here], fanIn: 0))
            block("decoder.\(level)", 2 * here, here)
        }
        slots.append(Slot(name: "head.weight", shape: [1, net.filters, 1, 1], fanIn: net.filters))
        slots.append(Slot(name: "head.bias", shape: [1], fanIn: 0))
        return slots
    }

    /// Every normalisation with its channels.
    static func normalizations(_ net: NetConfiguration) -> [(name: String, channels: Int)] {
        layout(net).filter { $0.fanIn == -1 }.map { (String($0.name.dropLast(".weight".count)), $0.shape[0]) }
    }
}

/// The generator of Steele, Lea and Flood (OOPSLA 2014): tiny, seedable, the same on every machine.
struct SplitMix64 {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in (0, 1].
    mutating func uniform() -> Double { (Double(next() >> 11) + 1) * 0x1p-53 }

    /// Standard normal, by Box and Muller.
    mutating func normal() -> Float {
        let radius = sqrt(-2 * log(uniform()))
        return Float(radius * cos(2 * Double.pi * uniform()))
    }
}

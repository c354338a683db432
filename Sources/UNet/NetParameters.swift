import COneDNN

#if canImport(Glibc)
import Glibc
#endif

/// Trainable parameters and Adam's moments, each in one block of memory; their gradients, in such a block or one after the
/// other in the same place; and the running statistics of batch normalisation, which are not trained.
final class NetParameters {
    let slots: [NetLayout.Tensor]
    let count: Int
    let values: Buffer
    let gradients: Buffer
    let firstMoment: Buffer
    let secondMoment: Buffer
    /// Where each tensor's gradient begins.
    private let gradientPlaces: [Int]
    /// Told of tensors whose gradients a backward pass has completed, by their places in `slots`.
    var onFinished: (([Int]) -> Void)?
    /// Weights in bf16, in both orders that convolutions read them in; none where each pass rounds them itself.
    private var halves: (columns: Buffer, rows: Buffer)?
    private let byName: [String: Int]
    private let keptStatistics: Buffer
    /// Running mean and variance by the name of their normalisation.
    private(set) var running: [(name: String, channels: Int, mean: Buffer, variance: Buffer)] = []
    /// Where scales and shifts lie among the values.
    private let perChannel: [Range<Int>]

    /// The parameters of a net, whose weights may be kept in blocks.
    ///
    /// With `sharesGradients` the weights of every operation have their gradient in the same place, for whoever uses it up
    /// before the next operation's is computed: it then stays in the cache.
    init(_ net: NetConfiguration, isBlocked: Bool = false, sharesGradients: Bool = false) throws(UNetError) {
        let layout = NetLayout(net, isBlocked: isBlocked)
        slots = layout.tensors
        count = layout.count
        perChannel = slots.filter { $0.role == .scale || $0.role == .shift }.map(\.range)
        byName = Dictionary(uniqueKeysWithValues: slots.enumerated().map { ($1.name, $0) })
        values = try Buffer(floats: layout.count)
        if sharesGradients {
            let (places, count) = layout.sharedGradients
            gradientPlaces = places
            gradients = try Buffer(floats: count)
        } else {
            gradientPlaces = layout.tensors.map(\.offset)
            gradients = try Buffer(floats: layout.count)
        }
        firstMoment = try Buffer(floats: layout.count)
        secondMoment = try Buffer(floats: layout.count)
        keptStatistics = try Buffer(floats: layout.normalizations.reduce(0) { $0 + 2 * $1.channels })
        for (name, channels) in layout.normalizations {
            let variance = try Buffer(floats: channels)
            for index in 0..<channels { unsafe variance.floats[index] = 1 }
            running.append((name, channels, try Buffer(floats: channels), variance))
        }
    }

    /// A tensor's values in PyTorch's order, from any block of parameters.
    func read(_ slot: NetLayout.Tensor, from block: Buffer) -> [Float] {
        let kept = unsafe block.floats + slot.offset
        return unsafe [Float](unsafeUninitializedCapacity: slot.count) { values, count in
            slot.order.forEachPlace(slot.shape) { place in
                unsafe values[count] = unsafe kept[place]
                count += 1
            }
        }
    }

    /// Puts a tensor's values, in PyTorch's order, into a block of parameters; `halve` has to follow.
    func write(_ values: [Float], to slot: NetLayout.Tensor, in block: Buffer) {
        let kept = unsafe block.floats + slot.offset
        var index = 0
        slot.order.forEachPlace(slot.shape) { place in
            unsafe kept[place] = values[index]
            index += 1
        }
    }

    /// A tensor's values in PyTorch's order; `name` is one of the layout's.
    func plain(_ name: String) -> [Float] { read(slot(name), from: values) }

    /// The order in which a tensor is kept.
    func order(_ name: String) -> WeightOrder { slot(name).order }

    /// A tensor's values; `name` is one of the layout's.
    func value(_ name: String) -> UnsafeMutablePointer<Float> { unsafe values.floats + slot(name).offset }

    /// A tensor's gradient.
    func gradient(_ name: String) -> UnsafeMutablePointer<Float> { unsafe gradient(slot: index(name)) }

    func gradient(slot index: Int) -> UnsafeMutablePointer<Float> { unsafe gradients.floats + gradientPlaces[index] }

    /// A tensor's extents.
    func shape(_ name: String) -> [Int] { slot(name).shape }

    /// Running mean and variance of a normalisation.
    func statistics(_ name: String) -> (mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>) {
        guard let found = running.first(where: { $0.name == name }) else { preconditionFailure("no \(name)") }
        return unsafe (found.mean.floats, found.variance.floats)
    }

    /// Keeps blocked weights in bf16 too, for the operations that a context makes from now on.
    func keepHalves(for context: OpaquePointer) throws(UNetError) {
        if halves == nil { halves = (try Buffer(bytes: count * 2), try Buffer(bytes: count * 2)) }
        halve()
        unsafe od_set_half_weights(context, Int64(count), values.floats, halves(at: 0))
    }

    /// Rounds weights that have changed in another way than by an update.
    func halve() {
        for (index, slot) in slots.enumerated() {
            let target = unsafe halves(slot: index)
            guard unsafe target.columns != nil else { continue }
            unsafe od_halve(Int64(slot.count), values.floats + slot.offset, target)
        }
    }

    /// Where a tensor's halves are, for whoever changes its values; nowhere for those that have none.
    func halves(slot index: Int) -> od_half_weights {
        guard case .blocked = slots[index].order else { return unsafe od_half_weights() }
        return unsafe halves(at: slots[index].offset)
    }

    private func halves(at offset: Int) -> od_half_weights {
        guard let halves else { return unsafe od_half_weights() }
        return unsafe od_half_weights(
            columns: halves.columns.raw.assumingMemoryBound(to: UInt16.self) + offset,
            rows: halves.rows.raw.assumingMemoryBound(to: UInt16.self) + offset
        )
    }

    /// Remembers the running statistics as they are.
    func keepStatistics() {
        var place = unsafe keptStatistics.floats
        for (_, channels, mean, variance) in running {
            unsafe place.update(from: mean.floats, count: channels)
            unsafe (place + channels).update(from: variance.floats, count: channels)
            unsafe place += 2 * channels
        }
    }

    /// Whether all trainable parameters are numbers.
    var hasFiniteValues: Bool { (0..<count).allSatisfy { unsafe values.floats[$0].isFinite } }

    /// Whether all running statistics, scales and shifts are numbers: a ReLU makes zeros of what is none, so that a loss may
    /// not show it.
    var hasFiniteStatistics: Bool {
        for range in perChannel {
            for place in range { guard unsafe values.floats[place].isFinite else { return false } }
        }
        for (_, channels, mean, variance) in running {
            for channel in 0..<channels {
                guard unsafe mean.floats[channel].isFinite && variance.floats[channel].isFinite else { return false }
            }
        }
        return true
    }

    /// Puts the running statistics back to what `keepStatistics` found.
    func restoreStatistics() {
        var place = unsafe keptStatistics.floats
        for (_, channels, mean, variance) in running {
            unsafe mean.floats.update(from: place, count: channels)
            unsafe variance.floats.update(from: place + channels, count: channels)
            unsafe place += 2 * channels
        }
    }

    private func slot(_ name: String) -> NetLayout.Tensor { slots[index(name)] }

    private func index(_ name: String) -> Int {
        guard let index = byName[name] else { preconditionFailure("the net has no tensor \(name)") }
        return index
    }

    /// He-normal weights (standard deviation sqrt(2 / fan in)) or uniform ones, zero biases, unit scales.
    func initialize(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for slot in slots {
            let target = unsafe values.floats + slot.offset
            slot.order.forEachPlace(slot.shape) { place in
                unsafe target[place] =
                    switch slot.role {
                    case .shift: 0
                    case .scale: 1
                    case .normal(let fanIn): generator.normal() * sqrtf(2 / Float(fanIn))
                    case .uniform(let limit): Float(2 * generator.uniform() - 1) * sqrtf(limit)
                    }
            }
        }
        halve()
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

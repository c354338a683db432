/// A small generator of random numbers with a fixed sequence for every seed.
///
/// Source: Steele, Lea and Flood, OOPSLA 2014, 453-472. The draws below are our own, because the standard library
/// may change how it maps a generator to a range.
struct SplitMix64: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number from 0 up to, not including, `count`: the high half of a product, uneven by `count` in 2⁶⁴ at most.
    mutating func index(below count: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(count)).high)
    }
}

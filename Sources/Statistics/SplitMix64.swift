/// A small generator of random numbers with a fixed sequence for every seed.
///
/// Source: Steele, Lea and Flood, OOPSLA 2014, 453-472. The draws below are our own, because the standard library
/// may change how it maps a generator to a range.
package struct SplitMix64: Sendable {
    private var state: UInt64

    /// A generator that begins with `seed`.
    package init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number from 0 up to, not including, `count`: the high half of a product, uneven by `count` in 2⁶⁴ at most.
    package mutating func index(below count: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(count)).high)
    }

    /// The elements in an order of which each is equally likely (Fisher and Yates; Durstenfeld, CACM 7 (1964), 420).
    package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var result = elements
        for last in stride(from: result.count - 1, to: 0, by: -1) { result.swapAt(last, index(below: last + 1)) }
        return result
    }
}

/// How late wake-ups were: a histogram with eight steps an octave, so that no tick allocates.
struct Lateness {
    private static let stepsPerOctave = 8
    private var counts = [Int](repeating: 0, count: 64 * Lateness.stepsPerOctave)
    private(set) var total = 0

    /// Counts one wake-up, so many nanoseconds after its time; an early one counts as punctual.
    mutating func add(_ nanoseconds: Int64) {
        counts[Self.bucket(UInt64(max(0, nanoseconds)))] += 1
        total += 1
    }

    /// The upper edge, in nanoseconds, of the bucket that holds the quantile; 0 without wake-ups.
    func quantile(_ q: Double) -> Double {
        guard total > 0 else { return 0 }
        let wanted = max(1, Int((q * Double(total)).rounded(.up)))
        var seen = 0
        for (index, count) in counts.enumerated() {
            seen += count
            if seen >= wanted { return Self.upperEdge(index) }
        }
        return 0
    }

    /// Below 8 ns a bucket each; above, the three bits after the leading one choose the step.
    private static func bucket(_ value: UInt64) -> Int {
        guard value >= 8 else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount
        return (octave - 2) * stepsPerOctave + Int((value >> (octave - 3)) & 7)
    }

    private static func upperEdge(_ bucket: Int) -> Double {
        guard bucket >= stepsPerOctave else { return Double(bucket) }
        let octave = bucket / stepsPerOctave + 2
        let step = bucket % stepsPerOctave
        return Double(UInt64(9 + step) << (octave - 3))
    }
}

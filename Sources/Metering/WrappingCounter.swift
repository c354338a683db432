/// Tells what the next value of a cumulative counter means.
///
/// A counter with `range` R runs from 0 to R and starts again. The corrected step of a wrap is
/// `value + (R - previous)`; against the exact modulus it is short by at most one unit of the hardware
/// register (R / (2^32 - 1), for RAPL 15 to 61 µJ), which the reader of a file cannot see. A step is believed
/// only up to 1.2 times what the source can deliver in the time. What cannot be told apart is `ambiguous`.
public struct WrappingCounter: Sendable {
    /// The meaning of one value.
    public enum Step: Sendable, Hashable {
        /// Nothing came before.
        case first
        /// So many counts were added.
        case advanced(UInt64)
        /// So many counts were added, and the counter passed its range once.
        case wrapped(UInt64)
        /// The counter was set anew: the counts of this step are lost.
        case reset
        /// The time was long enough to hide a wrap: the counts of this step are unknown.
        case ambiguous
    }

    /// Tolerance on the largest plausible power, and on the longest time between two readings.
    static let tolerance = 1.2

    private let range: UInt64?
    private let countsPerNanosecond: Double
    private let slack: Int64
    private let longestStep: Double
    private var previous: (value: UInt64, time: Int64)?

    /// A counter of `maximumRate` counts a second at most, which is renewed every `updatePeriod` nanoseconds.
    ///
    /// - Parameter readWithin: The nanoseconds between two readings that its source bears; a step of more than 1.2 times
    ///   that is ambiguous, whatever it shows.
    public init(range: UInt64?, maximumRate: Double, updatePeriod: Int64 = 0, readWithin: Int64? = nil) {
        self.range = range
        longestStep = readWithin.map { Double($0) * Self.tolerance } ?? .infinity
        countsPerNanosecond = maximumRate / 1e9
        slack = updatePeriod
    }

    /// Takes the value that was read at `time` nanoseconds.
    public mutating func step(to value: UInt64, at time: Int64) -> Step {
        guard let last = previous else {
            previous = (value, time)
            return .first
        }
        previous = (value, time)
        guard Double(time - last.time) <= longestStep else { return .ambiguous }
        // A value may be older than its reading by one update period, and a register counts in steps.
        let elapsed = Double(max(0, time - last.time) + slack)
        let unit = range.map { max(1, Double($0) / 4_294_967_295) } ?? 1
        let limit = Self.tolerance * countsPerNanosecond * elapsed + unit

        if value >= last.value {
            let counts = value - last.value
            if Double(counts) > limit { return .reset }
            if let range, Double(counts) + Double(range) <= limit { return .ambiguous }
            return .advanced(counts)
        }
        guard let range, last.value <= range else { return .reset }
        let counts = value + (range - last.value)
        if Double(counts) > limit { return .reset }
        if Double(counts) + Double(range) <= limit { return .ambiguous }
        return .wrapped(counts)
    }
}

public import Quantities

/// Intensities of a grid by the hour, the half-hour or less: intervals that follow one another without a gap.
public struct IntensitySeries: Sendable, Hashable {
    /// One interval with its figure.
    public struct Interval: Sendable, Codable, Hashable {
        /// Its ends, seconds since 1970 (UTC).
        public var from: Int64
        public var to: Int64
        public var value: GramsPerKilowattHour

        /// An interval; the arguments are the properties of the same names.
        public init(from: Int64, to: Int64, value: GramsPerKilowattHour) {
            self.from = from
            self.to = to
            self.value = value
        }
    }

    /// What a run has of one interval.
    public struct Window: Sendable, Hashable {
        /// The part of the run, microseconds since 1970 (UTC).
        public var time: Range<Int64>
        public var interval: Interval
    }

    /// In order, each beginning where the one before ends; never empty.
    public let intervals: [Interval]
    /// The file or service, for sentences.
    public let name: String

    /// A series of intervals in any order; throws where they overlap, leave a gap or are none.
    public init(_ intervals: [Interval], name: String) throws(CarbonError) {
        let sorted = intervals.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
        guard let first = sorted.first else {
            throw Self.fault("\(name) holds no intensity.", "Give a row an interval: 2026-11-23T20:00:00Z,320.")
        }
        for interval in sorted where interval.to <= interval.from {
            throw Self.fault(
                "\(name): the interval at \(rfc3339(interval.from)) ends before it begins.",
                "Correct its times."
            )
        }
        var last = first
        for next in sorted.dropFirst() {
            if next.from < last.to {
                throw Self.fault("\(name): two intervals overlap at \(rfc3339(next.from)).", "Leave one of them out.")
            }
            if next.from > last.to {
                throw Self.fault(
                    "\(name) has a gap from \(rfc3339(last.to)) to \(rfc3339(next.from)).",
                    "Fill the gap with the grid's figures: none is made up here."
                )
            }
            last = next
        }
        self.intervals = sorted
        self.name = name
    }

    /// The parts of a run by interval; `run` in microseconds since 1970 (UTC).
    ///
    /// - Parameter reach: For so many seconds the first and the last figure stand for time outside the series.
    /// - Throws: where the series does not cover the run.
    public func windows(of run: Range<Int64>, reach: Int64 = 0) throws(CarbonError) -> [Window] {
        let first = intervals[0]
        let last = intervals[intervals.count - 1]
        let covered = (first.from - reach) * 1_000_000...(last.to + reach) * 1_000_000
        let end = max(run.lowerBound, run.upperBound)
        guard covered.contains(run.lowerBound), covered.contains(end) else {
            throw Self.fault(
                "\(name) covers \(rfc3339(first.from)) to \(rfc3339(last.to)), but the run was from "
                    + "\(rfc3339(run.lowerBound / 1_000_000)) to \(rfc3339(end / 1_000_000)).",
                "Give a series that holds the whole run."
            )
        }
        return intervals.indices.compactMap { index in
            let interval = intervals[index]
            let from = index == 0 ? Int64.min : interval.from * 1_000_000
            let to = index == intervals.count - 1 ? Int64.max : interval.to * 1_000_000
            let (a, b) = (max(from, run.lowerBound), min(to, end))
            // A run that took no time is in the interval that holds its instant.
            return a < b || (a == b && run.isEmpty && (b < to || to == .max))
                ? Window(time: a..<b, interval: interval) : nil
        }
    }

    /// The mean over a run's windows, weighted by the joules of each, else by time where they are unknown.
    ///
    /// `C = Σ Eₖ·Iₖ` is then the energy times this mean.
    public static func mean(
        of windows: [Window],
        joules: [Double]?,
        source: String,
        basis: CarbonBasis,
        kind: IntensityKind = .average,
        uncertainty: Double? = nil
    ) -> Intensity {
        let times = windows.map { Double($0.time.count) }
        let known = joules.flatMap { joules in
            joules.count == windows.count && joules.allSatisfy { $0 >= 0 && $0.isFinite } && joules.contains { $0 > 0 }
                ? joules : nil
        }
        let weights = known ?? (times.contains { $0 > 0 } ? times : times.map { _ in 1 })
        let sum = weights.reduce(0, +)
        let parts = zip(windows, weights).map { window, weight in
            Intensity.Part(
                from: window.interval.from,
                to: window.interval.to,
                share: weight / sum,
                value: window.interval.value
            )
        }
        let year = windows.first.flatMap { Int(rfc3339($0.time.lowerBound / 1_000_000).prefix(4)) }
        return Intensity(
            value: GramsPerKilowattHour(parts.reduce(0) { $0 + $1.share * $1.value.value }),
            source: source,
            year: year,
            basis: basis,
            kind: kind,
            uncertainty: uncertainty,
            parts: parts,
            note: known == nil && windows.count > 1 ? "split evenly over time: no samples tell the course" : nil
        )
    }

    static func fault(_ problem: String, _ remedy: String) -> CarbonError {
        CarbonError(code: .invalidSeries, problem: problem, remedy: remedy)
    }
}

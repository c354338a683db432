import Foundation
import Quantities
import Testing

@testable import Carbon

@Suite("Time series of intensities")
struct SeriesTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/series")

    private func series(_ name: String) throws -> IntensitySeries {
        let text = try String(contentsOf: Self.folder.appendingPathComponent("\(name).csv"), encoding: .utf8)
        return try IntensitySeries(csv: text, name: "\(name).csv")
    }

    private let eight: Int64 = 1_795_464_000

    @Test func `instants are read with their offset`() throws {
        #expect(try Instant("2026-11-23T20:00:00Z").seconds == eight)
        #expect(try Instant("2026-11-23T21:00:00.250+01:00") == Instant("2026-11-23T21:00+01:00"))
        #expect(try Instant("2026-11-23t15:30-04:30").seconds == eight)
        #expect(try Instant("2000-02-29T00:00:00Z").seconds == 951_782_400)
        #expect(try Instant("1969-12-31T23:59:59Z").seconds == -1)
        for seconds in [eight, 951_782_400, -1, 0, 4_107_542_399] {
            #expect(try Instant(rfc3339(seconds)).seconds == seconds)
        }
        for text in ["", "2026-13-01T00:00:00Z", "2026-11-23T25:00:00Z", "2026-11-23", "2026-11-23T20:00:00Zz"] {
            #expect(throws: Instant.Fault.noTime) { try Instant(text) }
        }
        #expect(throws: Instant.Fault.noOffset) { try Instant("2026-11-23T20:00:00") }
    }

    @Test func `hourly and half-hourly files are read`() throws {
        let hourly = try series("hourly")
        #expect(hourly.intervals.map(\.value.value) == [300, 100, 200])
        #expect(hourly.intervals[0].from == eight && hourly.intervals[2].to == eight + 3 * 3600)
        let half = try series("half-hourly")
        #expect(half.intervals.map { $0.to - $0.from } == [1800, 1800])
        #expect(half.intervals[0].from == eight)
    }

    @Test(arguments: [
        ("gap", "has a gap from 2026-11-23T21:00:00Z to 2026-11-23T22:00:00Z"), ("overlap", "overlaps with the row"),
        ("overlap-ends", "two intervals overlap"), ("zones", "line 2 is in another time zone"),
        ("local", "does not say its time zone"), ("backwards", "is earlier than the row before it"),
        ("word", "is no intensity"), ("negative", "is no intensity"), ("empty", "holds no intensity"),
        ("daily", "intervals of 86400 s"), ("date", "is no time"), ("one", "is the only row"),
    ])
    func `a series that cannot be used says why`(name: String, words: String) throws {
        let error = #expect(throws: CarbonError.self) { try series("bad-\(name)") }
        #expect(error?.exitCode == 65)
        #expect(error?.problem.hasPrefix("bad-\(name).csv") == true)
        #expect(error?.problem.contains(words) == true, "\(error?.problem ?? "")")
    }

    @Test func `a run outside the series is refused`() throws {
        let series = try series("hourly")
        let error = #expect(throws: CarbonError.self) {
            try series.windows(of: (eight - 60) * 1_000_000..<eight * 1_000_000)
        }
        #expect(error?.problem.contains("but the run was from 2026-11-23T19:59:00Z") == true)
        #expect(try series.windows(of: (eight - 60) * 1_000_000..<eight * 1_000_000, reach: 60).count == 1)
    }

    @Test func `a run is weighted by the joules of each interval`() throws {
        let series = try series("hourly")
        let run = (eight + 1800) * 1_000_000..<(eight + 5400) * 1_000_000
        let windows = try series.windows(of: run)
        #expect(windows.count == 2)
        let even = IntensitySeries.mean(of: windows, joules: nil, source: "s", basis: .direct)
        #expect(even.value.value == 200 && even.year == 2026)
        #expect(even.note?.contains("evenly") == true)
        let weighted = IntensitySeries.mean(of: windows, joules: [3, 1], source: "s", basis: .direct)
        #expect(weighted.value.value == 250 && weighted.note == nil)
        #expect(weighted.parts?.map(\.share) == [0.75, 0.25])
        // An instant on the border belongs to the interval that begins there.
        let instant = (eight + 3600) * 1_000_000
        #expect(try series.windows(of: instant..<instant).map(\.interval.value.value) == [100])
    }

    /// Numbers that are the same on every machine (Knuth's MMIX generator).
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
    }

    @Test(arguments: 1...40) func `the parts are the whole and a constant series is its constant`(seed: Int) throws {
        var dice = Dice(state: UInt64(seed) &* 977)
        let step: Int64 = Bool.random(using: &dice) ? 1800 : 3600
        let count = Int.random(in: 1...60, using: &dice)
        let origin = Int64.random(in: 0...2_000_000_000, using: &dice)
        let values = (0..<count).map { _ in Double.random(in: 0...900, using: &dice) }
        let intervals = values.enumerated().map { index, value in
            IntensitySeries.Interval(
                from: origin + Int64(index) * step,
                to: origin + Int64(index + 1) * step,
                value: GramsPerKilowattHour(value)
            )
        }
        let series = try IntensitySeries(intervals.shuffled(using: &dice), name: "s")
        let ends = [0, 1].map { _ in Int64.random(in: 0...Int64(count) * step * 1_000_000, using: &dice) }.sorted()
        let run = origin * 1_000_000 + ends[0]..<origin * 1_000_000 + ends[1]
        let windows = try series.windows(of: run)
        #expect(windows.reduce(0) { $0 + $1.time.count } == run.count)
        #expect(zip(windows, windows.dropFirst()).allSatisfy { $0.time.upperBound == $1.time.lowerBound })
        let joules = windows.map { _ in Double.random(in: 0.1...1000, using: &dice) }
        let mean = IntensitySeries.mean(of: windows, joules: joules, source: "s", basis: .direct)
        #expect(abs((mean.parts ?? []).reduce(0) { $0 + $1.share } - 1) < 1e-12)
        // The grams of the parts are the grams of the whole at the mean.
        let total = joules.reduce(0, +)
        let parts = zip(joules, windows).reduce(0) { $0 + $1.0 * $1.1.interval.value.value }
        #expect(abs(mean.value.value * total - parts) <= 1e-9 * max(1, parts))
        let flat = try IntensitySeries(
            intervals.map { .init(from: $0.from, to: $0.to, value: GramsPerKilowattHour(321)) },
            name: "s"
        )
        let constant = IntensitySeries.mean(of: try flat.windows(of: run), joules: joules, source: "s", basis: .direct)
        #expect(abs(constant.value.value - 321) < 1e-9)
    }
}

import HostModel
import Metering
import Powercap

/// What reading costs, each figure beside its limit; ends with 1 where one is over.
///
///     bench-meter [libNVMLStandIn.so]
///
/// The counters are eight files of ordinary numbers in a temporary folder: this measures the meter's own work, not the
/// kernel's way to the registers behind `/sys`, which no program can shorten.
@main
struct BenchMeter {
    static func main() throws {
        let tree = try CounterTree(packages: 4)
        let survey = PowercapSurvey(root: tree.root)
        guard survey.channels.count == 8 else {
            fatalError("the bench's own tree shows \(survey.channels.count) channels")
        }
        var rows = [
            Row("read 8 powercap channels, tight loop, median of batches", try read(survey), "µs", 10),
            Row("thread CPU a tick at 100 Hz with its wake-up", try tick(survey, seconds: 10) { [$0] }, "µs", 100),
        ]
        rows.append(Row("one core at 10 Hz, 8 channels", try share(survey, seconds: 20) { [$0] }, "%", 0.1))
        // What the machine itself takes to wake a thread, and what the model's file costs the kernel.
        rows.append(Row("the same, waking up alone", try share(survey, seconds: 20) { _ in [] }, "%"))
        rows.append(
            Row(
                "the same, 8 channels and the model",
                try share(survey, seconds: 20) { [$0, Box(try HostModelProbe())] },
                "%"
            )
        )
        let fast = try sample([Box(try PowercapProbe(survey))], interval: 1_000_000, seconds: 10)
        rows.append(Row("one core at 1 kHz, 8 channels", fast.cpuTime / 10 * 100, "%", 5))
        // A machine that wakes a bare thread too late is not idle, or a virtual one: the limit says nothing there.
        let bare = try sample([], interval: 1_000_000, seconds: 10)
        let missed = "ticks missed of 10,000 at 1 kHz"
        rows.append(Row(missed, Double(fast.missed), "", bare.missed == 0 ? 0 : nil))
        rows.append(Row("the same, waking up alone", Double(bare.missed), ""))
        if let library = CommandLine.arguments.dropFirst().first {
            rows.append(try Node(library: library).tick)
        }
        rows += try Day(survey).rows
        for row in rows { print(row.text) }
        if rows.contains(where: \.isOver) { exit(1) }
    }

    /// Microseconds to read every channel once.
    private static func read(_ survey: PowercapSurvey) throws -> Double {
        let box = Box(try PowercapProbe(survey))
        var readings = [RawReading](repeating: RawReading(), count: box.channels.count)
        var batches: [Double] = []
        for _ in 0..<201 {
            let start = monotonicNow()
            for _ in 0..<1000 {
                var span = readings.mutableSpan
                try box.read(into: &span)
            }
            batches.append(Double(monotonicNow() - start) / 1000 / 1000)
        }
        guard readings.allSatisfy({ $0.raw != RawReading.missing }) else { fatalError("a counter could not be read") }
        return batches.sorted()[batches.count / 2]
    }

    /// Microseconds of the sampler's thread for each of its ticks at 100 Hz.
    private static func tick(
        _ survey: PowercapSurvey,
        seconds: Int64,
        probes: (ProbeBox) throws -> [ProbeBox]
    ) throws -> Double {
        let report = try sample(try probes(Box(try PowercapProbe(survey))), interval: 10_000_000, seconds: seconds)
        return report.cpuTime * 1e6 / Double(report.ticks)
    }

    /// Percent of a core that the sampler's thread takes at 10 Hz.
    private static func share(
        _ survey: PowercapSurvey,
        seconds: Int64,
        probes: (ProbeBox) throws -> [ProbeBox]
    ) throws -> Double {
        let report = try sample(try probes(Box(try PowercapProbe(survey))), interval: 100_000_000, seconds: seconds)
        return report.cpuTime / Double(seconds) * 100
    }

    private static func sample(_ probes: [ProbeBox], interval: Int64, seconds: Int64) throws -> SamplerReport {
        let sampler = try Sampler(probes, interval: interval)
        try sampler.start()
        pause(seconds)
        return sampler.stop()
    }
}

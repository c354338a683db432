import Metering
import Quantities
import Testing

@Suite("The sampler")
struct SamplerTests {
    /// Counts its reads; fails as it is told to.
    struct CountingProbe: Probe, ~Copyable {
        let channels = [counterChannel("test/a"), counterChannel("test/b")]
        var reads: UInt64 = 0
        var failing: ClosedRange<UInt64>?
        var consequence = ProbeError.Consequence.dropTick

        mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
            reads += 1
            if let failing, failing.contains(reads) {
                throw ProbeError(consequence, source: "test", problem: "Told to fail.")
            }
            readings[0] = RawReading(raw: reads)
            readings[1] = RawReading(raw: 1000 + reads)
        }
    }

    /// Runs until so many ticks have come, by draining like a writer.
    private func collect(_ sampler: Sampler, ticks: Int) throws -> Trace {
        try sampler.start()
        var trace = sampler.drain()
        let deadline = monotonicNow() + 20_000_000_000
        while trace.count < ticks, monotonicNow() < deadline {
            pause(2_000_000)
            trace.append(sampler.drain())
        }
        sampler.stop()
        trace.append(sampler.drain())
        return trace
    }

    @Test("a nudge is a tick beside the beat, at most four between two of its own")
    func nudges() throws {
        let sampler = try Sampler([Box(CountingProbe())], interval: 2_000_000_000)
        try sampler.start()
        for _ in 0..<10 {
            pause(20_000_000)
            sampler.nudge()
            sampler.nudge()
        }
        pause(20_000_000)
        let report = sampler.stop()
        let trace = sampler.drain()
        // The first, four nudged, the last; a thread that sleeps long enough has two nudges become one.
        #expect((3...6).contains(trace.count) && report.ticks == trace.count)
        #expect(report.missed == 0)
        #expect(zip(trace.before, trace.before.dropFirst()).dropLast().allSatisfy { $1 - $0 >= 1_000_000 })
    }

    @Test("reads at its beat, in order, whole microseconds, nothing twice")
    func cadence() throws {
        let sampler = try Sampler([Box(CountingProbe())], interval: 5_000_000)
        let trace = try collect(sampler, ticks: 20)
        let report = sampler.stop()
        #expect(trace.count >= 20)
        #expect(report.ticks == trace.count)
        #expect(trace.columns[0] == (1...UInt64(trace.count)).map { $0 })
        #expect(trace.columns[1] == (1...UInt64(trace.count)).map { $0 + 1000 })
        #expect(zip(trace.before, trace.after).allSatisfy { $0 <= $1 && $0 % 1000 == 0 && $1 % 1000 == 0 })
        #expect(zip(trace.after, trace.before.dropFirst()).allSatisfy { $0 <= $1 })
        // The beat is absolute: ticks and skipped beats together fill the time.
        let span = Double(trace.before[trace.count - 2] - trace.before[0]) / 5e6
        #expect(abs(span - Double(trace.count - 2 + report.missed)) < 3)
        #expect(report.cpuTime > 0)
        #expect(report.interval == 0.005)
    }

    @Test("start and stop take a sample each and do not wait for the beat")
    func edges() throws {
        let sampler = try Sampler([Box(CountingProbe())], interval: 60_000_000_000)
        let before = monotonicNow()
        try sampler.start()
        let started = monotonicNow()
        let report = sampler.stop()
        let stopped = monotonicNow()
        let trace = sampler.drain()
        #expect(trace.count == 2)
        #expect(report.ticks == 2)
        #expect(trace.before[0] >= before - 1000 && trace.after[0] <= started + 1000)
        #expect(trace.after[1] <= stopped + 1000)
        #expect(stopped - before < 2_000_000_000)
        #expect(sampler.drain().count == 0)
    }

    @Test("a dropped tick is missing, and the ticks after it are there")
    func dropTick() throws {
        let sampler = try Sampler([Box(CountingProbe(failing: 3...4)), Box(CountingProbe())], interval: 1_000_000)
        let trace = try collect(sampler, ticks: 8)
        #expect(trace.columns[0][2] == RawReading.missing && trace.columns[1][3] == RawReading.missing)
        #expect(trace.columns[0][4] == 5)
        #expect(trace.columns[2][2] == 3)
        #expect(sampler.failures.count == 1)
    }

    @Test("a closed probe is read no more; the others are")
    func closeProbe() throws {
        let failing = CountingProbe(failing: 3...3, consequence: .closeProbe)
        let sampler = try Sampler([Box(failing), Box(CountingProbe())], interval: 1_000_000)
        let trace = try collect(sampler, ticks: 8)
        #expect(trace.columns[0][2...].allSatisfy { $0 == RawReading.missing })
        #expect(trace.columns[2].allSatisfy { $0 != RawReading.missing })
    }

    @Test("what a probe says of its readings is known after the end, with every reading in it")
    func warnings() throws {
        let sampler = try Sampler([Box(CountingProbe()), Box(TalkingProbe())], interval: 1_000_000)
        try sampler.start()
        #expect(sampler.warnings == [])
        let report = sampler.stop()
        #expect(sampler.warnings == ["\(report.ticks) readings"])
    }

    @Test("without probes it still beats; a beat below 0.1 ms is refused")
    func rims() throws {
        let sampler = try Sampler([], interval: 1_000_000)
        #expect(try collect(sampler, ticks: 3).count >= 3)
        #expect(throws: (any Error).self) { try Sampler([], interval: 1000) }
    }

    @Test("one that was started and forgotten ends")
    func forgotten() throws {
        for _ in 0..<20 { try Sampler([Box(CountingProbe())], interval: 1_000_000_000).start() }
    }
}

/// Says how often it was read.
private struct TalkingProbe: Probe, ~Copyable {
    let channels: [Channel] = []
    private var reads = 0

    var warnings: [String] { ["\(reads) readings"] }

    mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) { reads += 1 }
}

import ProbeTestKit
import Quantities
import Testing

@testable import Metering

@Suite("A tick of the sampler")
struct TickTests {
    /// Fails at every other read.
    struct FlickeringProbe: Probe, ~Copyable {
        let channels = [counterChannel("test/a"), counterChannel("test/b")]
        var reads: UInt64 = 0

        mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
            reads += 1
            readings[0] = RawReading(raw: reads)
            if reads % 2 == 0 { readings[1] = RawReading(raw: reads) }
        }
    }

    @Test("asks for no memory")
    func allocatesNothing() {
        #expect(countsAllocations())
        let state = SamplerState([Box(FlickeringProbe()), Box(FlickeringProbe())], interval: 1_000_000, rows: 20_000)
        for _ in 0..<10 { state.tick() }
        #expect(allocations { for _ in 0..<10_000 { state.tick() } } == 0)
        #expect(state.ticks == 10_010)
    }

    @Test("comes often enough that no wrap can hide, whatever was asked for")
    func beat() throws {
        let amd = counterChannel(range: 65_532_610_987)
        #expect(abs(try #require(amd.longestInterval).value - 32.766305) < 1e-5)
        struct OneCounter: Probe, ~Copyable {
            let channels: [Channel]
            mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {}
        }
        let sampler = try Sampler([Box(OneCounter(channels: [amd]))], interval: 60_000_000_000)
        #expect(sampler.interval == 32_766_305_493)
        #expect(try Sampler([Box(OneCounter(channels: [amd]))], interval: 100_000_000).interval == 100_000_000)
        // A source without a range may ask for readings too; the shorter of the two times holds.
        var folded = counterChannel(range: nil)
        folded.readWithin = Seconds(30)
        #expect(folded.longestInterval == Seconds(30))
        #expect(
            try Sampler([Box(OneCounter(channels: [amd, folded]))], interval: 60_000_000_000).interval == 30_000_000_000
        )
        var both = amd
        both.readWithin = Seconds(120)
        #expect(both.longestInterval == amd.longestInterval)
        #expect(try Sampler([Box(OneCounter(channels: []))], interval: 60_000_000_000).interval == 60_000_000_000)
    }

    @Test("at that beat a nearly idle machine is no more in doubt than a busy one", arguments: [1.0, 100, 990])
    func slowBeat(watts: Double) throws {
        let channel = counterChannel(range: 65_532_610_987)
        let load = PowerCurve(steps: [(-1, watts)])
        let energy = account(
            traces: [load.trace(channel, at: ticks(600, every: 32.7))],
            start: 0,
            end: 600_000_000_000,
            marks: Marks()
        ).channels[0]
        #expect(abs(try #require(energy.joules).value / (600 * watts) - 1) < 1e-4)
        #expect(energy.gaps.isEmpty)
    }
}

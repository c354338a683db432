import Glibc
import Metering
import ProbeTestKit
import Quantities
import SystemPackage
import Testing

@testable import PerfEvents

/// A processor's clock as a counter of energy: its nanoseconds as nanojoules are one watt, known without a sensor.
@Suite("Reading energy events", .enabled(if: canCount, "perf_event_open refuses events of whole processors here"))
struct ReadingTests {
    private func read(_ probe: inout PerfEventsProbe) throws -> [UInt64] {
        var readings = [RawReading](repeating: RawReading(raw: 77), count: probe.channels.count)
        var span = readings.mutableSpan
        try probe.read(into: &span)
        return readings.map(\.raw)
    }

    @Test("keeps the contract of every probe")
    func contract() throws {
        #expect(countsAllocations())
        let survey = PerfEventsSurvey(root: fixture("clock"))
        #expect(try violations(below: nil) { try PerfEventsProbe(survey) } == [])
    }

    @Test("leaves no descriptor open")
    func descriptors() throws {
        let survey = PerfEventsSurvey(root: fixture("clock"))
        func open() -> Int {
            let own = FileTree(root: "/proc/self/fd")
            return ((try? own.entries("")) ?? []).count { own.link("/" + $0) == "anon_inode:[perf_event]" }
        }
        let before = open()
        for _ in 0..<200 { _ = try PerfEventsProbe(survey) }
        // Tests beside this one have a few of their own.
        #expect(open() - before < 100)
    }

    @Test("the joules are those of the counter: one watt")
    func joules() throws {
        var probe = try PerfEventsProbe(PerfEventsSurvey(root: fixture("clock")))
        var trace = Trace(channels: probe.channels)
        for _ in 0..<41 {
            trace.before.append(monotonicNow())
            let values = try read(&probe)
            trace.after.append(monotonicNow())
            trace.columns[0].append(values[0])
            usleep(5000)
        }
        let (start, end) = (trace.after[0], trace.before[40])
        let energy = account(traces: [trace], start: start, end: end, marks: Marks())
        let truth = Double(end - start) * 1e-9
        let width = Double(zip(trace.before, trace.after).map { $1 - $0 }.max() ?? 0) * 1e-9
        #expect(abs(try #require(energy.total.joules).value - truth) <= 0.001 * truth + 2 * width)
        #expect(energy.total.coverage == ["perf/package-0"] && energy.total.basis == .measured)
        #expect(energy.channels[0].resets == 0)
        // A busy machine may come late; nothing else may happen.
        #expect(energy.channels[0].gaps.allSatisfy { $0.reason == "late" })
    }

    @Test("every processor of the mask has a counter of its own")
    func processors() throws {
        let tree = try TemporaryTree(copyOf: fixture("clock"))
        let count = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        guard count > 1 else { try Test.cancel("there is one processor only") }
        try tree.write("\(EnergyUnit.folder)/power/cpumask", "0-1\n")
        try tree.write("/sys/devices/system/cpu/cpu1/topology/physical_package_id", "1\n")
        var probe = try PerfEventsProbe(PerfEventsSurvey(root: tree.root))
        #expect(probe.channels.map(\.name) == ["perf/package-0", "perf/package-1"])
        let first = try read(&probe)
        let second = try read(&probe)
        #expect(zip(first, second).allSatisfy { $0 < $1 })
    }

    /// The kernel stops an event so when its processor goes offline: the count stays and no read fails.
    @Test("a counter that stands still is missing, not a constant")
    func stopped() throws {
        var probe = try PerfEventsProbe(PerfEventsSurvey(root: fixture("clock")))
        let file = try #require(probe.files[0])
        #expect(try read(&probe)[0] < RawReading.missing)
        let (enable, disable): (UInt, UInt) = (0x2400, 0x2401)
        #expect(ioctl(file.rawValue, disable, 0) == 0)
        _ = try read(&probe)
        for _ in 0..<3 { #expect(try read(&probe) == [RawReading.missing]) }
        #expect(ioctl(file.rawValue, enable, 0) == 0)
        #expect(try read(&probe)[0] < RawReading.missing)
    }

    @Test("a read that gives less than a count is a failure", arguments: ["/dev/null", "/proc/self/mem"])
    func shortRead(path: String) throws {
        let file = try FileTree(root: "/").open(path)
        defer { try? file.close() }
        guard case .failure = file.readEvent() else {
            Issue.record("a count from \(path)")
            return
        }
    }
}

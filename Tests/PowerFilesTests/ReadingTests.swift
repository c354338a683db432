import Glibc
import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import PowerFiles

@Suite("Reading power files")
struct ReadingTests {
    private func read(_ probe: inout PowerFilesProbe) throws -> [UInt64] {
        var readings = [RawReading](repeating: RawReading(raw: 77), count: probe.channels.count)
        var span = readings.mutableSpan
        try probe.read(into: &span)
        return readings.map(\.raw)
    }

    private func probe(_ tree: TemporaryTree) -> PowerFilesProbe {
        PowerFilesProbe(PowerFilesSurvey(directories: [tree.root]))
    }

    @Test("keeps the contract of every probe, also where files fail at every read")
    func contract() throws {
        #expect(countsAllocations())
        let tree = try TemporaryTree()
        try tree.write("/gpu0/energy_mj", "1\n")
        try tree.write("/gpu0/power_mw", "1\n")
        try tree.write("/gpu1/power_mw", "1\n")
        #expect(try violations(below: tree.root, reads: 2000) { probe(tree) } == [])
        let survey = PowerFilesSurvey(directories: [tree.root])
        tree.remove("/gpu0")
        try tree.write("/gpu1/power_mw", "what")
        #expect(try violations(below: tree.root, reads: 2000) { PowerFilesProbe(survey) } == [])
    }

    @Test("sees what is written in place, and what takes the file's or the folder's place")
    func replaced() throws {
        let tree = try TemporaryTree()
        try tree.write("/gpu0/energy_mj", "1\n")
        var probe = probe(tree)
        #expect(try read(&probe) == [1])
        try tree.write("/gpu0/energy_mj", "2\n")
        #expect(try read(&probe) == [2])
        try tree.write("/gpu0/.new", "3")
        #expect(unsafe rename(tree.root + "/gpu0/.new", tree.root + "/gpu0/energy_mj") == 0)
        #expect(try read(&probe) == [3])
        tree.remove("/gpu0")
        #expect(try read(&probe) == [RawReading.missing])
        try tree.write("/gpu0/energy_mj", "4\n")
        #expect(try read(&probe) == [4])
    }

    @Test(
        "an empty file and what is no whole number are missing, never 0",
        arguments: ["", "\n", "n/a\n", "-5\n", "12.5\n", "1e6\n", "99999999999999999999999\n", "12abc\n"]
    )
    func missing(text: String) throws {
        let tree = try TemporaryTree()
        try tree.write("/gpu0/energy_mj", "7\n")
        var probe = probe(tree)
        try tree.write("/gpu0/energy_mj", text)
        #expect(try read(&probe) == [RawReading.missing])
        try tree.write("/gpu0/energy_mj", "18446744073709551614\n")
        #expect(try read(&probe) == [18_446_744_073_709_551_614])
    }

    @Test("a file that is empty when it is looked at is being written: it is read, and a pipe is not waited for")
    func beingWritten() throws {
        let tree = try TemporaryTree()
        try tree.write("/gpu0/energy_mj", "")
        try tree.write("/gpu1/name", "pipe\n")
        #expect(unsafe mkfifo(tree.root + "/gpu1/energy_mj", 0o600) == 0)
        let survey = PowerFilesSurvey(directories: [tree.root])
        #expect(survey.channels.map(\.name) == ["powerfiles/gpu0"])
        var probe = PowerFilesProbe(survey)
        #expect(try read(&probe) == [RawReading.missing])
        try tree.write("/gpu0/energy_mj", "9\n")
        #expect(try read(&probe) == [9])
    }

    @Test("joules of a known load; a counter that falls is a reset with a gap, not joules")
    func joules() throws {
        let tree = try TemporaryTree()
        var random = SeededGenerator(seed: 7)
        let load = PowerCurve.random(30, watts: 50...400, lasting: 0.2...3, using: &random)
        var energies: [Double] = []
        for fallsAt in [Double.infinity, 12] {
            try tree.write("/gpu0/energy_mj", "0\n")
            var probe = probe(tree)
            var trace = Trace(channels: probe.channels)
            // The file is written at the very instants, so that no value has an age.
            trace.channels[0].updatePeriod = .zero
            for tick in 0...200 {
                let time = Double(tick) / 10
                let since = time >= fallsAt ? fallsAt : -1
                try tree.write("/gpu0/energy_mj", "\(UInt64(load.energy(since, time) * 1000))\n")
                trace.before.append(Int64(tick) * 100_000_000)
                trace.after.append(Int64(tick) * 100_000_000)
                trace.columns[0].append(try read(&probe)[0])
            }
            let energy = account(traces: [trace], start: 0, end: 20_000_000_000, marks: Marks())
            energies.append(try #require(energy.total.joules).value)
            #expect(energy.channels[0].resets == (fallsAt.isFinite ? 1 : 0))
        }
        let truth = load.energy(0, 20)
        #expect(abs(energies[0] - truth) < 0.01)
        #expect(abs(energies[1] - truth) < 100, "one tenth of a second of at most 400 W, and its mean")
    }
}

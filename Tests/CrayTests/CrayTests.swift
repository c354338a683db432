import Foundation
import Metering
import ProbeTestKit
import Quantities
import Synchronization
import Testing

@testable import Cray

@Suite("Cray power counters")
struct CrayTests {
    private static let folder = "/sys/cray/pm_counters"

    /// One read of a probe; `nil` where it throws.
    private func read(_ probe: inout CrayProbe) -> [RawReading]? {
        var readings = [RawReading](repeating: RawReading(raw: 77), count: probe.channels.count)
        var span = readings.mutableSpan
        do throws(ProbeError) { try probe.read(into: &span) } catch { return nil }
        return readings
    }

    private func node(_ joules: Int, startup: Int = 1) throws -> TemporaryTree {
        let tree = try TemporaryTree()
        try set(tree, joules, startup: startup)
        return tree
    }

    private func set(_ tree: TemporaryTree, _ joules: Int, startup: Int = 1) throws {
        try tree.write(Self.folder + "/energy", "\(joules) J \(1_000_000 + joules) us\n")
        try tree.write(Self.folder + "/startup", "\(startup)\n")
    }

    private func account(_ probe: inout CrayProbe, _ tree: TemporaryTree, _ rows: [(joules: Int, startup: Int)]) throws
        -> EnergyAccount
    {
        var trace = Trace(channels: probe.channels)
        // The files are written at the very instants, so that no value has an age.
        for i in trace.channels.indices { trace.channels[i].updatePeriod = .zero }
        for (i, row) in rows.enumerated() {
            try set(tree, row.joules, startup: row.startup)
            let row = read(&probe)
            let readings = try #require(row)
            trace.before.append(Int64(i) * 1_000_000_000)
            trace.after.append(Int64(i) * 1_000_000_000)
            trace.columns[0].append(readings[0].raw)
        }
        return Metering.account(
            traces: [trace],
            start: 0,
            end: Int64(rows.count - 1) * 1_000_000_000,
            marks: Marks()
        )
    }

    @Test("a node: its counter is the total, and contains the parts; power files beside energy are left out")
    func node() throws {
        let survey = CraySurvey(root: fixture("node"))
        #expect(survey.availability == .ready && survey.seesNode && survey.notes == [])
        #expect(
            survey.channels.map(\.name) == [
                "cray/node", "cray/cpu", "cray/memory", "cray/accel0", "cray/accel1", "cray/accel2", "cray/accel3",
            ]
        )
        #expect(survey.channels.map(\.inTotal) == [true] + Array(repeating: false, count: 6))
        #expect(survey.channels.dropFirst().allSatisfy { $0.containedIn == "cray/node" })
        #expect(survey.channels.allSatisfy { $0.kind == .energyCounter(joulesPerCount: 1, range: nil) })
        #expect(namingFaults(survey.channels) == [])
        var probe = try CrayProbe(survey)
        let row = read(&probe)
        let readings = try #require(row)
        #expect(readings.map(\.raw) == [1_234_567, 345_678, 56_789, 100_000, 100_001, 100_002, 100_003])
        #expect(readings[0].sourceTime == 1_732_570_000_123_456_000)
    }

    @Test("files without units are read; power serves where there is no energy; a wrong unit is left out and named")
    func plain() throws {
        let survey = CraySurvey(root: fixture("plain"))
        #expect(survey.channels.map(\.name) == ["cray/node", "cray/cpu"])
        #expect(survey.channels[1].kind == .power(wattsPerCount: 1, window: Seconds(0.1)))
        #expect(survey.notes.count == 1 && survey.notes[0].contains("memory_energy"))
    }

    @Test("without the node's counter the processor and its memory are added, the accelerators are not")
    func parts() throws {
        let tree = try TemporaryTree(copyOf: fixture("node"))
        tree.remove(Self.folder + "/energy")
        tree.remove(Self.folder + "/power")
        let survey = CraySurvey(root: tree.root)
        #expect(!survey.seesNode)
        #expect(survey.channels.filter(\.inTotal).map(\.name) == ["cray/cpu", "cray/memory"])
        #expect(namingFaults(survey.channels) == [])
    }

    @Test("processors by module count where none stands for all")
    func modules() throws {
        let tree = try TemporaryTree()
        for name in ["cpu0_energy", "cpu1_energy"] { try tree.write("\(Self.folder)/\(name)", "5 J\n") }
        #expect(CraySurvey(root: tree.root).channels.filter(\.inTotal).map(\.name) == ["cray/cpu0", "cray/cpu1"])
        try tree.write("\(Self.folder)/cpu_energy", "10 J\n")
        #expect(CraySurvey(root: tree.root).channels.map(\.name) == ["cray/cpu"])
    }

    @Test(
        "lines of the files",
        arguments: [
            ("12 J 34 us\n", 12, CrayCounter.Unit.joules, 34), ("12\n", 12, nil, 0), ("12 W\n", 12, .watts, 0),
            ("  7 J", 7, .joules, 0), ("12 J soon", 12, .joules, 0),
        ] as [(String, UInt64, CrayCounter.Unit?, UInt64)]
    )
    func line(text: String, value: UInt64, unit: CrayCounter.Unit?, time: UInt64) throws {
        let parsed = CrayCounter(Array(text.utf8).span)
        let counter = try #require(parsed)
        #expect(counter.value == value && counter.unit == unit && counter.time == time)
    }

    @Test("what is no counter", arguments: ["", "\n", "J 12", "-5 J", "1.5 J", "12 kWh", "99999999999999999999999 J"])
    func noLine(text: String) {
        let counter = CrayCounter(Array(text.utf8).span)
        #expect(counter == nil)
    }

    @Test("absent elsewhere; denied where it may not be read", .enabled(if: canBeUnprivileged))
    func availability() throws {
        guard case .absent = CraySurvey(root: "/nowhere").availability else {
            Issue.record("not absent")
            return
        }
        let tree = try node(5)
        tree.mode(Self.folder + "/energy", 0)
        guard case .denied = asNobody({ CraySurvey(root: tree.root).availability }) else {
            Issue.record("not denied")
            return
        }
    }

    @Test("keeps the contract of every probe", arguments: ["node", "plain"])
    func contract(name: String) throws {
        let tree = try TemporaryTree(copyOf: fixture(name))
        let broken = try violations(below: tree.root, reads: 2000) { try CrayProbe(CraySurvey(root: tree.root)) }
        #expect(broken == [])
    }

    @Test("random loads give their joules, to a joule", arguments: 1...10)
    func joules(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let load = PowerCurve.random(30, watts: 100...900, lasting: 0.5...5, using: &random)
        let tree = try node(0)
        var probe = try CrayProbe(CraySurvey(root: tree.root))
        let offset = Int.random(in: 0...1_000_000, using: &random)
        let rows = (0...30).map { (joules: Int(load.energy(0, Double($0))) + offset, startup: 1) }
        let energy = try account(&probe, tree, rows)
        let joules = try #require(energy.total.joules).value
        #expect(abs(joules - load.energy(0, 30)) <= 1)
        #expect(energy.channels[0].resets == 0)
    }

    @Test(
        "counters that began anew are a reset, whether they are lower by then or higher",
        arguments: [20, 3000, 90_000]
    )
    func restart(joules: Int) throws {
        let tree = try node(1000)
        var probe = try CrayProbe(CraySurvey(root: tree.root))
        // 100 W; after the third reading the counter begins anew at some other place.
        let rows = (0...3).map { (1000 + 100 * $0, 1) } + (0...6).map { (joules + 100 * $0, 2) }
        let energy = try account(&probe, tree, rows.map { (joules: $0.0, startup: $0.1) })
        #expect(energy.channels[0].resets == 1)
        #expect(abs(try #require(energy.total.joules).value - 1000) < 1)
    }

    @Test("a counter that cannot be read when it begins anew is counted from its first value after that")
    func missingAtRestart() throws {
        let tree = try node(1000)
        var probe = try CrayProbe(CraySurvey(root: tree.root))
        #expect(read(&probe)?.map(\.raw) == [1000])
        try tree.write(Self.folder + "/energy", "")
        try tree.write(Self.folder + "/startup", "2\n")
        #expect(read(&probe)?.map(\.raw) == [RawReading.missing])
        try set(tree, 5000, startup: 2)
        #expect(read(&probe)?.map(\.raw) == [0])
        try set(tree, 5100, startup: 2)
        #expect(read(&probe)?.map(\.raw) == [100])
    }

    @Test("a new power cap is told once, and costs no joules")
    func caps() throws {
        let tree = try node(1000)
        try tree.write(Self.folder + "/generation", "1\n")
        var probe = try CrayProbe(CraySurvey(root: tree.root))
        #expect(read(&probe) != nil)
        try tree.write(Self.folder + "/generation", "2\n")
        #expect(read(&probe) == nil)
        #expect(read(&probe)?.map(\.raw) == [1000])
    }

    /// Read calls of this thread so far, by the kernel's count.
    private var readCalls: Int? {
        FileTree(root: "/proc/thread-self").line("/io")?.split(separator: "\n").first { $0.hasPrefix("syscr:") }
            .flatMap { Int($0.dropFirst("syscr: ".count)) }
    }

    /// Read calls that each of some reads takes, while another thread may renew the set.
    private func callsPerRead(of tree: TemporaryTree, until isEnough: (Double) -> Bool) throws -> Double {
        var probe = try CrayProbe(CraySurvey(root: tree.root))
        let start = ContinuousClock.now
        var calls = 0.0
        repeat {
            let before = try #require(readCalls)
            for _ in 0..<100 { #expect(read(&probe)?.map(\.raw) == [5]) }
            calls = Double(try #require(readCalls) - before) / 100
        } while !isEnough(calls) && ContinuousClock.now - start < .seconds(20)
        return calls
    }

    @Test("counters that are renewed in the middle are read again, at most three times")
    func renewed() throws {
        guard readCalls != nil else { try Test.cancel("this kernel counts no read calls") }
        let tree = try TemporaryTree()
        try tree.write(Self.folder + "/energy", "5 J\n")
        try tree.write(Self.folder + "/freshness", "1000000\n")
        // Twice the freshness and once the counter, each time.
        #expect(abs(try callsPerRead(of: tree, until: { _ in true }) - 3) < 0.1)
        let isDone = Mutex(false)
        let calls = Mutex(0.0)
        DispatchQueue.concurrentPerform(iterations: 2) { place in
            if place == 0 {
                var fresh = 1_000_000
                while !isDone.withLock({ $0 }) {
                    fresh += 1
                    try? tree.overwrite(Self.folder + "/freshness", "\(fresh)\n")
                }
            } else {
                // However busy the machine is, the writer comes in between now and then.
                let found = (try? callsPerRead(of: tree, until: { $0 > 3.5 })) ?? 0
                calls.withLock { $0 = found }
                isDone.withLock { $0 = true }
            }
        }
        #expect(calls.withLock { $0 } > 3.5 && calls.withLock { $0 } < 9.1)
    }
}

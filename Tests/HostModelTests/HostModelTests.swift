import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import HostModel

@Suite("Modelled power of a machine without sensors")
struct HostModelTests {
    struct Machine: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var idle: Double
        var busy: Double
        var isKnown = true
    }

    @Test(
        "the coefficients are those of the processor's table row, else the mean with a wider uncertainty",
        arguments: [
            Machine(testDescription: "epyc-7763", idle: 0.45, busy: 2.02),
            Machine(testDescription: "epyc-7742", idle: 0.47, busy: 1.69),
            Machine(testDescription: "xeon-8175m", idle: 0.65, busy: 4.26),
            Machine(testDescription: "xeon-8259cl", idle: 0.64, busy: 3.97),
            Machine(testDescription: "graviton2", idle: 0.47, busy: 1.69),
            // Cooper Lake has Skylake's model number; desktop parts have EPYC's.
            Machine(testDescription: "xeon-8380h", idle: 0.74, busy: 3.5, isKnown: false),
            Machine(testDescription: "ryzen-3900x", idle: 0.74, busy: 3.5, isKnown: false),
            Machine(testDescription: "threadripper-3970x", idle: 0.74, busy: 3.5, isKnown: false),
        ]
    )
    func coefficients(_ machine: Machine) throws {
        let channels = try #require(HostModelProbe.channels(root: fixture(machine.testDescription)))
        #expect(namingFaults(channels) == [])
        let note = try #require(channels[0].note)
        #expect(note.contains("\(machine.idle) W idle to \(machine.busy) W busy for each of 2 logical processors"))
        #expect(channels[0].relativeUncertainty == (machine.isKnown ? 0.2 : 0.3))
        #expect(note.contains("not in the table") == !machine.isKnown)
    }

    @Test("two channels, modelled, of the CPU and of the memory")
    func channels() throws {
        let channels = try #require(HostModelProbe.channels(root: fixture("epyc-7763")))
        #expect(channels.map(\.name) == ["model/cpu", "model/memory"])
        #expect(channels.map(\.device) == [.cpu, .memory])
        #expect(channels.map(\.basis) == [.modelled, .modelled])
        #expect(channels.map(\.inTotal) == [true, true])
    }

    @Test("keeps the contract of every probe")
    func contract() throws {
        let tree = try TemporaryTree(copyOf: fixture("epyc-7763"))
        let broken = try violations(below: tree.root) { try HostModelProbe(root: tree.root) }
        #expect(broken == [])
    }

    @Test("keeps it on this machine's own files")
    func contractHere() throws {
        let broken = try violations(below: nil, reads: 1000) { try HostModelProbe() }
        #expect(broken == [])
    }

    /// A tree of two processors of an EPYC 7763 and 16 GB, and its times.
    private struct Load {
        let tree: TemporaryTree

        init(memory: String? = "MemTotal: 15625000 kB\n") throws {
            tree = try TemporaryTree()
            try tree.write("/proc/cpuinfo", try FileTree(root: fixture("epyc-7763")).text("/proc/cpuinfo"))
            if let memory { try tree.write("/proc/meminfo", memory) }
            try set(busy: 0, idle: 0)
        }

        func set(busy: Int, idle: Int, waiting: Int = 0, stolen: Int = 0) throws {
            let line = "\(busy) 0 0 \(idle) \(waiting) 0 0 \(stolen) 0 0\n"
            try tree.write("/proc/stat", "cpu  \(line)cpu0 \(line)cpu1 \(line)intr 1 2 3\n")
        }
    }

    private func read(_ probe: inout HostModelProbe) throws -> [Double] {
        var readings = [RawReading](repeating: RawReading(raw: 1), count: probe.channels.count)
        var span = readings.mutableSpan
        try probe.read(into: &span)
        return readings.map { Double($0.raw) * 1e-6 }
    }

    private func expect(_ readings: [Double], _ joules: [Double], _ location: SourceLocation = #_sourceLocation) {
        let differences = zip(readings, joules).map { abs($0 - $1) }
        #expect(readings.count == joules.count && differences.allSatisfy { $0 < 2e-6 }, sourceLocation: location)
    }

    @Test("idle and busy time give the table's watts; memory is a matter of time alone")
    func watts() throws {
        let load = try Load()
        var probe = try HostModelProbe(root: load.tree.root)
        expect(try read(&probe), [0, 0])
        // 10 s of two idle processors: 2 · 0.45 W; 16 GB · 0.392 W.
        try load.set(busy: 0, idle: 2000)
        expect(try read(&probe), [9, 62.72])
        // 10 s more, both busy: 2 · 2.02 W.
        try load.set(busy: 2000, idle: 2000)
        expect(try read(&probe), [49.4, 125.44])
        // 10 s more, one waiting for its disk, one stolen: neither works.
        try load.set(busy: 2000, idle: 2000, waiting: 1000, stolen: 1000)
        expect(try read(&probe), [58.4, 188.16])
    }

    @Test("idle time that steps back and comes again is counted once")
    func stepsBack() throws {
        let load = try Load()
        var probe = try HostModelProbe(root: load.tree.root)
        expect(try read(&probe), [0, 0])
        for idle in [1000, 995, 998, 1000] {
            try load.set(busy: 0, idle: idle)
            expect(try read(&probe), [4.5, 31.36])
        }
        try load.set(busy: 0, idle: 1010)
        expect(try read(&probe), [4.545, 31.6736])
    }

    @Test("guest time, which is inside user time, is not counted twice")
    func guests() {
        let lines = ["cpu  100 20 30 400 5 6 7 8 0 0\n", "cpu  100 20 30 400 5 6 7 8 90 15\n"].map { Array($0.utf8) }
        let (first, second) = (lines[0], lines[1])
        let plain = ProcessorTime(first.span)
        let guests = ProcessorTime(second.span)
        #expect(plain == guests)
        #expect(plain?.busy == 163 && plain?.idle == 413)
    }

    @Test(
        "what is no line of processor time is none",
        arguments: ["", "cpu0 1 2 3 4\n", "cpu  1 2 3\n", "intr 5 6 7 8\n"]
    )
    func malformed(text: String) {
        let bytes = Array(text.utf8)
        let time = ProcessorTime(bytes.span)
        #expect(time == nil)
    }

    @Test("without readable times there is no model; without a memory's size, none of the memory")
    func absent() throws {
        let empty = try TemporaryTree()
        #expect(HostModelProbe.channels(root: empty.root) == nil)
        #expect(throws: ProbeError.self) { _ = try HostModelProbe(root: empty.root) }
        try empty.write("/proc/stat", "nothing\n")
        #expect(HostModelProbe.channels(root: empty.root) == nil)
        let load = try Load(memory: nil)
        #expect(HostModelProbe.channels(root: load.tree.root)?.map(\.name) == ["model/cpu"])
    }

    @Test("a read that fails is missing, not an error, and joules go on afterwards")
    func missing() throws {
        let load = try Load()
        var probe = try HostModelProbe(root: load.tree.root)
        _ = try read(&probe)
        try load.tree.write("/proc/stat", "")
        #expect(try read(&probe).allSatisfy { $0 > 1e12 })
        try load.set(busy: 0, idle: 2000)
        expect(try read(&probe), [9, 62.72])
    }
}

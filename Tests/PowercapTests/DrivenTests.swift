import Glibc
import Metering
import ProbeTestKit
import Quantities
import SystemPackage
import Testing

@testable import Powercap

/// Trees whose counters a known power drives as the driver does, read every 5 ms of virtual time: the run of 10 s and
/// each of its regions of 1 s must have their joules to 0.1 %, whatever the counter and its file do meanwhile.
@Suite("Driven powercap trees")
struct DrivenTests {
    /// A power whose energy since the start is known as a formula.
    enum Load: String, CaseIterable, CustomTestStringConvertible {
        case constant, square, ramp

        /// Joules from 0 to `time`.
        func energy(_ time: Double) -> Double {
            switch self {
            // 80 W.
            case .constant: return 80 * time
            // 180 W and 20 W, 0.2 s each.
            case .square:
                let periods = (time / 0.4).rounded(.down)
                let rest = time - periods * 0.4
                return periods * 40 + min(rest, 0.2) * 180 + max(0, rest - 0.2) * 20
            // 10 W and 20 W more each second.
            case .ramp: return 10 * time + 10 * time * time
            }
        }

        var testDescription: String { rawValue }
    }

    private static let seconds = 10.0
    private static let unit = 61_035.0
    private static let range: UInt64 = 262_143_328_850

    /// What the driver shows of a register of so many units.
    private func microjoules(_ joules: Double, turn: Double = 4_294_967_296, start: Double = 1e6) -> UInt64 {
        let register = (start + joules * 1e9 / Self.unit).rounded(.down)
        return UInt64(register.truncatingRemainder(dividingBy: turn) * Self.unit / 1000)
    }

    /// A zone whose counter is written through an open file, in one call, so that no reader meets a part of it.
    private final class Counter {
        let path: String
        private let file: FileDescriptor

        init(_ tree: TemporaryTree, _ id: String, _ name: String, range: UInt64) throws {
            path = try tree.zone(id, name, range: range) + "/energy_uj"
            file = try unsafe FileDescriptor.open(tree.root + path, .writeOnly)
        }

        deinit { try? file.close() }

        func show(_ count: UInt64) throws {
            var text = Array("\(count)\n".utf8)
            text += Array(repeating: UInt8(ascii: " "), count: 24 - text.count)
            _ = try file.writeAll(toAbsoluteOffset: 0, text)
        }
    }

    /// Nine regions of a second, which no tick begins or ends.
    private var marks: Marks {
        var marks: [Mark] = []
        for second in 0..<9 {
            let start = Int64(second) * 1_000_000_000 + 52_300_000
            marks.append(
                Mark(time: start, pid: 1, tid: 1, event: .begin(region: "second-\(second)", attributes: [:]))
            )
            marks.append(Mark(time: start + 1_000_000_000, pid: 1, tid: 1, event: .end(region: "second-\(second)")))
        }
        return Marks(marks: marks)
    }

    /// Reads the tree at each tick, after `set` has put counters and descriptors in their state of that instant.
    private func account(
        _ tree: TemporaryTree,
        every interval: Double = 0.005,
        reading: (() throws -> Void) throws -> Void = { try $0() },
        _ set: (Double, [FileDescriptor]) throws -> Void
    ) throws -> EnergyAccount {
        var probe = try PowercapProbe(PowercapSurvey(root: tree.root))
        var trace = Trace(channels: probe.channels)
        var readings = [RawReading](repeating: RawReading(), count: probe.channels.count)
        for tick in 0...Int((Self.seconds / interval).rounded()) {
            let time = Double(tick) * interval
            try set(time, probe.files)
            try reading {
                var span = readings.mutableSpan
                try probe.read(into: &span)
            }
            trace.before.append(Int64((time * 1e6).rounded()) * 1000)
            trace.after.append(trace.before[tick])
            for i in readings.indices { trace.columns[i].append(readings[i].raw) }
        }
        let account = Metering.account(
            traces: [trace],
            start: 0,
            end: Int64(Self.seconds * 1e9),
            marks: marks
        )
        for channel in account.channels {
            // Never a negative joule; and where there is none, it is said.
            if let joules = channel.joules {
                #expect(joules.value > 0)
            } else if channel.channel.inTotal {
                #expect(account.warnings.contains { $0.hasPrefix(channel.channel.name + " ") })
            }
        }
        return account
    }

    /// The run and its regions to 0.1 %; the region with a step that no reading tells, to its own uncertainty.
    private func expect(_ account: EnergyAccount, _ load: Load, unknown: Int? = nil) throws {
        let truth = load.energy(Self.seconds)
        #expect(abs(try #require(account.channels[0].joules).value - truth) <= 0.001 * truth)
        #expect(account.regions.count == 9)
        for (second, region) in account.regions.enumerated() {
            let start = Double(second) + 0.0523
            let truth = load.energy(start + 1) - load.energy(start)
            let bound = second == unknown ? try #require(region.uncertainty).value : 0.001 * truth
            #expect(abs(try #require(region.joules).value - truth) <= bound, "\(region.path)")
        }
    }

    @Test("a constant power, a square wave and a ramp", arguments: Load.allCases)
    func loads(load: Load) throws {
        let tree = try TemporaryTree()
        let counter = try Counter(tree, "intel-rapl:0", "package-0", range: Self.range)
        let energy = try account(tree) { time, _ in try counter.show(microjoules(load.energy(time))) }
        try expect(energy, load)
        #expect(energy.channels[0].wraps == 0 && energy.channels[0].gaps.isEmpty)
    }

    @Test("one wrap of the full range", arguments: Load.allCases)
    func oneWrap(load: Load) throws {
        let tree = try TemporaryTree()
        let counter = try Counter(tree, "intel-rapl:0", "package-0", range: Self.range)
        // 300 J below the range.
        let start = 4_294_967_296 - 300e9 / Self.unit
        let energy = try account(tree) { time, _ in
            try counter.show(microjoules(load.energy(time), start: start))
        }
        try expect(energy, load)
        #expect(energy.channels[0].wraps == 1 && energy.channels[0].resets == 0)
    }

    /// A range of 160 J, as no processor has, to have many wraps in a short time.
    private func smallRange() throws -> (tree: TemporaryTree, counter: Counter, turn: Double) {
        let turn = (160e9 / Self.unit).rounded(.down)
        let tree = try TemporaryTree()
        let range = UInt64((turn - 1) * Self.unit / 1000)
        return (tree, try Counter(tree, "intel-rapl:0", "package-0", range: range), turn)
    }

    @Test("a wrap every two seconds", arguments: Load.allCases)
    func manyWraps(load: Load) throws {
        let (tree, counter, turn) = try smallRange()
        let energy = try account(tree) { time, _ in
            try counter.show(microjoules(load.energy(time), turn: turn))
        }
        try expect(energy, load)
        #expect(energy.channels[0].wraps >= 4 && energy.channels[0].resets == 0)
    }

    @Test("ticks too far apart for the wraps are ambiguous, not joules")
    func ambiguous() throws {
        let (tree, counter, turn) = try smallRange()
        let energy = try account(tree, every: 0.5) { time, _ in
            try counter.show(microjoules(Load.constant.energy(time), turn: turn))
        }
        #expect(energy.channels[0].gaps.count == 20)
        #expect(energy.channels[0].gaps.allSatisfy { $0.reason == "ambiguous" })
        #expect(energy.total.joules == nil)
        #expect(energy.warnings.count == 1)
    }

    @Test("a counter that is set to 0 in between", arguments: Load.allCases)
    func reset(load: Load) throws {
        let tree = try TemporaryTree()
        let counter = try Counter(tree, "intel-rapl:0", "package-0", range: Self.range)
        let energy = try account(tree) { time, _ in
            let since = time < 5.3 ? 0 : load.energy(5.2985)
            try counter.show(microjoules(load.energy(time) - since, start: time < 5.3 ? 1e8 : 0))
        }
        try expect(energy, load, unknown: 5)
        #expect(energy.channels[0].resets == 1 && energy.channels[0].wraps == 0)
        #expect(energy.channels[0].gaps.map(\.reason) == ["reset"])
    }

    /// A file that opens, and whose every read fails with `EIO`, or with `EACCES` for a user without rights.
    @Test(
        "reads that fail now and then, with the system's own errors",
        .enabled(if: canBeUnprivileged),
        arguments: [("/proc/self/mem", Errno.ioError), ("/proc/1/io", Errno.permissionDenied)],
        Load.allCases
    )
    func failures(broken: (path: String, error: Errno), load: Load) throws {
        let tree = try TemporaryTree()
        let counter = try Counter(tree, "intel-rapl:0", "package-0", range: Self.range)
        let working = try FileTree(root: tree.root).open(counter.path)
        let failing: FileDescriptor
        do throws(Errno) {
            failing = try FileTree(root: "/").open(broken.path)
        } catch {
            try Test.cancel("\(broken.path) does not open here: \(error)")
        }
        defer { for own in [working, failing] { try? own.close() } }
        func asUser(_ body: () throws -> Void) throws { try withoutCapabilities { try asNobody(body) } }
        var error: Errno?
        try asUser { if case .failure(let reason) = failing.readCount() { error = reason } }
        guard error == broken.error else { try Test.cancel("\(broken.path) fails with \(String(describing: error))") }

        var random = SeededGenerator(seed: 5)
        var failed = 0
        let energy = try account(tree, reading: asUser) { time, files in
            try counter.show(microjoules(load.energy(time)))
            let fails = time > 0 && time < Self.seconds && UInt.random(in: 0..<10, using: &random) == 0
            failed += fails ? 1 : 0
            _ = try (fails ? failing : working).duplicate(as: files[0])
        }
        #expect(failed > 100)
        let channel = energy.channels[0]
        #expect(channel.samples == 2001 - failed && channel.resets == 0)
        // The counter goes on counting: only where a region ends within a gap is its share not known to the end.
        let truth = load.energy(Self.seconds)
        #expect(abs(try #require(channel.joules).value - truth) <= 0.001 * truth)
        for (second, region) in energy.regions.enumerated() {
            let start = Double(second) + 0.0523
            let truth = load.energy(start + 1) - load.energy(start)
            let joules = try #require(region.joules).value
            #expect(abs(joules - truth) <= 0.001 * truth + (load == .square ? 0.01 * 180 : 0), "\(region.path)")
        }
    }

    @Test("a domain that vanishes is missing from the total; the others keep their joules", arguments: Load.allCases)
    func vanishes(load: Load) throws {
        guard let group = ControlGroup() else {
            try Test.cancel("no control group can be made here, and no other file ends as a zone's does")
        }
        let tree = try TemporaryTree()
        let counters = try (0..<2).map { try Counter(tree, "intel-rapl:\($0)", "package-\($0)", range: Self.range) }
        let ending = try FileTree(root: group.path).open("/cgroup.freeze")
        defer { try? ending.close() }
        group.remove()
        let energy = try account(tree) { time, open in
            for counter in counters { try counter.show(microjoules(load.energy(time))) }
            if time == 5 { _ = try ending.duplicate(as: open[1]) }
        }
        #expect(energy.channels[1].joules == nil)
        #expect(energy.channels[1].gaps.map(\.reason) == ["missing"])
        #expect(energy.total.coverage == ["powercap/package-0"])
        try expect(energy, load)
    }

    @Test(
        "a right that is taken away while it reads changes nothing: the file stays open",
        .enabled(if: canBeUnprivileged)
    )
    func rightTaken() throws {
        let tree = try TemporaryTree()
        let counter = try Counter(tree, "intel-rapl:0", "package-0", range: Self.range)
        let energy = try account(tree, reading: { try asNobody($0) }) { time, _ in
            try counter.show(microjoules(Load.ramp.energy(time)))
            tree.mode(counter.path, time < 3 ? 0o444 : 0)
        }
        try expect(energy, .ramp)
        #expect(energy.channels[0].samples == 2001)
    }
}

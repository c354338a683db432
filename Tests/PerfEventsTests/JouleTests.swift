import Metering
import ProbeTestKit
import Quantities
import RAPL
import Testing

@testable import PerfEvents

/// The kernel's folding of a register of 32 bits into a count of 64, driven by a known power on virtual time.
@Suite("Joules of energy events")
struct JouleTests {
    /// Zen's register: 2^-16 J, in 2^-32 J of the count.
    private static let unit = 65_536.0

    private func channel() throws -> Channel {
        let tree = FileTree(root: fixture("epyc"))
        var notes: [String] = []
        let unit = try #require(EnergyUnit("power", tree, &notes))
        let counters = PlacedEvent.all(of: [unit], tree, &notes).map(\.counter)
        return try #require(Chip(tree, counters).channels(of: counters).first)
    }

    /// The account of readings at these instants: each adds the register's step as a signed number of 32 bits.
    private func account(_ times: [Double], watts: Double) throws -> EnergyAccount {
        var trace = Trace(channels: [try channel()])
        var register: UInt32 = 0
        var count: Int64 = 0
        for time in times {
            let now = UInt32(truncatingIfNeeded: Int64(time * watts * Self.unit))
            count += Int64(Int32(bitPattern: now &- register)) * Int64(Self.unit)
            register = now
            trace.before.append(Int64(time * 1e9))
            trace.after.append(Int64(time * 1e9))
            trace.columns[0].append(UInt64(bitPattern: count))
        }
        return Metering.account(
            traces: [trace],
            start: trace.before[0],
            end: trace.before[trace.count - 1],
            marks: Marks()
        )
    }

    @Test("read every 30 s, no wrap of the register loses a joule", arguments: [1.0, 400, 1000])
    func steady(watts: Double) throws {
        let energy = try account(Array(stride(from: 0, through: 1200, by: 30)), watts: watts)
        #expect(abs(try #require(energy.total.joules).value / (1200 * watts) - 1) < 0.001)
        #expect(energy.channels[0].resets == 0 && energy.channels[0].gaps.isEmpty)
    }

    @Test("a step that the kernel adds as a negative number is a reset: its joules are unknown, not less")
    func negative() throws {
        // 35 s of 1 kW are more than 2^31 units.
        let energy = try account(Array(stride(from: 0, through: 300, by: 10)) + [335, 345, 355, 365], watts: 1000)
        #expect(energy.channels[0].resets == 1)
        #expect(energy.channels[0].gaps.map(\.reason).filter { $0 != "late" } == ["reset"])
        #expect(abs(try #require(energy.total.joules).value / 365_000 - 1) < 0.01)
        #expect(try #require(energy.total.uncertainty).value > 1000)
    }

    @Test("a wait in which a whole turn of the register can hide is ambiguous, however likely its step looks")
    func hidden() throws {
        // 170 s of 400 W are more than a turn: the count has risen, and shows 2.5 kJ of 68.
        let energy = try account(Array(stride(from: 0, through: 300, by: 10)) + [470, 480, 490], watts: 400)
        #expect(energy.channels[0].gaps.map(\.reason).filter { $0 != "late" } == ["ambiguous"])
        let joules = energy.total.joules?.value
        #expect(joules == nil || abs((joules ?? 0) / (490 * 400) - 1) < 0.01)
    }
}

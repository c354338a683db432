import Discovery
import Metering
import ProbeTestKit
import Testing

/// Whether totals of whole machines hold the truth as often as they say: 93.5 to 96.5 % of 2,000 repetitions.
///
/// `WATTBOOK_SLOW=1` prints the table of Probes/README.md; without it 200 repetitions must reach 90 %.
@Suite("The stated 95 % of whole machines hold the truth")
struct CoverageTests {
    /// A machine of the fixtures, and how long a run of it lasts.
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var tree: String
        var seconds: Double
        var interval = 0.1
        var shape: SimulatedLoad.Shape
        var testDescription: String { "\(name), \(shape.rawValue)" }
    }

    private static let machines: [(name: String, tree: String, seconds: Double)] = [
        ("powercap: two packages and dram", "PowercapTests/Fixtures/server", 10),
        ("powercap: EPYC, on-chip estimate", "PowercapTests/Fixtures/amd", 10),
        ("powercap: Haswell laptop with dram", "PowercapTests/Fixtures/haswell-laptop", 10),
        ("hwmon: Grace Hopper's module, 50 ms mean", "HwmonTests/Fixtures/grace-hopper", 60),
        ("hwmon: four MI250X", "HwmonTests/Fixtures/mi250x", 60),
        ("hwmon: Jetson Orin Nano", "HwmonTests/Fixtures/orin-nano", 60),
        ("cray: node counter of 1 J", "CrayTests/Fixtures/node", 60),
    ]

    static let cases = machines.flatMap { machine in
        [SimulatedLoad.Shape.constant, .square, .ramp].map {
            Case(name: machine.name, tree: machine.tree, seconds: machine.seconds, shape: $0)
        }
    }

    @Test("totals of machines", arguments: cases)
    func totals(one: Case) throws {
        let tests = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let selection = SensorSelection(root: tests + "/" + one.tree, powerModel: false, replay: nil, powerFiles: [])
        let channels = try discover(selection).channels
        let isSummed = channels.contains { $0.inTotal }
        try #require(isSummed)
        let seed = one.testDescription.utf8.reduce(UInt64(2026)) { 31 &* $0 &+ UInt64($1) }
        let coverage = Coverage(
            of: channels,
            one.shape,
            seconds: one.seconds,
            interval: one.interval,
            seed: seed
        )
        if Coverage.isSlow {
            print(coverage.row(one.name, one.shape))
            #expect((0.935...0.965).contains(coverage.held), "\(coverage)")
        } else {
            #expect(coverage.held >= 0.9, "\(coverage)")
        }
    }
}

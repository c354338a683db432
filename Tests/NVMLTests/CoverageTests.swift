import Metering
import ProbeTestKit
import Testing

@testable import NVML

/// Whether the total of a node's GPUs holds the truth as often as it says.
@Suite("The stated 95 % of GPUs hold the truth")
struct CoverageTests {
    @Test(
        "the counters of eight GPUs, renewed every 100 ms",
        arguments: [SimulatedLoad.Shape.constant, .square, .ramp]
    )
    func counters(shape: SimulatedLoad.Shape) throws {
        try expect("nvml: eight GPUs, 100 ms counter", shape, "")
    }

    @Test("their power, where there is no counter", arguments: [SimulatedLoad.Shape.constant, .square, .ramp])
    func gauges(shape: SimulatedLoad.Shape) throws {
        let lines = "fail nvmlDeviceGetTotalEnergyConsumption 3\nfail field:83:0 3\n"
        try expect("nvml: eight GPUs without counter", shape, lines)
    }

    private func expect(_ name: String, _ shape: SimulatedLoad.Shape, _ lines: String) throws {
        let node = try FileTree(root: "").text(fixture("eight.txt"))
        let standIn = try StandIn(node + lines)
        let channels = standIn.survey(allGPUs: true).channels
        #expect(channels.count(where: \.inTotal) == 8)
        let coverage = Coverage(of: channels, shape, seconds: 30, seed: UInt64(lines.count) + 7)
        if Coverage.isSlow {
            print(coverage.row(name, shape))
            #expect((0.935...0.965).contains(coverage.held), "\(coverage)")
        } else {
            #expect(coverage.held >= 0.9, "\(coverage)")
        }
    }
}

import Discovery
import Metering
import ProbeTestKit
import Quantities
import Testing

@Suite("Two readings of one counter")
struct AgreementTests {
    private func energy(_ name: String, _ joules: Double?, random: Double? = 0) -> ChannelEnergy {
        ChannelEnergy(
            channel: Channel(
                name: name,
                device: .cpu,
                domain: "package",
                kind: .energyCounter(joulesPerCount: 1e-6, range: nil),
                basis: .measured,
                inTotal: true,
                relativeUncertainty: 0.03,
                uncertaintySource: "test",
                updatePeriod: Seconds(0.001),
                source: "test"
            ),
            joules: joules.map { Joules($0) },
            uncertainty: nil,
            randomUncertainty: random.map { Joules($0) },
            meanPower: nil,
            maxPower: nil,
            samples: 100,
            wraps: 0,
            resets: 0,
            gaps: []
        )
    }

    private func disagreements(_ channels: [ChannelEnergy]) -> [String] {
        let total = EnergyReading(
            joules: nil,
            uncertainty: nil,
            randomUncertainty: nil,
            basis: .measured,
            coverage: []
        )
        return Inventory.disagreements(
            in: EnergyAccount(total: total, channels: channels, regions: []),
            seconds: 10
        )
    }

    @Test("agree up to 2 %", arguments: [1000.0, 980.1, 1020.3])
    func agree(joules: Double) {
        #expect(disagreements([energy("perf/package-0", 1000), energy("powercap/package-0", joules)]) == [])
    }

    @Test("above that, a sentence names both, by how much, and what to do")
    func disagree() throws {
        let found = disagreements([
            energy("powercap/package-0", 1000), energy("powercap/package-1", 500), energy("perf/package-0", 970),
            energy("perf/package-1", 500),
        ])
        #expect(
            found == [
                """
                perf/package-0 and powercap/package-0 read one counter and differ by 3.0 %: 97.0 W and 100.0 W on \
                average. Read one of them alone (--probe) and report both numbers.
                """
            ]
        )
    }

    @Test("what the ends of a short run leave open is no difference")
    func shortRun() {
        let (perf, powercap) = (
            energy("perf/package-0", 1, random: 0.03), energy("powercap/package-0", 1.05, random: 0.03)
        )
        #expect(disagreements([perf, powercap]) == [])
        #expect(disagreements([energy("perf/package-0", 1, random: 0.01), powercap]).isEmpty)
        #expect(disagreements([energy("perf/package-0", 1), energy("powercap/package-0", 1.05)]).count == 1)
    }

    @Test("domains that only one of them reads are not compared, nor other sensors, nor joules that are not there")
    func alone() {
        #expect(
            disagreements([
                energy("perf/package-0", 10), energy("powercap/package-0/dram", 5), energy("nvml/package-0", 90),
                energy("perf/psys", nil), energy("powercap/psys", 90), energy("perf/package-0/core", 3),
            ]) == []
        )
    }

    @Test("a total of 0 is no division by it")
    func nothing() {
        #expect(disagreements([energy("perf/package-0", 0), energy("powercap/package-0", 0)]) == [])
    }
}

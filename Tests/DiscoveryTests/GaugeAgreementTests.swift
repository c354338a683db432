import Discovery
import Metering
import Quantities
import Testing

@Suite("A GPU's counter and its power")
struct GaugeAgreementTests {
    /// An account of a GPU's counter and of its integrated power.
    private func account(_ counted: Double?, _ integrated: Double?, device: Device = .gpu) -> EnergyAccount {
        let energies = [("nvml/GPU-a", counted), ("nvml/GPU-a/power", integrated)].map { name, joules in
            ChannelEnergy(
                channel: Channel(
                    name: name,
                    device: device,
                    domain: "gpu",
                    kind: .energyCounter(joulesPerCount: 1e-3, range: nil),
                    basis: .measured,
                    containedIn: name == "nvml/GPU-a" ? nil : "nvml/GPU-a",
                    inTotal: name == "nvml/GPU-a",
                    relativeUncertainty: 0.05,
                    uncertaintySource: "none",
                    updatePeriod: Seconds(0.1),
                    source: "none"
                ),
                joules: joules.map { Joules($0) },
                uncertainty: nil,
                randomUncertainty: nil,
                meanPower: nil,
                maxPower: nil,
                samples: 10,
                wraps: 0,
                resets: 0,
                gaps: []
            )
        }
        let total = EnergyReading(
            joules: nil,
            uncertainty: nil,
            randomUncertainty: nil,
            basis: .measured,
            coverage: []
        )
        return EnergyAccount(total: total, channels: energies, regions: [])
    }

    private func disagreements(_ counted: Double?, _ integrated: Double?, seconds: Double) -> [String] {
        return Inventory.disagreements(in: account(counted, integrated), seconds: seconds)
    }

    @Test("a tenth is allowed, in either direction", arguments: [1000, 1099, 901])
    func agree(integrated: Double) {
        #expect(disagreements(1000, integrated, seconds: 60) == [])
    }

    @Test("more is told, with both figures", arguments: [(1101, "1.00 kJ and 1.10 kJ"), (899, "1.00 kJ and 899 J")])
    func disagree(integrated: Double, words: String) {
        let sentences = disagreements(1000, integrated, seconds: 5)
        #expect(sentences.count == 1)
        #expect(sentences.first?.hasPrefix("nvml/GPU-a and its integrated power disagree") == true)
        #expect(sentences.first?.contains(words) == true, "\(sentences)")
    }

    @Test("a short run tells nothing, nor does a figure that is not there")
    func unknown() {
        #expect(disagreements(1000, 2000, seconds: 4.99) == [])
        #expect(disagreements(nil, 2000, seconds: 60) == [])
        #expect(disagreements(1000, nil, seconds: 60) == [])
    }
}

import Foundation
import Metering
import ProbeTestKit
import Quantities
import Testing

@Suite("Counts of events")
struct EventCountTests {
    private func channel(_ name: String = "papi/PAPI_TOT_INS", unit: String = "") -> Channel {
        Channel(
            name: name,
            device: .other,
            domain: "event",
            kind: .eventCounter(unit: unit),
            basis: .measured,
            inTotal: false,
            relativeUncertainty: 0,
            uncertaintySource: "a count",
            updatePeriod: .zero,
            source: "PAPI_TOT_INS"
        )
    }

    /// A count that rises by a thousand a second from the run's start at 1 s to its end at 5 s.
    private func trace(_ values: [(Double, UInt64)]) -> Trace {
        let times = values.map { Int64($0.0 * 1e9) }
        return Trace(channels: [channel()], before: times, after: times, columns: [values.map(\.1)])
    }

    private func region(_ name: String, _ from: Double, _ to: Double) -> [Mark] {
        [
            Mark(time: Int64(from * 1e9), pid: 1, tid: 1, event: .begin(region: name, attributes: [:])),
            Mark(time: Int64(to * 1e9), pid: 1, tid: 1, event: .end(region: name)),
        ]
    }

    private func account(_ trace: Trace, _ marks: [Mark] = []) -> EnergyAccount {
        Metering.account(traces: [trace], start: 1_000_000_000, end: 5_000_000_000, marks: Marks(marks: marks))
    }

    private let steady: [(Double, UInt64)] = [(0.9, 7), (2, 1007), (3, 2007), (4, 3007), (5.2, 4007)]

    @Test("the run has all of them, regions their share, and their parts add up")
    func shares() throws {
        let marks = region("a", 1, 2.5) + region("b", 2.5, 5)
        let result = account(trace(steady), marks)
        #expect(result.counts(with: ["images": 3]) == ["images": 3, "PAPI_TOT_INS": 4000])
        #expect(result.regions.map { $0.counts["PAPI_TOT_INS"] } == [1500, 2500])
        #expect(result.warnings == [])
    }

    @Test("no joules are made of them: neither channel nor total nor power")
    func noEnergy() {
        let result = account(trace(steady))
        #expect(result.channels.isEmpty && result.total.joules == nil && result.total.coverage.isEmpty)
        #expect(powerProfile(traces: [trace(steady)], start: 0, end: 5_000_000_000, steps: 5).isEmpty)
    }

    @Test("a name that the workload counts itself is not added to")
    func takenName() throws {
        let own = Mark(time: 2_000_000_000, pid: 1, tid: 1, event: .count(["PAPI_TOT_INS": 9]))
        let marks = [region("a", 1, 3)[0], own, region("a", 1, 3)[1]]
        let result = account(trace(steady), marks)
        #expect(result.counts(with: ["PAPI_TOT_INS": 9]) == ["PAPI_TOT_INS": 9, "papi/PAPI_TOT_INS": 4000])
        #expect(result.regions[0].counts == ["PAPI_TOT_INS": 9, "papi/PAPI_TOT_INS": 2000])
        #expect(result.warnings.count == 1)
    }

    @Test("an event that never happened was counted: zero")
    func none() {
        let result = account(trace(steady.map { ($0.0, 7) }))
        #expect(result.counts(with: [:]) == ["PAPI_TOT_INS": 0])
    }

    @Test("readings that are missing or fall give no count, and say so")
    func unknown() {
        for values in [[(0.9, RawReading.missing), (2, 5)], [(0.9, 8), (2, 5), (3, 9)], []] {
            let result = account(trace(values))
            #expect(result.counts(with: [:]).isEmpty)
            #expect(result.warnings == ["PAPI_TOT_INS is not counted: its readings are missing or fall."])
        }
    }

    @Test("an account from before events were counted can be read")
    func older() throws {
        let account = EnergyAccount(
            total: EnergyReading(joules: nil, uncertainty: nil, randomUncertainty: nil, basis: .measured, coverage: []),
            channels: [],
            regions: []
        )
        let text = String(decoding: try JSONEncoder().encode(account), as: UTF8.self)
        #expect(!text.contains("events"))
        #expect(try JSONDecoder().decode(EnergyAccount.self, from: Data(text.utf8)) == account)
    }

    @Test("a channel that counts is written and read as it is")
    func coding() throws {
        let data = try JSONEncoder().encode(channel(unit: "ns"))
        #expect(try JSONDecoder().decode(Channel.self, from: data) == channel(unit: "ns"))
    }
}

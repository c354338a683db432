import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import NVML

/// From the library to joules: GPUs of known loads, whose joules the account must find.
@Suite("Joules of GPUs")
struct JouleTests {
    static let loads: [Load] = [
        .constant(312.5), .square(low: 60, high: 690, period: 0.37, duty: 0.3),
        .square(low: 80, high: 500, period: 4, duty: 0.5), .ramp(from: 50, to: 650, seconds: 6),
    ]

    @Test("the counter gives the truth to 0.1 % where it is fresh", arguments: loads)
    func counter(load: Load) throws {
        let standIn = try StandIn(description(load, "update 0.001"))
        let (account, _) = try metered(standIn, seconds: 10, renewedEvery: 0.001)
        let truth = load.energy(0.013, 10.013)
        #expect(abs(try #require(account.total.joules).value / truth - 1) < 0.001)
        #expect(account.total.coverage == ["nvml/GPU-a"])
        #expect(account.total.basis == .measured)
    }

    @Test("renewed every 100 ms, it is wrong by no more than the load can change while it is old", arguments: loads)
    func staleCounter(load: Load) throws {
        let standIn = try StandIn(description(load))
        for (start, seconds) in [(0.013, 10.0), (0.062, 2.0), (0.099, 5.0)] {
            let (account, _) = try metered(standIn, seconds: seconds, from: start)
            let energy = account.channels[0]
            let error = abs(try #require(energy.joules).value - load.energy(start, start + seconds))
            #expect(error <= 0.1 * load.swing + 0.01, "\(seconds) s from \(start)")
            #expect(energy.resets == 0 && energy.gaps.isEmpty)
        }
    }

    @Test("without a counter, power is integrated, and said so", arguments: loads)
    func gauge(load: Load) throws {
        let standIn = try StandIn(
            description(load, "fail nvmlDeviceGetTotalEnergyConsumption 3", "fail field:83:0 3")
        )
        let (account, _) = try metered(standIn, seconds: 20)
        let truth = load.energy(0.013, 20.013)
        #expect(account.total.coverage == ["nvml/GPU-a/power"])
        #expect(abs(try #require(account.total.joules).value / truth - 1) < 0.02)
        let warnings = standIn.survey().warnings
        #expect(warnings.contains { $0.contains("no energy counter") })
    }

    @Test("counter and integrated power are both kept, one of them counted")
    func both() throws {
        let standIn = try StandIn(description(.constant(300)))
        let (account, _) = try metered(standIn, seconds: 10)
        #expect(account.channels.map(\.channel.name) == ["nvml/GPU-a", "nvml/GPU-a/power"])
        #expect(account.channels.map(\.channel.inTotal) == [true, false])
        for channel in account.channels { #expect(abs(try #require(channel.joules).value - 3000) < 1) }
        #expect(abs(try #require(account.total.joules).value - 3000) < 1)
    }

    @Test("eight GPUs are eight counters, and their sum is the total")
    func eight() throws {
        let standIn = try StandIn(FileTree(root: "").text(fixture("eight.txt")) + "update 0.001\n")
        let (account, _) = try metered(standIn, seconds: 10, renewedEvery: 0.001)
        #expect(account.total.coverage.count == 8 && account.channels.count == 16)
        let last = Load.square(low: 70, high: 700, period: 5, duty: 0.2).energy(0.013, 10.013)
        #expect(abs(try #require(account.channels[14].joules).value / last - 1) < 0.001)
        let sum = account.channels.filter(\.channel.inTotal).compactMap(\.joules?.value).reduce(0, +)
        #expect(abs(try #require(account.total.joules).value - sum) < 1e-6)
    }

    @Test("a counter that falls was reset: that step is a gap, not joules")
    func reset() throws {
        let standIn = try StandIn(description(.constant(200), "reset 4.55", "update 0.01"))
        let (account, _) = try metered(standIn, seconds: 10)
        let energy = account.channels[0]
        #expect(energy.resets == 1)
        #expect(energy.gaps.map(\.reason) == ["reset"])
        #expect(abs(try #require(energy.joules).value - 2000) < 10)
    }

    @Test("a GPU that is lost ends, the other goes on, and the run says so")
    func lost() throws {
        let standIn = try StandIn(
            description(.constant(100), "lost 3", uuid: "GPU-a") + description(.constant(50), uuid: "GPU-b")
        )
        let (account, warnings) = try metered(standIn, seconds: 10)
        #expect(account.channels[0].joules == nil)
        #expect(abs(try #require(account.channels[2].joules).value - 500) < 1)
        #expect(warnings.contains("nvml/GPU-a: the GPU was lost."))
        #expect(account.warnings.contains { $0.hasPrefix("nvml/GPU-a is missing from the total") })
    }

    @Test("when every GPU is lost, the probe ends")
    func allLost() throws {
        let standIn = try StandIn(description(.constant(100), "lost 3"))
        var probe = try NVMLProbe(standIn.survey())
        var readings = [RawReading](repeating: RawReading(), count: probe.channels.count)
        var span = readings.mutableSpan
        try probe.read(into: &span)
        standIn.set(4)
        let error = #expect(throws: ProbeError.self) {
            var span = readings.mutableSpan
            try probe.read(into: &span)
        }
        #expect(error?.consequence == .closeProbe)
        #expect(readings.allSatisfy { $0 == RawReading() })
    }

    @Test(
        "no data, a timeout or an unknown error is a missing reading; the counter loses no joules",
        arguments: [21, 10, 999]
    )
    func passing(code: Int) throws {
        let standIn = try StandIn(
            description(.constant(100), "fail nvmlDeviceGetFieldValues \(code) 3 4", "update 0.01")
        )
        let (account, warnings) = try metered(standIn, seconds: 10)
        let energy = account.channels[0]
        #expect(abs(try #require(energy.joules).value - 1000) < 1)
        #expect(energy.samples < 95)
        #expect(energy.gaps.map(\.reason) == ["missing"])
        #expect(warnings.isEmpty)
    }

    @Test("what holds the clocks back at any time is told at the end, and idling is not")
    func throttling() throws {
        let standIn = try StandIn(
            description(.constant(100), "throttle 41 4 6") + description(.constant(100), "throttle 1", uuid: "GPU-b")
        )
        let (_, warnings) = try metered(standIn, seconds: 10)
        #expect(warnings.count == 1)
        #expect(warnings[0].hasPrefix("nvml/GPU-a: the GPU's clocks were held back by its temperature"))
    }

    @Test("a power limit that changes is told, one that stays is not")
    func limit() throws {
        let standIn = try StandIn(description(.constant(100), "limit 400 300 5"))
        let (_, warnings) = try metered(standIn, seconds: 10)
        #expect(warnings == ["nvml/GPU-a: the power limit changed from 400 W to 300 W while it was measured."])
        #expect(try metered(standIn, seconds: 3).warnings.isEmpty)
    }

    @Test("a limit that is raised while the run goes on makes no reset of what is drawn then")
    func raised() throws {
        let load = Load.ramp(from: 150, to: 690, seconds: 5)
        let standIn = try StandIn(description(load, "limit 200 700 1", "update 0.01"))
        let (account, _) = try metered(standIn, seconds: 10, renewedEvery: 0.01)
        #expect(account.channels[0].resets == 0)
        #expect(abs(try #require(account.total.joules).value - load.energy(0.013, 10.013)) < 6)
    }

    @Test("a reading carries the sensor's own time")
    func sourceTime() throws {
        let standIn = try StandIn(description(.constant(100)))
        var probe = try NVMLProbe(standIn.survey())
        var readings = [RawReading](repeating: RawReading(), count: probe.channels.count)
        var span = readings.mutableSpan
        try probe.read(into: &span)
        #expect(readings.allSatisfy { $0.sourceTime > 1_600_000_000_000_000_000 })
    }

    @Test(
        "keeps the contract of every probe, with readings and where all fail",
        arguments: ["", "fail nvmlDeviceGetFieldValues 21 0"]
    )
    func contract(fault: String) throws {
        #expect(countsAllocations())
        let standIn = try StandIn(description(.constant(100)) + description(.constant(50), fault, uuid: "GPU-b"))
        standIn.set(-1)
        let survey = standIn.survey()
        standIn.set(1)
        #expect(survey.channels.count == 4)
        let broken = try violations(below: nil, reads: 2000) { try NVMLProbe(survey) }
        #expect(broken == [])
    }
}

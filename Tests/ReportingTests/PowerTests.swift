import Charts
import Metering
import Quantities
import Testing

@testable import Reporting

private func trace(_ column: [UInt64], kind: Channel.Kind, limit: Double = 2000) -> Trace {
    let channel = Channel(
        name: "test",
        device: .cpu,
        domain: "package",
        kind: kind,
        basis: .measured,
        inTotal: true,
        relativeUncertainty: 0,
        uncertaintySource: "test",
        updatePeriod: Seconds(0.001),
        maximumPower: Watts(limit),
        source: "test"
    )
    let times = column.indices.map { Int64($0) * 1_000_000_000 }
    return Trace(channels: [channel], before: times, after: times, columns: [column])
}

@Suite struct PowerTests {
    @Test func counterGivesMeanPowerBetweenReadings() {
        let curve = powerCurves(
            trace([0, 10, 30], kind: .energyCounter(joulesPerCount: 1, range: nil)),
            start: 0,
            end: nil
        )[0]
        #expect(curve.points == [Point(x: 0.5, y: 10), Point(x: 1.5, y: 20)])
    }

    @Test func wrapIsBridged() {
        let curve = powerCurves(
            trace([95, 4], kind: .energyCounter(joulesPerCount: 1, range: 99)),
            start: 0,
            end: nil
        )[0]
        #expect(curve.points == [Point(x: 0.5, y: 9)])
    }

    @Test func resetMissingAndImpossibleAreGaps() {
        let none = RawReading.missing
        let reset = trace([50, 4, 9], kind: .energyCounter(joulesPerCount: 1, range: nil))
        #expect(powerCurves(reset, start: 0, end: nil)[0].points.map(\.y.isNaN) == [true, false])
        let jump = trace([0, 500, none, 505], kind: .energyCounter(joulesPerCount: 1, range: nil), limit: 100)
        #expect(powerCurves(jump, start: 0, end: nil)[0].points.map(\.y.isNaN) == [true, true, false])
        let power = trace([7, none], kind: .power(wattsPerCount: 2, window: Seconds(0)))
        #expect(powerCurves(power, start: 0, end: nil)[0].points.map(\.y.isNaN) == [false, true])
    }

    @Test func visitsNestByThread() {
        let mark = { (time: Int64, tid: Int32, event: Mark.Event) in
            Mark(time: time * 1_000_000_000, pid: 1, tid: tid, event: event)
        }
        let marks = Marks(marks: [
            mark(1, 1, .begin(region: "train", attributes: [:])), mark(2, 2, .begin(region: "load", attributes: [:])),
            mark(2, 1, .begin(region: "epoch", attributes: [:])), mark(3, 1, .end(region: "epoch")),
            mark(4, 2, .end(region: "nothing")), mark(5, 1, .end(region: "train")),
        ])
        let visits = regionVisits(marks, start: 0, end: 10_000_000_000)
        let text = visits.map { "\($0.path) \($0.from)-\($0.to) \($0.depth)" }
        #expect(text == ["train 1.0-5.0 0", "load 2.0-10.0 0", "train/epoch 2.0-3.0 1"])
    }
}

import Metering
import ProbeTestKit
import Quantities
import Testing

@Suite("Courses of metrics")
struct MetricCourseTests {
    /// 50 W for ten seconds with a metric at these times.
    private func courses(_ values: [(time: Double, value: Double)]) -> [MetricCourse] {
        let trace = PowerCurve(steps: [(from: -1, watts: 50)]).trace(counterChannel(), at: ticks(10, every: 0.1))
        let marks = values.map { Mark(time: ns($0.time), pid: 1, tid: 1, event: .metric(["iou": $0.value])) }
        return account(traces: [trace], start: 0, end: ns(10), marks: Marks(marks: marks)).metrics ?? []
    }

    @Test("give seconds and joules until a value is first reached")
    func reaching() throws {
        let course = try #require(courses([(2, 0.5), (4, 0.7), (6, 0.6), (8, 0.8)]).first)
        #expect(course.metric == "iou")
        #expect(course.values == [0.5, 0.7, 0.8], "what is no new extreme says nothing")
        let found = try #require(course.first(reaching: 0.7, higherIsBetter: true))
        #expect(found.seconds.value == 4)
        #expect(abs(try #require(found.joules).value - 200) < 0.2)
        #expect(course.first(reaching: 0.75, higherIsBetter: true)?.seconds.value == 8)
        #expect(course.first(reaching: 0.81, higherIsBetter: true) == nil)
    }

    @Test("go down as well")
    func lower() throws {
        let course = try #require(courses([(1, 2), (3, 3), (5, 1), (7, 0.5)]).first)
        #expect(course.first(reaching: 1, higherIsBetter: false)?.seconds.value == 5)
        #expect(course.first(reaching: 0.4, higherIsBetter: false) == nil)
    }

    @Test("follow the time of the marks, and leave out what lies outside the run")
    func order() throws {
        let course = try #require(courses([(6, 0.9), (2, 0.5), (-1, 3), (11, 4)]).first)
        #expect(course.seconds == [2, 6])
        #expect(courses([(20, 1)]).isEmpty)
    }

    @Test("stay small however many marks there are, and keep the last extreme")
    func many() throws {
        let course = try #require(courses((1...50_000).map { (Double($0) * 1e-4, Double($0)) }).first)
        #expect(course.values.count <= 1025)
        #expect(course.values.last == 50_000)
        let found = try #require(course.first(reaching: 25_000, higherIsBetter: true))
        #expect(found.seconds.value >= 2.5 && found.seconds.value < 2.52)
    }

    @Test("have no joules where a sensor gave none")
    func withoutJoules() throws {
        let marks = Marks(marks: [Mark(time: ns(1), pid: 1, tid: 1, event: .metric(["iou": 1]))])
        let course = try #require(account(traces: [], start: 0, end: ns(2), marks: marks).metrics?.first)
        #expect(course.joules == [nil])
        #expect(course.first(reaching: 1, higherIsBetter: true)?.seconds.value == 1)
    }
}

import Glibc
import Metering
import PAPI
import ProbeTestKit
import Testing

/// The events of the kernel that every machine counts, where it lets this process count.
private let events = ["perf::TASK-CLOCK", "perf::CONTEXT-SWITCHES"]
private let survey = PAPISurvey(library: nil, events: events + ["nonsense"], findsEnergy: false)

@Suite(
    "The PAPI of this machine",
    .serialized,
    .enabled(
        if: survey.channels.count == events.count,
        "PAPI is not installed, or the kernel lets this process count no event"
    )
)
struct RealLibraryTests {
    @Test("the contract of all probes")
    func contract() throws {
        let broken = try violations(below: nil, reads: 1000) { try PAPIProbe(survey, process: getpid()) }
        #expect(broken == [], "\(broken)")
    }

    @Test("an event that it does not know is named")
    func refusal() {
        #expect(survey.warnings.count == 1)
        #expect(survey.warnings.first?.hasPrefix("nonsense is not counted: PAPI says: ") == true)
    }

    @Test("a process and its children are counted from another thread")
    func children() throws {
        let script = "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done"
        var before = rusage()
        unsafe getrusage(RUSAGE_CHILDREN.rawValue, &before)
        var child = try Child.spawn(
            command: ["sh", "-c", "(\(script)) & (\(script)) & wait"],
            variables: ["PATH": "/bin"]
        )
        let sampler = try Sampler([Box(try PAPIProbe(survey, process: child.pid))], interval: 5_000_000)
        try sampler.start()
        try child.resume()
        let (status, end) = try child.wait()
        sampler.stop()
        var after = rusage()
        unsafe getrusage(RUSAGE_CHILDREN.rawValue, &after)
        #expect(status == 0)
        let counts = account(traces: [sampler.drain()], start: child.start, end: end, marks: Marks()).counts(with: [:])
        let clock = Double(try #require(counts["perf::TASK-CLOCK"])) * 1e-9
        let used = seconds(after) - seconds(before)
        // Other tests may reap children of theirs in between: then less was counted than used.
        #expect(clock > 0.02 && clock < used * 1.1 + 0.01, "\(clock) s of \(used) s")
        #expect(try #require(counts["perf::CONTEXT-SWITCHES"]) > 0)
    }

    private func seconds(_ usage: rusage) -> Double {
        [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6 }
    }
}

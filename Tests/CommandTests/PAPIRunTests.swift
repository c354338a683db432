import Foundation
import Testing

/// `wattbook run --papi` on the PAPI of this machine.
@Suite struct PAPIRunTests {
    static let script = """
        import os, resource, subprocess, sys, time
        marks = os.open(os.environ["WATTBOOK_MARKS"], os.O_WRONLY | os.O_APPEND)
        def mark(words): os.write(marks, f"{time.monotonic_ns()} {os.getpid()}.1 {words}\\n".encode())
        def work(n):
            while n: n -= 1
        mark("begin alone")
        work(6_000_000)
        mark("end alone")
        mark("begin children")
        own = "n = 4_000_000\\nwhile n: n -= 1"
        for child in [subprocess.Popen([sys.executable, "-c", own]) for _ in range(2)]: child.wait()
        mark("end children")
        used = 0
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            usage = resource.getrusage(who)
            used += usage.ru_utime + usage.ru_stime
        mark(f"metric used={used}")
        """

    @Test func theClockOfTheTreeIsItsProcessorTimeAndTheRestIsNamed() throws {
        let program = try Program()
        defer { program.clean() }
        let events = "perf::TASK-CLOCK,PAPI_NO_SUCH,nonsense"
        let outcome = try program.wattbook("run", "--json", "--papi", events, "--", "python3", "-c", Self.script)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let document = try outcome.json()
        let warnings = try #require(document["warnings"] as? [String])
        for name in ["PAPI_NO_SUCH", "nonsense"] {
            #expect(warnings.contains { $0.hasPrefix("\(name) is not counted: PAPI says: ") }, "\(warnings)")
        }
        let counts = try #require(document["counts"] as? [String: Int])
        // Where the kernel lets nobody count, that is said and the run went on all the same.
        guard let clock = counts["perf::TASK-CLOCK"] else {
            #expect(warnings.contains { $0.hasPrefix("perf::TASK-CLOCK is not counted: PAPI says: ") })
            return
        }
        let used = try #require((document["metrics"] as? [String: Double])?["used"])
        #expect(abs(Double(clock) * 1e-9 - used) < 0.06 * used + 0.02, "\(clock) ns of \(used) s")
        let regions = try #require(document["regions"] as? [[String: Any]])
        let parts = regions.compactMap { ($0["counts"] as? [String: Int])?["perf::TASK-CLOCK"] }
        #expect(parts.count == 2)
        #expect(parts.reduce(0, +) <= clock && parts.allSatisfy { $0 > clock / 10 }, "\(parts) of \(clock)")
        let energy = try #require((document["energy"] as? [String: Any])?["total_j"] as? Double)
        let each = try #require((document["energy_per_count_j"] as? [String: Double])?["perf::TASK-CLOCK"])
        #expect(abs(each * Double(clock) - energy) < 1e-9 * energy)
        let channels = try #require(document["channels"] as? [[String: Any]])
        #expect(!channels.contains { ($0["name"] as? String)?.hasPrefix("papi/") ?? false })
        let shown = try program.wattbook("show", "last", "--no-color")
        #expect(shown.output.contains("perf::TASK-CLOCK ("), "\(shown.output)")
    }

    @Test func theExitStatusIsTheCommandsWhateverPAPISays() throws {
        var program = try Program()
        defer { program.clean() }
        program.environment["WATTBOOK_PAPI_LIBRARY"] = "/nowhere/libpapi.so"
        let outcome = try program.wattbook("run", "--papi", "PAPI_TOT_INS", "--", "sh", "-c", "exit 7")
        #expect(outcome.status == 7)
        #expect(outcome.errors.contains("No event is counted: no PAPI library loads"))
    }
}

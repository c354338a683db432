import Analysis
import Ledger
import Quantities
import Testing

@Suite("Energy above idle")
struct IdleTests {
    private func rest(_ id: String, at block: Int, watts: Double, change: (inout SyntheticRun) -> Void = { _ in })
        -> RunRecord
    {
        var run = SyntheticRun(id: id, name: "idle", role: .idle, block: block, seconds: 20)
        run.joules = 20 * watts
        change(&run)
        var record = run.record
        record.start.startedAt = Int64(block) * 1_000_000
        record.start.tags[idleSeriesTag] = "series \(id.prefix(1))"
        return record
    }

    private func run(at block: Int, change: (inout SyntheticRun) -> Void = { _ in }) -> RunRecord {
        var run = SyntheticRun(id: "run", block: block)
        change(&run)
        return run.record
    }

    @Test("the last measurement before a run serves, of its host and its sensors, whole")
    func last() {
        let idle = [
            rest("a1", at: 0, watts: 10), rest("b1", at: 50, watts: 20), rest("b2", at: 60, watts: 22),
            rest("c1", at: 900, watts: 30),
        ]
        #expect(idleBaseline(for: [run(at: 100)], among: idle).map(\.start.id) == ["b1", "b2"])
        #expect(idleBaseline(for: [run(at: 10)], among: idle).map(\.start.id) == ["a1"])
        // None before it: the first one afterwards.
        #expect(idleBaseline(for: [run(at: 10)], among: Array(idle.dropFirst())).map(\.start.id) == ["b1", "b2"])
    }

    @Test("what another machine, other sensors or a cut measurement gave does not serve")
    func foreign() {
        let idle = [
            rest("a1", at: 0, watts: 10) { $0.host = "node2" },
            rest("b1", at: 0, watts: 10) { $0.coverage = ["test/psys"] },
            rest("c1", at: 0, watts: 10) { $0.state = .interrupted },
        ]
        #expect(idleBaseline(for: [run(at: 100)], among: idle).isEmpty)
        #expect(
            idleBaseline(for: [run(at: 100)], among: [rest("d1", at: 0, watts: 10) { $0.bootID = "other" }]).count == 1
        )
    }

    @Test("an experiment's own idle runs go before the host's")
    func own() {
        let own = rest("o1", at: 90, watts: 12)
        #expect(idleBaseline(for: [own, run(at: 100)], among: [rest("a1", at: 0, watts: 10)]).isEmpty)
    }

    @Test("net is gross less idle, and a negative one stays")
    func net() throws {
        let idle = try #require(idlePower(of: [rest("a1", at: 0, watts: 10), rest("a2", at: 1, watts: 12)]))
        #expect(idle.watts == 11 && idle.runs == ["a1", "a2"])
        let net = try #require(netEnergy(of: run(at: 100), idle: idle))
        #expect(net.joules.value == 600 - 110)
        // t of one degree of freedom times s/sqrt(n) of the two, times 10 s; the gain of 3 % acts on the difference.
        let expected = (127.062 * 127.062 + 29.4 * 29.4).squareRoot()
        #expect(abs(try #require(net.uncertainty).value - expected) < 0.01)
        #expect(try #require(netEnergy(of: run(at: 100) { $0.joules = 50 }, idle: idle)).joules.value == -60)
    }

    @Test("an arm has its joules above idle, with the idle power's uncertainty; of other sensors' idle power none")
    func arms() throws {
        let runs = [590.0, 600, 610].enumerated().map { index, joules in
            run(at: 100 + index) { ($0.joules, $0.id) = (joules, "r\(index)") }
        }
        func net(_ change: (inout SyntheticRun) -> Void = { _ in }) throws -> Estimate? {
            let idle = [rest("a1", at: 0, watts: 10, change: change), rest("a2", at: 1, watts: 12, change: change)]
            return try #require(try study(runs: idle + runs, title: "idle").arms.first).netEnergy
        }
        let found = try #require(try net())
        #expect(abs(found.value - 490) < 1e-9)
        // Student's t of three repeats times 10/sqrt(3) J, and that of the two idle runs, 127 J.
        let half = (24.8414 * 24.8414 + 127.062 * 127.062).squareRoot()
        let (low, high) = (try #require(found.low), try #require(found.high))
        #expect(abs(high - 490 - half) < 0.01 && abs(490 - half - low) < 0.01)
        #expect(try net { $0.coverage = ["test/psys"] } == nil)
    }
}

import Analysis
import Carbon
import Ledger
import Metering
import Quantities

@testable import Reporting

extension Synthetic {
    /// A run at another time, in another place and of another kind.
    static func moved(
        _ run: RunRecord,
        id: String,
        name: String? = nil,
        to startedAt: Int64,
        role: RunRole = .measurement,
        tags: [String: String] = [:]
    ) -> RunRecord {
        var run = run
        run.start.id = id
        if let name { run.start.name = name }
        run.start.role = role
        run.start.tags = tags
        let start = (startedAt - 1_780_000_000_000_000) * 1000
        let shift = start - run.start.start
        run.start.startedAt = startedAt
        run.start.start = start
        var end = run.end
        end?.end += shift
        for index in end?.marks.marks.indices ?? 0..<0 { end?.marks.marks[index].time += shift }
        run.end = end
        run.start.carbon = CarbonSettings(zone: "DE", pue: 1.2)
        return run
    }

    /// Runs of three months, of every kind: test data, never a measurement.
    static func ledgerRuns() -> [RunRecord] {
        let (minute, hour, day): (Int64, Int64, Int64) = (60_000_000, 3_600_000_000, 86_400_000_000)
        // 2026-11-23 20:18:26 UTC.
        let evening: Int64 = 1_795_465_106_123_456
        let project = ["project": "test-data"]
        var runs: [RunRecord] = []
        for block in 0..<5 {
            for (place, arm) in ["fp32", "bf16"].enumerated() {
                let at = evening + Int64(2 * block + place) * 12 * minute
                runs.append(moved(run(arm, block: block), id: "test-\(arm)-\(block)", to: at, tags: project))
            }
        }
        for (place, arm) in ["fp32", "bf16"].enumerated() {
            let at = evening - Int64(2 - place) * 12 * minute
            let warm = moved(run(arm, block: 0), id: "test-warm-\(arm)", to: at, role: .warmup, tags: project)
            runs.append(warm)
        }
        for (index, at) in [evening - hour, evening + 3 * hour].enumerated() {
            runs.append(
                moved(
                    idle(seconds: 10, watts: 17 + 0.2 * Double(index)),
                    id: "test-idle-\(index)",
                    name: "idle",
                    to: at,
                    role: .idle,
                    tags: project
                )
            )
        }
        var pilot = run("bf16", block: 1, basis: .modelled)
        pilot.start.place = nil
        runs.append(
            moved(
                pilot,
                id: "test-pilot",
                name: "pilot",
                to: evening - 61 * day,
                tags: ["project": "test-data", "pilot": "yes"]
            )
        )
        var failed = run("fp32", block: 2)
        failed.start.place = nil
        failed.end?.exitStatus = 1
        runs.append(
            moved(failed, id: "test-failed", name: "first try", to: evening - 60 * day - 3 * hour, tags: project)
        )
        var killed = run("fp32", block: 3)
        killed.start.place = nil
        killed.end?.state = .interrupted
        killed.end?.exitStatus = nil
        runs.append(
            moved(killed, id: "test-killed", name: "second try", to: evening - 34 * day - 9 * hour, tags: project)
        )
        for index in 0..<3 {
            var other = run("bf16", block: index)
            other.start.place = nil
            let at = evening - 30 * day + Int64(index) * 2 * hour
            runs.append(moved(other, id: "test-inference-\(index)", name: "inference", to: at))
        }
        return runs.sorted { $0.start.startedAt < $1.start.startedAt }
    }

    /// The machine at rest.
    static func idle(seconds: Double, watts total: Double) -> RunRecord {
        var record = run("fp32", block: 0)
        record.start.command = []
        let end = record.start.start + Int64(seconds * 1e9)
        record.end?.end = end
        record.end?.exitStatus = nil
        record.end?.marks = Marks(marks: [])
        record.end?.metrics = [:]
        record.end?.counts = [:]
        record.end?.info = [:]
        let parts = zip([total - 2.9, 2.9], ["powercap/package-0", "powercap/package-0/dram"]).map { watts, name in
            energy(channel(name, name.hasSuffix("dram") ? .memory : .cpu, basis: .measured), watts * seconds)
        }
        let joules = total * seconds
        record.end?.account = EnergyAccount(
            total: EnergyReading(
                joules: Joules(joules),
                uncertainty: Joules(joules * 0.06),
                randomUncertainty: Joules(0.3),
                basis: .measured,
                coverage: parts.map(\.channel.name),
                budget: budget(joules * 0.03, .measured, random: 0.3)
            ),
            channels: parts,
            regions: []
        )
        return record
    }

    static func account() -> AccountReport {
        let runs = ledgerRuns()
        return AccountReport(
            periodAccount(
                of: runs,
                title: "2026-09 to 2026-11",
                grouping: .experiment,
                experiments: ["test-experiment": "test-data-precision"],
                carbon: Dictionary(runs.map { ($0.start.id, [grid]) }, uniquingKeysWith: { first, _ in first })
            ),
            version: "0.0.0-test"
        )
    }
}

import Foundation
import Testing

/// `wattbook scaling`, here and through a stand-in for Slurm.
@Suite struct ScalingCommandTests {
    /// A program whose time shrinks as 0.4 s over the units, and the stand-in's folder.
    private struct Bench {
        var program: Program

        init() throws {
            program = try Program()
            let fakes = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
                "Fixtures/slurm"
            )
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            try FileManager.default.createDirectory(atPath: program.path("slurm"), withIntermediateDirectories: true)
            program.environment["FAKE_SLURM"] = program.path("slurm")
            program.environment["PATH"] = "\(fakes.path):\(Program.folder.path):\(path)"
        }

        /// Submissions so far, by name.
        var submitted: [String] {
            let text = try? String(contentsOfFile: program.path("slurm/submitted"), encoding: .utf8)
            return (text ?? "").split(separator: "\n").map(String.init)
        }

        func set(_ answer: String) throws { try program.write("", to: "slurm/\(answer)") }
        func unset(_ answer: String) throws {
            try FileManager.default.removeItem(atPath: program.path("slurm/\(answer)"))
        }

        func plan(_ scaling: String, repeats: Int = 2, warmup: Int = 0, sleep: String = "0.4") throws {
            let images = "printf '%s0000000 1.1 count images=64\\n' \"$(cut -d' ' -f1 /proc/uptime | tr -d .)\""
            try program.write(
                """
                name: scale
                workload:
                  command:
                    - sh
                    - -c
                    - '\(images.replacingOccurrences(of: "'", with: "''")) >> "$WATTBOOK_MARKS"; echo $1 >> LOG; sleep $(awk "BEGIN {print \(sleep)/$1}")'
                    - load
                    - "{nodes}"
                scaling: {\(scaling)}
                repeats: \(repeats)
                warmup: \(warmup)
                interval: 5ms
                """.replacingOccurrences(of: "LOG", with: program.path("log")),
                to: "plan.yaml"
            )
        }
    }

    private static let jobs = "over: nodes, values: [1, 2, 4], launch: sbatch, sbatch: {time: \"0:05\"}"

    @Test func jobsBecomeATableWithTheLawAndTheLeastEnergy() throws {
        let bench = try Bench()
        defer { bench.program.clean() }
        try bench.plan(Self.jobs, warmup: 1)
        let run = try bench.program.wattbook("scaling", "plan.yaml", "--probe", "model", "--json", "--no-color")
        #expect(run.status == 0, "\(run.errors)")
        let document = try run.json()
        #expect(document["schema"] as? String == "wattbook.scaling/1")
        let table = try #require((document["tables"] as? [[String: Any]])?.first)
        let points = try #require(table["points"] as? [[String: Any]])
        #expect(points.compactMap { $0["units"] as? Int } == [1, 2, 4])
        #expect(points.allSatisfy { ($0["run_ids"] as? [String])?.count == 2 })
        #expect(points.allSatisfy { ($0["energy_per_image_j"] as? [String: Any])?["value"] is Double })
        let speedups = points.compactMap { ($0["speedup"] as? [String: Any])?["value"] as? Double }
        #expect(speedups[0] == 1 && speedups[1] > 1.3 && speedups[2] > speedups[1], "\(speedups)")
        #expect(table["basis"] as? String == "modelled" && table["least_energy"] is [String: Any])
        let fits = try #require(table["fits"] as? [[String: Any]])
        #expect(fits.map { $0["law"] as? String } == ["amdahl"] && fits[0]["carried"] as? Bool == true)
        // Six measured and, in the same jobs, six warm-ups.
        #expect(bench.submitted.count == 6 && Set(bench.submitted).count == 6)
        let log = try String(contentsOfFile: bench.program.path("log"), encoding: .utf8)
        #expect(log.split(separator: "\n").count == 12)

        let again = try bench.program.wattbook("scaling", "plan.yaml", "--no-color")
        #expect(again.status == 0 && again.errors.contains("all 6 runs are done") && bench.submitted.count == 6)
        #expect(again.output.contains("ENERGY, MODELLED") && again.output.contains("Amdahl's law"), "\(again.output)")
        let listed = try bench.program.wattbook("list", "--json").json()
        let runs = try #require(listed["runs"] as? [[String: Any]])
        #expect(
            runs.compactMap { ($0["tags"] as? [String: String])?["slurm_job"] }.sorted()
                == (1001...1006).map { "\($0)" }
        )
    }

    @Test func jobsThatFailAreNamedAndTheOthersMakeTheTable() throws {
        let bench = try Bench()
        defer { bench.program.clean() }
        try bench.plan(Self.jobs)
        try bench.set("cut-1")
        try bench.set("refuse-4")
        let run = try bench.program.wattbook("scaling", "plan.yaml", "--probe", "model", "--json", "--no-color")
        // One point is left, and the speed-up is against it.
        #expect(run.status == 0, "\(run.errors)")
        let table = try #require((try run.json()["tables"] as? [[String: Any]])?.first)
        #expect(table["reference_units"] as? Int == 2)
        let missing = try #require(table["missing"] as? [[String: Any]])
        #expect(missing.map { $0["units"] as? Int } == [1, 4])
        let reasons = missing.compactMap { $0["reason"] as? String }
        #expect(reasons[0].contains("ended as TIMEOUT") && reasons[1].contains("sbatch refused it"), "\(reasons)")
        #expect(run.errors.contains("TIMEOUT") && run.errors.contains("not available"))

        // What failed is let be, until it is asked for.
        try bench.unset("cut-1")
        let count = bench.submitted.count
        let same = try bench.program.wattbook("scaling", "plan.yaml", "--probe", "model", "--no-color")
        #expect(same.errors.contains("4 of them failed; --retry") && bench.submitted.count == count, "\(same.errors)")
        let retried = try bench.program.wattbook("scaling", "plan.yaml", "--probe", "model", "--retry", "--json")
        let mended = try #require((try retried.json()["tables"] as? [[String: Any]])?.first)
        #expect((mended["points"] as? [[String: Any]])?.compactMap { $0["units"] as? Int } == [1, 2])
        #expect(bench.submitted.count == count + 2)
    }

    @Test func anInterruptedCallGoesOnWithoutSubmittingTwice() throws {
        let bench = try Bench()
        defer { bench.program.clean() }
        try bench.plan(Self.jobs, sleep: "2")
        let first = try bench.program.start("wattbook", ["scaling", "plan.yaml", "--probe", "model", "--no-color"])
        let deadline = Date(timeIntervalSinceNow: 20)
        while bench.submitted.count < 6, Date() < deadline { Thread.sleep(forTimeInterval: 0.05) }
        first.interrupt()
        let cut = try bench.program.finish(first)
        #expect(cut.status == 128 + SIGINT && cut.errors.contains("the same call goes on"), "\(cut)")
        let second = try bench.program.wattbook("scaling", "plan.yaml", "--probe", "model", "--json", "--no-color")
        #expect(second.status == 0 && bench.submitted.count == 6, "\(second.errors)")
        let table = try #require((try second.json()["tables"] as? [[String: Any]])?.first)
        #expect((table["points"] as? [[String: Any]])?.count == 3)
    }

    @Test func aJobWhoseNumberWasLostIsFoundByItsName() throws {
        let bench = try Bench()
        defer { bench.program.clean() }
        try bench.plan("over: nodes, values: [1, 2], launch: sbatch, sbatch: {at_once: 1}", repeats: 2)
        try bench.set("silent")
        let lost = try bench.program.wattbook("scaling", "plan.yaml", "--probe", "model", "--no-color")
        #expect(lost.status == 69 && lost.errors.contains("sbatch does not answer") && bench.submitted.count == 1)
        try bench.unset("silent")
        let found = try bench.program.wattbook("scaling", "plan.yaml", "--probe", "model", "--no-color")
        #expect(found.status == 0 && bench.submitted.count == 4, "\(found.errors) \(bench.submitted)")
    }

    @Test func aCallNeedNotWait() throws {
        let bench = try Bench()
        defer { bench.program.clean() }
        try bench.plan(Self.jobs, sleep: "4")
        let call = ["scaling", "plan.yaml", "--probe", "model", "--no-wait", "--json"]
        let first = try bench.program.finish(bench.program.start("wattbook", call))
        #expect(first.status == 0 && bench.submitted.count == 6, "\(first.errors)")
        #expect((try first.json()["tables"] as? [Any])?.isEmpty == true)
        let rest = try bench.program.wattbook("scaling", "plan.yaml", "--probe", "model", "--json")
        #expect((try rest.json()["tables"] as? [Any])?.count == 1 && bench.submitted.count == 6)
    }

    @Test func aDryRunShowsTheScriptsAndSubmitsNothing() throws {
        let bench = try Bench()
        defer { bench.program.clean() }
        try bench.plan(
            "mode: both, over: nodes, values: [1, 2], launch: sbatch, grows: {nodes_of_work: 3}, ranks_per_node: 4, "
                + "threads_per_rank: 2, sbatch: {partition: main, account: me, options: [--constraint=a], "
                + "srun: [--mpi=pmix], setup: [module load mpi]}"
        )
        let refused = try bench.program.wattbook("scaling", "plan.yaml", "--dry-run")
        #expect(refused.status == 78 && refused.errors.contains("`nodes_of_work` grow, which is used nowhere"))
        let text = try String(contentsOfFile: bench.program.path("plan.yaml"), encoding: .utf8)
        try bench.program.write(
            text.replacingOccurrences(of: "- load\n", with: "- \"{nodes_of_work}\"\n"),
            to: "plan.yaml"
        )
        let run = try bench.program.wattbook("scaling", "plan.yaml", "--dry-run", "--no-color")
        #expect(run.status == 0 && run.output.contains("8 jobs, of which 8 are left to submit"), "\(run.errors)")
        for line in [
            "#SBATCH --nodes=2", "#SBATCH --ntasks=8", "#SBATCH --ntasks-per-node=4", "#SBATCH --cpus-per-task=2",
            "#SBATCH --exclusive", "#SBATCH --partition=main", "#SBATCH --account=me", "#SBATCH --constraint=a",
            "module load mpi", "srun --cpus-per-task=2 --mpi=pmix ", "run --job-dir \"$folder/ledgers\"", "' 6 2",
        ] { #expect(run.output.contains(line), "\(line) in \(run.output)") }
        #expect(
            bench.submitted.isEmpty && !FileManager.default.fileExists(atPath: bench.program.path("wattbook.sqlite"))
        )
    }

    @Test func localRunsScaleAndAFailingPointIsNamed() throws {
        let bench = try Bench()
        defer { bench.program.clean() }
        try bench.program.write(
            """
            name: threads
            workload: {command: [sh, -c, "test $1 -lt 8 && sleep $(awk \\"BEGIN {print 0.4/$1}\\")", load, "{threads}"]}
            scaling: {over: threads, values: [1, 2, 4, 8]}
            repeats: 3
            warmup: 0
            interval: 5ms
            """,
            to: "plan.yaml"
        )
        let run = try bench.program.wattbook("scaling", "plan.yaml", "--probe", "model", "--no-color")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("There is no figure for 8 threads"), "\(run.output)")
        #expect(run.output.contains("4 threads run") && run.output.contains("Amdahl's law"))
        let report = try bench.program.wattbook("report", "-o", "report")
        #expect(report.status == 0, "\(report.errors)")
        let page = try String(contentsOfFile: bench.program.path("report/report.html"), encoding: .utf8)
        #expect(page.contains("id=\"scaling\"") && page.contains("scaling-speed-1-narrow"))
        let words = try String(contentsOfFile: bench.program.path("report/report.md"), encoding: .utf8)
        #expect(words.contains("## Scaling") && words.contains("| 8 threads (missing) | 0 |"), "\(words)")
    }

    @Test func whereThereIsNoSlurmTheCallSaysWhatToDo() throws {
        var bench = try Bench()
        defer { bench.program.clean() }
        try bench.plan(Self.jobs)
        bench.program.environment["PATH"] = bench.program.path("nothing")
        let run = try bench.program.wattbook("scaling", "plan.yaml")
        #expect(run.status == 69 && run.errors.contains("Slurm cannot be asked"), "\(run.errors)")
        try bench.program.write("{name: x, workload: {command: [\"true\"]}}", to: "other.yaml")
        bench.program.environment["PATH"] = "/usr/bin:/bin"
        let other = try bench.program.wattbook("scaling", "other.yaml")
        #expect(other.status == 78 && other.errors.contains("no key `scaling`"))
        let experiment = try bench.program.wattbook("experiment", "plan.yaml", "--dry-run")
        #expect(experiment.status == 78 && experiment.errors.contains("wattbook scaling plan.yaml"))
    }
}

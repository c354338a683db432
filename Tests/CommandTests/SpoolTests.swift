import Foundation
import Glibc
import Testing

/// One ledger a node and step, and one run of the job, without a batch system: its variables are enough.
@Suite struct SpoolTests {
    private static func step(node: Int = 1, rank: Int, local: Int, nodes: Int = 1, ranks: Int) -> [String: String] {
        [
            "SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0", "SLURMD_NODENAME": "node\(node)", "SLURM_PROCID": "\(rank)",
            "SLURM_LOCALID": "\(local)", "SLURM_STEP_NUM_TASKS": "\(ranks)", "SLURM_CLUSTER_NAME": "lab",
            "SLURM_STEP_NODELIST": nodes > 1 ? "node[1-\(nodes)]" : "node1",
        ]
    }

    private func wattbook(_ program: Program, _ variables: [String: String], _ command: [String]) throws -> Process {
        var own = program
        own.environment = variables.merging(["WATTBOOK_SPOOL": program.path("spool")]) { own, _ in own }
        try FileManager.default.createDirectory(atPath: program.path("spool"), withIntermediateDirectories: true)
        return try own.start("wattbook", ["run", "--probe", "model", "--quiet", "--"] + command)
    }

    private static let marking = [
        "python3", "-c",
        """
        import os, time, sys
        def mark(words):
            line = f"{time.monotonic_ns()} {os.getpid()}.{os.getpid()} {words}\\n"
            os.write(os.open(os.environ["WATTBOOK_MARKS"], os.O_WRONLY | os.O_APPEND), line.encode())
        mark("begin train"); time.sleep(float(sys.argv[1])); mark("count images=5"); mark("end train")
        """,
    ]

    @Test func ranksOfANodeShareALedgerAndTheJobIsOneRun() throws {
        let program = try Program()
        defer { program.clean() }
        let ranks = try (0..<3).map { rank in
            try wattbook(program, Self.step(rank: rank, local: rank, ranks: 3), Self.marking + ["0.\(4 + rank)"])
        }
        for rank in ranks { #expect(try program.finish(rank).status == 0) }
        let files = try FileManager.default.contentsOfDirectory(atPath: program.path("wattbook-77"))
        #expect(files == ["wattbook-77.0-node1.sqlite"])
        let spool = program.path("spool/wattbook-spool-\(getuid())")
        #expect(try FileManager.default.contentsOfDirectory(atPath: spool).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: program.path("wattbook.sqlite")))

        var answers: [String] = []
        for _ in 0..<2 {
            let merge = try program.wattbook("merge", "wattbook-77", "--json")
            #expect(merge.status == 0, "\(merge.errors)")
            let jobs = try #require(try merge.json()["jobs"] as? [[String: Any]])
            #expect(jobs.count == 1 && jobs[0]["job"] as? String == "77" && jobs[0]["total_j"] is Double)
            let parts = try #require(jobs[0]["parts"] as? [String: Any])
            let ranks = try #require(parts["ranks"] as? [[String: Any]])
            #expect(ranks.compactMap { $0["rank"] as? Int } == [0, 1, 2])
            for rank in ranks {
                let region = try #require((rank["regions"] as? [[String: Any]])?.first)
                #expect(region["path"] as? String == "train" && region["joules"] is Double)
            }
            answers.append(try #require(jobs[0]["id"] as? String))
        }
        #expect(answers[0] == answers[1])
        let list = try program.wattbook("list", "--json").json()
        #expect((list["runs"] as? [[String: Any]])?.compactMap { $0["id"] as? String } == [answers[0]])
        let run = try program.wattbook("show", "last", "--json").json()
        #expect(run["job_parts"] is [String: Any] && (run["counts"] as? [String: Int]) == ["images": 15])
        #expect(try program.wattbook("show", "last").output.contains("node1"))
    }

    @Test func aMissingNodeAndACutLedgerAreNamedAndTheRestIsMerged() throws {
        let program = try Program()
        defer { program.clean() }
        for node in 1...3 {
            let rank = try wattbook(
                program,
                Self.step(node: node, rank: node - 1, local: 0, nodes: 3, ranks: 3),
                ["sleep", "0.6"]
            )
            #expect(try program.finish(rank).status == 0)
        }
        let file = { (node: Int) in program.path("wattbook-77/wattbook-77.0-node\(node).sqlite") }
        let whole = try #require(FileManager.default.contents(atPath: file(3)))
        try FileManager.default.moveItem(atPath: file(2), toPath: program.path("late.sqlite"))
        try whole.prefix(whole.count / 3).write(to: URL(fileURLWithPath: file(3)))
        let merge = try program.wattbook("merge", "wattbook-77", "--json")
        #expect(merge.status == 65)
        let document = try merge.json()
        #expect(document["complete"] as? Bool == false)
        #expect((document["warnings"] as? [String])?.contains { $0.contains("node3.sqlite") } == true)
        let job = try #require((document["jobs"] as? [[String: Any]])?.first)
        let missing = try #require((job["parts"] as? [String: Any])?["missing"] as? [String: Any])
        #expect((missing["nodes"] as? [String])?.contains("node2") == true)
        #expect(missing["node_seconds_share"] as? Double ?? 0 > 0.2)
        // The rest comes later: then the job is whole, and one run.
        try whole.write(to: URL(fileURLWithPath: file(3)))
        let later = try program.wattbook("merge", "late.sqlite", "wattbook-77", "--json")
        #expect(later.status == 0, "\(later.errors)")
        let runs = try program.wattbook("list", "--json").json()["runs"] as? [[String: Any]]
        #expect(runs?.count == 1)
        try "nothing".write(toFile: program.path("wattbook-77/notes.sqlite"), atomically: true, encoding: .utf8)
        #expect(try program.wattbook("merge", "wattbook-77").status == 65)
        #expect(try program.wattbook("merge", "nowhere").status == 66)
    }

    @Test func aRankThatIsKilledCostsNothingButItsOwn() throws {
        let program = try Program()
        defer { program.clean() }
        let first = try wattbook(program, Self.step(rank: 0, local: 0, ranks: 2), ["sleep", "3"])
        let second = try wattbook(program, Self.step(rank: 1, local: 1, ranks: 2), ["sleep", "3"])
        sleep(1)
        kill(second.processIdentifier, SIGKILL)
        #expect(try program.finish(first).status == 0)
        _ = try program.finish(second)
        let merge = try program.wattbook("merge", "wattbook-77", "--json")
        let job = try #require((try merge.json()["jobs"] as? [[String: Any]])?.first)
        #expect(job["state"] as? String == "interrupted" && job["total_j"] is Double)
        let ranks = (job["parts"] as? [String: Any])?["ranks"] as? [[String: Any]]
        #expect(ranks?.compactMap { $0["state"] as? String } == ["finished", "interrupted"])
    }

    @Test func whatAKilledJobHadIsInItsFolder() throws {
        let program = try Program()
        defer { program.clean() }
        // A command that will not stop: first asked, then killed with its meter, as Slurm does.
        let deaf = ["bash", "-c", "trap '' TERM; echo -n $$ >pid; while :; do sleep 0.2; done"]
        let run = try wattbook(program, Self.step(rank: 0, local: 0, ranks: 1), deaf)
        sleep(1)
        kill(run.processIdentifier, SIGTERM)
        sleep(4)
        kill(run.processIdentifier, SIGKILL)
        if let pid = Int32(try String(contentsOfFile: program.path("pid"), encoding: .utf8)) { kill(pid, SIGKILL) }
        _ = try program.finish(run)
        let merge = try program.wattbook("merge", "wattbook-77", "--json")
        #expect(merge.status == 65, "\(merge.errors)")
        let job = try #require((try merge.json()["jobs"] as? [[String: Any]])?.first)
        #expect(job["state"] as? String == "interrupted" && job["total_j"] as? Double ?? 0 > 0)
        let missing = (job["parts"] as? [String: Any])?["missing"] as? [String: Any]
        #expect(missing?["cut"] as? [String] == ["node1"])
    }

    @Test func withoutRoomOnTheNodeTheJobsFolderTakesTheLedger() throws {
        let program = try Program()
        defer { program.clean() }
        try "a file, no folder".write(toFile: program.path("spool"), atomically: true, encoding: .utf8)
        var own = program
        own.environment = Self.step(rank: 0, local: 0, ranks: 1).merging(["WATTBOOK_SPOOL": program.path("spool")]) {
            $1
        }
        let run = try own.wattbook("run", "--probe", "model", "--", "sleep", "0.3")
        #expect(run.status == 0 && run.errors.contains("takes no ledger"), "\(run.errors)")
        #expect(try program.wattbook("merge", "wattbook-77").status == 0)
        #expect(try own.wattbook("run", "--job-dir", "/proc/no", "--", "true").status == 73)
        own.environment = ["SLURM_JOB_ID": ""]
        #expect(try program.wattbook("run", "--job-dir", "x", "--", "true").status == 64)
    }

    /// A disk of a few kilobytes in a mount namespace of its own: full from the start, and full on the way.
    @Test(.enabled(if: getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare")))
    func aFullSpoolCostsNoRunAndTheCommandKeepsItsStatus() throws {
        for size in [64, 320] {
            let program = try Program()
            defer { program.clean() }
            var own = program
            own.environment = Self.step(rank: 0, local: 0, ranks: 1).merging(["WATTBOOK_SPOOL": program.path("spool")])
            {
                $1
            }
            try FileManager.default.createDirectory(atPath: program.path("spool"), withIntermediateDirectories: true)
            let script = """
                mount -t tmpfs -o size=\(size)k tmpfs spool || exit 42
                wattbook run --probe model --interval 1ms -- sh -c 'sleep 3; exit 3'
                status=$?; find spool -type f; exit $status
                """
            let run = try own.finish(own.start("/usr/bin/unshare", ["-m", "bash", "-c", script]))
            guard run.status != 42, run.status != 1 else { return }
            #expect(run.status == 3, "\(size): \(run)")
            #expect(run.errors.contains("spool"), "\(size): \(run.errors)")
            // Nothing is left that would keep the disk full.
            #expect(run.output.isEmpty, "\(size): \(run.output)")
            let merge = try program.wattbook("merge", "wattbook-77", "--json")
            let job = try #require((try merge.json()["jobs"] as? [[String: Any]])?.first, "\(merge)")
            #expect(job["exit_status"] as? Int == 3 && job["total_j"] as? Double ?? 0 > 0)
            #expect(job["duration_s"] as? Double ?? 0 > 2.9)
        }
    }

    /// Nobody was left to deliver: the next run of this user on the node does.
    @Test func whatADeadStepLeftIsBroughtByTheNext() throws {
        let program = try Program()
        defer { program.clean() }
        let dead = try wattbook(program, Self.step(rank: 0, local: 0, ranks: 1), ["sleep", "8"])
        sleep(2)
        kill(dead.processIdentifier, SIGKILL)
        _ = try program.finish(dead)
        let folder = program.path("wattbook-77")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        var own = program
        own.environment = ["WATTBOOK_SPOOL": program.path("spool")]
        let next = try own.wattbook("run", "--probe", "model", "--", "true")
        #expect(next.status == 0 && next.errors.contains("wattbook-77.0-node1.sqlite"), "\(next.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["wattbook-77.0-node1.sqlite"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: program.path("spool/wattbook-spool-\(getuid())"))
                .isEmpty
        )
        let merge = try own.wattbook("merge", "wattbook-77", "--json")
        let job = try #require((try merge.json()["jobs"] as? [[String: Any]])?.first)
        #expect(merge.status == 65 && job["state"] as? String == "interrupted")
        #expect(job["total_j"] as? Double ?? 0 > 0)
        #expect(try own.wattbook("recover").output.contains("Nothing to recover"))
    }

    @Test func ourJoulesStandBesideSlurms() throws {
        let program = try Program()
        defer { program.clean() }
        let rank = try wattbook(program, Self.step(rank: 0, local: 0, ranks: 1), ["sleep", "0.5"])
        #expect(try program.finish(rank).status == 0)
        #expect(try program.wattbook("merge", "wattbook-77").status == 0)
        try program.write(
            """
            JobIDRaw|State|ElapsedRaw|Start|End|AllocCPUS|NodeList|ConsumedEnergyRaw
            77|COMPLETED|1|2026-11-26T01:00:00|2026-11-26T01:00:01|1|node1|120
            78|COMPLETED|1|2026-11-26T01:00:00|2026-11-26T01:00:01|1|node1|121
            """,
            to: "sacct.txt"
        )
        let answer = try program.wattbook("slurm", "77", "--sacct", "sacct.txt", "--json").json()
        let attempt = try #require((answer["attempts"] as? [[String: Any]])?.first)
        #expect(attempt["slurm_j"] as? Double == 120 && attempt["believe"] as? String == "ours")
        #expect((attempt["neighbours"] as? [[String: Any]])?.count == 1)
        #expect(try program.wattbook("slurm", "77", "--sacct", "sacct.txt").output.contains("241 J together"))
        #expect(try program.wattbook("slurm", "5", "--sacct", "sacct.txt").status == 66)
        #expect(try program.wattbook("slurm", "77", "--sacct", "none").status == 66)
        try program.write("no header\n", to: "bad.txt")
        #expect(try program.wattbook("slurm", "77", "--sacct", "bad.txt").status == 65)
        #expect(try program.wattbook("slurm", "seven").status == 64)
    }
}

import Foundation
import Testing

/// Programs as they are started elsewhere: many times over, as a container's first process, by a launcher of a batch job.
@Suite("Any program", .serialized)
struct AnyProgramTests {
    private static let isSlow = ProcessInfo.processInfo.environment["WATTBOOK_SLOW"] != nil

    /// Whether this user may start a process in a process namespace of its own.
    private static let mayUnshare: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["unshare"] + namespace + ["true"]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
    private static let namespace = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]
    private static let refused: Comment = "This machine lets no user make a process namespace (unshare --user --pid)."

    /// `WATTBOOK_SLOW=1` makes it a thousand runs instead of sixty.
    @Test func `short runs leave no descriptor, process or file behind`() throws {
        var program = try Program()
        defer { program.clean() }
        let repeats = Self.isSlow ? 500 : 30
        // Each run tells what the meter holds: descriptors, threads, and children beside the run itself.
        let script =
            "ls /proc/$PPID/fd | wc -l >>fds; ls /proc/$PPID/task | wc -l >>threads; "
            + "cat /proc/$PPID/task/*/children | wc -w >>children; [ -f $WATTBOOK_MARKS ] && "
            + "dirname $WATTBOOK_MARKS >>folders; : {arm}"
        try program.write(
            """
            name: short
            workload: {command: [sh, -c, '\(script)']}
            factors: {arm: [a, b]}
            baseline: {arm: a}
            repeats: \(repeats)
            warmup: 0
            """,
            to: "plan.yaml"
        )
        let temporary = program.folder.appendingPathComponent("temporary")
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        program.environment["TMPDIR"] = temporary.path
        let run = try program.finish(program.start("wattbook", ["experiment", "plan.yaml", "--force"]))
        #expect(run.status == 0, "\(run.errors)")
        for name in ["fds", "threads", "children"] {
            let text = try String(contentsOfFile: program.path(name), encoding: .utf8)
            let counts = text.split(separator: "\n").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
            #expect(counts.count == 2 * repeats)
            // A file may be open for a moment; what is left open by runs would be as many as runs.
            let (early, late) = (counts.prefix(10).max() ?? 0, counts.suffix(10).max() ?? .max)
            #expect(late <= early + 2, "\(name): \(early) grew to \(late)")
            if name == "children" { #expect(counts.allSatisfy { $0 == 1 }, "\(Set(counts))") }
        }
        // The files of the marks were there, or that none is left would tell nothing.
        let folders = try String(contentsOfFile: program.path("folders"), encoding: .utf8).split(separator: "\n")
        #expect(folders.count == 2 * repeats && Set(folders) == [temporary.path[...]])
        let left = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
        // The lock of the plan stays for whoever runs it next.
        #expect(left.count == 1 && left.allSatisfy { $0.hasSuffix(".lock") }, "\(left)")
    }

    @Test(.enabled(if: mayUnshare, refused))
    func `as a container's first process it runs a command and outlives its orphans`() throws {
        let program = try Program()
        defer { program.clean() }
        // An orphan falls to the first process, which must neither wait for it nor take its status for the command's.
        let script = "echo $PPID >parent; (sh -c 'exit 9' &) ; (sleep 0.1; exit 8) & exit 7"
        let meter = Program.folder.appendingPathComponent("wattbook").path
        let run = try program.finish(
            program.start(
                "/usr/bin/env",
                ["unshare"] + Self.namespace + [meter, "run", "--json", "--", "sh", "-c", script]
            )
        )
        #expect(run.status == 7, "\(run.errors)")
        #expect(try run.json()["exit_status"] as? Int == 7)
        #expect(try String(contentsOfFile: program.path("parent"), encoding: .utf8) == "1\n")
    }

    @Test(.enabled(if: mayUnshare, refused))
    func `as a container's first process it leaves no orphan as a zombie`() throws {
        let program = try Program()
        defer { program.clean() }
        // Ten of them end long before the command; the tool that a probe calls meanwhile is no orphan.
        let script =
            "for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 0.1 &); done; sleep 0.7; grep -l 'State:.Z' /proc/[0-9]*/status | wc -l"
        let meter = Program.folder.appendingPathComponent("wattbook").path
        let run = try program.finish(
            program.start(
                "/usr/bin/env",
                ["unshare"] + Self.namespace + [meter, "run", "--quiet", "--", "sh", "-c", script]
            )
        )
        #expect(run.status == 0 && run.output.trimmingCharacters(in: .whitespacesAndNewlines) == "0", "\(run.output)")
    }

    @Test(.enabled(if: mayUnshare, refused))
    func `as a container's first process it passes the signal to stop on and writes the run`() throws {
        let program = try Program()
        defer { program.clean() }
        let meter = Program.folder.appendingPathComponent("wattbook").path
        let script = "trap 'exit 42' TERM; echo >ready; while :; do sleep 0.02; done"
        let process = try program.start(
            "/usr/bin/env",
            ["unshare"] + Self.namespace + [meter, "run", "--", "sh", "-c", script]
        )
        for _ in 0..<500 where !FileManager.default.fileExists(atPath: program.path("ready")) {
            Thread.sleep(forTimeInterval: 0.01)
        }
        let children = "/proc/\(process.processIdentifier)/task/\(process.processIdentifier)/children"
        let first = try String(contentsOfFile: children, encoding: .utf8).split(separator: " ").first
        kill(try #require(first.flatMap { Int32($0) }), SIGTERM)
        let outcome = try program.finish(process)
        #expect(outcome.status == 42, "\(outcome.errors)")
        #expect(outcome.errors.contains("energy"))
    }

    /// A job's ranks on a node meet in a place by its number; tests that run beside this one are other jobs.
    private static let job = "\(Int.random(in: 1_000_000..<1_000_000_000))"

    /// A launcher that does what `srun` does on one node: so many tasks with their ranks, ended with the worst status.
    private static let srun = """
        #!/bin/sh
        count=$2; shift 2
        rank=0; tasks=
        while [ $rank -lt $count ]; do
            SLURM_JOB_ID=$JOB SLURM_STEP_ID=0 SLURM_NTASKS=$count SLURM_PROCID=$rank SLURM_LOCALID=$rank "$@" &
            tasks="$tasks $!"; rank=$((rank + 1))
        done
        worst=0
        for task in $tasks; do wait $task || { status=$?; [ $status -gt $worst ] && worst=$status; }; done
        exit $worst
        """

    private func launcher(_ program: Program) throws -> String {
        try program.write(Self.srun.replacing("$JOB", with: Self.job), to: "srun")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path("srun"))
        return program.path("srun")
    }

    @Test func `a launcher's tasks mark into one run and its status is kept`() throws {
        var program = try Program()
        defer { program.clean() }
        let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Scripts/python").standardizedFileURL.path
        program.environment = ["PYTHONPATH": scripts, "PYTHONDONTWRITEBYTECODE": "1"]
        let task =
            "import os, sys, wattbook_marks as marks\n"
            + "with marks.region('task'): marks.count(images=10)\n"
            + "sys.exit(3 * int(os.environ['SLURM_PROCID']))"
        let srun = try launcher(program)
        let run = try program.finish(
            program.start("wattbook", ["run", "--json", "--", srun, "-n", "3", "python3", "-c", task])
        )
        #expect(run.status == 6, "\(run.errors)")
        let document = try run.json()
        #expect((document["counts"] as? [String: Int])?["images"] == 30)
        let regions = try #require(document["regions"] as? [[String: Any]])
        #expect(regions.first { $0["path"] as? String == "task" }?["count"] as? Int == 3)
    }

    @Test func `a launcher may start the meter itself, once a task`() throws {
        let program = try Program()
        defer { program.clean() }
        let srun = try launcher(program)
        let meter = Program.folder.appendingPathComponent("wattbook").path
        let run = try program.finish(
            program.start(srun, ["-n", "3", meter, "run", "--quiet", "--", "sh", "-c", "exit $SLURM_PROCID"])
        )
        #expect(run.status == 2, "\(run.errors)")
        // What its ranks leave is one run of the job.
        let merge = try program.finish(program.start("wattbook", ["merge", program.path("wattbook-\(Self.job)")]))
        #expect(merge.status == 0, "\(merge.errors)")
        let list = try program.finish(program.start("wattbook", ["list", "--json"])).json()
        let runs = try #require(list["runs"] as? [[String: Any]])
        #expect(runs.count == 1 && runs[0]["state"] as? String == "finished" && runs[0]["exit_status"] as? Int == 2)
        let shown = try program.finish(program.start("wattbook", ["show", "last", "--json"])).json()
        let ranks = try #require((shown["job_parts"] as? [String: Any])?["ranks"] as? [[String: Any]])
        #expect(ranks.count == 3)
    }

    /// A batch step or a cron job has no terminal; util-linux's setsid forks only where it leads a group.
    @Test func `a program without a terminal may make a session of its own`() throws {
        let program = try Program()
        defer { program.clean() }
        let script = "import os, sys; os.setsid(); sys.exit(7 if os.getsid(0) == os.getpid() else 1)"
        let run = try program.finish(program.start("wattbook", ["run", "--quiet", "--", "python3", "-c", script]))
        #expect(run.status == 7, "\(run.errors)")
        let waits = ["run", "--json", "--", "setsid", "sh", "-c", "sleep 0.5; exit 3"]
        let waited = try program.finish(program.start("wattbook", waits))
        #expect(waited.status == 3)
        #expect(try #require(try waited.json()["duration_s"] as? Double) > 0.4)
    }

    @Test func `a caller who ignores the end of children or blocks signals changes nothing`() throws {
        let program = try Program()
        defer { program.clean() }
        let caller = """
            import signal, subprocess, sys
            def prepare():
                signal.signal(signal.SIGCHLD, signal.SIG_IGN)
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
            sys.exit(subprocess.run(sys.argv[1:], preexec_fn=prepare).returncode)
            """
        let meter = Program.folder.appendingPathComponent("wattbook").path
        let call = { (words: [String]) in
            try program.finish(program.start("/usr/bin/env", ["python3", "-c", caller] + words))
        }
        let states = ["grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"]
        let plain = try call(states)
        #expect(try call([meter, "run", "--quiet", "--"] + states).output == plain.output)
        let run = try call([meter, "run", "--quiet", "--", "sh", "-c", "sleep 0.2; exit 3"])
        #expect(run.status == 3, "\(run.errors)")
        #expect(plain.output.contains(#/SigBlk:\t[0-9a-f]+[2367abef][0-9a-f]{2}\n/#))
        let shown = try program.finish(program.start("wattbook", ["show", "last", "--json"])).json()
        #expect(shown["state"] as? String == "finished" && shown["exit_status"] as? Int == 3)
    }

    @Test func `a run whose command cleans up its own ledger is kept elsewhere, and that is said`() throws {
        var program = try Program()
        defer { program.clean() }
        try FileManager.default.createDirectory(atPath: program.path("temporary"), withIntermediateDirectories: true)
        program.environment["TMPDIR"] = "temporary"
        let script = "sleep 0.3; rm -f wattbook.sqlite*; cd /; [ -f $WATTBOOK_MARKS ] || exit 9"
        let run = try program.finish(
            program.start("wattbook", ["run", "--ledger", "wattbook.sqlite", "--", "sh", "-c", script])
        )
        #expect(run.status == 74 && run.errors.contains("removed, moved or replaced"), "\(run.status) \(run.errors)")
        let kept = try FileManager.default.contentsOfDirectory(atPath: program.path("temporary"))
            .first { $0.hasSuffix(".sqlite") }
        let ledger = "temporary/\(try #require(kept))"
        let shown = try program.finish(program.start("wattbook", ["show", "last", "--json", "--ledger", ledger])).json()
        #expect(shown["state"] as? String == "finished" && shown["exit_status"] as? Int == 0)
    }
}

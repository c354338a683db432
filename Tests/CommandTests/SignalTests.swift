import Foundation
import Testing

/// Signals and streams that fail: what was measured is kept, and the status says what became of it.
@Suite struct SignalTests {
    private func shell(_ program: Program, _ script: String) throws -> Program.Outcome {
        try program.finish(program.start("/bin/bash", ["-c", script]))
    }

    private func waitUntil(_ condition: () throws -> Bool) rethrows {
        for _ in 0..<500 where try !condition() { Thread.sleep(forTimeInterval: 0.01) }
    }

    @Test(arguments: [("TERM", SIGTERM), ("INT", SIGINT), ("USR1", SIGUSR1), ("XCPU", SIGXCPU), ("ALRM", SIGALRM)])
    func reachTheCommandAndTheMeterGoesOn(name: String, signal: Int32) throws {
        let program = try Program()
        defer { program.clean() }
        let script = "trap 'exit 42' \(name); echo > ready; while :; do sleep 0.01; done"
        let process = try program.start("wattbook", ["run", "--", "sh", "-c", script])
        waitUntil { FileManager.default.fileExists(atPath: program.path("ready")) }
        kill(process.processIdentifier, signal)
        let outcome = try program.finish(process)
        #expect(outcome.status == 42)
        #expect(outcome.errors.contains("energy"))
    }

    @Test func withoutATerminalAnInterruptedCommandIsAnExitStatus() throws {
        let program = try Program()
        defer { program.clean() }
        let process = try program.start("wattbook", ["run", "--", "sh", "-c", "kill -INT $$"])
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 130)
    }

    @Test func oneThatComesWhileTheRunIsBeingWrittenCostsNothing() throws {
        let program = try Program()
        defer { program.clean() }
        let process = try program.start("wattbook", ["run", "--", "sh", "-c", "echo > ready; sleep 1; exit 3"])
        waitUntil { FileManager.default.fileExists(atPath: program.path("ready")) }
        // The first samples are stored; then the ledger is held beyond the command's end.
        Thread.sleep(forTimeInterval: 0.75)
        let holder =
            "import sqlite3, time; c = sqlite3.connect('wattbook.sqlite', isolation_level=None); "
            + "c.execute('BEGIN IMMEDIATE'); time.sleep(1.2); c.execute('ROLLBACK')"
        let lock = try program.start("/usr/bin/env", ["python3", "-c", holder])
        Thread.sleep(forTimeInterval: 0.7)
        for signal in [SIGINT, SIGTERM, SIGHUP] { kill(process.processIdentifier, signal) }
        _ = try program.finish(lock)
        #expect(try program.finish(process).status == 3)
        let runs = try program.wattbook("list", "--json").json()["runs"] as? [[String: Any]]
        #expect(runs?.map { $0["state"] as? String } == ["finished"])
    }

    @Test func anExperimentRunsTheCutRunAgain() throws {
        let program = try Program()
        defer { program.clean() }
        try program.write(interruptiblePlan.replacing("sleep 1", with: "sleep 0.6"), to: "plan.yaml")
        let process = try program.start("wattbook", ["experiment", "plan.yaml"])
        Thread.sleep(forTimeInterval: 0.9)
        kill(process.processIdentifier, SIGTERM)
        let cut = try program.finish(process)
        #expect(process.terminationReason == .exit)
        #expect(cut.status == 143)
        #expect(cut.errors.hasSuffix("wattbook: interrupted; the same call goes on.\n"), "\(cut.errors)")
        let whole = try program.wattbook("experiment", "plan.yaml")
        #expect(whole.status == 0, "\(whole.errors)")
        let runs = try program.wattbook("list", "--json", "--all").json()["runs"] as? [[String: Any]]
        let states = (runs ?? []).compactMap { $0["state"] as? String }
        #expect(states.filter { $0 == "finished" }.count == 6)
        #expect(states.filter { $0 == "interrupted" }.count == 1)
    }

    @Test func aCommandOfAnExperimentReadsNothing() throws {
        let program = try Program()
        defer { program.clean() }
        try program.write(
            interruptiblePlan.replacing("sleep 1 & wait", with: "if read x; then exit 3; fi; sleep 0.1"),
            to: "plan.yaml"
        )
        let outcome = try shell(program, "yes | head -c 100 | wattbook experiment --force plan.yaml")
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test(
        arguments: [
            ("(wattbook run -- sh -c 'sleep 0.2; exit 5'; echo $? > status) 2>&1 | true", "5\n"),
            ("(wattbook run --json -- sh -c 'exit 5'; echo $? > status) | true", "5\n"),
            ("(wattbook experiment --force plan.yaml; echo $? > status) 2>&1 | head -1", "0\n"),
            // The command itself gets the disposition that a shell would give it.
            ("wattbook run -- sh -c 'kill -PIPE $$'; echo $? > status", "141\n"),
            ("wattbook run -- sh -c 'kill -XFSZ $$'; echo $? > status", "153\n"),
            ("trap '' PIPE; wattbook run -- sh -c 'kill -PIPE $$'; echo $? > status", "0\n"),
            ("wattbook run -- true; (wattbook list --all; echo $? > status) | true; sleep 0.3", nil),
        ] as [(String, String?)]
    )
    func aReaderThatGoesAwayEndsNoMeasurement(script: String, status: String?) throws {
        let program = try Program()
        defer { program.clean() }
        try program.write(interruptiblePlan.replacing("sleep 1 & wait", with: "sleep 0.1"), to: "plan.yaml")
        _ = try shell(program, script)
        let written = try String(contentsOfFile: program.path("status"), encoding: .utf8)
        if let status { #expect(written == status) } else { #expect(["0\n", "141\n"].contains(written)) }
    }

    @Test func aLimitOfTheFileSizeDoesNotEndTheMeter() throws {
        let program = try Program()
        defer { program.clean() }
        _ = try program.wattbook("run", "--quiet", "--", "true")
        // The ledger may not grow; its log beside it may, up to the same size.
        let limit = "ulimit -f $(( $(stat -c %s wattbook.sqlite) / 1024 )); export TMPDIR=$PWD; "
        let outcome = try shell(program, limit + "wattbook run --interval 1ms -- sh -c 'sleep 1.2; : > ended; exit 5'")
        #expect([5, 74].contains(outcome.status), "\(outcome.errors)")
        #expect(outcome.errors.contains("energy"))
        #expect(FileManager.default.fileExists(atPath: program.path("ended")))
    }

    @Test(arguments: [
        "list --json >/dev/full", "list >&-", "--help >/dev/full", "show last --json >&-",
        "run --json -- true >/dev/full",
    ])
    func lostOutputIsAFailure(words: String) throws {
        let program = try Program()
        defer { program.clean() }
        let outcome = try shell(program, "wattbook run --quiet -- true && wattbook \(words)")
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains("Standard output could not be written"), "\(outcome.errors)")
    }

    @Test func lostErrorsAreNone() throws {
        let program = try Program()
        defer { program.clean() }
        #expect(try shell(program, "wattbook run -- sh -c 'exit 5' 2>/dev/full").status == 5)
        #expect(try shell(program, "wattbook run -- sh -c 'exit 5' 2>&-").status == 5)
    }
}

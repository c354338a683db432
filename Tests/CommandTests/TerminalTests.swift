import Foundation
import Testing

/// Keys of a terminal: a measured command and who called it see them as without the meter.
@Suite struct TerminalTests {
    /// Types into a shell; each step is a verb of the driver and its text.
    private func terminal(_ program: Program, _ steps: [String]) throws {
        let driver = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
            .appendingPathComponent("terminal.py").path
        let process = try program.start("/usr/bin/env", ["python3", driver] + steps)
        let outcome = try program.finish(process)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }

    private func runs(_ program: Program) throws -> [[String: Any]] {
        try #require(try program.wattbook("list", "--json", "--all").json()["runs"] as? [[String: Any]])
    }

    @Test func aRunThatEndsInTheBackgroundLeavesTheShellItsTerminal() throws {
        let program = try Program()
        defer { program.clean() }
        try terminal(
            program,
            [
                "type", "wattbook run --quiet -- sleep 1\\n", "rest", "0.5", "type", "\\x1a", "see", "Stopped",
                "type", "bg\\n", "see", "sleep 1 &", "rest", "1", "type", "echo shell $((40 + 2))\\n", "see",
                "shell 42",
            ]
        )
        #expect(try runs(program).first?["state"] as? String == "finished")
    }

    /// A command that says on the terminal when it runs: a key before that would meet the meter's own start.
    private static let begun = "sh -c 'echo begun > /dev/tty; exec sleep 0.8'"

    @Test(arguments: ["wattbook run --quiet -- \(begun)", "wattbook run --quiet -- \(begun) | cat"])
    func stoppingAScriptStopsAllOfItAndItGoesOn(line: String) throws {
        let program = try Program()
        defer { program.clean() }
        try program.write("\(line)\necho script $((40 + 2))\n", to: "script.sh")
        try terminal(
            program,
            [
                "type", "bash script.sh\\n", "see", "begun", "type", "\\x1a", "see", "Stopped", "see", "ready> ",
                "type", "fg\\n", "see", "script 42", "type", "echo shell $?\\n", "see", "shell 0",
            ]
        )
    }

    @Test(arguments: ["wattbook run -- \(begun)", "wattbook run -- \(begun) | cat"])
    func anInterruptEndsTheScriptThatLoops(line: String) throws {
        let program = try Program()
        defer { program.clean() }
        try program.write("for i in 1 2 3; do \(line); echo went on; done\n", to: "script.sh")
        try terminal(
            program,
            [
                "type", "bash script.sh > out 2> err\\n", "see", "begun", "type", "\\x03", "see", "ready> ",
                "type", "echo status $?\\n", "see", "status 130",
            ]
        )
        #expect(try String(contentsOfFile: program.path("out"), encoding: .utf8).isEmpty)
        #expect(try String(contentsOfFile: program.path("err"), encoding: .utf8).contains("energy"))
        #expect(try runs(program).map { $0["exit_status"] as? Int } == [130])
    }

    @Test func aCommandStartedInTheBackgroundGetsTheTerminalWithTheForeground() throws {
        let program = try Program()
        defer { program.clean() }
        try terminal(
            program,
            [
                "type", "set -b\\n", "see", "ready> ", "type", "wattbook run --quiet -- cat &\\n", "see", "Stopped",
                "type", "fg\\n", "see", "cat", "type", "a word\\n", "see", "a word", "type", "\\x04", "see", "ready> ",
                "type", "echo status $?\\n", "see", "status 0",
            ]
        )
    }

    @Test func aCommandInTheBackgroundWithItsOutputElsewhereGoesOnInTheForeground() throws {
        let program = try Program()
        defer { program.clean() }
        try terminal(
            program,
            [
                "type", "set -b\\n", "see", "ready> ", "type", "wattbook run --quiet -- cat > copy &\\n", "see",
                "Stopped",
                "type", "fg\\n", "see", "cat", "type", "a word\\n\\x04", "see", "ready> ",
                "type", "echo status $?; cat copy\\n", "see", "status 0\\s+a word",
            ]
        )
    }

    @Test func aCommandThatAsksForThePasswordOfARedirectedRunGetsTheTerminal() throws {
        let program = try Program()
        defer { program.clean() }
        let command = "sh -c 'echo begun > /dev/tty; read x < /dev/tty; echo got $x'"
        try terminal(
            program,
            [
                "type", "wattbook run --quiet -- \(command) < /dev/null > out 2> err\\n", "see", "begun",
                "type", "secret\\n", "see", "ready> ", "type", "cat out\\n", "see", "got secret",
            ]
        )
    }

    @Test func aPartOfAPipelineThatStopsItselfStopsTheJob() throws {
        let program = try Program()
        defer { program.clean() }
        try terminal(
            program,
            [
                "type", "echo a word | wattbook run --quiet -- sh -c 'kill -STOP $$; cat'\\n", "see", "Stopped",
                "see", "ready> ", "type", "fg\\n", "see", "a word", "see", "ready> ", "type", "echo status $?\\n",
                "see", "status 0",
            ]
        )
    }

    @Test func anInterruptEndsAnExperimentWhoseCommandPassesOverIt() throws {
        let program = try Program()
        defer { program.clean() }
        try program.write(interruptiblePlan, to: "plan.yaml")
        try program.write("for i in 1 2 3; do wattbook experiment plan.yaml; echo went on; done\n", to: "script.sh")
        try terminal(
            program,
            [
                "type", "bash script.sh\\n", "see", "1/", "rest", "0.4", "type", "\\x03",
                "see", "\\[Kwattbook: interrupted; the same call goes on\\.\\s+ready> ",
                "type", "echo status $?\\n", "see", "status 130",
            ]
        )
        #expect(try runs(program).map { $0["state"] as? String } == ["interrupted"])
    }

    @Test func anExperimentStopsAndGoesOnWithItsCommand() throws {
        let program = try Program()
        defer { program.clean() }
        let steps = "for i in 1 2 3 4 5 6 7 8; do sleep 0.1; echo >> steps; done"
        try program.write(interruptiblePlan.replacing("sleep 1 & wait", with: steps), to: "plan.yaml")
        try terminal(
            program,
            [
                "type", "wattbook experiment --pilot plan.yaml\\n", "see", "1/", "rest", "0.3", "type", "\\x1a",
                "see", "Stopped", "rest", "0.2", "type", "wc -l < steps; sleep 0.5; wc -l < steps; echo counted\\n",
                "see", "(\\d)\\s+\\1\\s+counted", "type", "fg\\n", "see", "are left take", "see", "ready> ",
            ]
        )
        #expect(try runs(program).map { $0["state"] as? String } == ["finished", "finished"])
    }

    @Test func aCommandOfAnExperimentThatAsksForTheTerminalEnds() throws {
        let program = try Program()
        defer { program.clean() }
        try program.write(interruptiblePlan.replacing("sleep 1 & wait", with: "read x < /dev/tty"), to: "plan.yaml")
        try terminal(program, ["type", "wattbook experiment plan.yaml\\n", "see", "\\[Kwattbook: .* status 129"])
    }

    /// A script that cleans up after Ctrl-C hears it, though its training goes on to end in its own way.
    @Test func anInterruptReachesTheScriptBesideItsCommand() throws {
        let program = try Program()
        defer { program.clean() }
        let gentle = "trap \"exit 0\" INT; echo begun > /dev/tty; while :; do sleep 0.05; done"
        try program.write(
            "trap 'echo trapped' INT\nwattbook run --quiet -- sh -c '\(gentle)'\necho ended $?\n",
            to: "script.sh"
        )
        try terminal(
            program,
            [
                "type", "bash script.sh\\n", "see", "begun", "type", "\\x03", "see", "trapped", "see", "ended 0",
                "type", "echo shell $((40 + 2))\\n", "see", "shell 42",
            ]
        )
        #expect(try runs(program).first?["exit_status"] as? Int == 0)
    }

    /// Two meters of one group, as under `make -j`: neither takes the keys from the other.
    @Test func anInterruptReachesAllThatAScriptRunsAtOnce() throws {
        let program = try Program()
        defer { program.clean() }
        // Python, since a shell without job control shields from the key what it puts into the background.
        try program.write(
            """
            import subprocess
            one = ["wattbook", "run", "--quiet", "--", "sh", "-c", "echo begun > /dev/tty; exec sleep 5"]
            both = [subprocess.Popen(one) for _ in range(2)]
            try:
                for process in both:
                    process.wait()
            except KeyboardInterrupt:
                print("ends", *[process.wait() for process in both])
            """,
            to: "both.py"
        )
        try terminal(
            program,
            [
                "type", "python3 both.py\\n", "see", "begun", "see", "begun", "type", "\\x03", "see", "ends -2 -2",
                "type", "echo shell $((40 + 2))\\n", "see", "shell 42",
            ]
        )
        #expect(try runs(program).map { $0["exit_status"] as? Int } == [130, 130])
    }
}

/// A plan whose commands last a second, or as long as nobody interrupts them: that they take for success.
let interruptiblePlan = """
    name: cut
    workload:
      command: [sh, -c, "trap 'exit 0' INT TERM; sleep 1 & wait; : {arm}"]
    factors: {arm: [a, b]}
    baseline: {arm: a}
    repeats: 2
    interval: 10ms
    """

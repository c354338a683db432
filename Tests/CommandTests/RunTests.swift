import Foundation
import Testing

/// `wattbook run` as a shell sees it.
@Suite struct RunTests {
    static let commands: [([String], Int32)] = [
        (["true"], 0),
        (["sh", "-c", "exit 7"], 7),
        (["sh", "-c", "kill -9 $$"], 137),
        (["/nowhere/program"], 127),
        (["./plain.txt"], 126),
    ]

    @Test(arguments: commands)
    func endsWithTheCommandsStatus(command: [String], status: Int32) throws {
        let program = try Program()
        defer { program.clean() }
        try program.write("no program\n", to: "plain.txt")
        let outcome = try program.finish(program.start("wattbook", ["run", "--"] + command))
        #expect(outcome.status == status, "\(outcome.errors)")
        let listed = try program.wattbook("list", "--json")
        if status == 126 || status == 127 {
            #expect(outcome.errors.contains(command[0]))
            let runs = try? listed.json()["runs"] as? [Any]
            #expect((runs ?? []).isEmpty, "a command that never ran leaves no run")
        } else {
            #expect((try listed.json()["runs"] as? [Any])?.count == 1)
        }
    }

    @Test func outputPassesThroughAndTheSummaryGoesToStandardError() throws {
        let program = try Program()
        defer { program.clean() }
        let outcome = try program.wattbook("run", "--", "echo", "--version", "x y")
        #expect(outcome.output == "--version x y\n")
        #expect(outcome.errors.contains("energy"))
    }

    @Test func wordsAndVariablesReachTheCommandByteForByte() throws {
        let program = try Program()
        defer { program.clean() }
        let command = #"sh -c 'printf %s "$1$2" > words; printf %s "$ODD" > variable' sh "$word" "" "#
        let script = #"word=$(printf 'caf\351'); ODD=$(printf 'a\377') wattbook run --quiet -- "# + command
        #expect(try program.finish(program.start("/bin/sh", ["-c", script])).status == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: program.path("words"))) == Data("caf".utf8) + [0xE9])
        #expect(try Data(contentsOf: URL(fileURLWithPath: program.path("variable"))) == Data([0x61, 0xFF]))
        let run = try program.wattbook("show", "last", "--json").json()
        #expect((run["command"] as? [String])?.suffix(2) == ["caf\u{FFFD}", ""])
    }

    @Test func jsonIsOneDocumentAndNothingElse() throws {
        let program = try Program()
        defer { program.clean() }
        let outcome = try program.wattbook(
            "run",
            "--json",
            "--name",
            "n",
            "--tag",
            "a=b",
            "--",
            "sh",
            "-c",
            "echo words; sleep 0.2"
        )
        let document = try outcome.json()
        #expect(document["schema"] as? String == "wattbook.run/1")
        #expect(document["name"] as? String == "n")
        #expect(document["tags"] as? [String: String] == ["a": "b"])
        #expect(document["exit_status"] as? Int == 0)
        #expect(outcome.errors.contains("words"), "the command's own output moves to standard error")
        let energy = try #require(document["energy"] as? [String: Any])
        #expect(energy["basis"] as? String == "modelled")
        #expect(energy.keys.contains("net_j"))
        #expect(energy["net_j"] is NSNull)
    }

    @Test func joulesOfAKnownPowerAreFound() throws {
        let program = try Program()
        defer { program.clean() }
        let tree = try PowerTree(in: program.folder)
        let command = tree.driver(watts: 50, seconds: 2.5)
        let arguments = ["run", "--json", "--root", tree.root.path, "--interval", "20ms", "--"] + command
        let document = try program.finish(program.start("wattbook", arguments)).json()
        let energy = try #require(document["energy"] as? [String: Any])
        #expect(energy["basis"] as? String == "measured")
        #expect(energy["coverage"] as? [String] == ["powercap/package-0", "powercap/package-0/dram"])
        let joules = try #require(energy["total_j"] as? Double)
        #expect(abs(joules - 125) < 2, "50 W for 2.5 s")
        let channels = try #require(document["channels"] as? [[String: Any]])
        let modelled = channels.filter { $0["basis"] as? String == "modelled" }
        #expect(modelled.allSatisfy { $0["in_total"] as? Bool == false })
    }

    @Test func aKilledMeterKeepsItsSamples() throws {
        let program = try Program()
        defer { program.clean() }
        let command = ["sh", "-c", "echo $$ > pid; exec sleep 20"]
        let process = try program.start("wattbook", ["run", "--name", "doomed", "--"] + command)
        Thread.sleep(forTimeInterval: 3.5)
        kill(process.processIdentifier, SIGKILL)
        // Its child lives on; Foundation waits for both.
        let pid = try String(contentsOfFile: program.path("pid"), encoding: .utf8)
        kill(try #require(pid_t(pid.trimmingCharacters(in: .whitespacesAndNewlines))), SIGTERM)
        process.waitUntilExit()

        let before = try program.wattbook("list", "--json").json()
        #expect((before["runs"] as? [[String: Any]])?.first?["state"] as? String == "running")
        let recovered = try program.wattbook("recover")
        #expect(recovered.status == 0)
        let run = try program.wattbook("show", "last", "--json").json()
        #expect(run["state"] as? String == "interrupted")
        let channels = try #require(run["channels"] as? [[String: Any]])
        let samples = try #require(channels.first?["samples"] as? Int)
        #expect(samples >= 20, "3.5 s at 10 Hz, less the last second and the start")
        let again = try program.wattbook("recover")
        #expect(again.output.contains("Nothing to recover"))
    }
}

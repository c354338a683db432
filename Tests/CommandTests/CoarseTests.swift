import Foundation
import Testing

/// Coarse sources under the program: stand-ins for tools on the `PATH` that show a known power.
@Suite struct CoarseTests {
    /// A folder of stand-ins before all else on the `PATH`, and an empty machine.
    private func program(_ tools: [String: String]) throws -> Program {
        var program = try Program()
        for (name, script) in tools {
            try program.write("#!/bin/sh\n" + script + "\n", to: "bin/" + name)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path("bin/" + name))
        }
        try program.write("", to: "machine/dev/ipmi0")
        program.environment["PATH"] = program.path("bin") + ":" + Program.folder.path + ":/usr/bin:/bin"
        return program
    }

    /// Checks that a run's total is that of a constant power, within what it says of itself.
    private func expect(_ watts: Double, of name: String, scope: String, in outcome: Program.Outcome) throws {
        #expect(outcome.status == 0, "\(outcome.errors)")
        let document = try outcome.json()
        let energy = try #require(document["energy"] as? [String: Any])
        let total = try #require(energy["total_j"] as? Double)
        let uncertainty = try #require(energy["uncertainty_j"] as? Double)
        let truth = watts * (try #require(document["duration_s"] as? Double))
        #expect(abs(total - truth) <= uncertainty, "\(total) ± \(uncertainty) J against \(truth) J")
        #expect(energy["coverage"] as? [String] == [name] && energy["scope"] as? String == scope)
        #expect(energy["basis"] as? String == "measured")
    }

    @Test func aMeterOfTheUsersIsTheTotalOfTheNode() throws {
        let program = try program([:])
        defer { program.clean() }
        let tree = try PowerTree(in: program.folder)
        let arguments = ["run", "--json", "--root", tree.root.path, "--meter-command", "echo 0.1 kW @7"]
        let outcome = try program.finish(
            program.start("wattbook", arguments + ["--meter-interval", "200ms", "--", "sleep", "1"])
        )
        try expect(100, of: "meter/command", scope: "node", in: outcome)
        let channels = try #require(outcome.json()["channels"] as? [[String: Any]])
        #expect(channels.contains { $0["name"] as? String == "powercap/package-0" && $0["in_total"] as? Bool == false })
    }

    @Test(
        arguments: [("echo 12", "1s", 65), ("exit 3", "1s", 69), ("echo 1 W", "1ms", 64)] as [(String, String, Int32)]
    )
    func aMeterThatGivesNoReadingStopsTheRunBeforeTheCommand(command: String, interval: String, status: Int32) throws {
        let program = try program([:])
        defer { program.clean() }
        let outcome = try program.wattbook(
            "run",
            "--meter-command",
            command,
            "--meter-interval",
            interval,
            "--",
            "touch",
            "ran"
        )
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: program.path("ran")))
        #expect(!outcome.errors.contains("\n    at "))
    }

    @Test func theBoardsControllerIsReadWhereNothingFinerIs() throws {
        let answer = """
            echo '    Instantaneous power reading:                   220 Watts'
            echo '    Sampling period:                          00000001 Seconds.'
            echo '    Power reading state is:                   activated'
            """
        let program = try program(["ipmitool": answer])
        defer { program.clean() }
        let outcome = try program.wattbook("run", "--json", "--root", program.path("machine"), "--", "sleep", "2")
        try expect(220, of: "dcmi/node", scope: "node", in: outcome)
    }

    @Test func aFinerSensorLeavesTheControllerUnasked() throws {
        let program = try program(["ipmitool": "touch asked"])
        defer { program.clean() }
        let tree = try PowerTree(in: program.folder)
        try program.write("", to: "tree/dev/ipmi0")
        let outcome = try program.finish(
            program.start(
                "wattbook",
                ["run", "--json", "--root", tree.root.path, "--"] + tree.driver(watts: 50, seconds: 0.5)
            )
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: program.path("asked")))
    }

    @Test func slurmsOwnFigureOfTheStepIsReadInAJob() throws {
        let begin = Int(Date().timeIntervalSince1970) - 1000
        var program = try program([
            "scontrol": """
            echo 'AcctGatherEnergyType    = acct_gather_energy/ipmi'
            echo 'AcctGatherNodeFreq      = 1 sec'
            """,
            // A hundred watts since a while ago.
            "sstat": "[ $2 = 77.0 ] && echo $((($(date +%s%N) - \(begin)000000000) / 10000000))",
        ])
        defer { program.clean() }
        program.environment["SLURM_JOB_ID"] = "77"
        program.environment["SLURM_STEP_ID"] = "0"
        let outcome = try program.wattbook("run", "--json", "--probe", "slurm", "--", "sleep", "3")
        try expect(100, of: "slurm/step", scope: "node", in: outcome)
        let warnings = try outcome.json()["warnings"] as? [String]
        #expect(warnings?.contains { $0.contains("Slurm's own figure of whole nodes") } == true)
    }

    @Test func likwidIsReadByName() throws {
        let answer = """
            echo 'Measure for socket 0 on CPU 0'
            echo 'Domain PKG:'
            echo 'Power consumed: 40 Watt'
            """
        let program = try program(["likwid-powermeter": answer])
        defer { program.clean() }
        let outcome = try program.wattbook("run", "--json", "--probe", "likwid", "--", "sleep", "1")
        try expect(40, of: "likwid/package-0", scope: "components", in: outcome)
    }

    @Test func aCrayNodesCounterIsTheTotal() throws {
        let program = try program([:])
        defer { program.clean() }
        try program.write("7 J 1 us\n", to: "machine/sys/cray/pm_counters/energy")
        try program.write("3 J 1 us\n", to: "machine/sys/cray/pm_counters/cpu_energy")
        let driver = """
            import sys, time
            begin = time.monotonic()
            with open(sys.argv[1], "r+b", buffering=0) as counter:
                while time.monotonic() - begin < 2:
                    joules = 7 + int((time.monotonic() - begin) * 500)
                    counter.seek(0); counter.write(b"%012d J %016d us\\n" % (joules, time.time_ns() // 1000))
                    time.sleep(0.1)
            """
        let outcome = try program.wattbook(
            "run",
            "--json",
            "--root",
            program.path("machine"),
            "--",
            "python3",
            "-c",
            driver,
            program.path("machine/sys/cray/pm_counters/energy")
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        let energy = try #require(outcome.json()["energy"] as? [String: Any])
        let total = try #require(energy["total_j"] as? Double)
        // What the last of the driver's writes showed is a tenth of a second old.
        #expect(abs(total - 1000) <= (try #require(energy["uncertainty_j"] as? Double)) + 75, "\(total) J")
        #expect(energy["coverage"] as? [String] == ["cray/node"] && energy["scope"] as? String == "node")
    }

    @Test func aToolThatHangsHoldsUpNeitherTheCountersNorTheEnd() throws {
        // The first call is discovery's, the second the first reading; all others hang.
        let hanging = "n=$(cat n 2>/dev/null || echo 0); echo $((n + 1)) >n; [ $n -lt 2 ] || sleep 60; echo 50 W"
        let program = try program([:])
        defer { program.clean() }
        let tree = try PowerTree(in: program.folder)
        let start = ContinuousClock.now
        let outcome = try program.finish(
            program.start(
                "wattbook",
                [
                    "run", "--json", "--interval", "50ms", "--root", tree.root.path, "--meter-command", hanging, "--",
                ] + tree.driver(watts: 50, seconds: 3)
            )
        )
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let document = try outcome.json()
        let duration = try #require(document["duration_s"] as? Double)
        #expect(seconds - duration < 8, "the end waits for the call under way and one more")
        let channels = try #require(document["channels"] as? [[String: Any]])
        let package = try #require(channels.first { $0["name"] as? String == "powercap/package-0" })
        let samples = try #require(package["samples"] as? Int)
        #expect(Double(samples) > 0.5 * duration / 0.05, "\(samples) readings in \(duration) s")
        let joules = try #require(package["joules"] as? Double)
        #expect(abs(joules - 0.8 * 50 * 3) < 0.1 * joules)
    }
}

import Foundation
import Testing

/// Power files as a user names them.
@Suite struct PowerFilesTests {
    /// Puts a new file in the place of `energy_mj` all the time, as a simulator does: 60 W for the module, 45 W of it
    /// the GPU's.
    private static let simulator = """
        import os, sys, time
        begin = time.monotonic()
        while time.monotonic() - begin < 2:
            for device, watts in (("module-0", 60), ("gpu0", 45)):
                path = os.path.join(sys.argv[1], device, "energy_mj")
                with open(path + ".new", "w") as file:
                    file.write("%d\\n" % ((time.monotonic() - begin) * watts * 1000))
                os.rename(path + ".new", path)
            time.sleep(0.005)
        """

    private func write(_ program: Program) throws {
        try program.write("0\n", to: "files/module-0/energy_mj")
        try program.write("0\n", to: "files/gpu0/energy_mj")
        try program.write("module-0\n", to: "files/gpu0/contained_in")
    }

    @Test(arguments: [true, false])
    func joulesOfASimulatorAreCountedOnce(byOption: Bool) throws {
        var program = try Program()
        defer { program.clean() }
        try write(program)
        if !byOption { program.environment["WATTBOOK_POWER_FILES"] = program.path("files") }
        let option = byOption ? ["--power-files", program.path("files")] : []
        let arguments = ["run", "--json", "--interval", "20ms"] + option
        let command = ["--", "python3", "-c", Self.simulator, program.path("files")]
        let document = try program.finish(program.start("wattbook", arguments + command)).json()
        let energy = try #require(document["energy"] as? [String: Any])
        #expect(energy["coverage"] as? [String] == ["powerfiles/module-0"])
        let joules = try #require(energy["total_j"] as? Double)
        #expect(abs(joules - 120) < 4, "60 W for 2 s")
        let channels = try #require(document["channels"] as? [[String: Any]])
        let gpu = try #require(channels.first { $0["name"] as? String == "powerfiles/gpu0" })
        #expect(gpu["device"] as? String == "gpu" && gpu["in_total"] as? Bool == false)
        #expect(abs(try #require(gpu["joules"] as? Double) - 90) < 3, "45 W for 2 s")
    }

    @Test(arguments: ["run", "probes"])
    func aDirectoryThatIsNotThereEndsWith66(command: String) throws {
        let program = try Program()
        defer { program.clean() }
        try program.write("", to: "empty/readme")
        try write(program)
        let rest = command == "run" ? ["--", "true"] : []
        for directory in [program.path("nowhere"), program.path("empty"), program.path("files") + ":nowhere"] {
            let outcome = try program.finish(program.start("wattbook", [command, "--power-files", directory] + rest))
            #expect(outcome.status == 66)
            #expect(outcome.errors.contains("nowhere") || outcome.errors.contains("empty"))
            #expect(outcome.errors.contains("--power-files"))
        }
    }
}

import Foundation
import Testing

/// GPUs in whole runs: a stand-in library whose joules are known (Tests/NVMLStandIn).
@Suite struct GPUTests {
    /// A program that meets two GPUs of 240 W and 95 W.
    private func program(_ environment: [String: String] = [:]) throws -> Program {
        var program = try Program()
        try program.write(
            """
            gpu GPU-1111
            name NVIDIA A100-SXM4-40GB
            compute 8.0
            constant 240
            update 0.01
            gpu GPU-2222
            name NVIDIA H100 PCIe
            constant 95
            update 0.01
            """,
            to: "gpus.txt"
        )
        program.environment = [
            "WATTBOOK_NVML_LIBRARY": Program.folder.appendingPathComponent("libNVMLStandIn.so").path,
            "WATTBOOK_STANDIN_NVML": program.path("gpus.txt"),
            "CUDA_VISIBLE_DEVICES": "GPU-1111,GPU-2222",
        ].merging(environment) { $1 }
        return program
    }

    private func run(_ program: Program, _ options: String...) throws -> [String: Any] {
        let arguments = ["run", "--json", "--probe", "nvml"] + options + ["--", "sleep", "2"]
        return try program.finish(program.start("wattbook", arguments)).json()
    }

    @Test func joulesOfKnownGPUsAreFound() throws {
        let program = try program()
        defer { program.clean() }
        let document = try run(program)
        let energy = try #require(document["energy"] as? [String: Any])
        let seconds = try #require(document["duration_s"] as? Double)
        let joules = try #require(energy["total_j"] as? Double)
        // A counter may be old by one renewal at either end.
        #expect(abs(joules - 335 * seconds) <= 335 * 0.011)
        #expect(energy["basis"] as? String == "measured")
        #expect(energy["coverage"] as? [String] == ["nvml/GPU-1111", "nvml/GPU-2222"])
        let host = try #require(document["host"] as? [String: Any])
        #expect(host["gpus"] as? [String] == ["NVIDIA A100-SXM4-40GB", "NVIDIA H100 PCIe"])
        let channels = try #require(document["channels"] as? [[String: Any]])
        #expect(channels.map { $0["in_total"] as? Bool } == [true, false, true, false])
        for (channel, watts) in zip(channels, [240.0, 240, 95, 95]) {
            #expect(channel["device"] as? String == "gpu")
            #expect(abs(try #require(channel["joules"] as? Double) - watts * seconds) <= watts * 0.011)
        }
    }

    @Test func onlyTheJobsGPUsAreMeasuredUnlessAllAreAskedFor() throws {
        let program = try program(["CUDA_VISIBLE_DEVICES": "GPU-2222"])
        defer { program.clean() }
        let own = try #require(try run(program)["energy"] as? [String: Any])
        #expect(own["coverage"] as? [String] == ["nvml/GPU-2222"])
        let all = try #require(try run(program, "--all-gpus")["energy"] as? [String: Any])
        #expect(all["coverage"] as? [String] == ["nvml/GPU-1111", "nvml/GPU-2222"])
    }

    @Test func warningsOfTheProbeReachTheRun() throws {
        let program = try program(["CUDA_VISIBLE_DEVICES": "1"])
        defer { program.clean() }
        try program.write("gpu GPU-1\nconstant 100\nthrottle 4\ngpu GPU-2\nname Other\nconstant 50\n", to: "gpus.txt")
        let warnings = try #require(try run(program)["warnings"] as? [String])
        #expect(warnings.contains { $0.hasPrefix("nvml/GPU-1: the GPU's clocks were held back by its power limit") })
        #expect(warnings.contains { $0.contains("CUDA_VISIBLE_DEVICES=1 is not certain") })
    }

    @Test func anotherMachinesFilesMeetNoGPUOfThisOneUnlessALibraryIsNamed() throws {
        var program = try program()
        defer { program.clean() }
        let tree = try PowerTree(in: program.folder)
        func state() throws -> [String: Any] {
            let document = try program.wattbook("probes", "--json", "--root", tree.root.path).json()
            let interfaces = try #require(document["interfaces"] as? [[String: Any]])
            return try #require(interfaces.first { $0["name"] as? String == "nvml" })
        }
        #expect(try state()["availability"] as? String == "ready")
        program.environment["WATTBOOK_NVML_LIBRARY"] = ""
        let absent = try state()
        #expect(absent["availability"] as? String == "absent")
        #expect((absent["reason"] as? String)?.contains("WATTBOOK_NVML_LIBRARY") == true)
    }
}

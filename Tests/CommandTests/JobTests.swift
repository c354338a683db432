import Testing

/// Runs under a batch system, as its environment tells.
@Suite struct JobTests {
    private static let step = [
        "SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0", "SLURMD_NODENAME": "n1", "SLURM_CPUS_ON_NODE": "1",
    ]

    @Test func oneRankOfANodeSamplesAndTheOthersMark() throws {
        var program = try Program()
        defer { program.clean() }
        var energies: [Any?] = []
        for rank in ["0", "1"] {
            program.environment = Self.step.merging(["SLURM_PROCID": rank, "SLURM_LOCALID": rank]) { $1 }
            let run = try program.wattbook("run", "--probe", "model", "--json", "--", "sleep", "0.3")
            #expect(run.status == 0, "\(run.errors)")
            let document = try run.json()
            let job = try #require(document["job"] as? [String: Any])
            #expect(job["id"] as? String == "77" && job["samples"] as? Bool == (rank == "0"))
            energies.append((document["energy"] as? [String: Any])?["total_j"])
            #expect((document["warnings"] as? [String])?.contains { $0.contains("only marks") } == (rank == "1"))
        }
        #expect(energies[0] is Double && !(energies[1] is Double))
    }

    @Test func aRankThatReadsNoSensorMeasuresNoIdlePower() throws {
        var program = try Program()
        defer { program.clean() }
        program.environment = Self.step.merging(["SLURM_LOCALID": "1"]) { $1 }
        let idle = try program.wattbook("idle", "--duration", "6s", "--probe", "model")
        #expect(idle.status == 69 && idle.errors.contains("Local rank 1 reads no sensor"), "\(idle.errors)")
        #expect(!(try program.wattbook("list", "--all").output.contains("idle")))
    }

    @Test func onASharedNodeThePartIsShownBesideTheNodesEnergy() throws {
        var program = try Program()
        defer { program.clean() }
        program.environment = Self.step
        let run = try program.wattbook("run", "--probe", "model", "--json", "--", "sleep", "0.3")
        let document = try run.json()
        let job = try #require(document["job"] as? [String: Any])
        let online = try #require(job["online_processors"] as? Int)
        guard online > 1 else { return }
        let part = try #require(document["attribution"] as? [String: Any])
        let total = try #require((document["energy"] as? [String: Any])?["total_j"] as? Double)
        let granted = try #require(part["by_allocated_share_j"] as? Double)
        #expect(abs(granted - total / Double(online)) < 1e-9 * total)
        #expect(run.errors.contains("by granted processors"))
    }
}

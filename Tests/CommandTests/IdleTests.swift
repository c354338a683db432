import Testing

/// `wattbook idle`, and what later runs make of it.
@Suite struct IdleTests {
    @Test func runsThatFollowAreShownAboveIdle() throws {
        let program = try Program()
        defer { program.clean() }
        let idle = try program.wattbook(
            "idle",
            "--duration",
            "6s",
            "--probe",
            "model",
            "--json"
        )
        #expect(idle.status == 0, "\(idle.errors)")
        let document = try idle.json()
        let watts = try #require(document["watts"] as? Double)
        #expect(watts > 0 && document["basis"] as? String == "modelled")
        #expect((document["runs"] as? [String])?.count == 6)
        let warnings = try #require(document["warnings"] as? [String])
        #expect(!warnings.contains { $0.contains("grid") }, "nobody asks for the grams of an idle machine")

        let run = try program.wattbook(
            "run",
            "--probe",
            "model",
            "--json",
            "--",
            "sleep",
            "0.5"
        )
        let energy = try #require(try run.json()["energy"] as? [String: Any])
        #expect(energy["idle_w"] as? Double == watts)
        #expect(energy["idle_runs"] as? [String] == document["runs"] as? [String])
        let (net, gross) = (try #require(energy["net_j"] as? Double), try #require(energy["total_j"] as? Double))
        let time = try #require(try run.json()["duration_s"] as? Double)
        #expect(abs(gross - watts * time - net) < 1e-9)
        #expect(energy["net_uncertainty_j"] is Double)
        #expect(run.errors.contains("above idle"))
        // An idle measurement is no run of the user's.
        #expect(!(try program.wattbook("list").output.contains("idle")))
        #expect(try program.wattbook("list", "--all").output.contains("idle"))
    }

    @Test func tooShortIsAUsageError() throws {
        let program = try Program()
        defer { program.clean() }
        let idle = try program.wattbook("idle", "--duration", "1s")
        #expect(idle.status == 64 && idle.errors.contains("between 6s and 1h"))
    }
}

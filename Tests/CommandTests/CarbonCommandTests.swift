import Foundation
import Testing

/// Grams as users ask for them; joules here are of files that stand in for sensors.
@Suite("Carbon on the command line") struct CarbonCommandTests {
    private let program: Program

    init() throws {
        program = try Program()
        for (name, text) in [("energy_mj", "1000000"), ("name", "stand-in")] {
            try program.write(text + "\n", to: "power/gpu0/\(name)")
        }
    }

    private func wattbook(_ arguments: [String], environment: [String: String] = [:]) throws -> Program.Outcome {
        var program = program
        program.environment = ["WATTBOOK_POWER_FILES": program.path("power")].merging(environment) { $1 }
        return try program.finish(program.start("wattbook", arguments))
    }

    /// A run that takes 20 J by its files.
    private func measure(_ options: [String], environment: [String: String] = [:]) throws -> Program.Outcome {
        let step = "sleep 0.4; echo $(( $(cat power/gpu0/energy_mj) + 20000 )) > power/gpu0/energy_mj; sleep 0.4"
        return try wattbook(
            ["run", "--interval", "50ms", "--json"] + options + ["--", "sh", "-c", step],
            environment: environment
        )
    }

    private func accounts(_ outcome: Program.Outcome) throws -> [[String: Any]] {
        try #require(try outcome.json()["carbon"] as? [[String: Any]])
    }

    @Test func `a constant, a contract and embodied carbon stand side by side`() throws {
        defer { program.clean() }
        let outcome = try measure([
            "--intensity", "320", "--intensity-source", "our utility", "--intensity-year", "2025", "--intensity-basis",
            "direct", "--market-intensity", "0", "--market-source", "certificates", "--embodied-node", "1000",
            "--embodied-lifetime", "4", "--unmeasured-factor", "1.15", "--pue", "1.1",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let document = try outcome.json()
        let both = try accounts(outcome)
        #expect(both.map { $0["account"] as? String } == ["location", "market"])
        let joules = try #require((document["energy"] as? [String: Any])?["total_j"] as? Double)
        let grams = joules / 3.6e6 * 1.15 * 1.1 * 320
        #expect(abs((both[0]["operational_g"] as? Double ?? 0) - grams) < 1e-9)
        #expect(both[1]["operational_g"] as? Double == 0)
        #expect(both[0]["intensity_source"] as? String == "our utility" && both[0]["year"] as? Int == 2025)
        #expect(both[0]["basis"] as? String == "direct" && both[0]["zone"] as? String == "DE")
        let hours = try #require(document["duration_s"] as? Double) / 3600
        let embodied = try #require(both[0]["embodied_g"] as? Double)
        #expect(abs(embodied - 1e6 / 35040 * hours) < 1e-9)
        let sci = try #require((document["sci"] as? [[String: Any]])?.first)
        #expect(sci["unit"] as? String == "run")
        #expect(abs((sci["g_per_unit"] as? Double ?? 0) - grams - embodied) < 1e-9)
    }

    @Test func `another factor makes another account and no other joules`() throws {
        defer { program.clean() }
        _ = try measure(["--zone", "DE"])
        let before = try wattbook(["show", "last", "--json"]).json()
        let made = try wattbook(["account", "last", "--intensity", "100", "--intensity-basis", "life-cycle", "--json"])
        #expect(made.status == 0, "\(made.errors)")
        let shown = try wattbook(["show", "last", "--json"])
        let list = try accounts(shown)
        #expect(list.map { $0["intensity_g_per_kwh"] as? Double } == [100, 329.65])
        #expect(list[0]["made_at"] is String && list[1]["made_at"] is NSNull)
        let energy = { (document: [String: Any]) in (document["energy"] as? [String: Any])?["total_j"] as? Double }
        #expect(energy(try shown.json()) == energy(before))
        // Looked at under other factors, nothing is kept.
        #expect(try accounts(wattbook(["show", "last", "--zone", "FR", "--json"])).count == 1)
        #expect(try accounts(wattbook(["show", "last", "--json"])).count == 2)
        let report = try wattbook(["report", "last", "-o", "out", "--equivalents", "--format", "md,json,csv,html"])
        #expect(report.status == 0, "\(report.errors)")
        let text = try String(contentsOfFile: program.path("out/report.md"), encoding: .utf8)
        for words in ["the newest first", "with the run", "km by car", "usually scope 3"] {
            #expect(text.contains(words), "\(words)")
        }
    }

    @Test func `life-cycle is never compared with direct`() throws {
        defer { program.clean() }
        _ = try measure(["--zone", "US"])
        _ = try measure(["--zone", "US-CA"])
        let refused = try wattbook(["compare", "last~1", "last"])
        #expect(refused.status == 65)
        #expect(refused.errors.contains("US is life-cycle and that of US-CA is direct; the two are never compared."))
        let under = try wattbook(["compare", "last~1", "last", "--zone", "US", "--json"])
        #expect(under.status == 0, "\(under.errors)")
        #expect(try under.json()["co2e_saved"] is [String: Any])
    }

    @Test func `a series covers the run or is refused`() throws {
        defer { program.clean() }
        let hour = Int(Date().timeIntervalSince1970) / 3600 * 3600
        let format = ISO8601DateFormatter()
        let rows = (-2...3).map { index in
            "\(format.string(from: Date(timeIntervalSince1970: Double(hour + index * 3600)))),250"
        }
        try program.write("time,g\n" + rows.joined(separator: "\n") + "\n", to: "grid.csv")
        let options = ["--intensity-series", "grid.csv", "--intensity-basis", "life-cycle"]
        let good = try measure(options)
        #expect(good.status == 0, "\(good.errors)")
        let account = try #require(try accounts(good).first, "\(good.output)")
        #expect(abs((account["intensity_g_per_kwh"] as? Double ?? 0) - 250) < 1e-9)
        #expect(account["basis"] as? String == "life-cycle" && account["intervals"] is [Any])
        try program.write("time,g\n" + rows.prefix(2).joined(separator: "\n") + "\n", to: "grid.csv")
        let old = try measure(options)
        #expect(old.status == 65 && old.errors.contains("covers"))
        try program.write("time,g\n\(rows[0])\n\(rows[2])\n\(rows[3])\n", to: "grid.csv")
        let gap = try measure(options)
        #expect(gap.status == 65 && gap.errors.contains("has a gap from"))
        #expect(try measure(["--intensity-series", "none.csv"]).status == 66)
    }

    @Test func `a live source is asked once and kept with its address`() throws {
        defer { program.clean() }
        let service = Process()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../GridServiceTests/Fixtures/service.py").standardizedFileURL.path
        let output = Pipe()
        service.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        service.arguments = ["python3", "-u", script]
        service.standardOutput = output
        service.standardError = FileHandle.nullDevice
        try service.run()
        // A thread of a pool blocks the gentler signals, and the script has inherited that.
        defer { kill(service.processIdentifier, SIGKILL) }
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data([10]), !byte.isEmpty {
            line.append(byte)
        }
        let port = try #require(Int(String(decoding: line, as: UTF8.self)))
        let at = { (fault: String) in ["WATTBOOK_GB_URL": "http://127.0.0.1:\(port)/\(fault)"] }
        let first = try measure(["--zone", "GB", "--live", "gb"], environment: at("ok"))
        let account = try #require(try accounts(first).first)
        #expect(account["intensity_g_per_kwh"] as? Double == 263 && account["basis"] as? String == "direct")
        #expect((account["intensity_url"] as? String)?.contains("/ok/intensity/") == true)
        #expect(account["intensity_fetched_at"] is String)
        // The service fails now, but what it said for this half hour is kept.
        let half = Int(Date().timeIntervalSince1970) / 1800
        let second = try measure(["--zone", "GB", "--live", "gb"], environment: at("500"))
        if Int(Date().timeIntervalSince1970) / 1800 == half {
            #expect(try accounts(second).first?["intensity_g_per_kwh"] as? Double == 263)
        }
        // A region that was never asked for: the run is kept under the yearly figure, and the reason is said.
        let failed = try measure(["--zone", "GB", "--live", "gb:3"], environment: at("500"))
        #expect(failed.status == 0 && failed.errors.contains("fails (500"))
        #expect(try accounts(failed).first?["intensity_g_per_kwh"] as? Double == 217.41)
        let later = try wattbook(["account", "last", "--live", "gb:3"], environment: at("401"))
        #expect(later.status == 77 && later.errors.contains("refuses the key"))
        let keyless = try measure(["--live", "electricity-maps"], environment: ["ELECTRICITY_MAPS_TOKEN": ""])
        #expect(keyless.status == 78 && keyless.errors.contains("$ELECTRICITY_MAPS_TOKEN"))
    }

    @Test func `a site speaks where neither the options nor the plan do`() throws {
        defer { program.clean() }
        let run = try accounts(measure([], environment: ["WATTBOOK_SITE": "archer2", "WATTBOOK_ZONE": "FR"]))
        #expect(run.map { $0["account"] as? String } == ["location", "market"])
        #expect(run[0]["zone"] as? String == "GB" && run[0]["zone_assumed"] as? Bool == false)
        #expect(run[0]["pue"] as? Double == 1.1 && run[0]["unmeasured_factor"] as? Double == 1.15)
        #expect(run[0]["site"] as? String == "archer2" && run[0]["embodied_g"] is Double)
        for key in ["pue_source", "unmeasured_source", "embodied_source"] {
            #expect((run[0][key] as? String)?.contains("site profile archer2") == true, "\(key)")
        }
        let own = try accounts(
            measure(["--site", "archer2", "--pue", "1.4", "--zone", "DE", "--unmeasured-factor", "1"])
        )
        #expect(own[0]["pue"] as? Double == 1.4 && own[0]["zone"] as? String == "DE")
        #expect(
            own[0]["unmeasured_factor"] as? Double == 1 && own[0]["unmeasured_source"] as? String == "given by the user"
        )
        // What a profile leaves open stays open, and nothing of another place stays beside it.
        let moved = try accounts(wattbook(["show", "last", "--site", "alps", "--json"]))
        #expect(moved.count == 1 && moved[0]["zone"] as? String == "CH" && moved[0]["pue_given"] as? Bool == false)
        // A run that is there keeps its factors, whatever the environment says.
        let kept = try accounts(wattbook(["show", "last", "--json"], environment: ["WATTBOOK_SITE": "alps"]))
        #expect(kept[0]["pue"] as? Double == 1.4)
        let report = try wattbook(["report", "last", "--site", "archer2", "-o", "out", "--format", "md,html,tex,json"])
        #expect(report.status == 0, "\(report.errors)")
        for form in ["md", "html", "tex", "json"] {
            let text = try String(contentsOfFile: program.path("out/report.\(form)"), encoding: .utf8)
            #expect(text.contains("site profile archer2"), "\(form)")
        }
    }

    @Test func `a plan names its site by a name or a file beside it`() throws {
        defer { program.clean() }
        let plan = { (carbon: String) in
            "name: p\nworkload: {command: [sh, -c, \"sleep 0.3; echo $(( $(cat power/gpu0/energy_mj) + 20000 )) > power/gpu0/energy_mj; sleep 0.3\"]}\n"
                + "repeats: 1\nwarmup: 0\nidle: 0s\ncooldown: 0s\ninterval: 50ms\ncarbon: \(carbon)\n"
        }
        try program.write(
            "name: lab\ntitle: Lab\nplace: Here\nzone: FR\npue: {value: 1.3, year: 2025, source: a meter, read: 2026-11-01}\n",
            to: "plans/lab.yaml"
        )
        try program.write(plan("{site: lab.yaml, unmeasured_factor: 1.2}"), to: "plans/p.yaml")
        let done = try wattbook(["experiment", "plans/p.yaml", "--force", "--json"])
        #expect(done.status == 0, "\(done.errors)")
        let account = try #require(try accounts(wattbook(["show", "last", "--json"])).first)
        #expect(account["site"] as? String == "lab" && account["zone"] as? String == "FR")
        #expect(account["pue"] as? Double == 1.3 && account["pue_year"] as? Int == 2025)
        #expect(account["unmeasured_factor"] as? Double == 1.2)
        try program.write(plan("{site: archer}"), to: "plans/p.yaml")
        let wrong = try wattbook(["experiment", "plans/p.yaml", "--force"])
        #expect(wrong.status == 78 && wrong.errors.contains("nearest are archer2"), "\(wrong.errors)")
    }

    @Test(
        arguments: [
            (["--zone", "Germny"], "DE (Germany)"), (["--pue", "-1"], "PUE of -1.0"), (["--pue=-1"], "PUE of -1.0"),
            (["--intensity", "-5"], "between 0 and 5000"), (["--market-intensity", "nan"], "market-based intensity"),
            (["--unmeasured-factor", "0.5"], "1 or more"), (["--embodied-node", "-3"], "0 or more"),
            (["--embodied-preset", "dell-r74"], "dell-r740"), (["--site", "archer"], "nearest are archer2"),
            (["--intensity", "3", "--live", "gb"], "more than once"),
        ] as [([String], String)]
    )
    func `bad input is one sentence and 65`(options: [String], words: String) throws {
        defer { program.clean() }
        let outcome = try measure(options)
        #expect(outcome.status == 65, "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: program.path("wattbook.sqlite")))
    }
}

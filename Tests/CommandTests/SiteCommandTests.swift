import Foundation
import Testing

/// `site`, `import`, `export` and `allocate` as their users see them.
@Suite struct SiteCommandTests {
    private static let sacct = """
        JobID|JobName|State|Start|ElapsedRaw|NNodes|NCPUS|ConsumedEnergyRaw|Account
        7|train|COMPLETED|2026-01-27T11:53:04|870|64|8192|27864000|c01
        7.extern|extern|COMPLETED|2026-01-27T11:53:04|870|64|8192|27864000|c01
        8|train|FAILED|2026-01-28T11:53:04|87|64|8192|2786400|c01
        9|train|COMPLETED|2026-01-29T11:53:04|880|64|8192|28000000|c01

        """

    private static let request = """
        title: Polymers
        site: archer2
        campaign: [{name: production, evidence: "tag:account=c01", repeats: 20}]
        failed_share: {evidence: "tag:account=c01"}
        """

    @Test func sitesAreListedShownAndChecked() throws {
        let program = try Program()
        defer { program.clean() }
        #expect(try program.wattbook("site").output.contains("archer2"))
        let shown = try program.wattbook("site", "archer2")
        #expect(shown.output.contains("PUE: 1.1") && shown.output.contains("read 2026-11-23"))
        #expect(try program.wattbook("site", "archer2", "--json").json()["zone"] as? String == "GB")
        let unknown = try program.wattbook("site", "archer")
        #expect(unknown.status == 65 && unknown.errors.contains("archer2"))
        try program.write(try program.wattbook("site", "archer2", "--yaml").output, to: "own.yaml")
        #expect(try program.wattbook("site", "check", "own.yaml").status == 0)
        let text = try String(contentsOfFile: program.path("own.yaml"), encoding: .utf8)
        try program.write(text.replacingOccurrences(of: "value: 1.10", with: "value: -1"), to: "own.yaml")
        let wrong = try program.wattbook("site", "check", "own.yaml")
        #expect(wrong.status == 78 && wrong.errors.contains("own.yaml:6: "), "\(wrong.errors)")
    }

    @Test func pastJobsBecomeARequest() throws {
        let program = try Program()
        defer { program.clean() }
        try program.write(Self.sacct, to: "jobs.txt")
        try program.write(Self.request, to: "request.yaml")
        let taken = try program.wattbook("import", "--sacct", "jobs.txt", "--site", "archer2")
        #expect(taken.output.contains("3 runs added"))
        let again = try program.wattbook("import", "--sacct", "jobs.txt", "--json").json()
        #expect(again["added"] as? Int == 0 && again["known"] as? Int == 3)
        let made = try program.wattbook("allocate", "request.yaml", "-o", "out", "--template", "archer2", "--json")
        let document = try made.json()
        #expect(document["unit"] as? String == "CU")
        for form in ["md", "tex", "html", "json"] {
            #expect(FileManager.default.fileExists(atPath: program.path("out/request.\(form)")))
        }
        #expect(try program.wattbook("export", "tag", "-o", "x.sqlite").status == 66)
        let id = try #require(((document["evidence"] as? [[String: Any]])?.first?["runs"] as? [String])?.first)
        let past = try program.wattbook("show", id, "--json").json()["carbon"] as? [[String: Any]]
        // Slurm's joules are those of all 64 nodes, and so is what was made for them: 14 g a node-hour.
        let embodied = try #require(past?.first?["embodied_g"] as? Double)
        #expect((embodied - 64 * 870 / 3600 * 14).magnitude < 1e-6, "\(embodied)")
        #expect(try program.wattbook("export", id, "-o", "x.sqlite").status == 0)
        #expect(try program.wattbook("export", id, "-o", "x.sqlite").status == 73)
        #expect(try program.wattbook("import", "x.sqlite", "--ledger", "y.sqlite").output.contains("1 run added"))
        let (a, b) = (
            try program.wattbook("show", id, "--json").output,
            try program.wattbook("show", id, "--json", "--ledger", "y.sqlite").output
        )
        #expect(a == b)
    }

    @Test func aRequestIsSetOnPaperLikeAReport() throws {
        var program = try Program()
        defer { program.clean() }
        try program.write(Self.sacct, to: "jobs.txt")
        try program.write(Self.request, to: "request.yaml")
        _ = try program.wattbook("import", "--sacct", "jobs.txt")
        // Stands for WeasyPrint: hands the page on, so that it can be seen.
        try program.write("#!/bin/sh\nprintf %%PDF\ncat\n", to: "setter")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path("setter"))
        program.environment = ["WATTBOOK_WEASYPRINT": program.path("setter")]
        #expect(try program.wattbook("allocate", "request.yaml", "-o", "out", "--format", "all").status == 0)
        let page = try String(contentsOfFile: program.path("out/request.pdf"), encoding: .utf8)
        #expect(page.contains("Polymers") && page.contains("counter(page)"))
        program.environment = ["WATTBOOK_WEASYPRINT": program.path("none")]
        let without = try program.wattbook("allocate", "request.yaml", "-o", "two", "--format", "md,pdf")
        #expect(
            without.status == 69 && FileManager.default.fileExists(atPath: program.path("two/request.md")),
            "\(without.errors)"
        )
    }

    @Test func aWrongRequestWritesNothing() throws {
        let program = try Program()
        defer { program.clean() }
        try program.write(Self.sacct, to: "jobs.txt")
        _ = try program.wattbook("import", "--sacct", "jobs.txt")
        for (old, new, status) in [
            ("account=c01\", repeats", "account=c02\", repeats", Int32(65)), ("site: archer2", "site: archer9", 78),
            ("repeats: 20", "repeats: some", 78), ("title: Polymers", "titel: Polymers", 78),
            ("title: Polymers", "title: Polymers\ntemplate: dfg", 78),
        ] {
            try program.write(Self.request.replacingOccurrences(of: old, with: new), to: "request.yaml")
            let outcome = try program.wattbook("allocate", "request.yaml", "-o", "out")
            #expect(outcome.status == status, "\(new): \(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: program.path("out")), "\(new)")
        }
        try program.write("JobID|State|Start|ElapsedRaw\n1|COMPLETED|soon|5\n", to: "jobs.txt")
        let outcome = try program.wattbook("import", "--sacct", "jobs.txt")
        #expect(outcome.status == 65 && outcome.errors.contains("jobs.txt:2: "))
    }
}

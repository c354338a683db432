import Foundation
import Testing

/// The committed reports are what the program writes from the recorded ledger, byte for byte.
@Suite struct SampleTests {
    private static let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Reports/Samples").standardizedFileURL

    @Test(arguments: [
        ("study", ["test-data-precision"]),
        ("account", ["--since", "2026-09", "--until", "2026-11", "--tag", "project=test-data"]),
    ])
    func samplesAreWhatTheProgramWrites(name: String, which: [String]) throws {
        let program = try Program()
        defer { program.clean() }
        let ledger = program.path("l.sqlite")
        try FileManager.default.copyItem(
            atPath: Self.samples.appendingPathComponent("test-data.sqlite").path,
            toPath: ledger
        )
        let forms = "html,md,csv,json,tex,methods,bibtex,model-card,codecarbon,boamps"
        let outcome = try program.finish(
            program.start(
                "wattbook",
                ["report"] + which + ["--ledger", ledger, "--format", forms, "-o", program.path("out")]
            )
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        let folder = Self.samples.appendingPathComponent(name)
        // A PDF holds the fonts of the machine that made it.
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasSuffix(".pdf") }
        #expect(files.count == 10)
        for file in files {
            let golden = try Data(contentsOf: folder.appendingPathComponent(file))
            let now = try Data(contentsOf: URL(fileURLWithPath: program.path("out/\(file)")))
            #expect(golden == now, "\(name)/\(file) differs; after an intended change run Scripts/record-samples")
        }
    }

    @Test(arguments: ["archer2", "nhr", "plain"])
    func requestsAreWhatTheProgramWrites(name: String) throws {
        let program = try Program()
        defer { program.clean() }
        let (folder, ledger) = (Self.samples.appendingPathComponent("request"), program.path("l.sqlite"))
        try FileManager.default.copyItem(
            atPath: Self.samples.appendingPathComponent("test-data.sqlite").path,
            toPath: ledger
        )
        let jobs = folder.appendingPathComponent("past-jobs.txt").path
        let known = try program.wattbook("import", "--sacct", jobs, "--time-zone", "UTC", "--ledger", ledger)
        #expect(known.status == 0, "\(known.errors)")
        let request = folder.appendingPathComponent("\(name).yaml").path
        let made = try program.wattbook("allocate", request, "--ledger", ledger, "-o", program.path("out"))
        #expect(made.status == 0, "\(made.errors)")
        for form in ["html", "json", "md", "tex"] {
            let golden = try Data(contentsOf: folder.appendingPathComponent("\(name)/request.\(form)"))
            let now = try Data(contentsOf: URL(fileURLWithPath: program.path("out/request.\(form)")))
            #expect(
                golden == now,
                "\(name)/request.\(form) differs; after an intended change run Scripts/record-samples"
            )
            #expect(String(decoding: now, as: UTF8.self).contains("Sample of test data"), "who opens it alone is told")
        }
    }

    @Test func aPeriodIsReadInWholeMonthsAndDays() throws {
        let program = try Program()
        defer { program.clean() }
        try FileManager.default.copyItem(
            atPath: Self.samples.appendingPathComponent("test-data.sqlite").path,
            toPath: program.path("l.sqlite")
        )
        let count = { (arguments: [String]) -> Int? in
            let all = ["report"] + arguments + ["--ledger", "l.sqlite", "-o", "out", "--format", "json", "--json"]
            let total = try program.finish(program.start("wattbook", all)).json()["total"] as? [String: Any]
            return total?["runs"] as? Int
        }
        #expect(try count(["--since", "2026"]) == 20)
        #expect(try count(["--since", "2026-11"]) == 14)
        #expect(try count(["--until", "2026-09"]) == 2)
        #expect(try count(["--since", "2026-10-01", "--until", "2026-10-31"]) == 4)
        #expect(try count(["--tag", "project=test-data"]) == 17)
        #expect(try count(["--tag", "project=test-data", "--tag", "pilot=yes"]) == 1)
        #expect(try count(["--by", "tag:project"]) == 20)
    }

    @Test(arguments: [
        (["--since", "2026-13"], 64, "2026-13"), (["--since", "2026-02-30"], 64, "2026-02-30"),
        (["--since", "2026-11", "--until", "2026-09"], 64, "ends before it begins"),
        (["last", "--since", "2026"], 64, "cannot be named beside it"), (["--by", "colour"], 64, "colour"),
        (["--since", "2030"], 66, "has no run of 2030 on"), (["--format", "docx"], 64, "docx"),
    ])
    func badPeriodsAreSaidInOneSentence(arguments: [String], status: Int, words: String) throws {
        let program = try Program()
        defer { program.clean() }
        try FileManager.default.copyItem(
            atPath: Self.samples.appendingPathComponent("test-data.sqlite").path,
            toPath: program.path("l.sqlite")
        )
        let outcome = try program.finish(
            program.start("wattbook", ["report"] + arguments + ["--ledger", "l.sqlite", "-o", "out"])
        )
        #expect(outcome.status == Int32(status) && outcome.errors.contains(words), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: program.path("out")))
    }
}

import Foundation
import Testing

/// What the scripts write that make pages of results.
@Suite struct PageScriptTests {
    private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Scripts").standardizedFileURL.path

    private func python(_ code: String) throws -> String {
        var program = try Program()
        defer { program.clean() }
        program.environment = [
            "PYTHONPATH": "\(Self.scripts):\(Self.scripts)/peers", "PYTHONDONTWRITEBYTECODE": "1",
        ]
        let run = try program.finish(program.start("/usr/bin/env", ["python3", "-c", code]))
        try #require(run.status == 0, "\(run.errors)")
        return run.output
    }

    @Test func theDistanceBetweenRepeatsIsOfSignedErrors() throws {
        let output = try python(
            """
            import table
            from types import SimpleNamespace as Run
            runs = [Run(tool="Wattbook", case="square", errors={"gpu": e}, trouble="") for e in (-3.0, 3.0, 1.0)]
            print(table.energy_cells(runs, ["Wattbook"], "square", "gpu")["Wattbook"].spread)
            """
        )
        #expect(output == "6.0\n")
    }

    @Test func thePageOfAnotherPlanSaysNothingThatIsOfTheKeptStudies() throws {
        let output = try python(
            """
            import precision_study
            run = {"state": "finished", "started_at": "2026-01-01T00:00:00Z", "regions": [],
                   "energy": {"total_j": 100.0, "uncertainty_j": 60.0}}
            answer = {"question": "quality", "title": "Did iou stay?", "verdict": "yes", "sentence": "It is kept.",
                      "region": None, "factor": "iou", "basis": None, "figures": []}
            print(precision_study.page({
                "title": "other", "basis": "modelled", "hosts": [], "warnings": ["Of 60 planned runs 1 counts."],
                # The most repeats that `until` allows.
                "experiment": {"repeats": 30, "published": [], "baseline": {"precision": "fp32"}},
                "arms": [{"info": {}}, {"info": {}}], "runs": [run], "answers": [answer]}, False))
            """
        )
        #expect(output.contains("1 runs of 2 arms, 2026-01-01") && output.contains("±60 %"))
        for words in ["cut short", "gpu/README.md", "after seconds", "Sources/UNet"] {
            #expect(!output.contains(words), "\(words)")
        }
    }
}

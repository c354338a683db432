import Foundation
import Testing

/// The Python client of the marks, as a program under the meter uses it.
@Suite struct PythonMarksTests {
    private static let client = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Scripts/python").standardizedFileURL.path
    private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/marking.py").path

    @Test func threadsWorkersAndBrokenCallsAreCountedOnceEach() throws {
        var program = try Program()
        defer { program.clean() }
        program.environment = ["PYTHONPATH": Self.client, "PYTHONDONTWRITEBYTECODE": "1"]
        let run = try program.wattbook("run", "--json", "--", "python3", Self.fixture)
        #expect(run.status == 0, "\(run.errors)")
        let document = try run.json()
        #expect(document["counts"] as? [String: Int] == ["images": 92, "calls": 1])
        #expect(document["metrics"] as? [String: Double] == ["iou": 0.75])
        let info = try #require(document["info"] as? [String: String])
        #expect(info["framework"] == "test" && info["note"] == "a \"quoted\" word" && info["huge"] == nil)
        let regions = try #require(document["regions"] as? [[String: Any]])
        let entries = Dictionary(
            uniqueKeysWithValues: regions.compactMap { region in
                (region["path"] as? String).flatMap { path in (region["count"] as? Int).map { (path, $0) } }
            }
        )
        #expect(entries["train"] == 1 && entries["train/step_one_two"] == 3)
        #expect(entries["thread"] == 4 && entries["worker"] == 6)
        #expect(entries["decorated"] == 1 && entries["broken"] == 1)
        let warnings = try #require(document["warnings"] as? [String])
        #expect(!warnings.contains { $0.contains("did not parse") || $0.contains("open") }, "\(warnings)")
    }

    @Test func withoutTheMeterNothingHappens() throws {
        var program = try Program()
        defer { program.clean() }
        program.environment = ["PYTHONPATH": Self.client, "PYTHONDONTWRITEBYTECODE": "1"]
        let run = try program.finish(program.start("/usr/bin/env", ["python3", Self.fixture]))
        #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty)
    }

    @Test func aFullDiskOrAMissingFolderEndsNothing() throws {
        var program = try Program()
        defer { program.clean() }
        for path in ["/dev/full", "/nowhere/marks", "/proc/self/mem"] {
            program.environment = [
                "PYTHONPATH": Self.client, "PYTHONDONTWRITEBYTECODE": "1", "WATTBOOK_MARKS": path,
            ]
            let run = try program.finish(program.start("/usr/bin/env", ["python3", Self.fixture]))
            #expect(run.status == 0 && run.errors.isEmpty, "\(path): \(run.errors)")
        }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["WATTBOOK_SLOW"] != nil))
    func aMarkCostsAtMostThreeMicroseconds() throws {
        var program = try Program()
        defer { program.clean() }
        program.environment = ["PYTHONPATH": Self.client, "WATTBOOK_MARKS": program.path("marks")]
        let script = """
            import time, wattbook_marks as m
            region, best = m.region("epoch"), 1.0
            for _ in range(9):
                before = time.process_time()
                for _ in range(20000):
                    region.begin(); region.end(); m.count(images=8)
                best = min(best, (time.process_time() - before) / 60000)
            print(best * 1e6)
            """
        let run = try program.finish(program.start("/usr/bin/env", ["python3", "-c", script]))
        let microseconds = try #require(Double(run.output.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(microseconds <= 3, "\(microseconds) microseconds a mark")
    }
}

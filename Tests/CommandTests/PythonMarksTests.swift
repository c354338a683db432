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
        #expect(document["counts"] as? [String: Int] == ["images": 92, "calls": 2])
        #expect(document["metrics"] as? [String: Double] == ["iou": 0.75, "dice": 0.5])
        let info = try #require(document["info"] as? [String: String])
        #expect(info["framework"] == "test" && info["note"] == "a \"quoted\" word" && info["huge"] == nil)
        #expect(info["path"] == "?" && info["kept"] == "yes")
        let regions = try #require(document["regions"] as? [[String: Any]])
        let entries = Dictionary(
            uniqueKeysWithValues: regions.compactMap { region in
                (region["path"] as? String).flatMap { path in (region["count"] as? Int).map { (path, $0) } }
            }
        )
        #expect(entries["train"] == 1 && entries["train/step_one_two"] == 3)
        #expect(entries["thread"] == 4 && entries["worker"] == 6)
        #expect(entries["decorated"] == 1 && entries["broken"] == 1)
        #expect(entries["layer"] == 1 && entries["named"] == 1)
        let warnings = try #require(document["warnings"] as? [String])
        #expect(
            !warnings.contains { $0.contains("did not parse") || $0.contains("open") || $0.contains("begin") },
            "\(warnings)"
        )
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

    @Test func aFileThatIsGoneIsNotMadeAnew() throws {
        var program = try Program()
        defer { program.clean() }
        program.environment = [
            "PYTHONPATH": Self.client, "PYTHONDONTWRITEBYTECODE": "1", "WATTBOOK_MARKS": program.path("gone"),
        ]
        let run = try program.finish(program.start("/usr/bin/env", ["python3", Self.fixture]))
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: program.path("gone")))
    }

    /// What a script marked, without times and writers.
    private func marks(of script: String) throws -> [String] {
        var program = try Program()
        defer { program.clean() }
        try program.write("", to: "marks")
        program.environment = [
            "PYTHONPATH": Self.client, "PYTHONDONTWRITEBYTECODE": "1", "WATTBOOK_MARKS": program.path("marks"),
        ]
        let run = try program.finish(program.start("/usr/bin/env", ["python3", "-c", script]))
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        return try String(contentsOfFile: program.path("marks"), encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") }
    }

    @Test func aDescriptorThatTheProgramTookOverIsLeftAlone() throws {
        let lines = try marks(
            of: """
                import os, wattbook_marks as marks
                marks.count(before=1)
                os.closerange(3, 64)
                files = [open(f"file{i}", "a") for i in range(8)]
                marks.count(after=1)
                os.closerange(3, 4096)
                files += [open(f"more{i}", "a") for i in range(8)]
                marks.count(lost=1)
                assert not any(os.path.getsize(file.name) for file in files)
                """
        )
        #expect(lines == ["count before=1", "count after=1"])
    }

    @Test func coroutinesAndGeneratorsAreOpenWhileTheirBodiesRun() throws {
        let lines = try marks(
            of: """
                import asyncio, inspect, wattbook_marks as marks

                @marks.region("coroutine")
                async def coroutine():
                    await asyncio.sleep(0)
                    marks.count(n=1)
                    return 7

                @marks.region("generator")
                def generator():
                    marks.count(n=2)
                    return (yield (yield 1))

                @marks.region("stream")
                async def stream():
                    try:
                        got = yield 1
                        marks.count(n=got)
                        yield 2
                    except KeyError:
                        marks.count(n=4)
                        yield 3
                    finally:
                        await asyncio.sleep(0)
                        marks.count(n=5)

                assert inspect.iscoroutinefunction(coroutine) and inspect.isgeneratorfunction(generator)
                assert inspect.isasyncgenfunction(stream) and stream.__name__ == "stream"
                assert asyncio.run(coroutine()) == 7
                steps = generator()
                assert next(steps) == 1 and steps.send(6) == 6
                try:
                    steps.send(8)
                except StopIteration as end:
                    assert end.value == 8

                async def read():
                    values = stream()
                    assert await values.__anext__() == 1 and await values.asend(3) == 2
                    assert await values.athrow(KeyError()) == 3
                    await values.aclose()
                    assert [value async for value in stream()] == [1, 2]

                asyncio.run(read())
                """
        )
        let stream = ["begin stream", "count n=3", "count n=4", "count n=5", "end stream"]
        #expect(
            lines == [
                "begin coroutine", "count n=1", "end coroutine", "begin generator", "count n=2", "end generator",
            ] + stream + ["begin stream", "count n=5", "end stream"]
        )
    }

    @Test func theWaitForTheGPUHidesNoSignalAndSparesACapture() throws {
        let lines = try marks(
            of: """
                import sys, types, wattbook_marks as marks
                class Signal(Exception): pass
                def wait():
                    raise failure
                cuda = types.SimpleNamespace(
                    is_initialized=lambda: True, is_current_stream_capturing=lambda: capturing, synchronize=wait)
                sys.modules["torch"] = types.SimpleNamespace(cuda=cuda)
                failure, capturing = Signal(), True
                region = marks.region("captured").begin()
                capturing = False
                try:
                    region.end()
                    sys.exit("the handler's exception is lost")
                except Signal:
                    pass
                failure = RuntimeError("the device has failed")
                with marks.region("failed"):
                    pass
                """
        )
        #expect(lines == ["begin captured", "end captured", "begin failed", "end failed"])
    }

    @Test func whereProcessesCannotForkTheClientStillLoads() throws {
        let lines = try marks(
            of: "import os; del os.register_at_fork; import wattbook_marks; wattbook_marks.count(n=1)"
        )
        #expect(lines == ["count n=1"])
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["WATTBOOK_SLOW"] != nil))
    func aMarkCostsAtMostThreeMicroseconds() throws {
        var program = try Program()
        defer { program.clean() }
        try program.write("", to: "marks")
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

import Foundation
import Testing

@testable import UNet

@Suite("Marks")
struct MarksTests {
    private func lines(_ folder: DatasetFolder) throws -> [String] {
        try String(contentsOfFile: "\(folder.path)/marks", encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test func `every verb has its line`() throws {
        let folder = try DatasetFolder()
        try folder.write("marks", "")
        let marks = Marks(path: "\(folder.path)/marks")
        marks.begin("epoch", ["index": "0"])
        marks.count(["images": 8, "bytes": 1024])
        marks.metric(["loss": 0.25, "iou": .nan])
        marks.info(["device": "a \"cpu\"\n", "note": ""])
        marks.end("epoch")
        let lines = try lines(folder)
        let rests = lines.map { $0.split(separator: " ", maxSplits: 2).last.map(String.init) }
        #expect(
            rests == [
                "begin epoch index=0", "count images=8 bytes=1024", "metric loss=0.25",
                #"info device="a \"cpu\"\n" note="""#, "end epoch",
            ]
        )
        let pattern = #/^\d+ (\d+)\.(\d+) /#
        var times: [Int] = []
        for line in lines {
            let match = try #require(try pattern.firstMatch(in: line))
            #expect(match.1 == "\(getpid())")
            times.append(try #require(Int(line.prefix { $0 != " " })))
        }
        #expect(times == times.sorted())
    }

    @Test func `no line is longer than a write may be`() {
        let long = String(repeating: "x", count: 3000)
        let text = Marks.text("", [("a", long), ("b", long), ("c", "kept")])
        #expect(text.utf8.count <= 4000)
        #expect(text.hasPrefix("a=xxx") && !text.contains("b=") && text.hasSuffix(" c=kept"))
    }

    @Test func `names and values cannot break a line`() {
        #expect(Marks.text("", [("a b/c=\n", "x\ny\u{1}\t\\")]) == #"a-b-c--="x\ny\u0001\t\\""#)
    }

    @Test func `a region ends when its body throws`() throws {
        struct Failure: Error {}
        let folder = try DatasetFolder()
        try folder.write("marks", "")
        let marks = Marks(path: "\(folder.path)/marks")
        #expect(throws: Failure.self) { try marks.region("step") { throw Failure() } }
        #expect(marks.region("step") { 7 } == 7)
        #expect(try lines(folder).map { $0.split(separator: " ")[2] } == ["begin", "end", "begin", "end"])
    }

    @Test func `without a file there is silence`() throws {
        let folder = try DatasetFolder()
        try folder.write("file", "")
        for path in [nil, "", folder.path, "\(folder.path)/file/marks", "\(folder.path)/gone", "/dev/full"] {
            let marks = Marks(path: path)
            marks.begin("train")
            marks.end("train")
        }
        #expect(try folder.names() == ["file"])
    }

    /// Threads share the file; each line has to arrive whole.
    @Test func `lines of many threads do not mix`() throws {
        let folder = try DatasetFolder()
        try folder.write("marks", "")
        let marks = Marks(path: "\(folder.path)/marks")
        let other = Marks(path: "\(folder.path)/marks")
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for step in 0..<200 { (step % 2 == 0 ? marks : other).count(["images": thread * 1000 + step]) }
        }
        let lines = try lines(folder)
        let pattern = #/^\d+ \d+\.\d+ count images=(\d+)$/#
        let values = try lines.map { try #require(try pattern.wholeMatch(in: $0)).1 }
        #expect(lines.count == 1600)
        #expect(Set(values.compactMap { Int($0) }) == Set((0..<8).flatMap { t in (0..<200).map { t * 1000 + $0 } }))
    }
}

import ProbeTestKit
import Quantities
import Testing

@testable import Metering

@Suite("Marks")
struct MarksTests {
    private func parse(_ text: String) -> Marks { Marks.parse(Array(text.utf8)) }

    @Test("every kind of line is read")
    func everyKind() {
        let marks = parse(
            """
            100 7.8 begin epoch number=1 note="a \\"b\\" \\u00e9\\ud83d\\ude00"
            150 7.8 count images=32 steps=1
            160 7.8 count images=32
            170 7.8 metric iou=0.5 loss=1e-3
            180 7.8 metric iou=0.79
            190 7.8 info framework=swift precision=fp32 device="one two"
            200 7.8 end epoch

            """
        )
        #expect(marks.rejected == 0)
        #expect(
            marks.marks.first
                == Mark(
                    time: 100,
                    pid: 7,
                    tid: 8,
                    event: .begin(region: "epoch", attributes: ["number": "1", "note": "a \"b\" é😀"])
                )
        )
        #expect(marks.counts == ["images": 64, "steps": 1])
        #expect(marks.metrics == ["iou": 0.79, "loss": 0.001])
        #expect(marks.info == ["framework": "swift", "precision": "fp32", "device": "one two"])
        #expect(marks.warnings(of: marks.regions(until: .max)).isEmpty)
    }

    @Test(
        "a line that does not parse is counted and named",
        arguments: [
            "hello", "x 1.1 begin a", "5 1 begin a", "5 1.1 begin", "5 1.1 begin a/b", "5 1.1 end a extra",
            "5 1.1 count images=x", "5 1.1 count", "5 1.1 metric m=nan", "5 1.1 metric m=inf", "5 1.1 jump a",
            "5 1.1 info a=\"open", "5 1.1 info a=\"x\\q\"", "5 1.1 info a=\"x\"y", "5 1.1 info =b", "-5 1.1 end a",
            "5 1.1 info a=\"\\ud800\"", "5 1.1 count images=99999999999999999999",
        ]
    )
    func garbage(_ line: String) {
        let marks = parse(line + "\n1 1.1 metric good=1\n")
        #expect(marks.rejected == 1)
        #expect(marks.firstRejected == String(line.prefix(80)))
        #expect(marks.metrics == ["good": 1])
        #expect(marks.warnings(of: marks.regions(until: .max)).count == 1)
    }

    @Test(
        "control characters make no mark, and reach no terminal",
        arguments: [
            "\u{0}\u{1}\u{2}", "5 1.1 metric a\u{0}=1 a\u{0}b=2", "5 1.1 begin x\u{1B}[2Jy", "5 1.1 begin a\tb",
        ]
    )
    func controlCharacters(_ line: String) {
        let marks = parse(line + "\n1 1.1 metric good=1\n")
        #expect(marks.rejected == 1)
        #expect(marks.metrics == ["good": 1])
        #expect(
            marks.warnings(of: marks.regions(until: .max)).allSatisfy {
                $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            }
        )
    }

    @Test("a forgotten end in a loop costs no more than its marks")
    func forgottenEnds() {
        let lines = (0..<3000).map { "\($0 + 1) 1.1 begin step" }.joined(separator: "\n") + "\n"
        let regions = parse(lines).regions(until: 10_000)
        #expect(regions.regions.count == Marks.deepestNesting)
        #expect(regions.warnings.count == 2)
        #expect(regions.warnings.allSatisfy { $0.utf8.count < 400 }, "a few paths stand for all")
        #expect(regions.warnings.contains { $0.contains("2936 regions nested deeper than 64") })
    }

    @Test("random bytes never end the parser", arguments: 1...50)
    func randomBytes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("0123456789. \n\"\\=/abeginedcount\u{fe}".utf8) + [0xFF, 0xC3]
        let bytes = (0..<2000).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        let marks = Marks.parse(bytes)
        _ = (marks.metrics, marks.counts, marks.info, marks.warnings(of: marks.regions(until: .max)))
        #expect(marks.marks.count + marks.rejected <= 2000)
    }

    @Test("a last line that was torn is no error and no mark")
    func torn() {
        let marks = parse("1 1.1 count images=1\n2 1.1 count images=12")
        #expect(marks.counts == ["images": 1])
        #expect(marks.rejected == 0)
        #expect(parse("1 1.1 cou").marks.isEmpty)
        #expect(parse("").marks.isEmpty)
    }

    @Test("a sum of counts stays an integer")
    func largeCounts() {
        let marks = parse("1 1.1 count n=\(Int.max)\n2 1.1 count n=\(Int.max)\n")
        #expect(marks.counts == ["n": .max])
    }

    @Test("a file that was never made holds no marks")
    func noFile() throws {
        #expect(try Marks.read(path: "/nonexistent/marks") == Marks())
    }

    @Test("regions nest by thread, and counts go to every open one")
    func nesting() throws {
        let marks = parse(
            """
            10 1.1 begin train
            10 1.2 begin load
            20 1.1 begin epoch
            25 1.1 count images=5
            30 1.1 end epoch
            30 1.1 begin epoch
            35 1.1 count images=7
            40 1.1 end epoch
            50 1.2 end load
            60 1.1 end train

            """
        )
        let account = account(traces: [], start: 0, end: 100, marks: marks)
        #expect(account.regions.map(\.path) == ["train", "load", "train/epoch"])
        #expect(account.regions.map(\.count) == [1, 1, 2])
        #expect(account.regions.map { ($0.duration.value * 1e9).rounded() } == [50, 40, 20])
        #expect(account.regions.map(\.counts) == [["images": 12], [:], ["images": 12]])
        #expect(account.regions.allSatisfy { $0.joules == nil })
    }

    @Test("visits side by side count their time once")
    func union() {
        let marks = parse("0 1.1 begin a\n10 1.2 begin a\n30 1.1 end a\n40 1.2 end a\n90 1.3 begin a\n95 1.3 end a\n")
        let region = account(traces: [], start: 0, end: 100, marks: marks).regions[0]
        #expect(region.count == 3)
        #expect((region.duration.value * 1e9).rounded() == 45)
    }

    @Test("what is left open is closed at the end, what was never opened is left out, both with a warning")
    func openAndUnmatched() {
        let marks = parse("10 1.1 begin a\n20 1.1 begin b\n30 1.1 end c\n")
        #expect(marks.warnings(of: marks.regions(until: .max)).contains { $0.contains("a, a/b") })
        #expect(marks.warnings(of: marks.regions(until: .max)).contains { $0.contains("1 end") })
        let regions = account(traces: [], start: 0, end: 50, marks: marks).regions
        #expect(regions.map { ($0.duration.value * 1e9).rounded() } == [40, 30])
    }

    @Test("what a process left open when it ended is closed there, and nothing of another process")
    func closedWhereTheProcessEnded() {
        var marks = parse(
            """
            10 1.1 begin a
            20 1.1 begin b
            20 1.2 begin c
            25 2.2 begin d
            30 1.2 end c

            """
        )
        #expect(marks.close(at: [1: 40, 3: 50]) == "Left open and closed where their process ended: a, a/b.")
        let regions = account(traces: [], start: 0, end: 100, marks: marks).regions
        #expect(regions.map(\.path) == ["a", "a/b", "c", "d"])
        #expect(regions.map { ($0.duration.value * 1e9).rounded() } == [30, 20, 10, 75])
        var closed = parse("10 1.1 begin a\n20 1.1 end a\n")
        #expect(closed.close(at: [1: 40]) == nil)
    }

    @Test("the end of an outer region closes the inner one")
    func skippedEnd() {
        let marks = parse("10 1.1 begin a\n20 1.1 begin b\n30 1.1 end a\n40 1.1 begin c\n50 1.1 end c\n")
        let regions = account(traces: [], start: 0, end: 50, marks: marks).regions
        #expect(regions.map(\.path) == ["a", "a/b", "c"])
        #expect(regions.map { ($0.duration.value * 1e9).rounded() } == [20, 10, 10])
        #expect(marks.warnings(of: marks.regions(until: .max)).count == 1)
    }
}

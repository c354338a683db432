public import SystemPackage

extension Marks {
    /// Parses a marks file; a file that was never made holds no marks.
    public static func read(path: String) throws(Errno) -> Marks {
        do {
            return parse(try FileTree(root: "").bytes(path))
        } catch .noSuchFileOrDirectory {
            return Marks()
        }
    }

    /// Parses what a workload wrote.
    ///
    /// A last line without its end is one that a dying writer tore; it is left out.
    public static func parse(_ bytes: some BidirectionalCollection<UInt8>) -> Marks {
        var marks = Marks()
        guard let end = bytes.lastIndex(of: newline) else { return marks }
        var rest = bytes[..<end]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != newline }
            rest = rest[line.endIndex...].dropFirst()
            let text = String(decoding: line, as: UTF8.self)
            let content = Substring(text.hasSuffix("\r") ? String(text.dropLast()) : text)
            guard !content.allSatisfy({ $0 == " " }) else { continue }
            if let mark = MarkParser.mark(from: content) {
                marks.marks.append(mark)
            } else {
                marks.rejected += 1
                if marks.firstRejected == nil { marks.firstRejected = printable(content.prefix(80)) }
            }
        }
        return marks
    }

    private static var newline: UInt8 { UInt8(ascii: "\n") }

    /// The last value of every metric.
    public var metrics: [String: Double] {
        marks.reduce(into: [:]) { all, mark in
            if case .metric(let values) = mark.event { all.merge(values) { _, new in new } }
        }
    }

    /// The sum of every count over the run; a sum that leaves the integers stays at their edge.
    public var counts: [String: Int] {
        marks.reduce(into: [:]) { all, mark in
            if case .count(let values) = mark.event { all.merge(values, uniquingKeysWith: saturatingSum) }
        }
    }

    /// What the workload said about itself; the last word on a key stands.
    public var info: [String: String] {
        marks.reduce(into: [:]) { all, mark in
            if case .info(let values) = mark.event { all.merge(values) { _, new in new } }
        }
    }

    /// What a reader of the run should know about its marks, a sentence each; `regions` are those of these marks.
    public func warnings(of regions: Regions) -> [String] {
        var warnings: [String] = []
        if rejected > 0 {
            warnings.append(
                "\(rejected) line\(rejected == 1 ? "" : "s") of the marks did not parse; the first is: \(firstRejected ?? "")"
            )
        }
        return warnings + regions.warnings
    }
}

/// A text in which nothing moves the cursor of a terminal: control characters are replaced.
public func printable(_ text: some StringProtocol) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        result.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
    }
    return String(result)
}

/// A sum that stops at the edge of the integers instead of ending the program.
func saturatingSum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? (b > 0 ? .max : .min) : sum
}

private import Foundation

/// Makes a PDF from a page: WeasyPrint, a program of its own.
package struct Typesetter: Sendable {
    /// The words that start it; `nil` where it is not installed.
    package var command: [String]?

    /// The program that `$WATTBOOK_WEASYPRINT` names, else `weasyprint` along the path, else the Python module.
    package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        if let named = environment["WATTBOOK_WEASYPRINT"], !named.isEmpty {
            command = named.split(separator: " ").map(String.init)
        } else if let program = Self.find("weasyprint", along: environment["PATH"]) {
            command = [program]
        } else if let python = Self.find("python3", along: environment["PATH"]),
            (try? Self.run([python, "-c", "import weasyprint"], input: [], extra: [:]))?.status == 0
        {
            command = [python, "-m", "weasyprint"]
        }
    }

    /// The PDF of a page.
    ///
    /// - Parameter date: seconds since 1970 that stand in the file, so that it is the same every time.
    package func pdf(of page: [UInt8], date: Int64) throws(TypesettingError) -> [UInt8] {
        guard let command else { throw .missing }
        let made: (status: Int32, output: [UInt8], errors: String)
        do {
            // No file is named: the page comes in and the PDF goes out through pipes.
            made = try Self.run(command + ["-q", "-", "-"], input: page, extra: ["SOURCE_DATE_EPOCH": "\(date)"])
        } catch {
            throw .failed(program: command[0], reason: "it cannot be started")
        }
        guard made.status == 0, made.output.starts(with: Array("%PDF".utf8)) else {
            let last = made.errors.split(separator: "\n").last.map(String.init)
            throw .failed(program: command[0], reason: last ?? "it ended with status \(made.status)")
        }
        return made.output
    }

    private static func find(_ name: String, along path: String?) -> String? {
        (path ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private static func run(
        _ command: [String],
        input: [UInt8],
        extra: [String: String]
    ) throws -> (status: Int32, output: [UInt8], errors: String) {
        let process = Process()
        let isPath = command[0].contains("/")
        process.executableURL = URL(fileURLWithPath: isPath ? command[0] : "/usr/bin/env")
        process.arguments = isPath ? Array(command.dropFirst()) : command
        process.environment = ProcessInfo.processInfo.environment.merging(extra) { _, new in new }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("wattbook-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files, so that no pipe that fills up makes either side wait for the other.
        let files = ["in", "out", "err"].map { folder.appendingPathComponent($0) }
        try Data(input).write(to: files[0])
        for file in files.dropFirst() { try Data().write(to: file) }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        let read = { (file: URL) in try Array(Data(contentsOf: file)) }
        let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        return (status, try read(files[1]), String(decoding: try read(files[2]), as: UTF8.self))
    }
}

/// Why there is no PDF; every other form is written all the same.
public enum TypesettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// WeasyPrint is not installed.
    case missing
    /// It is, and made no PDF.
    case failed(program: String, reason: String)

    /// The status that the program ends with: `EX_UNAVAILABLE`.
    public var exitCode: Int32 { 69 }

    /// One sentence that names the program, and one that says what to do.
    public var description: String {
        switch self {
        case .missing:
            "There is no WeasyPrint to make the PDF with; the other forms are written. Install it with "
                + "`apt install weasyprint` or `pip install weasyprint`, or name it with $WATTBOOK_WEASYPRINT."
        case .failed(let program, let reason):
            "\(program) made no PDF: \(reason); the other forms are written. Try `\(program) --info`, or name another "
                + "one with $WATTBOOK_WEASYPRINT."
        }
    }
}

import Foundation
import Ledger
import Metering
import SystemPackage

/// What a short program of another maker answered.
struct CommandOutput {
    var status: Int32
    /// Both its streams.
    var text: String

    /// Runs a program that is found along the path, in the language `C`, with nothing to read.
    ///
    /// - Throws: `SpawnError` where there is none.
    init(_ command: [String]) throws {
        let log = try RunFile.create(id: newID(at: wallNow()), suffix: "log")
        defer {
            try? log.file.close()
            try? FileManager.default.removeItem(atPath: log.path)
        }
        var child = try Child.spawn(
            command: command,
            variables: ["LC_ALL": "C"],
            input: .none,
            output: .file(log.file)
        )
        try child.resume()
        status = try child.wait().status
        text = String(decoding: FileManager.default.contents(atPath: log.path) ?? Data(), as: UTF8.self)
    }

    /// Its lines without those that are empty.
    var lines: [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}

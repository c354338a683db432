import Foundation

/// One call of the program `wattbook-unet` as its users make it.
struct UNetCommand {
    var status: Int32
    var output: String
    var errors: String

    /// Runs the built program with the given arguments, by a launcher where one is named, and waits for its end.
    init(
        _ arguments: [String],
        environment: [String: String] = [:],
        threads: Int = 1,
        launcher: [String] = [],
        directory: String? = nil
    ) throws {
        let process = Process()
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        let command = launcher + [Self.products.appending(path: "wattbook-unet").path] + arguments
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        var variables = ProcessInfo.processInfo.environment
        variables["WATTBOOK_MARKS"] = nil
        // With these the program need not start itself anew.
        variables["OMP_NUM_THREADS"] = "\(threads)"
        variables["OPENBLAS_NUM_THREADS"] = "\(threads)"
        variables["OMP_WAIT_POLICY"] = "passive"
        process.environment = variables.merging(environment) { $1 }
        // Files rather than pipes: no output is too long for them.
        let folder = try CommandFolder()
        let streams = ["out", "err"].map { URL(filePath: folder.path).appending(path: $0) }
        for stream in streams { try Data().write(to: stream) }
        process.standardOutput = try FileHandle(forWritingTo: streams[0])
        process.standardError = try FileHandle(forWritingTo: streams[1])
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        output = try String(contentsOf: streams[0], encoding: .utf8)
        errors = try String(contentsOf: streams[1], encoding: .utf8)
    }

    /// The lines of the error message.
    var errorLines: [Substring] { errors.split(separator: "\n") }

    /// The document on standard output.
    func json() throws -> [String: Any] {
        let document = try JSONSerialization.jsonObject(with: Data(output.utf8))
        return document as? [String: Any] ?? [:]
    }

    /// The folder of the build's products: it holds the program beside this test's own executable.
    private static let products = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
}

/// A folder that is gone with the last reference to it.
final class CommandFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "command-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

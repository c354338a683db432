import Foundation
import Metering

/// The built `wattbook`, found beside the test binary.
enum Program {
    /// SwiftPM puts programs and tests side by side.
    static let path: String = {
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: executable).deletingLastPathComponent().appendingPathComponent("wattbook")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside.path }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".build/debug/wattbook").path
    }()

    /// What ran to its end.
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Starts a command whose streams go to `out` and `err` in the scratch folder.
    static func start(_ command: [String], in scratch: Scratch) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.folder)
        var variables = ProcessInfo.processInfo.environment
        variables["WATTBOOK_LEDGER"] = nil
        variables["WATTBOOK_PROGRAM"] = path
        variables["WATTBOOK_ZONE"] = "DE"
        process.environment = variables
        process.standardInput = FileHandle.nullDevice
        for name in ["out", "err"] { try Data().write(to: URL(fileURLWithPath: scratch.path(name))) }
        process.standardOutput = FileHandle(forWritingAtPath: scratch.path("out"))
        process.standardError = FileHandle(forWritingAtPath: scratch.path("err"))
        try process.run()
        return process
    }

    /// Runs a command to its end; `env` finds it.
    static func run(_ command: [String], in scratch: Scratch) throws -> Outcome {
        let process = try start(command, in: scratch)
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            output: try String(contentsOfFile: scratch.path("out"), encoding: .utf8),
            errors: try String(contentsOfFile: scratch.path("err"), encoding: .utf8)
        )
    }

    /// Runs a shell script that may mount file systems of its own.
    static func runMounting(_ script: String, in scratch: Scratch) throws -> Outcome {
        try run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script], in: scratch)
    }

    /// Whether this machine lets a user mount file systems for itself.
    static let mayMount: Bool = {
        guard let scratch = try? Scratch() else { return false }
        defer { scratch.clean() }
        return (try? runMounting("mount -t tmpfs none \(scratch.folder)", in: scratch).status) == 0
    }()

    /// Words before a command that make it run without the rights of root, which no permission holds up.
    static let plainUser =
        geteuid() == 0 ? ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] : []

    /// Whether a plain user can be had and reaches the program.
    static let hasPlainUser: Bool = {
        guard let scratch = try? Scratch() else { return false }
        defer { scratch.clean() }
        return (try? run(plainUser + [path, "--version"], in: scratch).status) == 0
    }()
}

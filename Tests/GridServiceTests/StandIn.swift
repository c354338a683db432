import Carbon
import Foundation
import GridService
import Testing

/// The stand-in for the services, on a port of its own; ends with its owner.
final class StandIn {
    private let process = Process()
    private let output = Pipe()
    let port: Int

    init() throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/service.py")
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-u", script.path]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data([10]), !byte.isEmpty {
            line.append(byte)
        }
        port = try #require(Int(String(decoding: line, as: UTF8.self)))
    }

    deinit {
        // A thread of a pool blocks nearly every signal, and the script has inherited that.
        kill(process.processIdentifier, SIGKILL)
    }

    /// What the services need to be asked here; `fault` is what is to go wrong.
    func environment(_ fault: String) -> [String: String] {
        let base = "http://127.0.0.1:\(port)/\(fault)"
        return [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
            GridService.electricityMapsAddress: base, GridService.gbAddress: base + "/",
            GridService.wattTimeAddress: base, GridService.electricityMapsToken: "a-key",
            GridService.wattTimeUser: "me", GridService.wattTimePassword: "se\"cr\\et",
        ]
    }
}

import Dispatch
import Foundation
import Testing

/// The built programs, found beside the test binary, run as a user runs them.
struct Program {
    /// What a finished program left behind.
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String

        /// Standard output as one JSON object.
        func json() throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(value as? [String: Any])
        }
    }

    /// The folder of the test binary: SwiftPM puts programs and tests side by side.
    static let folder: URL = {
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: executable).deletingLastPathComponent()
        if FileManager.default.isExecutableFile(atPath: beside.appendingPathComponent("wattbook").path) {
            return beside
        }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".build/debug")
    }()

    var folder: URL
    var environment: [String: String] = [:]

    /// A program runner with a scratch folder of its own as working directory.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("wattbook-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Removes the scratch folder.
    func clean() { try? FileManager.default.removeItem(at: folder) }

    /// A path in the scratch folder.
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// Writes a file into the scratch folder.
    func write(_ text: String, to name: String) throws {
        let target = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try text.write(to: target, atomically: true, encoding: .utf8)
    }

    /// Starts a program, a built one where it is no full path, without waiting for it; its streams go to files.
    func start(_ name: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL =
            name.hasPrefix("/") ? URL(fileURLWithPath: name) : Program.folder.appendingPathComponent(name)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        var variables = ProcessInfo.processInfo.environment
        variables["WATTBOOK_LEDGER"] = nil
        variables["WATTBOOK_ZONE"] = "DE"
        variables["PATH"] = Program.folder.path + ":" + (variables["PATH"] ?? "")
        variables.merge(environment) { _, new in new }
        process.environment = variables
        process.standardInput = FileHandle.nullDevice
        let id = UUID().uuidString
        process.standardOutput = try file("\(id).out")
        process.standardError = try file("\(id).err")
        // A thread of a pool blocks nearly every signal, and the program would inherit that.
        var (none, before) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
        outputs[ObjectIdentifier(process)] = id
        return process
    }

    /// Waits for a started program; one that takes longer than `seconds` is ended, and its command line is named.
    func finish(_ process: Process, within seconds: TimeInterval = 300) throws -> Outcome {
        let deadline = Date(timeIntervalSinceNow: seconds)
        let guardian = Guardian(of: process.processIdentifier, at: deadline)
        process.waitUntilExit()
        guardian.cancel()
        if Date() >= deadline {
            let line = [process.executableURL?.path ?? ""] + (process.arguments ?? [])
            Issue.record("\(line.joined(separator: " ")) did not end within \(seconds) s")
        }
        let id = outputs[ObjectIdentifier(process)] ?? ""
        let status =
            process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
        return Outcome(status: status, output: try text("\(id).out"), errors: try text("\(id).err"))
    }

    /// Runs `wattbook` to its end.
    func wattbook(_ arguments: String...) throws -> Outcome { try finish(start("wattbook", arguments)) }

    private let outputs = Outputs()

    private func file(_ name: String) throws -> FileHandle {
        try Data().write(to: folder.appendingPathComponent(name))
        return try #require(FileHandle(forWritingAtPath: path(name)))
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// Ends a process at an instant: the meter first hands a SIGTERM on to what it measures.
    private final class Guardian {
        // Of its own, since tests that wait keep the threads of a pool.
        private let queue = DispatchQueue(label: "Program.Guardian")
        private let items: [DispatchWorkItem]

        init(of pid: pid_t, at instant: Date) {
            items = [SIGTERM, SIGKILL].map { signal in DispatchWorkItem { kill(pid, signal) } }
            for (item, grace) in zip(items, [0.0, 5.0]) {
                queue.asyncAfter(deadline: .now() + instant.timeIntervalSinceNow + grace, execute: item)
            }
        }

        func cancel() {
            for item in items { item.cancel() }
        }
    }

    /// Which files belong to which process.
    private final class Outputs {
        private var ids: [ObjectIdentifier: String] = [:]
        subscript(_ key: ObjectIdentifier) -> String? {
            get { ids[key] }
            set { ids[key] = newValue }
        }
    }
}

/// A tree of power files with one package and its memory, for `--root`.
struct PowerTree {
    var root: URL
    private var package: URL { root.appendingPathComponent("sys/devices/virtual/powercap/intel-rapl/intel-rapl:0") }

    /// Makes the tree; counters start at the given microjoules.
    init(in folder: URL, package start: UInt64 = 0, range: UInt64 = 262_143_328_850) throws {
        root = folder.appendingPathComponent("tree")
        let dram = package.appendingPathComponent("intel-rapl:0:0")
        try FileManager.default.createDirectory(at: dram, withIntermediateDirectories: true)
        try "package-0\n".write(to: package.appendingPathComponent("name"), atomically: true, encoding: .utf8)
        try "dram\n".write(to: dram.appendingPathComponent("name"), atomically: true, encoding: .utf8)
        for zone in [package, dram] {
            try "\(range)\n".write(
                to: zone.appendingPathComponent("max_energy_range_uj"),
                atomically: true,
                encoding: .utf8
            )
            try "\(start)\n".write(to: zone.appendingPathComponent("energy_uj"), atomically: false, encoding: .utf8)
        }
        let classView = root.appendingPathComponent("sys/class/powercap")
        try FileManager.default.createDirectory(at: classView, withIntermediateDirectories: true)
        for (name, target) in [
            ("intel-rapl", "intel-rapl"), ("intel-rapl:0", "intel-rapl/intel-rapl:0"),
            ("intel-rapl:0:0", "intel-rapl/intel-rapl:0/intel-rapl:0:0"),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: classView.appendingPathComponent(name).path,
                withDestinationPath: "../../devices/virtual/powercap/\(target)"
            )
        }
    }

    /// A program that draws `watts`, four fifths by the package and one by its memory, then ends.
    ///
    /// The counters follow the clock, so that the joules of any stretch are known.
    func driver(watts: Int, seconds: Double, range: UInt64 = 262_143_328_850) -> [String] {
        let script = """
            import time, sys
            watts = int(sys.argv[1]); end = float(sys.argv[2]); wrap = int(sys.argv[3])
            zones = [(open(path, "r+b", buffering=0), part) for path, part in zip(sys.argv[4:], (0.8, 0.2))]
            begin = time.monotonic()
            while time.monotonic() - begin < end:
                for handle, part in zones:
                    microjoules = int((time.monotonic() - begin) * watts * part * 1e6) % wrap
                    handle.seek(0); handle.write(b"%020d\\n" % microjoules)
                time.sleep(0.001)
            """
        let zones = ["energy_uj", "intel-rapl:0:0/energy_uj"].map { package.appendingPathComponent($0).path }
        return ["python3", "-c", script, "\(watts)", "\(seconds)", "\(range)"] + zones
    }
}

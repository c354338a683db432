import Foundation
import Testing

/// A real Slurm cluster of four nodes on this machine, with accounting and the site's prolog, epilog and plugin.
final class SlurmLab {
    /// Why there can be none here, as a sentence; `nil` where there can.
    static let lack: String? = {
        // Beside a thousand other tests on two cores its daemons and their deadlines would be judged, not the code.
        guard ProcessInfo.processInfo.environment["WATTBOOK_LAB"] == "1" else {
            return "The Slurm cluster runs by itself: WATTBOOK_LAB=1 swift test --filter SlurmLabTests."
        }
        let text = (try? output(cluster, ["lacks", "--accounting"])) ?? "Scripts/lab/cluster cannot be run."
        return text.isEmpty ? nil : text
    }()

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let cluster = root.appendingPathComponent("Scripts/lab/cluster").path

    let folder: String
    /// Where the site's ledgers go.
    var site: String { folder + "/site" }
    /// The folder that jobs are submitted from.
    var work: String { folder + "/work" }

    init() throws {
        // Not below /tmp, which every node has for itself.
        folder = "/var/tmp/wattbook-lab-\(UUID().uuidString.prefix(8))"
        let files = FileManager.default
        try files.createDirectory(atPath: folder + "/site", withIntermediateDirectories: true)
        let program = Program.folder.appendingPathComponent("wattbook").path
        try """
        program=\(program)
        dir=\(folder)/site
        run=\(folder)/site-run-$SLURMD_NODENAME
        interval=100ms
        """.write(toFile: folder + "/site.conf", atomically: true, encoding: .utf8)
        let scripts = Self.root.appendingPathComponent("Scripts/slurm").path
        for name in ["prolog", "epilog"] {
            try "#!/bin/bash\nWATTBOOK_SLURM_CONF=\(folder)/site.conf exec \(scripts)/\(name)\n"
                .write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/\(name)")
        }
        let plugin = folder + "/wattbook_spank.so"
        let source = scripts + "/wattbook_spank.c"
        _ = try Self.output("/usr/bin/gcc", ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", plugin, source])
        let partition = "Nodes=node[1-4] MaxTime=INFINITE State=UP"
        let conf = [
            "Prolog=\(folder)/prolog", "Epilog=\(folder)/epilog", "PrologFlags=Alloc",
            "PreemptType=preempt/partition_prio", "PreemptMode=REQUEUE",
            "PartitionName=low \(partition) PriorityTier=1 PreemptMode=REQUEUE GraceTime=0",
            "PartitionName=high \(partition) PriorityTier=10 PreemptMode=OFF",
        ].flatMap { ["--conf", $0] }
        let line = "required \(plugin) program=\(program) dir=\(folder)/site interval=100ms"
        _ = try Self.output(Self.cluster, ["up", folder, "--accounting", "--plugstack", line] + conf)
        try """
        #!/bin/bash
        mark() { echo "$(python3 -c 'import time; print(time.monotonic_ns())') $$.$$ $*" >>"$WATTBOOK_MARKS"; }
        mark begin train; sleep "$1"; mark count images=10; mark end train
        """.write(toFile: work + "/app", atomically: true, encoding: .utf8)
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: work + "/app")
    }

    /// Ends the cluster by its ids, and removes what it wrote.
    func down() {
        _ = try? Self.output(Self.cluster, ["down", folder])
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs a line of a shell on the cluster's login node, where `wattbook` is on the path.
    @discardableResult
    func shell(_ line: String) throws -> String {
        let path = "PATH=\(Program.folder.path):$PATH WATTBOOK_ZONE=DE; export PATH WATTBOOK_ZONE; "
        return try Self.output(
            "/usr/bin/timeout",
            ["90", Self.cluster, "run", folder, "--", "bash", "-c", path + line]
        )
    }

    /// The JSON that a line prints last.
    func json(_ line: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(try shell(line).utf8))
        return try #require(value as? [String: Any])
    }

    /// Ends all that runs on a node at once.
    func lose(_ node: String) throws { _ = try Self.output(Self.cluster, ["lose", folder, node]) }

    /// Waits until a line of a shell succeeds.
    func wait(_ seconds: Int = 40, until line: String) throws {
        try shell("for i in $(seq \(seconds * 4)); do \(line) && exit 0; sleep 0.25; done; exit 0")
    }

    private static func output(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}

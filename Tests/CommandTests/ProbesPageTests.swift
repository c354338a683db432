import Foundation
import Testing

/// The page of `wattbook probes` on a terminal.
@Suite struct ProbesPageTests {
    /// Runs a program on a terminal of 80 columns and prints what it wrote there.
    private static let narrow = """
        import fcntl, os, pty, struct, sys, termios
        pid, terminal = pty.fork()
        if pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execvp(sys.argv[1], sys.argv[1:])
        while True:
            try: block = os.read(terminal, 4096)
            except OSError: break
            if not block: break
            os.write(1, block.replace(b"\\r", b""))
        """

    @Test(arguments: [
        "HwmonTests/Fixtures/grace-hopper", "HwmonTests/Fixtures/mi250x", "PowercapTests/Fixtures/server",
    ])
    func thePageOfSensorsKeepsItsEdge(tree: String) throws {
        let program = try Program()
        defer { program.clean() }
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
        // A name of its own, since the page repeats the folder's.
        try FileManager.default.createSymbolicLink(atPath: program.path("m"), withDestinationPath: "\(tests)/\(tree)")
        let page = try program.finish(
            program.start(
                "/usr/bin/env",
                ["python3", "-c", Self.narrow, "wattbook", "probes", "--no-color", "--root", "m"]
            )
        )
        let lines = page.output.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("ready") } && lines.count > 10, "\(page.output)\(page.errors)")
        #expect(lines.filter { $0.count > 80 } == [])
    }
}

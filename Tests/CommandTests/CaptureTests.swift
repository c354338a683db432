import Foundation
import Testing

/// `wattbook probes --capture`: a machine's sensors as a folder that can be sent.
@Suite struct CaptureTests {
    @Test func aCopyShowsTheSameSensorsAndNoName() throws {
        let program = try Program()
        defer { program.clean() }
        let tree = try PowerTree(in: program.folder)
        let secret = "zeppelin17"
        for (path, text) in [
            ("proc/sys/kernel/hostname", "\(secret)\n"), ("proc/stat", "cpu  1 0 0 9 0 0 0 0\n"),
            ("proc/cpuinfo", "processor\t: 0\nmodel name\t: Test\nSerial\t\t: 00001234\n"),
            ("etc/os-release", "PRETTY_NAME=\"\(secret) Linux\"\n"), ("etc/machine-id", "abc\n"),
            ("sys/class/power_supply/BAT0/type", "Battery\n"),
            ("sys/class/power_supply/BAT0/serial_number", "4711\n"),
        ] {
            try program.write(text, to: "tree/" + path)
        }
        let capture = try program.wattbook("probes", "--root", tree.root.path, "--capture", program.path("copy"))
        #expect(capture.status == 0, "\(capture.errors)")
        let files = try #require(FileManager.default.subpaths(atPath: program.path("copy")))
        #expect(!files.contains { $0.contains("machine-id") || $0.contains("serial") })
        for file in files {
            let text = (try? String(contentsOfFile: program.path("copy/" + file), encoding: .utf8)) ?? ""
            #expect(!text.contains(secret) && !text.contains("00001234"), "\(file)")
        }
        func channels(_ root: String) throws -> [[String: Any]] {
            let document = try program.wattbook("probes", "--root", root, "--json").json()
            let interfaces = try #require(document["interfaces"] as? [[String: Any]])
            return interfaces.flatMap { $0["channels"] as? [[String: Any]] ?? [] }
        }
        let names = { (channels: [[String: Any]]) in channels.compactMap { $0["name"] as? String } }
        let original = try names(channels(tree.root.path))
        #expect(original.contains("powercap/package-0"))
        #expect(try names(channels(program.path("copy"))) == original)
    }

    @Test func aFolderThatHoldsSomethingIsLeftAlone() throws {
        let program = try Program()
        defer { program.clean() }
        try program.write("mine", to: "full/file")
        let capture = try program.wattbook("probes", "--capture", program.path("full"))
        #expect(capture.status == 73 && capture.errors.contains("an empty one"))
    }
}

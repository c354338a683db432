import Foundation
import Testing

/// `Scripts/frameworks`, with an interpreter that says what pip has, and notes what pip is told.
@Suite struct FrameworksScriptTests {
    private func run(
        _ words: [String],
        installed: String,
        fails: Bool = false
    ) throws -> (status: Int32, pip: [String]) {
        let program = try Program()
        defer { program.clean() }
        let python = """
            #!/bin/sh
            echo "$*" >>"\(program.path("log"))"
            case "$*" in
            *" list "*) echo "\(installed)" ;;
            *extra-index*) ;;
            *" install "*) exit \(fails ? 1 : 0) ;;
            esac
            """
        let name = words.last ?? ""
        try program.write(python, to: "made/\(name)/bin/python")
        let path = program.path("made/\(name)/bin/python")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let script = "\(Framework.scripts)/frameworks"
        let arguments = [script, "--prefix", program.path("made"), "--python", path] + words
        let outcome = try program.finish(program.start("/usr/bin/env", ["bash"] + arguments))
        let log = try String(contentsOfFile: program.path("log"), encoding: .utf8)
        return (outcome.status, log.split(separator: "\n").map(String.init).filter { $0.hasPrefix("-m pip") })
    }

    /// What pip would take for the build asked for goes first.
    @Test(arguments: [
        (["--cuda", "pytorch"], "torch==2.13.0+cpu", true), (["--cuda", "pytorch"], "torch==2.13.0", false),
        (["pytorch"], "torch==2.13.0+cpu", false), (["--cuda", "keras"], "tensorflow_cpu==2.21.0", true),
        (["--cuda", "keras"], "tensorflow==2.21.0", false), (["keras"], "tensorflow==2.21.0", true),
        (["keras"], "tensorflow-cpu==2.21.0", false),
    ])
    func theOtherBuildGoesBeforeTheOneAskedFor(words: [String], installed: String, goes: Bool) throws {
        // Many lines behind it: pip must be heard out.
        let many = (0..<20_000).map { "other\($0)==1" }.joined(separator: "\n")
        let (status, pip) = try run(words, installed: "numpy==2.4.6\n\(installed)\n\(many)")
        #expect(status == 0)
        #expect(pip.contains { $0.contains(" uninstall ") } == goes, "\(pip)")
        #expect(pip.last?.contains(" install ") == true, "\(pip)")
    }

    /// In the index of CPU wheels `+cpu` would be the newer one.
    @Test func theIndexOfCPUWheelsIsForCPUs() throws {
        let cpu = try run(["pytorch"], installed: "", fails: true)
        #expect(cpu.status == 0 && cpu.pip.last?.contains("/whl/cpu") == true, "\(cpu)")
        let cuda = try run(["--cuda", "pytorch"], installed: "", fails: true)
        #expect(cuda.status == 69 && !cuda.pip.contains { $0.contains("/whl/cpu") }, "\(cuda)")
    }
}

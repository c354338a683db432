import Foundation

/// A library with PAPI's functions and scripted answers, built from the fixture for one suite or test.
///
/// Its joules are test data.
final class StandIn {
    /// Where the library lies.
    let path: String

    /// Builds it with PAPI's version number and macros of the fixture.
    init(version: String = "0x07000000", _ macros: String...) throws {
        let folder = FileManager.default.temporaryDirectory.path
        path = "\(folder)/standin-papi-\(UUID().uuidString).so"
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/standin.c").path
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments =
            ["clang", "-shared", "-fPIC", "-DVERSION=\(version)"] + macros.map { "-D\($0)" } + ["-o", path, source]
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }

    deinit { unsafe unlink(path) }
}

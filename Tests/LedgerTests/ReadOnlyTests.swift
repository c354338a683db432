import Foundation
import Testing

@testable import Ledger

/// `list`, `show` and `report` where nothing may be written, after a writer that ended or was killed.
@Suite struct ReadOnlyTests {
    /// What a writer left beside the ledger.
    enum Left: CaseIterable {
        case nothing, log, logAndMemory
    }

    private func script(_ ledger: String) -> String {
        """
        "$WATTBOOK_PROGRAM" list --json --ledger \(ledger) && "$WATTBOOK_PROGRAM" show run-1 --json --ledger \(ledger)
        """
    }

    @Test(.enabled(if: Program.hasPlainUser), arguments: Left.allCases)
    func aFolderWithoutWritePermission(left: Left) throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        try leaveLedger(at: scratch, withLog: left != .nothing, withMemory: left == .logAndMemory)
        let files = FileManager.default
        let folder = scratch.path("closed")
        try files.createDirectory(atPath: folder, withIntermediateDirectories: false)
        for name in try scratch.names() where name.hasPrefix("left") {
            try files.moveItem(atPath: scratch.path(name), toPath: folder + "/" + name)
            try files.setAttributes([.posixPermissions: 0o444], ofItemAtPath: folder + "/" + name)
        }
        let names = try files.contentsOfDirectory(atPath: folder).sorted()
        let bytes = files.contents(atPath: folder + "/left.sqlite")
        try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder)

        let read = try Program.run(Program.plainUser + ["sh", "-c", script("closed/left.sqlite")], in: scratch)
        #expect(read.status == 0, "\(read.errors)")
        #expect(read.output.contains("\"run-1\""))
        #expect(try files.contentsOfDirectory(atPath: folder).sorted() == names)
        #expect(files.contents(atPath: folder + "/left.sqlite") == bytes)

        let run = ["run", "--ledger", "closed/left.sqlite", "--", "touch", scratch.path("ran")]
        let write = try Program.run(Program.plainUser + [Program.path] + run, in: scratch)
        #expect(write.status == 77, "\(write.errors)")
        #expect(write.errors.contains("closed"))
        #expect(!files.fileExists(atPath: scratch.path("ran")), "refused before the command starts")
    }

    @Test(.enabled(if: Program.mayMount), arguments: Left.allCases)
    func aMountThatIsReadOnly(left: Left) throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        try leaveLedger(at: scratch, withLog: left != .nothing, withMemory: left == .logAndMemory)
        let mount = """
            mkdir closed && mount -t tmpfs none closed && mv left.sqlite* closed && mount -o remount,ro closed &&
            """
        let read = try Program.runMounting(mount + script("closed/left.sqlite"), in: scratch)
        #expect(read.status == 0, "\(read.errors)")
        #expect(read.output.contains("\"run-1\""))
    }
}

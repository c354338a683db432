import Foundation
import Testing

/// `Scripts/grant-access`, below a folder of its own.
@Suite struct GrantAccessTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Scripts/grant-access").standardizedFileURL.path
    private static let isRoot = geteuid() == 0

    private func mode(_ path: String) throws -> (mode: Int, group: String) {
        let facts = try FileManager.default.attributesOfItem(atPath: path)
        return (
            try #require(facts[.posixPermissions] as? Int), try #require(facts[.groupOwnerAccountName] as? String)
        )
    }

    @Test(.enabled(if: isRoot)) func aGroupReadsTheCountersAndNobodyElseUntilItIsUndone() throws {
        let program = try Program()
        defer { program.clean() }
        let tree = try PowerTree(in: program.folder)
        let counter = tree.root.path + "/sys/class/powercap/intel-rapl:0/energy_uj"
        let rules = tree.root.path + "/etc/udev/rules.d/70-wattbook-energy.rules"
        func run(_ words: String...) throws -> Program.Outcome {
            try program.finish(program.start(Self.script, ["--root", tree.root.path, "--group", "nogroup"] + words))
        }
        let target = URL(fileURLWithPath: counter).resolvingSymlinksInPath().path
        let before = try mode(target)

        let dry = try run("--dry-run")
        #expect(dry.status == 0 && dry.output.contains("chmod 0440"), "\(dry.errors)")
        #expect(try mode(target) == before && !FileManager.default.fileExists(atPath: rules))

        let granted = try run()
        #expect(granted.status == 0, "\(granted.errors)")
        #expect(try mode(target) == (0o440, "nogroup"))
        let rule = try String(contentsOfFile: rules, encoding: .utf8)
        #expect(rule.contains("chgrp nogroup /sys%p/energy_uj") && rule.contains("0440"))
        #expect(try run("--status").output.contains("-r--r----- root:nogroup"))

        #expect(try run("--undo").status == 0)
        #expect(try mode(target) == (0o400, "root"))
        #expect(!FileManager.default.fileExists(atPath: rules))
        // Undone twice is undone.
        #expect(try run("--undo").status == 0)
    }

    @Test(arguments: [
        ["--frobnicate"], ["--group", "bad name"], ["--group", "-x"], ["--root", "/nowhere", "nobody"],
    ])
    func wrongWordsAreUsageErrors(words: [String]) throws {
        let program = try Program()
        defer { program.clean() }
        let outcome = try program.finish(program.start(Self.script, ["--dry-run"] + words))
        #expect(outcome.status == 64 && outcome.errors.contains("grant-access: "))
    }
}

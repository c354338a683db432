import Foundation
import Testing

@testable import Ledger

/// Where SQLite's shared memory holds, by a recorded table of mounts.
@Suite struct FileSystemTests {
    static let folders = [
        ("/", false), ("/tmp", false), ("/scratch/local/ada", false), ("/home", true), ("/home/ada", true),
        ("/homestead", false), ("/lustre/work/p1/runs", true), ("/lustre", false), ("/gpfs/a", true),
        ("/beegfs", true), ("/home/ada/remote data/x", true), ("/home/ada/remote", true),
        ("/home/ada/archive", false), ("/home/ada/image/ledger", false), ("/project/p1", true), ("/project/p2", false),
        ("/project/p1/fast", false), ("/container", false), ("/over", false),
    ]

    @Test(arguments: folders)
    func isShared(folder: String, expected: Bool) throws {
        let mounts = try String(contentsOfFile: Scratch.fixtures + "mounts-cluster.txt", encoding: .utf8)
        #expect(FileSystem.isNetwork(folder, mounts: mounts) == expected)
    }

    @Test func theTemporaryFolderIsHere() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        #expect(!FileSystem.isNetwork(scratch.folder))
        #expect(!FileSystem.isNetwork(scratch.path("missing")))
        #expect(FileSystem.type(of: "/proc", mounts: "not a table") == nil)
    }

    @Test(arguments: [("l.sqlite", "."), ("/l", "/"), ("a/b/l", "a/b"), ("/a/l", "/a")])
    func folder(path: String, folder: String) { #expect(FileSystem.folder(of: path) == folder) }
}

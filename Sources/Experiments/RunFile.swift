import Foundation
import SystemPackage

/// A file of one run in the folder for temporary files, readable by its owner alone.
enum RunFile {
    /// Makes an empty file below `$TMPDIR`, else `/tmp`, as `wattbook-ID.marks`.
    static func create(id: String, suffix: String) throws -> (path: String, file: FileDescriptor) {
        let path = folder.appending("wattbook-\(id).\(suffix)")
        let file = try FileDescriptor.open(
            path,
            .readWrite,
            options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: .ownerReadWrite
        )
        return (path.string, file)
    }

    /// Where temporary files go.
    static var folder: FilePath {
        FilePath(ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp")
    }
}

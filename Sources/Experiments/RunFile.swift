import Foundation
public import SystemPackage

/// A file of one run in the folder for temporary files, readable by its owner alone.
enum RunFile {
    /// Makes an empty file below `$TMPDIR`, else `/tmp`, as `wattbook-ID.marks`.
    static func create(id: String, suffix: String) throws -> (path: String, file: FileDescriptor) {
        let path = folder.appending("wattbook-\(id).\(suffix)")
        do {
            let file = try FileDescriptor.open(
                path,
                .readWrite,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: .ownerReadWrite
            )
            return (path.string, file)
        } catch let error as Errno {
            throw RunFileError(path: path.string, errno: error)
        }
    }

    /// Where temporary files go; absolute, since what is measured may work in another folder.
    static var folder: FilePath {
        let named = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        return FilePath(FileManager.default.currentDirectoryPath).pushing(FilePath(named))
    }
}

/// A temporary file that could not be made.
public struct RunFileError: Error, Sendable, CustomStringConvertible {
    public var path: String
    public var errno: Errno

    /// What happened, and what to do.
    public var description: String {
        "\(path) cannot be made: \(errno). Let $TMPDIR name a folder that you may write to."
    }
}

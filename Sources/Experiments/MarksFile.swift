import SystemPackage

/// The file that a workload appends its marks to: made empty before it starts, readable by its owner alone.
enum MarksFile {
    /// Makes the file below `$TMPDIR`, else `/tmp`.
    static func create(id: String) throws -> String {
        let folder = environmentValue("TMPDIR") ?? "/tmp"
        let path = FilePath(folder).appending("wattbook-\(id).marks")
        let descriptor = try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .exclusiveCreate],
            permissions: .ownerReadWrite
        )
        try descriptor.close()
        return path.string
    }

    /// Removes the file after it was read.
    static func remove(_ path: String) {
        unsafe path.withCString { _ = unsafe unlink($0) }
    }
}

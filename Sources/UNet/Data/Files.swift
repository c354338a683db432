internal import Glibc
internal import SystemPackage

/// The whole content of a file; `.missingInput` when there is none, `.badData` when it cannot be read.
func readFile(_ path: String) throws(UNetError) -> [UInt8] {
    do {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        defer { try? file.close() }
        let end = try file.seek(offset: 0, from: .end)
        try file.seek(offset: 0, from: .start)
        var filled = 0
        // One byte more than the file has tells its end without a second read. Folders and devices have odd ends.
        var content = [UInt8](repeating: 0, count: Int(min(max(end, 0), 1 << 24)) + 1)
        while filled < content.count {
            let got = try unsafe content.withUnsafeMutableBytes { bytes in
                try unsafe file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]))
            }
            if got == 0 { break }
            filled += got
            if filled == content.count { content.append(contentsOf: repeatElement(0, count: filled)) }
        }
        content.removeLast(content.count - filled)
        return content
    } catch Errno.noSuchFileOrDirectory {
        throw UNetError(
            code: .missingInput,
            problem: "There is no file \(path).",
            remedy: "Check the path; it is taken from the present folder."
        )
    } catch {
        throw UNetError(
            code: .badData,
            problem: "\(path) cannot be read: \(words(error)).",
            remedy: "Check that it is a file and that you may read it."
        )
    }
}

/// Writes a file under a temporary name beside it and renames it, so that a reader never sees half a file.
///
/// Errors: `.cannotWrite` with the path; the temporary file is gone then. `durable` waits for the disk.
public func writeFile(_ path: String, _ content: [UInt8], durable: Bool = false) throws(UNetError) {
    let temporary = "\(path).\(getpid()).part"
    do {
        let file = try FileDescriptor.open(
            FilePath(temporary),
            .writeOnly,
            options: [.create, .truncate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
        do {
            _ = try file.writeAll(content)
            if durable && fsync(file.rawValue) != 0 { throw Errno(rawValue: errno) }
        } catch {
            try? file.close()
            throw error
        }
        try file.close()
        guard unsafe rename(temporary, path) == 0 else { throw Errno(rawValue: errno) }
    } catch {
        unsafe unlink(temporary)
        throw cannotWrite(path, error)
    }
}

/// Makes a folder and those above it; one that is there already is kept.
public func makeFolder(_ path: String) throws(UNetError) {
    var parents: [FilePath] = []
    var folder = FilePath(path)
    while !folder.isEmpty && folder != folder.removingLastComponent() {
        parents.append(folder)
        folder.removeLastComponent()
    }
    for folder in parents.reversed() {
        if unsafe mkdir(folder.string, 0o777) == 0 || errno == EEXIST { continue }
        throw cannotWrite(path, Errno(rawValue: errno))
    }
}

/// Finds out whether a file could be written at `path`, without touching what is there; errors: `.cannotWrite`.
public func checkWritable(_ path: String) throws(UNetError) {
    let probe = "\(path).\(getpid()).part"
    try writeFile(probe, [])
    unsafe unlink(probe)
}

func cannotWrite(_ path: String, _ error: any Error) -> UNetError {
    let full = (error as? Errno) == .noSpace
    return UNetError(
        code: .cannotWrite,
        problem: "\(path) cannot be written: \(words(error)).",
        remedy: full ? "Free space on that disk or choose another folder." : "Choose a folder that you may write to."
    )
}

/// The system's words for an error, without a full stop.
func words(_ error: any Error) -> String {
    (error as? Errno)?.description ?? "\(error)"
}

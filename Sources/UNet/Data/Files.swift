internal import Glibc
internal import SystemPackage

/// The whole content of a file.
///
/// Errors: `.missingInput` when there is none, `.noPermission`, `.inputOutput` when the device fails, and `.badData`
/// for what is no file.
func readFile(_ path: String) throws(UNetError) -> [UInt8] {
    try reading(path) { file in
        let end = try file.seek(offset: 0, from: .end)
        try file.seek(offset: 0, from: .start)
        var filled = 0
        // Folders and devices have odd ends. One byte more than the file has tells its end without a second read.
        let likely = (0..<1 << 40).contains(end) ? Int(end) : 1 << 16
        var content = [UInt8](repeating: 0, count: likely + 1)
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
    }
}

/// Opens a file to read it, and closes it after `body`; errors: those of `readFile(_:)` and those of `body`.
func reading<Result>(_ path: String, _ body: (FileDescriptor) throws -> Result) throws(UNetError) -> Result {
    do {
        // Not to wait for a writer, should it be a pipe.
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .nonBlocking])
        defer { try? file.close() }
        return try body(file)
    } catch let error as UNetError {
        throw error
    } catch {
        throw cannotRead(path, error)
    }
}

private func cannotRead(_ path: String, _ error: any Error) -> UNetError {
    switch error as? Errno {
    case .noSuchFileOrDirectory:
        UNetError(
            code: .missingInput,
            problem: "There is no file \(path).",
            remedy: "Check the path; it is taken from the present folder."
        )
    case .permissionDenied, .notPermitted:
        UNetError(
            code: .noPermission,
            problem: "\(path) cannot be read: permission denied.",
            remedy: "Ask its owner for the right to read it, or name a copy that is yours."
        )
    case .ioError:
        UNetError(
            code: .inputOutput,
            problem: "\(path) cannot be read: input/output error.",
            remedy: "Check the disk or the file server, then call the program again."
        )
    default:
        UNetError(
            code: .badData,
            problem: "\(path) cannot be read: \(words(error)).",
            remedy: "Check that it is a file and that you may read it."
        )
    }
}

/// Writes a file under a temporary name beside it and renames it, so that a reader never sees half a file.
///
/// Errors: `.cannotWrite` with the path; the temporary file is gone then.
public func writeFile(_ path: String, _ content: [UInt8]) throws(UNetError) {
    try writeFile(path, durable: false) { file in _ = try file.writeAll(content) }
}

/// As `writeFile(_:_:)`, piece by piece; `durable` waits for the disk.
func writeFile(_ path: String, durable: Bool, _ body: (FileDescriptor) throws -> Void) throws(UNetError) {
    let temporary = "\(path).\(getpid()).part"
    do {
        let file = try FileDescriptor.open(
            FilePath(temporary),
            .writeOnly,
            options: [.create, .truncate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
        do {
            try body(file)
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
    var status = stat()
    if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        throw cannotWrite(path, Errno.isDirectory)
    }
    let probe = "\(path).\(getpid()).part"
    do {
        try FileDescriptor.open(
            FilePath(probe),
            .writeOnly,
            options: [.create, .closeOnExec],
            permissions: [.ownerReadWrite]
        ).close()
    } catch {
        throw cannotWrite(path, error)
    }
    unsafe unlink(probe)
}

func cannotWrite(_ path: String, _ error: any Error) -> UNetError {
    let (code, remedy): (UNetError.Code, String) =
        switch error as? Errno {
        case .noSpace, .diskQuotaExceeded: (.cannotWrite, "Free space on that disk or choose another folder.")
        case .permissionDenied, .notPermitted: (.noPermission, "Choose a folder that you may write to.")
        case .ioError: (.inputOutput, "Check the disk or the file server, then call the program again.")
        default: (.cannotWrite, "Choose a folder that exists and that you may write to.")
        }
    return UNetError(code: code, problem: "\(path) cannot be written: \(words(error)).", remedy: remedy)
}

/// The system's words for an error, without a full stop.
func words(_ error: any Error) -> String {
    (error as? Errno)?.description ?? "\(error)"
}

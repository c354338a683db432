import GRDB

extension LedgerFile {
    /// Says what an error of SQLite means for the user.
    static func explain(_ error: any Error, path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        switch error.resultCode {
        case .SQLITE_NOTADB:
            return LedgerError(.badData, "\(path) is not a ledger.", remedy: "Name another file with --ledger.")
        case .SQLITE_CORRUPT:
            return LedgerError(
                .badData,
                "The ledger \(path) is damaged: \(error.message ?? "malformed").",
                remedy: "Save a copy, then let `sqlite3 \(path) .recover` write what is left to a new file."
            )
        case .SQLITE_FULL:
            return LedgerError(
                .inputOutput,
                "The disk that holds \(path) is full.",
                remedy: "Make room, or name a file on another disk with --ledger; what was stored is safe."
            )
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            return LedgerError(
                .noPermission,
                "The ledger \(path) may not be written.",
                remedy: "Name a file of your own with --ledger."
            )
        case .SQLITE_CANTOPEN:
            return LedgerError(
                .cannotWrite,
                "The ledger \(path) cannot be opened.",
                remedy: "See that it is a file and its folder is yours, or name another with --ledger."
            )
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return LedgerError(
                .locked,
                "The ledger \(path) is locked by another process.",
                remedy: "Wait for it, or give this run a ledger of its own with --ledger, to be merged afterwards."
            )
        default:
            return LedgerError(
                .inputOutput,
                "The ledger \(path) failed: \(error.message ?? error.resultCode.description).",
                remedy: "Look at the disk, or name another file with --ledger."
            )
        }
    }
}

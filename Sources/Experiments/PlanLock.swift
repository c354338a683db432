import Foundation
import Ledger
import SystemPackage

/// Held while a plan is carried out into a ledger, so that two calls do not run everything twice, side by side.
///
/// A file in the folder for temporary files that the kernel unlocks when its holder ends, however it ends. It keeps
/// callers on this machine apart; on another one, who writes a ledger of a network file system locks it anyway.
public final class PlanLock {
    private let file: FileDescriptor

    /// Takes the lock.
    ///
    /// - Throws: `LedgerError` where another call holds it; a folder that takes no file locks nothing.
    public init?(plan: Plan, ledger: String) throws {
        let place = URL(fileURLWithPath: ledger).resolvingSymlinksInPath().path
        // FNV-1a (Fowler, Noll, Vo): short names for any path.
        let key = (place + "\n" + plan.name).utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        let path = RunFile.folder.appending("wattbook-\(String(key, radix: 16)).lock")
        guard
            let file = try? FileDescriptor.open(
                path,
                .readWrite,
                options: [.create, .closeOnExec],
                permissions: .ownerReadWrite
            )
        else { return nil }
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            try? file.close()
            throw LedgerError(
                .locked,
                "The plan \(plan.path) is being carried out into \(ledger) by another call.",
                remedy: "Wait for it, or name another ledger with --ledger."
            )
        }
        self.file = file
    }

    deinit { try? file.close() }
}

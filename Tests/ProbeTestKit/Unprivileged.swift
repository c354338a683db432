import CProbeTestKit
import Glibc

/// Whether this process can take the view of a user without rights, or has it already.
///
/// False only for a root that may not change its user, as in some sandboxes: then nothing denies it a file.
public let canBeUnprivileged: Bool = geteuid() != 0 || asNobody { setfsuid(uid_t.max) == nobody }

private let nobody: Int32 = 65534

/// Runs a body with the file permissions of a user without rights; only the calling thread has them.
///
/// Linux keeps a user for files by thread, and takes root's right to read everything away with it. For a process that is
/// not root, the body runs as it is.
public func asNobody<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard geteuid() == 0 else { return try body() }
    setfsuid(uid_t(nobody))
    defer { setfsuid(0) }
    return try body()
}

/// Runs a body without any of root's rights, those to count other programs' events among them; only on the calling thread.
///
/// Files remain open to root as their owner: see ``asNobody(_:)``.
public func withoutCapabilities<Result>(_ body: () throws -> Result) rethrows -> Result {
    var held: [UInt32] = [0, 0]
    guard unsafe capabilities_of_this_thread(&held) == 0 else { return try body() }
    unsafe set_capabilities_of_this_thread([0, 0])
    defer { unsafe set_capabilities_of_this_thread(held) }
    return try body()
}

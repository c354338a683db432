import Glibc

extension Job {
    /// The job that this process is in; `nil` outside of one.
    public static func read(environment: [String: String], root: String = "/") -> Job? {
        let online = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        return Job(
            environment: environment,
            allowed: allowedProcessors(FileTree(root: root)) ?? online,
            online: online
        )
    }
}

/// Processors that this process may run on; `nil` where the kernel does not say.
///
/// A mask as `ff,ffffffff` in `/proc/self/status`.
func allowedProcessors(_ tree: FileTree) -> Int? {
    guard let status = tree.line("/proc/self/status") else { return nil }
    let key = "Cpus_allowed:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return nil }
    let count = line.dropFirst(key.count).compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
    return count > 0 ? count : nil
}

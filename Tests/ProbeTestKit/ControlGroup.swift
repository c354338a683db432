import Glibc

/// An empty control group of a test's own; its files live in the kernel's file system of `/sys`.
public final class ControlGroup {
    /// Its folder.
    public let path: String

    /// Makes one; `nil` where this process may not, or the kernel has none of version 2.
    public init?() {
        let places = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        guard let place = places.first(where: { unsafe access($0 + "/cgroup.controllers", F_OK) == 0 }) else {
            return nil
        }
        // A name of its own: tests run side by side.
        var template = Array("\(place)/wattbook-test-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { return nil }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard unsafe access(path + "/cgroup.freeze", R_OK) == 0 else {
            remove()
            return nil
        }
    }

    deinit { remove() }

    /// Takes it away.
    public func remove() { unsafe rmdir(path) }
}

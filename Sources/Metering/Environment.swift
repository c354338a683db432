import Glibc

/// A variable of the environment; `nil` where it is not set or empty.
public func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
}

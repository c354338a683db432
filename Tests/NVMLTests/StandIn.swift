import Glibc
import Metering
import ProbeTestKit
import SystemPackage

/// A copy of the stand-in library with a description and a clock of its own, so that tests do not meet in one.
@safe
final class StandIn {
    let path: String
    private let tree: TemporaryTree
    private let setClock: @convention(c) (Int64) -> Void
    private let countUsers: @convention(c) () -> Int32

    enum Failure: Error { case notLoaded(String) }

    /// Where SwiftPM leaves the library: beside the test program.
    private static let built: String = {
        let program = FileTree(root: "/proc/self").link("/exe") ?? ""
        return program.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/libNVMLStandIn.so"
    }()

    /// A stand-in of these GPUs, without some of its functions.
    ///
    /// A function is hidden by another name in the table of symbols: the loader no longer finds it.
    init(_ description: String, hiding: [String] = []) throws {
        tree = try TemporaryTree()
        path = tree.root + "/libnvidia-ml.so.1"
        var bytes = try FileTree(root: "").bytes(Self.built)
        for name in hiding {
            // Between two zeros, so that no longer name that begins alike is meant.
            let pattern = [0] + Array(name.utf8) + [0]
            for start in Self.places(of: pattern, in: bytes) { bytes[start + 1] = UInt8(ascii: "x") }
        }
        let file = try unsafe FileDescriptor.open(
            path,
            .writeOnly,
            options: .create,
            permissions: FilePermissions(rawValue: 0o755)
        )
        try file.closeAfter { _ = try file.writeAll(bytes) }
        try tree.write("/libnvidia-ml.so.1.txt", description)
        guard let library = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL),
            let clock = unsafe dlsym(library, "standin_set_clock"),
            let users = unsafe dlsym(library, "standin_users")
        else { throw Failure.notLoaded(Self.built) }
        setClock = unsafe unsafeBitCast(clock, to: (@convention(c) (Int64) -> Void).self)
        countUsers = unsafe unsafeBitCast(users, to: (@convention(c) () -> Int32).self)
        set(0)
    }

    /// Puts the library at a time in seconds; without one it follows the machine's clock.
    func set(_ time: Double?) { setClock(time.map { Int64(($0 * 1e9).rounded()) } ?? -1) }

    /// How many hold the library started.
    var users: Int32 { countUsers() }

    private static func places(of pattern: [UInt8], in bytes: [UInt8]) -> [Int] {
        var places: [Int] = []
        var i = 0
        while i + pattern.count <= bytes.count {
            if bytes[i + 1] == pattern[1], bytes[i..<i + pattern.count].elementsEqual(pattern) { places.append(i) }
            i += 1
        }
        return places
    }
}

/// The loads that the stand-in knows, and their joules: the truth that a meter must find.
enum Load: Sendable, Hashable {
    case constant(Double)
    /// The higher power for the first part of each period.
    case square(low: Double, high: Double, period: Double, duty: Double)
    /// From one power to another in so many seconds, then the latter.
    case ramp(from: Double, to: Double, seconds: Double)

    /// The line of the description.
    var text: String {
        switch self {
        case .constant(let watts): "constant \(watts)"
        case .square(let low, let high, let period, let duty): "square \(low) \(high) \(period) \(duty)"
        case .ramp(let from, let to, let seconds): "ramp \(from) \(to) \(seconds)"
        }
    }

    /// The difference between its highest and its lowest power, W.
    var swing: Double {
        switch self {
        case .constant: 0
        case .square(let low, let high, _, _): abs(high - low)
        case .ramp(let from, let to, _): abs(to - from)
        }
    }

    /// Joules between two instants at or after 0.
    func energy(_ from: Double, _ to: Double) -> Double { energy(to) - energy(from) }

    private func energy(_ time: Double) -> Double {
        switch self {
        case .constant(let watts): return watts * time
        case .square(let low, let high, let period, let duty):
            let whole = (time / period).rounded(.down)
            let rest = time - whole * period
            let bright = whole * period * duty + min(rest, period * duty)
            return bright * high + (time - bright) * low
        case .ramp(let first, let last, let seconds):
            let rise = min(time, seconds)
            return first * rise + (last - first) * rise * rise / (2 * seconds) + last * (time - rise)
        }
    }
}

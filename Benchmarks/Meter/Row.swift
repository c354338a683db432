import Glibc
import Metering

/// A figure beside its limit.
struct Row {
    let isOver: Bool
    let text: String

    /// A figure beside its limit; one without a limit is there to be compared with.
    init(_ name: String, _ value: Double, _ unit: String, _ limit: Double? = nil) {
        isOver = limit.map { value > $0 } ?? false
        let figure = Self.column(name, 58) + Self.column(Self.number(value), -9) + " \(unit)"
        let verdict = isOver ? "OVER" : "ok"
        text = figure + (limit.map { "   limit \(Self.column(Self.number($0), -8)) \(unit)   \(verdict)" } ?? "")
    }

    /// A text in so many places; to the right where the number is negative.
    private static func column(_ text: String, _ places: Int) -> String {
        let padding = String(repeating: " ", count: max(0, abs(places) - text.count))
        return places < 0 ? padding + text : text + padding
    }

    /// Three decimals, never in the way of a locale.
    private static func number(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let decimals = String(thousandths % 1000 + 1000).dropFirst()
        return "\(thousandths / 1000).\(decimals)"
    }
}

/// Sleeps so many whole seconds.
func pause(_ seconds: Int64) {
    let end = monotonicNow() + seconds * 1_000_000_000
    // Begun anew where a signal ends it.
    while monotonicNow() < end {
        let left = end - monotonicNow()
        var wait = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(max(0, left) % 1_000_000_000))
        unsafe nanosleep(&wait, nil)
    }
}

/// Ends the program.
func exit(_ status: Int32) -> Never { Glibc.exit(status) }

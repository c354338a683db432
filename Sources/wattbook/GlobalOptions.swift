import ArgumentParser
import SystemPackage

/// Options that mean the same in every command.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The ledger file (default: $WATTBOOK_LEDGER, else ./wattbook.sqlite).", valueName: "path")
    )
    var ledger: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Prefix of every /sys and /proc path (default: $WATTBOOK_ROOT, else /).", valueName: "dir")
    )
    var root: String?

    @Flag(name: .long, help: "One JSON document on stdout and nothing else there.")
    var json = false

    @Flag(name: .long, help: "Nothing on stderr but errors.")
    var quiet = false

    @Flag(name: .customLong("no-color"), help: "Plain text (as with $NO_COLOR).")
    var noColor = false

    /// The ledger's path as resolved.
    var ledgerPath: String { ledger ?? environment("WATTBOOK_LEDGER") ?? "wattbook.sqlite" }
    /// The root of the machine's file tree as resolved.
    var rootPath: String { root ?? environment("WATTBOOK_ROOT") ?? "/" }

    /// Standard output for people.
    var out: Terminal { Terminal(.standardOutput, noColor: noColor) }
    /// Standard error for people; silent with `--quiet`.
    var err: Terminal { Terminal(.standardError, noColor: noColor, quiet: quiet) }
}

/// A span of time as users type it: `100ms`, `2s`, `1m`.
struct TimeSpan: ExpressibleByArgument {
    var nanoseconds: Int64

    init?(argument: String) {
        let units: [(String, Double)] = [("ms", 1e6), ("us", 1e3), ("µs", 1e3), ("s", 1e9), ("m", 60e9), ("h", 3600e9)]
        guard let (suffix, factor) = units.first(where: { argument.hasSuffix($0.0) }),
            let number = Double(argument.dropLast(suffix.count)), number.isFinite, number >= 0, number * factor < 9e18
        else { return nil }
        nanoseconds = Int64(number * factor)
    }
}

/// A tag as users type it: `KEY=VALUE`.
struct Tag: ExpressibleByArgument {
    var key: String
    var value: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else { return nil }
        key = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
    }
}

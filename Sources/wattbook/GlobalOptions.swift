import ArgumentParser
import Glibc
import Ledger
import Metering
import Quantities
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

    /// The ledger that a run is added to; tells where that is another than the named one.
    func ledgerToAppend(host: Host) throws -> LedgerFile {
        let ledger = try LedgerFile.openForAppending(ledgerPath, host: host.name, pid: getpid())
        if ledger.path != ledgerPath {
            err.line(
                "\(ledgerPath) is held by another job on a network file system: this one writes \(ledger.path). "
                    + "Afterwards: wattbook merge \(ledger.path) --ledger \(ledgerPath)"
            )
        }
        return ledger
    }

    /// Standard output for people.
    var out: Terminal { Terminal(.standardOutput, noColor: noColor) }
    /// Standard error for people; silent with `--quiet`.
    var err: Terminal { Terminal(.standardError, noColor: noColor, quiet: quiet) }
}

/// A span of time as users type it: `100ms`, `2s`, `1m`.
struct TimeSpan: ExpressibleByArgument {
    var nanoseconds: Int64

    init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// As one would type it.
    var defaultValueDescription: String { "\(nanoseconds / 1_000_000)ms" }

    init?(argument: String) {
        guard let span = Quantities.nanoseconds(argument) else { return nil }
        nanoseconds = span
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

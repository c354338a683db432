import ArgumentParser
import Ledger
import Metering
import Quantities
import Reporting

/// `wattbook recover`: closes what a killed meter left open.
struct RecoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Finish what a killed process left behind (also done at the next start)."
    )

    @OptionGroup var options: GlobalOptions

    mutating func run() throws {
        let delivered = Spool.sweep()
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readWrite)
        let recovered = try ledger.recover(host: Host.read(root: options.rootPath))
        let out = options.out
        if options.json {
            return out.raw(
                JSON.object([
                    ("schema", .string("wattbook.recovery/1")),
                    ("runs", .strings(recovered.map(\.start.id))),
                    ("delivered", .strings(delivered)),
                ]).text
            )
        }
        for path in delivered { out.line("Brought what an earlier step left on this node: \(path)") }
        guard !recovered.isEmpty || !delivered.isEmpty else {
            return out.line("Nothing to recover in \(options.ledgerPath).")
        }
        for run in recovered {
            let joules = run.end?.account.total
            let energy = joules?.joules?.formatted(uncertainty: joules?.uncertainty) ?? "no energy"
            out.line("\(run.start.id)  \(run.start.name): closed as interrupted with \(energy).")
        }
    }
}

import Analysis
import ArgumentParser
import Carbon
import Ledger
import Metering
import Quantities
import Reporting

/// `wattbook account RUN...`: grams under other factors, beside those that are there.
struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Make another carbon account of runs or an experiment; joules and earlier accounts stay as they are.",
        discussion: "Without any option: show the accounts there are."
    )

    @OptionGroup var options: GlobalOptions
    @OptionGroup var carbonOptions: CarbonOptions
    @Argument(help: ArgumentHelp("Runs or experiments.", valueName: "id")) var ids: [String]

    mutating func run() throws {
        let asksForMore = try carbonOptions.change(CarbonSettings()) != nil
        let ledger = try LedgerFile(path: options.ledgerPath, mode: asksForMore ? .readWrite : .readOnly)
        let runs = try ids.flatMap { try named($0, in: ledger) }
        // All are worked out before the first is kept.
        let made = try runs.map { run in
            try carbonOptions.change(ledger.carbonEntries(of: run.start.id).last?.settings ?? run.start.carbon)?
                .closed(for: run, in: ledger)
        }
        for (run, settings) in zip(runs, made) {
            guard let settings else { continue }
            _ = try run.carbonAccounts(settings)
            try ledger.add(settings, to: run.start.id, at: wallNow())
        }
        let accounts = try runs.map { (id: $0.start.id, accounts: try ledger.accounts(of: $0)) }
        if options.json { return options.out.raw(accountsDocument(accounts)) }
        for (run, account) in zip(runs, accounts) {
            options.out.line("\(options.out.bold(run.start.name))  \(options.out.dim(run.start.id))")
            let rows = account.accounts.map { account in
                [account.madeAt.map { timestamp(microseconds: $0) } ?? "the run's own"] + carbonRow(account)
            }
            for line in aligned(rows, leading: [0, 1, 2]) { options.out.line("  " + line) }
        }
    }

    private func named(_ id: String, in ledger: LedgerFile) throws -> [RunRecord] {
        if let experiment = try? ledger.experiment(id) {
            return try ledger.runs(ofExperiment: experiment.id).filter { $0.start.role == .measurement }
        }
        return [try ledger.record(ledger.resolve(id))]
    }
}

/// An account as cells: what kind, how much, and the factors.
func carbonRow(_ account: CarbonAccount) -> [String] {
    let assumed = account.zoneAssumed ? " (assumed from the time zone)" : ""
    let pue = account.pueGiven ? "PUE \(significant(account.pue))" : "IT only, no PUE given"
    let factor = account.unmeasuredFactor == 1 ? "" : ", unmeasured × \(significant(account.unmeasuredFactor))"
    let place = account.account == CarbonAccount.market || account.zone.isEmpty ? "" : account.zone + assumed + " "
    let year = account.year.map { "\($0), " } ?? ""
    let parts = account.embodied.map {
        " (\(account.operational.formatted()) operational + \($0.formatted()) embodied)"
    }
    let kind = account.kind == IntensityKind.average.rawValue ? "" : " \(account.kind)"
    return [
        account.account, account.total.formatted(uncertainty: account.uncertainty) + (parts ?? ""),
        "\(place)\(year)\(significant(account.intensity.value)) g/kWh \(account.basis)\(kind), \(pue)\(factor)"
            + (account.site.map { ", site \($0)" } ?? "") + (account.note.map { "; \($0)" } ?? ""),
    ]
}

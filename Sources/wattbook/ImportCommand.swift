import ArgumentParser
import Carbon
import Foundation
import Ledger
import Metering
import PastJobs
import Quantities
import Reporting

/// `wattbook import FILE`: runs that another Wattbook exported, or past jobs of a batch system.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract:
            "Take in what `wattbook export` wrote, or with --sacct past jobs; what is here already stays as it is."
    )

    @OptionGroup var options: GlobalOptions
    @OptionGroup var carbon: CarbonOptions
    @Argument(help: ArgumentHelp("The file; - for standard input with --sacct.", valueName: "file")) var file: String
    @Flag(help: "The file is what `sacct --parsable2` wrote: each job that ended becomes a run, with Slurm's energy.")
    var sacct = false
    @Option(
        help: ArgumentHelp("The cluster's time zone, as Europe/Berlin (default: this system's).", valueName: "zone")
    )
    var timeZone: String?
    @Option(
        name: .customLong("max-node-power"),
        help: ArgumentHelp("Energy that means more watts a node is dropped.", valueName: "watts")
    )
    var maximumNodePower = 20_000.0

    mutating func run() throws {
        guard sacct else { return try importLedger() }
        let zone = try timeZone.map { name in
            guard let zone = TimeZone(identifier: name) else {
                throw ValidationError("There is no time zone '\(name)'. Name one as Europe/Berlin or UTC.")
            }
            return zone
        }
        let accounting = try Accounting(
            sacct: try text(),
            path: file,
            timeZone: zone ?? .current,
            maximumNodePower: Watts(maximumNodePower)
        )
        let settings = try carbon.settings(host: Host.read(root: options.rootPath))
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readWrite)
        let merge = try ledger.add(accounting.jobs.map { $0.run(carbon: settings) })
        let dropped = accounting.jobs.flatMap { job in
            job.remarks.filter { $0.contains("is dropped") }.map { "Job \(job.id): \($0)" }
        }
        tell(merge, warnings: accounting.leftOut + dropped)
    }

    private func importLedger() throws {
        let other = try LedgerFile(path: file, mode: .readOnly)
        tell(try LedgerFile(path: options.ledgerPath, mode: .readWrite).merge(other), warnings: [])
    }

    private func text() throws -> String {
        let data =
            file == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: file)
        guard let data else {
            throw Failure(.noInput, "\(file) cannot be read.", remedy: "Name what sacct wrote.")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw Failure(.badData, "\(file) is not UTF-8 text.", remedy: "Name what `sacct --parsable2` wrote.")
        }
        return text
    }

    private func tell(_ merge: LedgerFile.Merge, warnings: [String]) {
        if options.json {
            let document = JSON.object([
                ("schema", .string("wattbook.import/1")), ("path", .string(file)),
                ("added", .integer(Int64(merge.added))), ("known", .integer(Int64(merge.known))),
                ("open", .integer(Int64(merge.open))), ("warnings", .strings(warnings)),
            ])
            return options.out.raw(document.text)
        }
        var words = counted(merge.added, "run") + " added"
        if merge.known > 0 { words += ", \(merge.known) known already" }
        if merge.open > 0 { words += ", \(merge.open) not ended and left there" }
        options.out.line("\(file): \(words).")
        for sentence in warnings { options.err.item("  ! ", sentence, paint: options.err.caution) }
    }
}

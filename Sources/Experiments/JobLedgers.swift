import Foundation
import Ledger
import Metering

/// The ledgers that the nodes of a job leave in its folder, as one run.
struct JobLedgers {
    /// A run, the ledger that it is in, and what is missing from it.
    struct Found {
        var ledger: LedgerFile
        var run: String
        var missing: String?
    }

    /// The job's folder.
    var folder: String
    /// The program whose `merge FOLDER --ledger FILE` makes one run of several ledgers, and ends with 65 where some of
    /// them are missing.
    var meter: String

    /// The run of the job; `nil` where no node left one that has ended.
    ///
    /// - Throws: ``MergeFailure`` where several ledgers do not become one run.
    func run() throws -> Found? {
        let place = folder + "/ledgers"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place))?.sorted() ?? []
        let paths = names.filter { $0.hasSuffix(".sqlite") }.map { place + "/" + $0 }
        let ledgers = try paths.map { try LedgerFile(path: $0, mode: .readOnly) }
        let runs = try ledgers.flatMap { ledger in try ledger.runs().map { (ledger: ledger, run: $0) } }
        guard !runs.isEmpty else { return nil }
        // One node's run is whole as it is.
        if paths.count == 1, runs.count == 1 {
            guard runs[0].run.end != nil else { return nil }
            return Found(ledger: runs[0].ledger, run: runs[0].run.start.id)
        }
        return try merged(place, apart: Set(runs.map(\.run.start.id)))
    }

    private func merged(_ place: String, apart: Set<String>) throws -> Found {
        let path = folder + "/job.sqlite"
        let answer = try CommandOutput([meter, "merge", place, "--ledger", path])
        let words = answer.lines.last ?? "it said nothing"
        guard [0, 65].contains(answer.status) else { throw MergeFailure(folder: place, reason: words) }
        let ledger = try LedgerFile(path: path, mode: .readOnly)
        let runs = try ledger.runs().filter { $0.end != nil }
        // The one that no node wrote is the job's.
        let own = runs.filter { !apart.contains($0.start.id) }
        guard let run = own.count == 1 ? own[0] : runs.count == 1 ? runs[0] : nil else {
            throw MergeFailure(folder: place, reason: "\(runs.count) runs came of it")
        }
        return Found(ledger: ledger, run: run.start.id, missing: answer.status == 65 ? words : nil)
    }
}

/// Ledgers of a job that do not make one run.
public struct MergeFailure: Error, Sendable, CustomStringConvertible {
    public var folder: String
    public var reason: String

    /// What happened, and what to do.
    public var description: String {
        "The ledgers in \(folder) do not become one run: \(reason). See what `wattbook merge` says of that folder."
    }
}

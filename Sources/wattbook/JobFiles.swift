import Foundation
import Ledger

/// The ledgers that a merge is asked for: files, and all ledgers of folders.
struct JobFiles {
    /// What one of them held.
    struct Outcome {
        var path: String
        var merge = LedgerFile.Merge()
        /// Open runs that were taken in as interrupted.
        var cut = 0
        /// What is wrong with the file, a sentence; `nil` where nothing is.
        var damage: String?
    }

    var paths: [String]
    /// Those of them that were named, and not found in a folder.
    var named: [String] = []
    /// Copies that did not come to their end.
    var unfinished: [String] = []

    /// Looks through the folders among some paths; a folder without a ledger is an error.
    init(_ names: [String]) throws {
        paths = []
        for name in names {
            var isFolder: ObjCBool = false
            guard unsafe FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), isFolder.boolValue
            else {
                paths.append(name)
                named.append(name)
                continue
            }
            let inside = ((try? FileManager.default.contentsOfDirectory(atPath: name)) ?? []).sorted()
            let ledgers = inside.filter { $0.hasSuffix(".sqlite") && !$0.hasPrefix(".") }
            unfinished += inside.filter { $0.hasSuffix(".partial") }.map { "\(name)/\($0)" }
            guard !ledgers.isEmpty || !unfinished.isEmpty else {
                throw Failure(
                    .noInput,
                    "There is no ledger in the folder \(name).",
                    remedy: "Name the folder of a job, as wattbook-JOBID, or the ledgers themselves."
                )
            }
            paths += ledgers.map { "\(name)/\($0)" }
        }
    }

    /// Brings one file into a ledger; what cannot be read of it is said and costs nothing else.
    func merge(_ path: String, into ledger: LedgerFile) throws -> Outcome {
        var outcome = Outcome(path: path)
        do {
            try take(LedgerFile(path: path, mode: .readOnly), into: ledger, &outcome)
        } catch let error as LedgerError where error.code == .badData || error.code == .inputOutput {
            let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("wattbook-\(UUID().uuidString)")
            try FileManager.default.createDirectory(
                at: scratch,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
            defer { try? FileManager.default.removeItem(at: scratch) }
            let target = scratch.appendingPathComponent("salvaged.sqlite").path
            guard let salvaged = try? LedgerFile.salvage(path, to: target) else {
                outcome.damage = "\(path) cannot be read (\(error.problem)), and nothing of it was merged."
                return outcome
            }
            try take(salvaged, into: ledger, &outcome)
            outcome.damage =
                "\(path) is damaged or cut off: \(counted(outcome.merge.added + outcome.cut, "run")) of it could be read."
        }
        return outcome
    }

    private func take(_ other: LedgerFile, into ledger: LedgerFile, _ outcome: inout Outcome) throws {
        outcome.merge = try ledger.merge(other)
        let open = try other.openRuns()
        guard !open.isEmpty else { return }
        let parts = Set(try other.partStarts().map(\.id))
        // Who wrote to it is gone: such a file is a copy, or its node was lost.
        for id in open where parts.contains(id) {
            outcome.merge.open -= 1
            if try ledger.addRemains(of: id, from: other) { outcome.cut += 1 } else { outcome.merge.known += 1 }
        }
    }
}

import Foundation
import SystemPackage

/// What was submitted, in a file beside the ledger, so that a call that goes on submits nothing twice.
///
/// A line before sbatch is called says what is about to be, one after it says what it became; a job whose second line
/// is missing is looked up by its name.
struct JobJournal {
    /// One submission of a run.
    struct Entry: Hashable {
        /// In the order of all runs.
        var position: Int
        /// From 1.
        var attempt: Int
        /// `nil` where sbatch's answer was not written down.
        var job: String?
    }

    /// The folder of one experiment's jobs; full path.
    let folder: String
    private(set) var entries: [Entry] = []
    private let path: String

    /// Takes up the journal of an experiment, or begins it.
    init(ledger: String, experiment: String) throws {
        folder = Self.folder(ledger: ledger, experiment: experiment)
        path = folder + "/journal"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw JobFolderError(path: folder)
        }
        for line in (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? [] {
            let words = line.split(separator: " ")
            guard words.count >= 3, let position = Int(words[1]), let attempt = Int(words[2]) else { continue }
            switch words[0] {
            case "submit": entries.append(Entry(position: position, attempt: attempt))
            case "job" where words.count == 4: name(position, attempt, String(words[3]))
            default: continue
            }
        }
    }

    /// Where an experiment's jobs keep their files: beside the ledger.
    static func folder(ledger: String, experiment: String) -> String {
        URL(fileURLWithPath: ledger).resolvingSymlinksInPath().path + ".jobs/" + experiment
    }

    /// The last submission of a run.
    func last(_ position: Int) -> Entry? { entries.last { $0.position == position } }

    /// Where a submission leaves what it makes.
    func folder(of entry: Entry) -> String { "\(folder)/\(entry.position).\(entry.attempt)" }

    /// Makes the folder of the next attempt, and writes down that it is about to be submitted.
    mutating func begin(_ position: Int) throws -> Entry {
        let entry = Entry(position: position, attempt: (last(position)?.attempt ?? 0) + 1)
        do {
            try FileManager.default.createDirectory(
                atPath: folder(of: entry) + "/ledgers",
                withIntermediateDirectories: true
            )
        } catch {
            throw JobFolderError(path: folder(of: entry))
        }
        try write("submit \(entry.position) \(entry.attempt)")
        entries.append(entry)
        return entry
    }

    /// Writes down the job that a submission became.
    mutating func accept(_ entry: Entry, job: String) throws {
        try write("job \(entry.position) \(entry.attempt) \(job)")
        name(entry.position, entry.attempt, job)
    }

    private mutating func name(_ position: Int, _ attempt: Int, _ job: String) {
        guard let index = entries.lastIndex(where: { $0.position == position && $0.attempt == attempt }) else { return }
        entries[index].job = job
    }

    private func write(_ line: String) throws {
        do {
            let file = try FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .append, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead]
            )
            try file.closeAfter { _ = try file.writeAll((line + "\n").utf8) }
        } catch {
            throw JobFolderError(path: path)
        }
    }
}

/// A folder for jobs that could not be made.
public struct JobFolderError: Error, Sendable, CustomStringConvertible {
    public var path: String

    /// What happened, and what to do.
    public var description: String {
        "\(path) cannot be written. Jobs keep their files beside the ledger: name one where you may write, with --ledger."
    }
}

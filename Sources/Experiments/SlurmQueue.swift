import Foundation

/// Slurm's commands, as far as jobs of a plan need them.
struct SlurmQueue {
    /// How a job stands.
    enum State: Hashable {
        /// In the queue; whether it runs.
        case queued(isRunning: Bool)
        /// Gone from it; Slurm's word for how, as `TIMEOUT`, where anybody knows.
        case ended(String?)
    }

    /// Submits a script and returns the job's id.
    ///
    /// - Throws: ``SubmissionRefused`` where Slurm will not have it, ``SlurmUnavailable`` where Slurm does not answer.
    func submit(_ script: String, output: String) throws -> String {
        // `%` begins a replacement in names of output files.
        let place = "--output=" + output.replacing("%", with: "%%")
        let answer = try ask(["sbatch", "--parsable", place, script])
        // With several clusters it is `id;cluster`; notes of the site may stand around it.
        let id = answer.lines.lazy.compactMap { $0.split(separator: ";").first.map(String.init) }
            .first { UInt64($0) != nil }
        if answer.status == 0, let id { return id }
        // Its own sentence, not what a site or the usage says after it.
        let own = answer.lines.last { $0.hasPrefix("sbatch: ") }
        let reason = own ?? answer.lines.last ?? "sbatch ended with status \(answer.status) and no word"
        let verdict = "Batch job submission failed: "
        guard let range = reason.range(of: verdict), !Self.isPassing(reason) else {
            // Its own checks of the options fail without that word.
            if answer.status != 0, reason.hasPrefix("sbatch: "), !Self.isPassing(reason) {
                throw SubmissionRefused(reason: String(reason.trimmingPrefix("sbatch: ").trimmingPrefix("error: ")))
            }
            throw SlurmUnavailable(command: "sbatch", reason: reason)
        }
        throw SubmissionRefused(reason: String(reason[range.upperBound...]))
    }

    /// What says nothing of the job itself.
    private static func isPassing(_ reason: String) -> Bool {
        ["Unable to contact", "timed out", "Connection refused", "temporarily", "Zero Bytes"]
            .contains { reason.contains($0) }
    }

    /// How jobs stand, by id.
    ///
    /// - Throws: ``SlurmUnavailable`` where the queue cannot be read.
    func states(of ids: [String]) throws -> [String: State] {
        let listed = try list()
        var states: [String: State] = [:]
        for id in ids {
            if let job = listed.first(where: { $0.id == id }) {
                states[id] = .queued(isRunning: !["PENDING", "CONFIGURING"].contains(job.state))
            } else {
                states[id] = ending(of: id)
            }
        }
        return states
    }

    /// The job of a name, in the queue or in the accounting since yesterday.
    func find(_ name: String) throws -> String? {
        if let job = try list().first(where: { $0.name == name }) { return job.id }
        let answer = try? CommandOutput([
            "sacct", "--noheader", "--parsable2", "--allocations", "--format=JobID", "--name=\(name)",
            "--starttime=now-1day",
        ])
        guard let answer, answer.status == 0 else { return nil }
        return answer.lines.last { UInt64($0) != nil }
    }

    private func list() throws -> [(id: String, state: String, name: String)] {
        let answer = try ask(["squeue", "--me", "--noheader", "--format=%i|%T|%j"])
        guard answer.status == 0 else {
            throw SlurmUnavailable(command: "squeue", reason: answer.lines.last ?? "status \(answer.status)")
        }
        return answer.lines.compactMap { line in
            let words = line.split(separator: "|", maxSplits: 2).map(String.init)
            return words.count == 3 ? (words[0], words[1], words[2]) : nil
        }
    }

    /// How a job that left the queue ended: by the accounting, else by what the controller still remembers.
    private func ending(of id: String) -> State {
        let answer = try? CommandOutput([
            "sacct", "--noheader", "--parsable2", "--allocations", "--format=State", "--jobs=\(id)",
        ])
        if let answer, answer.status == 0, let word = Self.firstWord(answer.lines.last) {
            // The accounting may be behind the queue.
            if ["PENDING", "RUNNING", "COMPLETING"].contains(word) { return .queued(isRunning: true) }
            return .ended(word)
        }
        let kept = try? CommandOutput(["scontrol", "--oneliner", "show", "job", id])
        guard let kept, kept.status == 0, let range = kept.text.range(of: "JobState=") else { return .ended(nil) }
        return .ended(Self.firstWord(String(kept.text[range.upperBound...])))
    }

    /// `CANCELLED` of `CANCELLED by 1000`.
    private static func firstWord(_ text: String?) -> String? {
        text?.split(whereSeparator: \.isWhitespace).first.map { String($0.prefix { $0 != "+" }) }
    }

    private func ask(_ command: [String]) throws -> CommandOutput {
        do {
            return try CommandOutput(command)
        } catch {
            throw SlurmUnavailable(command: command[0], reason: "\(error)", isMissing: true)
        }
    }
}

/// A job that Slurm will not take.
struct SubmissionRefused: Error {
    var reason: String

    /// Whether it would be taken once others of ours have ended.
    var isForNow: Bool { ["MaxSubmit", "job submit limit"].contains { reason.contains($0) } }
}

/// Slurm that does not answer.
public struct SlurmUnavailable: Error, Sendable, CustomStringConvertible {
    public var command: String
    public var reason: String
    /// Whether the command is not installed here.
    public var isMissing = false

    /// What happened, and what to do.
    public var description: String {
        let dot = reason.hasSuffix(".") ? "" : "."
        return isMissing
            ? "Slurm cannot be asked: \(reason)\(dot) Call this where sbatch, squeue and sacct are on the PATH, or write "
                + "`launch: local`."
            : "\(command) does not answer: \(reason)\(dot) Jobs that wait or run go on; the same call goes on with them."
    }
}

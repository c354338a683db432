import Foundation
import Ledger
import Metering

/// The jobs of an experiment: what is open, what waits or runs, and the journal that outlives this call.
struct Batch {
    /// The tag of a run that names its submission.
    static let folderTag = "submission"

    var course: Course
    var journal: JobJournal
    /// Submissions that wait or run.
    private(set) var active: [JobJournal.Entry] = []
    /// Submissions that became a run of the ledger.
    private var known: Set<String> = []
    /// When a submission was first seen to have ended.
    private var ends: [JobJournal.Entry: Int64] = [:]

    init(course: Course, journal: JobJournal) {
        self.course = course
        self.journal = journal
    }

    /// A submission as its run's tag has it.
    static func key(_ entry: JobJournal.Entry) -> String { "\(entry.position).\(entry.attempt)" }

    /// Takes up the submissions of earlier calls that are no runs of the ledger yet.
    mutating func takeUp(known: Set<String>) {
        self.known = known
        active = course.open.compactMap { journal.last($0) }.filter { $0.job != nil && !known.contains(Self.key($0)) }
    }

    /// Jobs run side by side, so that no time can be told from the runs.
    var progress: Progress {
        var progress = course.progress
        progress.left = nil
        return progress
    }

    /// The first run that is open and not submitted.
    var next: Int? {
        let busy = Set(active.map(\.position))
        return course.open.first { !busy.contains($0) }
    }

    /// The last submission of a run, where nobody wrote down what became of it.
    func unnamed(_ position: Int) -> JobJournal.Entry? {
        journal.last(position).flatMap { $0.job == nil && !known.contains(Self.key($0)) ? $0 : nil }
    }

    /// The job that a submission's script wrote down when it began.
    func jobOfFolder(_ entry: JobJournal.Entry) -> String? {
        let text = try? String(contentsOfFile: journal.folder(of: entry) + "/job", encoding: .utf8)
        return text.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    mutating func accept(_ entry: JobJournal.Entry, job: String) throws {
        try journal.accept(entry, job: job)
        active.append(JobJournal.Entry(position: entry.position, attempt: entry.attempt, job: job))
    }

    mutating func finish(_ entry: JobJournal.Entry, _ run: RunRecord) {
        leave(entry)
        course.finish(entry.position, run)
    }

    mutating func fail(_ entry: JobJournal.Entry) {
        leave(entry)
        course.fail(entry.position)
    }

    private mutating func leave(_ entry: JobJournal.Entry) {
        active.removeAll { $0.position == entry.position }
        known.insert(Self.key(entry))
    }

    /// Seconds since a submission was first seen to have ended.
    mutating func waited(_ entry: JobJournal.Entry) -> Double {
        let now = monotonicNow()
        let first = ends[entry] ?? now
        ends[entry] = first
        return Double(now - first) * 1e-9
    }
}

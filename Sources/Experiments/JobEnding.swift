import Foundation

/// How a job ended, by what its script left and what Slurm says.
struct JobEnding {
    /// The status that the script wrote last; `nil` where it did not come that far.
    var status: Int32?
    /// Slurm's word, as `TIMEOUT`; `nil` where nobody knows.
    var word: String?
    /// The last lines that it wrote, as a paragraph of their own; empty where there are none.
    var lastWords: String
    /// Whether there is a ledger.
    private var hasLedger: Bool

    /// Looks into the job's folder.
    init(folder: String, word: String?) {
        self.word = word
        let read = { (name: String) in (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)) ?? "" }
        status = Int32(read("status").trimmingCharacters(in: .whitespacesAndNewlines))
        let lines = read("output").split(separator: "\n").suffix(5)
        lastWords = lines.isEmpty ? "" : " Its last words:\n" + lines.map { "    " + $0 }.joined(separator: "\n")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/ledgers")) ?? []
        hasLedger = names.contains { $0.hasSuffix(".sqlite") }
    }

    /// Whether all is there that a job leaves.
    var isWhole: Bool { status != nil && (hasLedger || status != 0) }
    /// Whether Slurm knows of nothing bad.
    var isSaidToBeWell: Bool { word == nil || word == "COMPLETED" }

    /// What went wrong, as `ended as TIMEOUT`; `nil` where nothing did.
    var failure: String? {
        if let status { return status == 0 ? nil : "ended with status \(status)" }
        guard let word else { return "left the queue without a trace" }
        return word == "COMPLETED" ? "completed without a status" : "ended as \(word)"
    }
}

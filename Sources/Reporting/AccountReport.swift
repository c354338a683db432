public import Analysis
package import Carbon
package import Ledger
import Metering
import Quantities

/// The report of a period, a project or a tag.
public struct AccountReport: Sendable, Hashable, Reportable {
    public var account: PeriodAccount
    /// Whether grams are also shown as kilometres by car and the like.
    public var withEquivalents: Bool
    /// The version of the program, as `0.1.0`.
    public var version: String

    /// The report of an account.
    public init(_ account: PeriodAccount, withEquivalents: Bool = false, version: String) {
        self.account = account
        self.withEquivalents = withEquivalents
        self.version = version
    }

    package var runs: [RunRecord] { account.runs }
    package var carbon: [String: [CarbonAccount]] { account.carbon }
    package var document: Document { Document(self) }

    package var columns: [RunColumn] {
        let factors = Set(runs.flatMap { $0.start.place?.levels.keys.map(\.self) ?? [] }).sorted()
        let tags = Set(runs.flatMap(\.start.tags.keys)).sorted()
        let labels: [RunColumn] =
            [.words("kind") { RunKind($0).rawValue }, .words("month") { $0.month }]
            + tags.map { key in .words("tag_\(key)") { $0.start.tags[key] } }
        return runColumns(of: runs, carbon: carbon, labels: labels, factors: factors)
    }

    package var methods: [String] {
        var sentences = [sourceSentence(runs, version: version)] + machineSentences(account.hosts)
        let kinds = account.kinds.map { line in "\(line.runs) \(line.kind?.noun(line.runs) ?? "runs")" }
        sentences.append("The account of \(account.title) holds every run of the ledger: \(listed(kinds)).")
        let hours = significant(account.total.nodeSeconds / 3600)
        let energy = account.total.energy.map { sum in
            "\(Joules(sum.joules).formatted(uncertainty: Joules(sum.uncertainty))) of \(sum.basis.rawValue) energy"
        }
        sentences.append("They took \(listed(["\(hours) node hours"] + energy)).")
        sentences += account.total.grams.map { sum in
            let words = GramsCO2e(sum.grams).formatted(uncertainty: GramsCO2e(sum.uncertainty))
            return
                "That is \(words.replacing("gCO2e", with: "g CO2e")), \(sum.account)-based with \(sum.basis) factors."
        }
        sentences.append(AccountReport.uncertaintySentence)
        return sentences
    }

    static let uncertaintySentence =
        "Uncertainties are expanded (95 %): what the calibration of sensors, a model or a grid's factor shares is added run "
        + "by run, since many runs make it no better known; the rest adds in quadrature."
}

extension RunKind {
    /// The kind as a noun for so many.
    func noun(_ count: Int) -> String {
        switch self {
        case .measurement: count == 1 ? "measurement" : "measurements"
        case .pilot: count == 1 ? "pilot run" : "pilot runs"
        case .warmup: count == 1 ? "warm-up" : "warm-ups"
        case .idle: count == 1 ? "idle measurement" : "idle measurements"
        case .failed: count == 1 ? "failed run" : "failed runs"
        case .killed: count == 1 ? "killed run" : "killed runs"
        case .running: count == 1 ? "run that still runs" : "runs that still run"
        case .imported: count == 1 ? "imported job" : "imported jobs"
        }
    }
}

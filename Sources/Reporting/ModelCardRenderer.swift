import Analysis
import Carbon
import Ledger
import Metering
import Quantities

/// The section of a model card: the fields that Hugging Face reads at the head of a README, and the words below.
///
/// The fields are those of the Hub's documentation ("Displaying carbon emissions for your model"): `emissions` in
/// grams, `source`, `training_type`, `geographical_location`, `hardware_used`. What is not known is left out.
package struct ModelCardRenderer: Renderer {
    /// A renderer.
    package init() {}

    /// Renders the grams of every run of the report: a model owes its failed runs too.
    package func render(_ report: any Reportable) throws -> String {
        let runs = report.runs.filter { $0.end?.account.total.joules != nil }
        let sums = grams(report)
        var lines: [String] = []
        if let sum = sums.first {
            lines += [
                "---", "co2_eq_emissions:", "  emissions: \(sum.grams)",
                "  source: \(quoted("Wattbook \(report.version): \(basis(runs)) energy, \(sum.account)-based, \(sum.basis) factors"))",
            ]
            // What kind of training it was, nobody knows but who ran it: a tag says so.
            let types = Set(runs.compactMap { $0.start.tags["training_type"] })
            if let type = types.first, types.count == 1 { lines.append("  training_type: \(quoted(type))") }
            let places = Document.unique(runs.flatMap { report.carbon[$0.start.id] ?? [] }.map(\.zoneName))
            if !places.isEmpty { lines.append("  geographical_location: \(quoted(listed(places)))") }
            if let hardware = hardware(runs) { lines.append("  hardware_used: \(quoted(hardware))") }
            lines += ["---", ""]
        }
        lines += ["## Energy and carbon", ""]
        let counted = Reporting.counted(report.runs.count, "run")
        lines.append(
            opening(
                "\(energy(runs)) over \(counted), those that failed or only warmed the machine included where the "
                    + "report holds them."
            )
        )
        for sum in sums {
            let words = GramsCO2e(sum.grams).formatted(uncertainty: GramsCO2e(sum.uncertainty))
            lines += ["", opening("\(words.replacing("gCO2e", with: "g CO2e")), \(sum.account)-based, \(sum.basis).")]
        }
        if sums.isEmpty {
            lines += ["", "No grid is known for these runs, so no grams are given: measure with `--zone`."]
        }
        lines += ["", opening(report.methods.joined(separator: " "))]
        return lines.joined(separator: "\n") + "\n"
    }

    private func grams(_ report: any Reportable) -> [GramSum] { gramSums(report.runs, carbon: report.carbon) }

    private func basis(_ runs: [RunRecord]) -> String {
        let bases = Document.unique(runs.compactMap { $0.end?.account.total.basis.rawValue })
        return listed(bases)
    }

    private func energy(_ runs: [RunRecord]) -> String {
        let sums = energySums(runs).map { sum in
            "\(Joules(sum.joules).formatted(uncertainty: Joules(sum.uncertainty))) \(sum.basis.rawValue)"
        }
        return sums.isEmpty ? "No energy was recorded" : listed(sums)
    }

    private func hardware(_ runs: [RunRecord]) -> String? {
        let words = Document.unique(
            runs.flatMap { $0.start.host.gpus.isEmpty ? [$0.start.host.cpu] : $0.start.host.gpus }
        )
        .filter { !$0.isEmpty }
        return words.isEmpty ? nil : listed(words)
    }

    /// A scalar of YAML in double quotes, whatever is in it: JSON's quotes are YAML's too.
    private func quoted(_ text: String) -> String { String(JSON.string(text).text.dropLast()) }
}

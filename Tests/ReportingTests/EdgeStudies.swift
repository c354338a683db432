import Analysis
import Carbon
import Ledger
import Metering
import Quantities

@testable import Reporting

extension Synthetic {
    /// One modelled run, without grid, comparison or samples.
    static func single() -> Report {
        var run = run("fp32", block: 0, basis: .modelled)
        run.start.place = nil
        var arm = arm("one run", runs: [run], spread: 0)
        arm.duration = Estimate(value: arm.duration.value)
        arm.energy = arm.energy.map { Estimate(value: $0.value) }
        arm.co2e = nil
        let study = Study(
            title: "Test data: one modelled run",
            experiment: nil,
            arms: [arm],
            comparisons: [],
            verdict: "The run took 611 J.",
            findings: [],
            warnings: [],
            basis: .modelled,
            host: host,
            hosts: [host],
            carbon: [],
            runs: [run]
        )
        return Report(study: study, version: "0.0.0-test")
    }

    /// Runs without any joules.
    static func powerless() -> Report {
        var study = single().study
        study.basis = nil
        study.verdict = "No energy was recorded."
        study.arms[0].energy = nil
        study.arms[0].energyUncertainty = nil
        study.arms[0].meanPower = nil
        study.arms[0].joulesPerImage = nil
        study.arms[0].deviceJoules = [:]
        study.runs[0].end?.account = EnergyAccount(
            total: EnergyReading(joules: nil, uncertainty: nil, randomUncertainty: nil, basis: .measured, coverage: []),
            channels: [],
            regions: []
        )
        return Report(study: study, version: "0.0.0-test")
    }

    /// A study of no runs at all.
    static func empty() -> Report {
        let study = Study(
            title: "Test data: nothing",
            experiment: nil,
            arms: [],
            comparisons: [],
            verdict: "There is nothing to compare.",
            findings: [],
            warnings: [],
            basis: nil,
            host: nil,
            hosts: [],
            carbon: [],
            runs: []
        )
        return Report(study: study, version: "0.0.0-test")
    }

    /// Ten arms with long names, one of them hostile in every form of report.
    static func crowded() -> Report {
        var study = study()
        let hostile = "=1+1 <img src=x onerror=\"alert('x')\"> & | `code` @someone *bold* \u{1}\n# end"
        study.title = hostile
        study.verdict = hostile
        study.findings = [hostile, "1. not a list"]
        var names = ["fp32"]
        for filters in [16, 32, 64] {
            for precision in ["fp32", "bf16", "fp16 with loss scaling"] {
                names.append("precision=\(precision), filters=\(filters), engine=oneDNN with a long name")
            }
        }
        study.arms = names.enumerated().map { index, name in
            var arm = study.arms[index % 2]
            arm.label = index == 4 ? hostile : name
            arm.isBaseline = index == 0
            arm.info["note"] = hostile
            return arm
        }
        let first = study.comparisons[0]
        study.comparisons = study.arms.dropFirst().enumerated().map { index, arm in
            var comparison = first
            comparison.candidate.label = arm.label
            let factor = 0.6 + 0.15 * Double(index)
            comparison.energyRatio = Estimate(value: factor, low: factor * 0.95, high: factor * 1.06, p: 0.02)
            comparison.speedup = Estimate(value: 1 / factor, low: 0.94 / factor, high: 1.05 / factor)
            return comparison
        }
        let runs = Dictionary(uniqueKeysWithValues: study.runs.map { ($0.start.id, $0) })
        for index in study.runs.indices { study.runs[index].start.command = ["echo", hostile, "it's"] }
        return Report(study: study, traces: runs.mapValues { Synthetic.traces($0) }, version: "0.0.0-test")
    }

    static let edgeCases = ["single": single, "powerless": powerless, "empty": empty, "crowded": crowded]
}

import ArgumentParser
import Ledger

/// A value of a metric as it is typed: `iou=0.75`, `iou>=0.75` or `loss<=0.3`.
struct TargetOption: ExpressibleByArgument {
    var metric: String
    var value: Double
    /// Whether higher is better; `nil` where only `=` was typed.
    var direction: Bool?

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), let value = Double(argument[argument.index(after: equals)...]),
            value.isFinite
        else { return nil }
        let name = argument[..<equals]
        direction = name.last == ">" ? true : name.last == "<" ? false : nil
        metric = String(direction == nil ? name : name.dropLast())
        guard !metric.isEmpty else { return nil }
        self.value = value
    }

    /// The target, in the direction that the plan gives the metric where none was typed.
    func target(beside experiment: ExperimentRecord?) -> QualityTarget {
        let judged = experiment?.quality.flatMap { $0.metric == metric ? $0.higherIsBetter : nil }
        let planned = experiment?.target.flatMap { $0.metric == metric ? $0.higherIsBetter : nil }
        return QualityTarget(
            metric: metric,
            value: value,
            higherIsBetter: direction ?? judged ?? planned ?? true
        )
    }
}

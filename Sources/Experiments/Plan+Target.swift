import Configuration
import Ledger

extension Plan {
    /// Reads the value of a metric until which time and energy are told; its direction is that of `quality` where both
    /// name one metric.
    mutating func readTarget(_ node: PlanNode) throws(PlanError) {
        let judged = quality
        var (metric, number): (String?, Double?)
        var direction: (isUp: Bool, node: PlanNode)?
        for (key, _, value) in try node.members(["metric", "value", "higher_is_better"]) {
            switch key {
            case "metric": metric = try value.text()
            case "value": number = try value.number()
            default: direction = (try value.flag(), value)
            }
        }
        guard let metric, let number else {
            throw node.error("needs metric and value", remedy: "Write `target: {metric: iou, value: 0.75}`.")
        }
        let known = judged?.metric == metric ? judged?.higherIsBetter : nil
        if let direction, let known, direction.isUp != known {
            throw direction.node.error(
                "says the opposite of what `quality` says of \(metric)",
                remedy: "Leave it out: `quality` holds for both."
            )
        }
        target = QualityTarget(metric: metric, value: number, higherIsBetter: direction?.isUp ?? known ?? true)
    }
}

import Configuration
import Ledger

extension Plan {
    /// Reads speed-ups that others published: each a number with who found it and of what.
    static func published(_ node: PlanNode) throws(PlanError) -> [PublishedSpeedup] {
        var figures: [PublishedSpeedup] = []
        for entry in try node.entries() {
            var (speedup, label): (Double?, String?)
            for (key, _, value) in try entry.members(["speedup", "label"]) {
                if key == "speedup" { speedup = try value.number() } else { label = try value.text() }
            }
            guard let speedup, let label, speedup > 0 else {
                throw entry.error(
                    "needs a speedup above 0 and a label",
                    remedy: "Write `- {speedup: 1.9, label: who found it and of what}`."
                )
            }
            figures.append(PublishedSpeedup(speedup: speedup, label: label))
        }
        return figures
    }
}

import Metering
import Quantities

extension JSON {
    /// The rows of an uncertainty budget; `null` where a ledger keeps none.
    static func budget(_ budget: UncertaintyBudget?) -> JSON {
        guard let budget else { return .null }
        return .array(
            budget.components.map { row in
                .object([
                    ("part", .string(row.part.rawValue)),
                    ("standard_uncertainty_j", .number(orNull: row.standardUncertainty.value)),
                    ("share", .number(orNull: budget.share(of: row))),
                    ("distribution", .string(row.distribution.rawValue)),
                    ("shared", .bool(row.isShared)),
                ])
            }
        )
    }
}

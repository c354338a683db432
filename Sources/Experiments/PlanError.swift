public import Configuration

/// A value of a plan with its place.
typealias PlanNode = ConfigurationNode

extension ConfigurationNode.Kind {
    /// What messages say of plans.
    static let plan = Self(
        noun: "A plan",
        opening: "Begin with `name:` and `workload:`; see `wattbook experiment --help`.",
        correction: "Correct the line; nothing was run."
    )
}

/// What is wrong with a plan, and where.
public typealias PlanError = ConfigurationError

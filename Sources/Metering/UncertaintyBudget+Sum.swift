import Quantities

extension UncertaintyBudget {
    /// The budget of a sum over channels; `kind` names the sort of sensor.
    ///
    /// Sensors of one kind share the error of their gain, so these are summed; those of unlike kinds are independent.
    /// Bounds may be met by all channels at once, since all are sampled at one time and a step of power begins on all
    /// nodes together, so they are summed too. All the rest is independent, and added in quadrature.
    public static func sum(_ channels: [(kind: Substring, budget: UncertaintyBudget)]) -> UncertaintyBudget {
        guard channels.count > 1 else { return channels.first?.budget ?? UncertaintyBudget([]) }
        return UncertaintyBudget(
            Part.allCases.flatMap { part -> [Component] in
                let rows = channels.flatMap { kind, budget in
                    budget.components.filter { $0.part == part }.map { (kind: kind, row: $0) }
                }
                let shared = rows.filter { $0.row.isShared }
                let bounds = rows.map(\.row).filter { !$0.isShared && $0.distribution == .bound }
                let others = rows.map(\.row).filter { !$0.isShared && $0.distribution != .bound }
                // In one order, so that equal sums are equal numbers.
                let kinds = Dictionary(grouping: shared, by: \.kind).sorted { $0.key < $1.key }
                    .map { $0.value.reduce(0) { $0 + size($1.row) } }
                return [
                    row(part, kinds.reduce(0) { $0 + $1 * $1 }.squareRoot(), .normal, isShared: true),
                    row(part, bounds.reduce(0) { $0 + size($1) }, .bound),
                    row(part, others.reduce(0) { $0 + $1.variance }.squareRoot(), shape(of: others)),
                ]
            }
        )
    }

    private static func size(_ component: Component) -> Double { component.standardUncertainty.value }

    private static func row(
        _ part: Part,
        _ size: Double,
        _ distribution: Distribution,
        isShared: Bool = false
    ) -> Component {
        Component(part: part, standardUncertainty: Joules(size), distribution: distribution, isShared: isShared)
    }

    /// A sum of several is near normal, unless one of them makes up most of it.
    private static func shape(of rows: [Component]) -> Distribution {
        guard let largest = rows.max(by: { $0.variance < $1.variance }) else { return .normal }
        let variance = rows.reduce(0) { $0 + $1.variance }
        return largest.variance > 0.6 * variance ? largest.distribution : .normal
    }
}

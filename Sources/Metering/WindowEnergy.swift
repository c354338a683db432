import Quantities

/// The energy of some windows of time on one channel, with all that makes it uncertain.
struct WindowEnergy {
    var joules: Double
    var budget: UncertaintyBudget
}

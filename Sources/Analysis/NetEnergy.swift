public import Ledger
import Metering
public import Quantities

/// The joules of a run above what its machine draws doing nothing for as long.
///
/// They may be negative; that is shown as it is.
public struct NetEnergy: Sendable, Hashable {
    /// `E - P_idle T`.
    public var joules: Joules
    /// Expanded uncertainty (95 %); `nil` where a part of it is not known.
    public var uncertainty: Joules?
}

/// The joules of a run above idle; `nil` where it has none.
///
/// Run and idle were read apart, so what is random in each adds in squares. They share their sensors' gain, which
/// therefore acts on the difference alone.
public func netEnergy(of run: RunRecord, idle: IdlePower) -> NetEnergy? {
    guard let total = run.end?.account.total, let gross = total.joules, let time = run.duration else { return nil }
    let net = gross - Watts(idle.watts) * Seconds(time)
    guard gross.value > 0, let expanded = total.uncertainty?.value, let random = total.randomUncertainty?.value,
        let watts = idle.uncertainty
    else { return NetEnergy(joules: net) }
    let gain = max(0, expanded * expanded - 4 * random * random).squareRoot() / gross.value
    let parts = [2 * random, watts * time, gain * net.value]
    return NetEnergy(joules: net, uncertainty: Joules(parts.reduce(0) { $0 + $1 * $1 }.squareRoot()))
}

import Quantities

/// Mean power of the total's channels in equal steps over a run, in watts; 0 in steps without a statement.
///
/// Empty where no channel of the total can be read. For pictures: joules are in the account.
public func powerProfile(traces: [Trace], start: Int64, end: Int64, steps: Int) -> [Double] {
    guard end > start, steps > 0 else { return [] }
    let count = min(Int64(steps), end - start)
    let windows = (0..<count).map { step in
        (start + (end - start) * step / count)..<(start + (end - start) * (step + 1) / count)
    }
    let instants = instants(of: windows)
    let curves = joined(traces).flatMap { trace in
        let nominal = trace.nominalInterval
        return trace.channels.indices.filter { trace.channels[$0].inTotal }.map {
            EnergyCurve.make(trace, $0, nominal: nominal, at: instants)
        }
    }.filter(\.isUsable)
    guard !curves.isEmpty else { return [] }
    return windows.map { window in
        let joules = curves.reduce(0) { $0 + ($1.energy(in: [window])?.joules ?? 0) }
        return joules / (Double(window.upperBound - window.lowerBound) / 1e9)
    }
}

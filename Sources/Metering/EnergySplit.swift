public import Quantities

/// The joules of a run's total within windows that follow one another, as its samples tell; `nil` where they cannot.
///
/// - Parameters:
///   - traces: All samples of the run.
///   - windows: On `CLOCK_MONOTONIC`, ns, in order and apart.
public func joules(traces: [Trace], in windows: [Range<Int64>]) -> [Joules]? {
    let instants = instants(of: windows)
    let curves = joined(traces).flatMap { trace in
        trace.channels.indices.filter { trace.channels[$0].inTotal && !trace.channels[$0].countsEvents }
            .map { EnergyCurve.make(trace, $0, nominal: trace.nominalInterval, at: instants) }
    }
    guard !curves.isEmpty else { return nil }
    var parts: [Joules] = []
    for window in windows {
        var sum = 0.0
        for curve in curves where !window.isEmpty {
            guard let part = curve.energy(in: [window]) else { return nil }
            sum += part.joules
        }
        parts.append(Joules(sum))
    }
    return parts
}

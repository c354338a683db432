import Quantities

/// Turns raw readings into joules: the whole run, every channel, every region.
///
/// Pure: the same traces and marks give the same account wherever and whenever it is made.
///
/// - Parameters:
///   - traces: All samples of the run, one trace a sampler or its pieces in order.
///   - start: The run's start, ns of `CLOCK_MONOTONIC`; joules are interpolated to it.
///   - end: The run's end on the same clock.
///   - marks: What the workload said; regions are cut to the run.
public func account(traces: [Trace], start: Int64, end: Int64, marks: Marks) -> EnergyAccount {
    let run = start..<max(start, end)
    var channels: [ChannelEnergy] = []
    var summed: [(channel: Channel, curve: EnergyCurve)] = []
    for trace in joined(traces) {
        for (index, channel) in trace.channels.enumerated() {
            let curve = EnergyCurve.make(trace, index)
            let energy = curve.energy(in: [run])
            channels.append(ChannelEnergy(channel, curve, energy, run))
            if channel.inTotal, energy != nil { summed.append((channel, curve)) }
        }
    }
    let regions = marks.regions(until: run.upperBound).regions.map { region in
        let visits = region.visits.map { $0.clamped(to: run) }.filter { !$0.isEmpty }
        let sum = visits.isEmpty ? nil : EnergySum(summed.map { ($0.channel, $0.curve.energy(in: visits)) })
        return RegionEnergy(
            path: region.path,
            count: region.entries,
            duration: Seconds(Double(visits.reduce(0) { $0 + Int64($1.count) }) / 1e9),
            joules: sum?.joules,
            uncertainty: sum?.uncertainty,
            counts: region.counts
        )
    }
    return EnergyAccount(total: total(summed, run, channels), channels: channels, regions: regions)
}

private func total(
    _ summed: [(channel: Channel, curve: EnergyCurve)],
    _ run: Range<Int64>,
    _ channels: [ChannelEnergy]
) -> EnergyReading {
    let sum = EnergySum(summed.map { ($0.channel, $0.curve.energy(in: [run])) })
    let inSum = summed.map(\.channel)
    let bases = Set((inSum.isEmpty ? channels.map(\.channel).filter(\.inTotal) : inSum).map(\.basis))
    return EnergyReading(
        joules: sum?.joules,
        uncertainty: sum?.uncertainty,
        randomUncertainty: sum?.random,
        basis: bases.count > 1 ? .mixed : bases.first ?? .measured,
        coverage: inSum.map(\.name)
    )
}

/// A sum over channels: random parts in quadrature; gains linearly, since sensors of one kind share their error.
private struct EnergySum {
    var joules: Joules
    var uncertainty: Joules
    var random: Joules

    /// `nil` without channels, or where one of them allows no statement: a sum leaves nothing out in silence.
    init?(_ parts: [(channel: Channel, energy: WindowEnergy?)]) {
        guard !parts.isEmpty else { return nil }
        var sum = 0.0
        var variance = 0.0
        var gain = 0.0
        for (channel, energy) in parts {
            guard let energy else { return nil }
            sum += energy.joules
            variance += energy.random * energy.random
            gain += channel.relativeUncertainty * abs(energy.joules)
        }
        joules = Joules(sum)
        uncertainty = Joules(coverageFactor * (variance + gain * gain).squareRoot())
        random = Joules(variance.squareRoot())
    }
}

/// k = 2: about 95 % (GUM 6.3.3).
private let coverageFactor = 2.0

extension ChannelEnergy {
    fileprivate init(_ channel: Channel, _ curve: EnergyCurve, _ energy: WindowEnergy?, _ run: Range<Int64>) {
        let sum = energy.flatMap { EnergySum([(channel, $0)]) }
        let seconds = Double(run.upperBound - run.lowerBound) / 1e9
        self.init(
            channel: channel,
            joules: sum?.joules,
            uncertainty: sum?.uncertainty,
            randomUncertainty: sum?.random,
            meanPower: sum.flatMap { seconds > 0 ? Watts($0.joules.value / seconds) : nil },
            maxPower: sum == nil ? nil : curve.maximumPower.map { Watts($0) },
            samples: curve.points.count,
            wraps: curve.wraps.count { $0.overlaps(run) },
            resets: curve.resets.count { $0.overlaps(run) },
            gaps: curve.holes.filter { $0.to > run.lowerBound && $0.from < run.upperBound }.map { hole in
                Gap(
                    from: Double(max(hole.from, run.lowerBound) - run.lowerBound) / 1e9,
                    to: Double(min(hole.to, run.upperBound) - run.lowerBound) / 1e9,
                    reason: hole.reason
                )
            }
        )
    }
}

/// Pieces of one sampler's trace made one.
func joined(_ traces: [Trace]) -> [Trace] {
    var joined: [Trace] = []
    for trace in traces {
        if let index = joined.firstIndex(where: { $0.channels == trace.channels }) {
            joined[index].append(trace)
        } else {
            joined.append(trace)
        }
    }
    return joined
}

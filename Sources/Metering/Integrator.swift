import Quantities

/// Turns raw readings into joules and counts: the whole run, every channel, every region.
///
/// Pure: the same traces and marks give the same account wherever and whenever it is made.
///
/// - Parameters:
///   - traces: All samples of the run, one trace a sampler or its pieces in order.
///   - start: The run's start, ns of `CLOCK_MONOTONIC`; joules are interpolated to it.
///   - end: The run's end on the same clock.
///   - marks: What the workload said; regions are cut to the run.
///   - regions: The regions of the marks until the end, where the caller has followed them already.
///   - interval: The sampler's beat, ns, where it is known: marks cause readings beside it.
public func account(
    traces: [Trace],
    start: Int64,
    end: Int64,
    marks: Marks,
    regions: Regions? = nil,
    interval: Int64 = 0
) -> EnergyAccount {
    let run = start..<max(start, end)
    let regions = (regions ?? marks.regions(until: run.upperBound)).regions.map { region in
        (region, region.visits.map { $0.clamped(to: run) }.filter { !$0.isEmpty })
    }
    let metrics = marks.metricPoints(in: run)
    let untilPoints = metrics.flatMap { metric in metric.points.points.map { run.lowerBound..<$0.time } }
    let instants = instants(of: [run] + regions.flatMap(\.1) + untilPoints)
    var events: [(count: EventCount, curve: CountCurve)] = []
    var channels: [ChannelEnergy] = []
    var summed: [(channel: Channel, curve: EnergyCurve)] = []
    for trace in joined(traces) {
        let nominal = max(interval, trace.nominalInterval)
        for (index, channel) in trace.channels.enumerated() {
            if channel.countsEvents {
                let curve = CountCurve(trace, index, run: run)
                events.append((EventCount(channel, curve, run, taken: marks.counts), curve))
                continue
            }
            let curve = EnergyCurve.make(trace, index, nominal: nominal, at: instants)
            let energy = curve.energy(in: [run])
            channels.append(ChannelEnergy(channel, curve, energy, run))
            if channel.inTotal, energy != nil { summed.append((channel, curve)) }
        }
    }
    return EnergyAccount(
        total: total(summed, run, channels),
        channels: channels,
        regions: regions.map { region, visits in
            let sum = visits.isEmpty ? nil : EnergySum(summed.map { ($0.channel, $0.curve.energy(in: visits)) })
            return RegionEnergy(
                path: region.path,
                count: region.entries,
                duration: Seconds(Double(visits.reduce(0) { $0 + Int64($1.count) }) / 1e9),
                joules: sum?.joules,
                uncertainty: sum?.budget.expanded,
                counts: region.counts.merging(
                    events.compactMap { event in event.curve.count(in: visits).map { (event.count.name, $0) } },
                    uniquingKeysWith: { own, _ in own }
                ),
                budget: sum?.budget
            )
        },
        metrics: metrics.map { metric, points in
            MetricCourse(
                metric: metric,
                seconds: points.points.map { Double($0.time - run.lowerBound) / 1e9 },
                values: points.points.map(\.value),
                joules: points.points.map { joules(summed.map(\.curve), in: run.lowerBound..<$0.time) }
            )
        },
        events: events.isEmpty ? nil : events.map(\.count)
    )
}

/// The sum over channels within a window; `nil` where one of them allows no statement.
private func joules(_ curves: [EnergyCurve], in window: Range<Int64>) -> Double? {
    let parts = curves.map { window.isEmpty ? 0 : $0.energy(in: [window])?.joules }
    guard !parts.isEmpty else { return nil }
    return parts.reduce(Double?(0)) { sum, part in sum.flatMap { a in part.map { a + $0 } } }
}

/// The ends of windows, in order and each once.
func instants(of windows: [Range<Int64>]) -> [Int64] {
    Set(windows.flatMap { [$0.lowerBound, $0.upperBound] }).sorted()
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
        uncertainty: sum?.budget.expanded,
        randomUncertainty: sum?.budget.random,
        basis: bases.count > 1 ? .mixed : bases.first ?? .measured,
        coverage: inSum.map(\.name),
        budget: sum?.budget
    )
}

/// A sum over channels with its budget.
private struct EnergySum {
    var joules: Joules
    var budget: UncertaintyBudget

    /// `nil` without channels, or where one of them allows no statement: a sum leaves nothing out in silence.
    init?(_ parts: [(channel: Channel, energy: WindowEnergy?)]) {
        let known = parts.compactMap { channel, energy in energy.map { (channel: channel, energy: $0) } }
        guard !parts.isEmpty, known.count == parts.count else { return nil }
        joules = Joules(known.reduce(0) { $0 + $1.energy.joules })
        budget = .sum(known.map { ($0.channel.sensorKind, $0.energy.budget) })
    }
}

extension ChannelEnergy {
    fileprivate init(_ channel: Channel, _ curve: EnergyCurve, _ energy: WindowEnergy?, _ run: Range<Int64>) {
        let sum = energy.flatMap { EnergySum([(channel, $0)]) }
        let seconds = Double(run.upperBound - run.lowerBound) / 1e9
        self.init(
            channel: channel,
            joules: sum?.joules,
            uncertainty: sum?.budget.expanded,
            randomUncertainty: sum?.budget.random,
            meanPower: sum.flatMap { seconds > 0 ? Watts($0.joules.value / seconds) : nil },
            maxPower: sum == nil ? nil : curve.extremes.maximum.map { Watts($0) },
            samples: curve.readings,
            wraps: curve.wraps.count { $0.overlaps(run) },
            resets: curve.resets.count { $0.overlaps(run) },
            gaps: curve.holes.filter { $0.to > run.lowerBound && $0.from < run.upperBound }.map { hole in
                Gap(
                    from: Double(max(hole.from, run.lowerBound) - run.lowerBound) / 1e9,
                    to: Double(min(hole.to, run.upperBound) - run.lowerBound) / 1e9,
                    reason: hole.reason
                )
            },
            budget: sum?.budget
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

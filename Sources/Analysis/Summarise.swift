internal import Carbon
internal import Ledger
internal import Metering
internal import Quantities
internal import Statistics

/// Sums up the runs of one arm that count; `nil` where there is none.
///
/// Intervals are 95 %, one arm at a time.
func summary(
    of runs: [RunRecord],
    label: String,
    levels: [String: String],
    isBaseline: Bool,
    idle: IdlePower? = nil,
    target: QualityTarget? = nil
) -> ArmSummary? {
    let runs = counting(runs).runs
    guard let duration = estimate(runs.compactMap(\.duration)) else { return nil }
    let metrics = common(runs.map { Set(($0.end?.metrics ?? [:]).keys) })
    let carbon = SharedCarbon(runs)
    return ArmSummary(
        label: label,
        levels: levels,
        runIDs: runs.map(\.id),
        isBaseline: isBaseline,
        duration: duration,
        energy: estimate(runs.compactMap(\.joules)),
        netEnergy: idle.flatMap { netEnergy(of: runs, above: $0) },
        energyUncertainty: mean(runs.compactMap { $0.end?.account.total.uncertainty?.value }),
        meanPower: estimate(runs.compactMap(\.meanPower)),
        co2e: carbon.flatMap { carbon in estimate(runs.compactMap(carbon.total)) },
        metrics: Dictionary(
            uniqueKeysWithValues: metrics.compactMap { name in
                estimate(runs.compactMap { $0.end?.metrics[name] }).map { (name, $0) }
            }
        ),
        throughput: estimate(runs.compactMap(\.throughput)),
        joulesPerImage: estimate(runs.compactMap(\.joulesPerImage)),
        imagesPerJoule: estimate(runs.compactMap(\.imagesPerJoule)),
        target: target.map { TargetReach(runs, $0) },
        counts: countSummaries(runs),
        deviceJoules: meanDeviceJoules(runs),
        info: commonInfo(runs)
    )
}

/// The mean of a run's joules above idle; `nil` where idle power was read from other sensors.
///
/// The spread of the repeats and the idle power, which all runs share, are independent: their half widths add in squares.
private func netEnergy(of runs: [RunRecord], above idle: IdlePower) -> Estimate? {
    let known = runs.filter { $0.joules != nil && $0.duration != nil }
    guard idle.coverage.map({ covered in known.allSatisfy { $0.isCovered(by: covered) } }) ?? true,
        var net = estimate(known.compactMap { netEnergy(of: $0, idle: idle)?.joules.value }),
        let time = mean(known.compactMap(\.duration))
    else { return nil }
    let shared = idle.uncertainty.map { $0 * time } ?? 0
    let half = { (end: Double) in ((end - net.value) * (end - net.value) + shared * shared).squareRoot() }
    (net.low, net.high) = (net.low.map { net.value - half($0) }, net.high.map { net.value + half($0) })
    return net
}

extension RunRecord {
    fileprivate func isCovered(by channels: [String]) -> Bool {
        end?.account.total.coverage.sorted() == channels.sorted()
    }
}

private func countSummaries(_ runs: [RunRecord]) -> [String: CountSummary] {
    let figures = runs.map { run in Dictionary(uniqueKeysWithValues: run.countFigures.map { ($0.name, $0) }) }
    return Dictionary(
        uniqueKeysWithValues: common(figures.map { Set($0.keys) }).compactMap { name in
            let own = figures.compactMap { $0[name] }
            return estimate(own.map { Double($0.count) }).map { count in
                (
                    name,
                    CountSummary(
                        count: count,
                        unit: own.first?.unit ?? "",
                        joulesPerCount: estimate(own.compactMap(\.joulesPerCount)),
                        gflopPerJoule: estimate(own.compactMap(\.gflopPerJoule))
                    )
                )
            }
        }
    )
}

/// The mean of values with its 95 % interval; `nil` where there is none.
func estimate(_ values: [Double]) -> Estimate? {
    meanInference(values.filter(\.isFinite)).map { inference in
        let interval = inference.interval()
        return Estimate(value: inference.value, low: interval?.lowerBound, high: interval?.upperBound)
    }
}

private func common(_ sets: [Set<String>]) -> Set<String> {
    guard let first = sets.first else { return [] }
    return sets.dropFirst().reduce(first) { $0.intersection($1) }
}

private func meanDeviceJoules(_ runs: [RunRecord]) -> [Device: Double] {
    let sums = runs.map(\.deviceJoules)
    var means: [Device: Double] = [:]
    for device in Device.allCases {
        means[device] = mean(sums.compactMap { $0[device] })
    }
    return means
}

private func commonInfo(_ runs: [RunRecord]) -> [String: String] {
    guard var info = runs.first?.end?.info else { return [:] }
    for run in runs.dropFirst() {
        info = info.filter { run.end?.info[$0.key] == $0.value }
    }
    return info
}

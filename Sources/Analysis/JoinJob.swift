public import Ledger
public import Metering
internal import Quantities

/// The run of one attempt of a job, made of the parts that its nodes and ranks left.
///
/// Pure: the same parts give the same run, in whatever order they come. Every node and instant counts once, even where
/// two steps ran side by side, or a step within a measurement of the whole job. A part and what was rescued of it are one.
///
/// - Parameters:
///   - parts: Runs of one attempt, with all their detail.
///   - traces: The samples of a part.
///   - idle: The idle power of a part's machine, W.
/// - Returns: `nil` where no part has ended.
public func joinJob(
    _ parts: [RunRecord],
    traces: (String) throws -> [Trace],
    idle: (RunRecord) throws -> Double? = { _ in nil }
) rethrows -> RunRecord? {
    let parts = withoutRescued(parts.filter { $0.end != nil }).sorted(by: isBefore)
    guard let first = parts.first else { return nil }
    let groups = Dictionary(grouping: parts, by: \.nodeName).sorted { isBeforeByNumber($0.key, $1.key) }
    let offsets = offsets(of: groups.map(\.value))
    let offset = Dictionary(uniqueKeysWithValues: zip(groups.map(\.key), offsets))
    var ranks: [JobAccount.Rank] = []
    let nodes = try groups.map { name, own in
        var node = try JobNode(name: name, parts: own, traces: traces)
        ranks += rankAccounts(of: node)
        node.forgetSamples()
        return node
    }
    let missing = missingParts(of: parts) { offset[$0]?.seconds ?? 0 }

    let aligned = parts.map { part in
        let ahead = offset[part.nodeName]?.seconds ?? 0
        return (start: part.wallStart - ahead, end: part.wallEnd - ahead)
    }
    let (begin, end) = (aligned.map(\.start).min() ?? 0, aligned.map(\.end).max() ?? 0)
    let jobNodes = try nodes.map { node in
        try entry(node, offset[node.name], idleWatts: node.parts.first.flatMap(idle))
    }
    let account = JobAccount(
        parts: parts.map(\.start.id).sorted(),
        nodes: jobNodes,
        ranks: ranks.sorted { ($0.step ?? "", $0.rank ?? -1, $0.node) < ($1.step ?? "", $1.rank ?? -1, $1.node) },
        steps: steps(parts, nodes, offset),
        missing: missing
    )
    let start = jobStart(first, parts, begin: begin)
    let total = total(nodes)
    return RunRecord(
        start: start,
        end: RunEnd(
            state: parts.contains { $0.state == .interrupted } ? .interrupted : .finished,
            exitStatus: parts.compactMap { $0.end?.exitStatus }.max(),
            end: start.start + Int64(((end - begin) * 1e9).rounded()),
            marks: Marks(),
            account: EnergyAccount(
                total: total,
                channels: channels(nodes),
                regions: regions(nodes, offset)
            ),
            metrics: parts.reversed().reduce(into: [:]) { $0.merge($1.end?.metrics ?? [:]) { _, new in new } },
            counts: parts.reduce(into: [:]) { $0.merge($1.end?.counts ?? [:], uniquingKeysWith: sum) },
            info: parts.reversed().reduce(into: [:]) { $0.merge($1.end?.info ?? [:]) { _, new in new } },
            job: account,
            warnings: missing.sentences + clockWarnings(account) + remarks(parts)
        )
    )
}

/// Rank 0 first, so that what can be said once is what it said.
private func isBefore(_ a: RunRecord, _ b: RunRecord) -> Bool {
    let key = { (run: RunRecord) in (run.start.job?.rank ?? -1, run.nodeName, run.start.start, run.start.id) }
    return key(a) < key(b)
}

/// Of a run and what was rescued of it, the whole one counts, else the longest.
func withoutRescued(_ parts: [RunRecord]) -> [RunRecord] {
    Dictionary(grouping: parts) { $0.start.tags["rescued"] ?? $0.start.id }.values.compactMap { same in
        same.max { a, b in
            let key = { (run: RunRecord) in (run.state == .finished ? 1 : 0, run.end?.end ?? 0) }
            return key(a) == key(b) ? a.start.id > b.start.id : key(a) < key(b)
        }
    }
}

/// Of every node, the median over the steps that it had in common with others.
private func offsets(of nodes: [[RunRecord]]) -> [ClockOffset] {
    var found: [[ClockOffset]] = nodes.map { _ in [] }
    for step in Set(nodes.joined().map(\.start.job?.step)).sorted(by: { ($0 ?? "") < ($1 ?? "") }) {
        let own = nodes.map { $0.filter { $0.start.job?.step == step } }
        let places = own.indices.filter { !own[$0].isEmpty }
        let times = places.map { place in
            StepTimes(
                start: own[place].map(\.wallStart).min() ?? 0,
                end: own[place].contains { $0.state == .interrupted } ? nil : own[place].map(\.wallEnd).max()
            )
        }
        guard places.count > 1 else { continue }
        for (place, offset) in zip(places, clockOffsets(times)) { found[place].append(offset) }
    }
    return found.map { some in
        let ordered = some.sorted { ($0.seconds, $0.spread) < ($1.seconds, $1.spread) }
        return ordered.isEmpty ? ClockOffset(seconds: 0, spread: 0) : ordered[(ordered.count - 1) / 2]
    }
}

private func entry(_ node: JobNode, _ offset: ClockOffset?, idleWatts: Double?) -> JobAccount.Node {
    let gpus = node.accounts.flatMap(\.channels).filter { $0.channel.inTotal && $0.channel.device == .gpu }
    return JobAccount.Node(
        name: node.name,
        seconds: node.seconds,
        joules: node.joules,
        uncertainty: node.joules == nil ? nil : UncertaintyBudget.sum(node.budgets).expanded,
        clockOffset: offset?.seconds ?? 0,
        clockSpread: offset?.spread ?? 0,
        ranks: Set(node.parts.compactMap(\.start.job?.rank)).sorted(),
        isCut: node.parts.contains { $0.state == .interrupted && $0.end?.account.total.joules != nil },
        share: share(node),
        ownJoules: gpus.compactMap(\.joules).reduce(Joules(0), +),
        idleWatts: idleWatts
    )
}

/// The node's share over its steps: used and busy time add up, what was granted is the mean over the time.
private func share(_ node: JobNode) -> NodeShare? {
    let known = node.windows.compactMap { window in
        window.part.end?.surroundings?.share.map { (share: $0, seconds: Double(window.times.count)) }
    }
    guard let first = known.first?.share else { return nil }
    guard known.count > 1 else { return first }
    let time = known.reduce(0) { $0 + $1.seconds }
    let granted = known.reduce(0) { $0 + Double($1.share.processors) * $1.seconds } / max(time, 1)
    return NodeShare(
        processors: Int(granted.rounded()),
        onlineProcessors: first.onlineProcessors,
        usedSeconds: known.reduce(0) { $0 + $1.share.usedSeconds },
        busySeconds: known.map(\.share.busySeconds).reduce(Double?(0)) { sum, next in
            sum.flatMap { sum in next.map { sum + $0 } }
        },
        source: first.source
    )
}

private func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? (b > 0 ? .max : .min) : sum
}

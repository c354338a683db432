internal import Ledger
internal import Metering
internal import Quantities

/// The job's joules: nodes add up, and so do the errors that like sensors share.
func total(_ nodes: [JobNode]) -> EnergyReading {
    let budget = UncertaintyBudget.sum(nodes.flatMap(\.budgets))
    let known = nodes.compactMap(\.joules)
    let totals = nodes.flatMap(\.accounts).map(\.total).filter { $0.joules != nil }
    let bases = Set(totals.map(\.basis))
    var coverage: [String] = []
    for name in totals.flatMap(\.coverage) where !coverage.contains(name) { coverage.append(name) }
    return EnergyReading(
        joules: known.isEmpty ? nil : known.reduce(Joules(0), +),
        uncertainty: known.isEmpty ? nil : budget.expanded,
        randomUncertainty: known.isEmpty ? nil : budget.random,
        basis: bases.count > 1 ? .mixed : bases.first ?? .measured,
        coverage: coverage,
        budget: known.isEmpty ? nil : budget
    )
}

/// Channels of one name over all nodes; powers add up, and of the largest there is none: the nodes' are of unlike times.
func channels(_ nodes: [JobNode]) -> [ChannelEnergy] {
    var order: [String] = []
    var groups: [String: [(energy: ChannelEnergy, node: Int, seconds: Double)]] = [:]
    for (place, node) in nodes.enumerated() {
        for (window, account) in zip(node.windows, node.accounts) {
            for energy in account.channels {
                let name = energy.channel.name
                if groups[name] == nil { order.append(name) }
                groups[name, default: []].append((energy, place, Double(window.times.count) * 1e-9))
            }
        }
    }
    return order.compactMap { name in
        guard let all = groups[name], let first = all.first?.energy else { return nil }
        let known = all.filter { $0.energy.joules != nil }
        let joules = known.compactMap(\.energy.joules).reduce(Joules(0), +)
        let budget = UncertaintyBudget.sum(
            known.compactMap { part in part.energy.budget.map { (Substring(first.channel.source), $0) } }
        )
        var channel = first.channel
        let count = Set(all.map(\.node)).count
        if count > 1 {
            channel.note = [channel.note, "of \(count) nodes"].compactMap(\.self).joined(separator: "; ")
        }
        // Mean power of the nodes together: each over its own time.
        let watts = Dictionary(grouping: known, by: \.node).sorted { $0.key < $1.key }.map { _, own in
            let time = own.reduce(0) { $0 + $1.seconds }
            return time > 0 ? own.reduce(0) { $0 + ($1.energy.joules?.value ?? 0) } / time : 0
        }
        return ChannelEnergy(
            channel: channel,
            joules: known.isEmpty ? nil : joules,
            uncertainty: known.isEmpty ? nil : budget.expanded,
            randomUncertainty: known.isEmpty ? nil : budget.random,
            meanPower: known.isEmpty ? nil : Watts(watts.reduce(0, +)),
            maxPower: all.count == 1 ? first.maxPower : nil,
            samples: all.reduce(0) { $0 + $1.energy.samples },
            wraps: all.reduce(0) { $0 + $1.energy.wraps },
            resets: all.reduce(0) { $0 + $1.energy.resets },
            gaps: all.count == 1 ? first.gaps : [],
            budget: known.isEmpty ? nil : budget
        )
    }
}

/// Regions of the job: on every node the time in which any of its ranks was there; together, by the aligned clocks.
func regions(_ nodes: [JobNode], _ offset: [String: ClockOffset]) -> [RegionEnergy] {
    var order: [String] = []
    var energies: [String: [RegionEnergy]] = [:]
    var visits: [String: [Range<Int64>]] = [:]
    for node in nodes {
        for region in node.regions {
            if energies[region.path] == nil { order.append(region.path) }
            energies[region.path, default: []].append(region)
        }
        for part in node.parts {
            guard let end = part.end else { continue }
            // The part's clock to the job's: by its start on both, and the wall clock's offset.
            let shift = Int64((part.wallStart - (offset[node.name]?.seconds ?? 0)) * 1e9) - part.start.start
            for (path, times) in end.marks.regions(until: end.end).visits {
                if energies[path] == nil {
                    order.append(path)
                    energies[path] = []
                }
                visits[path, default: []] += times.map { $0.lowerBound + shift..<$0.upperBound + shift }
            }
        }
    }
    return order.map { path in
        let all = energies[path] ?? []
        let known = all.filter { $0.joules != nil }
        let budget = UncertaintyBudget.sum(known.compactMap { $0.budget.map { (Substring(""), $0) } })
        return RegionEnergy(
            path: path,
            count: all.reduce(0) { $0 + $1.count },
            duration: Seconds(Double(length(ofUnion: visits[path] ?? [])) * 1e-9),
            joules: known.isEmpty ? nil : known.compactMap(\.joules).reduce(Joules(0), +),
            uncertainty: known.isEmpty ? nil : budget.expanded,
            counts: all.reduce(into: [:]) { $0.merge($1.counts, uniquingKeysWith: +) },
            budget: known.isEmpty ? nil : budget
        )
    }
}

/// The ranks of a node with their equal parts of what it drew in their time; together they have no more than the node.
func rankAccounts(of node: JobNode) -> [JobAccount.Rank] {
    // What measures the whole job beside its ranks is none of them.
    let ranked = node.parts.filter { $0.start.job?.rank != nil }
    let parts = ranked.isEmpty ? node.parts : ranked
    let times = parts.map { $0.start.start..<max($0.start.start, $0.end?.end ?? 0) }
    let energies = zip(parts, times).map { part, time in
        node.energy(from: time.lowerBound, to: time.upperBound, marks: part.end?.marks ?? Marks())
    }
    let fractions = equalParts(times)
    let sum = zip(energies, fractions).reduce(0) { $0 + ($1.0.joules?.value ?? 0) * $1.1 }
    let scale = node.joules.map { sum > $0.value ? $0.value / sum : 1 } ?? 1
    return parts.indices.map { place in
        let (part, (joules, regions), fraction) = (parts[place], energies[place], fractions[place] * scale)
        return JobAccount.Rank(
            step: part.start.job?.step,
            rank: part.start.job?.rank,
            node: node.name,
            host: part.start.host.name,
            seconds: part.duration ?? 0,
            exitStatus: part.end?.exitStatus,
            state: part.state,
            joules: joules.map { fraction * $0 },
            regions: regions.map { region in
                JobAccount.RankRegion(
                    path: region.path,
                    count: region.count,
                    seconds: region.duration.value,
                    joules: region.joules.map { fraction * $0 },
                    counts: region.counts
                )
            }
        )
    }
}

/// Of each of some times, the mean over it of one over the number of those that go on.
func equalParts(_ times: [Range<Int64>]) -> [Double] {
    let edges = Set(times.flatMap { [$0.lowerBound, $0.upperBound] }).sorted()
    let place = Dictionary(uniqueKeysWithValues: edges.enumerated().map { ($1, $0) })
    var change = Array(repeating: 0, count: edges.count + 1)
    for time in times where !time.isEmpty {
        change[place[time.lowerBound] ?? 0] += 1
        change[place[time.upperBound] ?? 0] -= 1
    }
    // Seconds weighed with one over their number, up to each edge.
    var (until, going) = ([0.0], 0)
    for (index, edge) in edges.dropLast().enumerated() {
        going += change[index]
        until.append(until[index] + (going > 0 ? Double(edges[index + 1] - edge) / Double(going) : 0))
    }
    return times.map { time in
        guard !time.isEmpty, let from = place[time.lowerBound], let to = place[time.upperBound] else { return 1 }
        return (until[to] - until[from]) / Double(time.count)
    }
}

/// What each step's nodes drew in its time.
func steps(_ parts: [RunRecord], _ nodes: [JobNode], _ offset: [String: ClockOffset]) -> [JobAccount.Step] {
    Dictionary(grouping: parts, by: \.start.job?.step).map { step, own in
        let ahead = { (run: RunRecord) in offset[run.nodeName]?.seconds ?? 0 }
        let start = own.map { $0.wallStart - ahead($0) }.min() ?? 0
        let end = own.map { $0.wallEnd - ahead($0) }.max() ?? start
        let joules = own.compactMap { $0.end?.account.total.joules }
        return JobAccount.Step(
            id: step,
            name: own.min { ($0.start.job?.rank ?? -1) < ($1.start.job?.rank ?? -1) }?.start.name ?? "",
            seconds: end - start,
            joules: joules.isEmpty ? nil : joules.reduce(Joules(0), +)
        )
    }.sorted { ($0.id ?? "") < ($1.id ?? "") }
}

/// What the job's run says of its beginning.
func jobStart(_ first: RunRecord, _ parts: [RunRecord], begin: Double) -> RunStart {
    let hosts = Dictionary(parts.map { ($0.nodeName, $0.start.host) }) { a, _ in a }
    var host = first.start.host
    if hosts.count > 1 {
        host.name = NodeList.compressed(hosts.keys)
        host.cores = hosts.values.reduce(0) { $0 + $1.cores }
        host.memoryBytes = hosts.values.reduce(0) { $0 + $1.memoryBytes }
        host.gpus = hosts.sorted { isBeforeByNumber($0.key, $1.key) }.flatMap(\.value.gpus)
        // No one machine's boot.
        host.bootID = ""
    }
    var job = first.start.job
    job?.rank = nil
    job?.localRank = nil
    if Set(parts.map(\.start.job?.step)).count > 1 { job?.step = nil }
    if hosts.count > 1 { job?.node = nil }
    let startedAt = Int64((begin * 1e6).rounded())
    var tags: [String: String] = first.start.tags
    for part in parts { tags = tags.filter { part.start.tags[$0.key] == $0.value } }
    return RunStart(
        id: derivedID(at: startedAt, from: ["job"] + parts.map(\.start.id).sorted()),
        name: first.start.name,
        command: first.start.command,
        tags: tags,
        host: host,
        job: job,
        startedAt: startedAt,
        // One machine's clock tells which other runs were there at the same time.
        start: hosts.count == 1 ? parts.map(\.start.start).min() ?? 0 : 0,
        interval: first.start.interval,
        carbon: first.start.carbon,
        writerPID: first.start.writerPID
    )
}

/// A clock that is more than a second off shows in every document of the job.
func clockWarnings(_ account: JobAccount) -> [String] {
    account.nodes.filter { abs($0.clockOffset) > 1 }.map { node in
        let seconds = (abs(node.clockOffset) * 10).rounded() / 10
        return "The clock of \(node.name) is \(seconds) s \(node.clockOffset > 0 ? "ahead" : "behind"), as its steps' "
            + "starts and ends show: its times were shifted by that."
    }
}

/// The parts' own sentences, each once, with the number of nodes where it is not all.
func remarks(_ parts: [RunRecord]) -> [String] {
    let nodes = Set(parts.map(\.nodeName)).count
    var order: [String] = []
    var said: [String: Set<String>] = [:]
    // A rank that reads no sensor has nothing to say of them.
    for part in parts where part.end?.account.channels.isEmpty == false || part.state == .interrupted {
        for sentence in part.end?.warnings ?? [] where !sentence.contains("only marks its regions") {
            if said[sentence] == nil { order.append(sentence) }
            said[sentence, default: []].insert(part.nodeName)
        }
    }
    return order.map { sentence in
        let who = said[sentence] ?? []
        return who.count == nodes ? sentence : "\(NodeList.compressed(who)): \(sentence)"
    }
}

public import Ledger
internal import Metering

/// What the batch system started and the parts do not tell of.
///
/// Of each step the nodes and ranks are known that its ranks were told of. A node that is missing counts with the step's
/// time, one whose meter was killed with the rest of it.
///
/// - Parameters:
///   - parts: The parts of one attempt of a job.
///   - offset: Seconds that a node's clock is ahead.
func missingParts(of parts: [RunRecord], offset: (String) -> Double) -> JobAccount.Missing {
    var missing = JobAccount.Missing()
    var (lost, all) = (0.0, 0.0)
    for step in Dictionary(grouping: parts, by: \.start.job?.step).sorted(by: { ($0.key ?? "") < ($1.key ?? "") }) {
        let jobs = step.value.compactMap(\.start.job)
        let present = Dictionary(grouping: step.value, by: \.nodeName)
        let measured = present.filter { $0.value.contains { $0.end?.account.total.joules != nil } }
        let expected = nodes(of: jobs).union(present.keys)
        let absent = expected.subtracting(measured.keys)
        missing.nodes += absent

        let found = Set(jobs.compactMap(\.rank))
        let ranks = jobs.compactMap(\.ranks).max() ?? 0
        let lostRanks = Set(0..<ranks).subtracting(found).sorted()
        missing.ranks += lostRanks.map { "\(step.key ?? "-"):\($0)" }
        // Ranks that no node was named for sat on nodes that nobody can name.
        let unnamed = absent.isEmpty && jobs.allSatisfy { $0.nodes == nil } ? lostRanks.count : 0

        let start = step.value.map { $0.wallStart - offset($0.nodeName) }.min() ?? 0
        let end = step.value.map { $0.wallEnd - offset($0.nodeName) }.max() ?? start
        let nodes = Double(expected.count)
        all += nodes * (end - start)
        lost += Double(absent.count) * (end - start)
        for (name, own) in measured.sorted(by: { $0.key < $1.key }) {
            let meters = own.filter { $0.end?.account.total.joules != nil }
            guard meters.contains(where: { $0.state == .interrupted }) else { continue }
            let reached = meters.map { $0.wallEnd - offset(name) }.max() ?? start
            missing.cut.append(name)
            lost += max(0, end - reached)
        }
        if unnamed > 0, !found.isEmpty {
            let more = nodes * (end - start) * Double(unnamed) / Double(found.count)
            all += more
            lost += more
        }
    }
    missing.nodes = Set(missing.nodes).sorted(by: isBeforeByNumber)
    missing.cut = Set(missing.cut).sorted(by: isBeforeByNumber)
    missing.share = all > 0 ? min(1, lost / all) : 0
    return missing
}

/// The nodes that a step's ranks were told of; all were told the same, and a list of thousands is read once.
private func nodes(of jobs: [Job]) -> Set<String> {
    let names = ["SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST", "OMPI_MCA_orte_num_nodes"]
    var seen: Set<[String?]> = []
    return jobs.reduce(into: []) { nodes, job in
        let told = names.map { job.variables[$0] } + ["\(job.isRank)", "\(job.isOfMPI)"]
        if seen.insert(told).inserted { nodes.formUnion(job.nodes ?? []) }
    }
}

extension JobAccount.Missing {
    /// A sentence for each thing that is missing, with its share of the job's node-seconds.
    public var sentences: [String] {
        guard !isNothing else { return [] }
        var sentences: [String] = []
        let share = " \(percentage) of the job's node-seconds have no joules."
        if !nodes.isEmpty {
            sentences.append("There is no measurement of \(NodeList.compressed(nodes)): " + share.dropFirst())
        }
        if !cut.isEmpty {
            sentences.append(
                "The meter on \(NodeList.compressed(cut)) was killed before the end: the joules are those until then."
                    + (nodes.isEmpty ? share : "")
            )
        }
        if !ranks.isEmpty {
            let few = ranks.prefix(8).joined(separator: ", ") + (ranks.count > 8 ? " and \(ranks.count - 8) more" : "")
            sentences.append(
                "\(ranks.count) rank\(ranks.count == 1 ? "" : "s") left no run (step:rank \(few))."
                    + (nodes.isEmpty && cut.isEmpty && self.share > 0 ? share : "")
            )
        }
        return sentences
    }

    private var percentage: String {
        let tenths = (share * 1000).rounded() / 10
        return share > 0 && tenths == 0 ? "Less than 0.1 %" : "\(tenths) %"
    }
}

/// Whether a node's name comes before another: by stem, then by number.
func isBeforeByNumber(_ a: String, _ b: String) -> Bool {
    func parts(_ name: String) -> (String, Int) {
        let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
        return (String(name.dropLast(digits)), Int(name.suffix(digits)) ?? -1)
    }
    return parts(a) < parts(b)
}

extension RunRecord {
    /// The node in the batch system's words, else the host's name.
    var nodeName: String { start.job?.node ?? start.host.name }
    /// Start and end by the node's wall clock, seconds since 1970.
    var wallStart: Double { Double(start.startedAt) * 1e-6 }
    var wallEnd: Double { wallStart + (duration ?? 0) }
}

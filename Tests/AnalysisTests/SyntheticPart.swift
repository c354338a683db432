import Analysis
import Ledger
import Metering
import Quantities

/// A part of a job of known truth: a node that draws a constant power, seen by a counter; no sensor ever saw it.
struct SyntheticPart {
    var node = "node1"
    var job = "77"
    var step: String? = "0"
    var rank: Int? = 0
    var localRank = 0
    /// The nodes and ranks that the batch system says it started.
    var nodes = "node[1-4]"
    var ranks = 4
    /// Seconds since 1970 by the node's wall clock, and since its boot.
    var wall = 1_700_000_000.0
    var clock = 1000.0
    var seconds = 10.0
    var watts = 100.0
    var cpu = "Test CPU"
    var sensor = "powercap/package-0"
    /// Begin and end of a region, seconds after the part's start.
    var train: ClosedRange<Double>?
    var state = RunState.finished
    var exit: Int32? = 0
    var share: NodeShare?
    var tags: [String: String] = [:]
    var id: String?

    var name: String { id ?? "\(node)-\(step ?? "")-\(rank ?? -1)" }
    private var start: Int64 { Int64(clock * 1e9) }
    private var end: Int64 { start + Int64(seconds * 1e9) }

    private var channel: Channel {
        Channel(
            name: sensor,
            device: .cpu,
            domain: "package",
            kind: .energyCounter(joulesPerCount: 1e-3, range: nil),
            basis: .measured,
            inTotal: true,
            relativeUncertainty: 0.05,
            uncertaintySource: "invented",
            updatePeriod: Seconds(0.001),
            source: sensor
        )
    }

    /// Readings every 100 ms by the node's counter, which runs since its boot.
    var traces: [Trace] {
        guard localRank == 0 else { return [] }
        let times = (-2...Int(seconds * 10) + 2).map { start + Int64($0) * 100_000_000 }
        let joules = times.map { UInt64(Double($0) * 1e-9 * watts * 1000) }
        return [Trace(channels: [channel], before: times, after: times.map { $0 + 5000 }, columns: [joules])]
    }

    private var marks: Marks {
        guard let train else { return Marks() }
        let at = { (seconds: Double) in start + Int64(seconds * 1e9) }
        let pid = Int32(100 + (rank ?? 0))
        return Marks(marks: [
            Mark(time: at(train.lowerBound), pid: pid, tid: pid, event: .begin(region: "train", attributes: [:])),
            Mark(time: at(train.lowerBound), pid: pid, tid: pid, event: .count(["images": 8])),
            Mark(time: at(train.upperBound), pid: pid, tid: pid, event: .end(region: "train")),
        ])
    }

    var record: RunRecord {
        let host = Host(
            name: node,
            cpu: cpu,
            cores: 8,
            memoryBytes: 1 << 30,
            kernel: "6.1",
            os: "Debian",
            bootID: "boot of \(node)"
        )
        let place = Job(
            scheduler: "slurm",
            id: job,
            step: step,
            node: node,
            rank: rank,
            localRank: rank == nil ? nil : localRank,
            processors: 8,
            onlineProcessors: 8,
            variables: ["SLURM_STEP_NODELIST": nodes, "SLURM_JOB_NODELIST": nodes, "SLURM_STEP_NUM_TASKS": "\(ranks)"]
        )
        let begin = RunStart(
            id: name,
            name: "train",
            command: ["train"],
            tags: tags,
            role: .part,
            host: host,
            job: place,
            startedAt: Int64(wall * 1e6),
            start: start,
            interval: 0.1,
            writerPID: 1
        )
        let account = account(traces: traces, start: start, end: end, marks: marks, interval: 100_000_000)
        return RunRecord(
            start: begin,
            end: RunEnd(
                state: state,
                exitStatus: exit,
                end: end,
                marks: marks,
                account: account,
                counts: marks.counts,
                surroundings: Surroundings(othersBusy: nil, share: share)
            )
        )
    }
}

/// Joins parts as the ledger does, with their samples at hand.
func join(_ parts: [SyntheticPart], idle: Double? = nil) throws -> RunRecord? {
    let traces = Dictionary(parts.map { ($0.name, $0.traces) }) { a, _ in a }
    return joinJob(parts.map(\.record), traces: { traces[$0] ?? [] }, idle: { _ in idle })
}

/// One rank on each of some nodes, 20 W more from one to the next.
func nodes(_ count: Int, _ change: (inout SyntheticPart) -> Void = { _ in }) -> [SyntheticPart] {
    (1...count).map { number in
        var part = SyntheticPart(node: "node\(number)", rank: number - 1, nodes: "node[1-\(count)]", ranks: count)
        part.clock = 1000 * Double(number)
        part.watts = 80 + 20 * Double(number)
        change(&part)
        return part
    }
}

public import Foundation
public import Quantities

/// The jobs of an accounting file.
public struct Accounting: Sendable, Hashable {
    /// Those that ran and ended, in the file's order.
    public var jobs: [PastJob]
    /// What was left out, a sentence each.
    public var leftOut: [String]
}

extension Accounting {
    /// Reads what `sacct --parsable` or `--parsable2` wrote.
    ///
    /// A job is one row, whatever steps it has: its own energy counts; else that of its `extern` step, which spans all
    /// nodes for the whole time; else its largest step's, as a lower bound. Energy that would mean a mean power above
    /// the limit, or below 1 W a node, is dropped with a sentence.
    /// - Parameters:
    ///   - path: For messages.
    ///   - timeZone: The cluster's, in which sacct writes its times.
    ///   - maximumNodePower: More than a node can draw.
    public init(
        sacct text: String,
        path: String,
        timeZone: TimeZone,
        maximumNodePower: Watts
    ) throws(PastJobError) {
        let table = try AccountingTable(text: text, path: path)
        guard table.has("start"), table.has("elapsed", "elapsedraw") else {
            throw PastJobError(
                path: path,
                line: 1,
                problem: "The columns Start and ElapsedRaw are missing.",
                remedy: "Write it with \(sacctExample)."
            )
        }
        var steps: [String: [AccountingTable.Row]] = [:]
        var own: [AccountingTable.Row] = []
        for row in table.rows {
            let id = table.value(row, "jobid") ?? ""
            if let dot = id.firstIndex(of: ".") {
                steps[String(id[..<dot]), default: []].append(row)
            } else {
                own.append(row)
            }
        }
        (jobs, leftOut) = ([], [])
        var (open, neverRan) = (0, 0)
        for row in own {
            let state = table.value(row, "state")?.split(separator: " ").first.map(String.init) ?? ""
            if Self.open.contains(state) {
                open += 1
                continue
            }
            guard var job = try Self.job(row, state, in: table, path: path, timeZone: timeZone) else {
                neverRan += 1
                continue
            }
            job.readEnergy(row, steps: steps[job.id] ?? [], in: table)
            job.refuseAbsurdEnergy(above: maximumNodePower)
            jobs.append(job)
        }
        if open > 0 { leftOut.append("\(counted(open)) not ended yet: import them when they have.") }
        if neverRan > 0 { leftOut.append("\(counted(neverRan)) never started.") }
        let orphans = Set(steps.keys).subtracting(own.map { table.value($0, "jobid") ?? "" })
        if !orphans.isEmpty {
            leftOut.append("Steps of \(counted(orphans.count)) stand without their job's own row, and are left out.")
        }
    }

    private static let open: Set<String> = [
        "RUNNING", "PENDING", "COMPLETING", "CONFIGURING", "SUSPENDED", "RESIZING", "STAGE_OUT", "STOPPED",
    ]

    /// `nil` for one that never started.
    private static func job(
        _ row: AccountingTable.Row,
        _ state: String,
        in table: AccountingTable,
        path: String,
        timeZone: TimeZone
    ) throws(PastJobError) -> PastJob? {
        let wrong = { (column: String, text: String) in
            PastJobError(
                path: path,
                line: row.line,
                problem: "\(column) is “\(text)”, which cannot be read.",
                remedy: "Write it with \(sacctExample)."
            )
        }
        guard let id = table.value(row, "jobid"), !state.isEmpty else { throw wrong("JobID or State", "") }
        guard let start = table.value(row, "start") else { return nil }
        let raw = table.value(row, "elapsedraw")
        let clock = table.value(row, "elapsed")
        guard let elapsed = raw.flatMap(Double.init) ?? clock.flatMap(elapsedSeconds), elapsed >= 0, elapsed < 1e9
        else { throw wrong("Elapsed", raw ?? clock ?? "") }
        guard elapsed > 0 else { return nil }
        guard let startedAt = startMicroseconds(start, in: timeZone) else { throw wrong("Start", start) }
        let resources = trackedResources(table.value(row, "alloctres"))
        let nodes = table.value(row, "allocnodes", "nnodes") ?? resources["node"]
        let processors = table.value(row, "alloccpus", "ncpus") ?? resources["cpu"]
        for (column, text) in [("Nodes", nodes), ("NCPUS", processors)] {
            if let text, Int(text) == nil { throw wrong(column, text) }
        }
        return PastJob(
            id: id,
            name: table.value(row, "jobname") ?? id,
            state: state,
            exitStatus: exitStatus(table.value(row, "exitcode"), state: state),
            startText: start,
            startedAt: startedAt,
            elapsed: Seconds(elapsed),
            nodes: max(1, nodes.flatMap { Int($0) } ?? 1),
            processors: max(0, processors.flatMap { Int($0) } ?? 0),
            gpus: gpuCount(resources),
            cluster: table.value(row, "cluster"),
            account: table.value(row, "account"),
            partition: table.value(row, "partition"),
            nodeList: table.value(row, "nodelist"),
            energy: nil,
            remarks: nodes == nil ? ["The accounting does not say on how many nodes it ran: 1 is taken."] : []
        )
    }
}

extension PastJob {
    fileprivate mutating func readEnergy(
        _ row: AccountingTable.Row,
        steps: [AccountingTable.Row],
        in table: AccountingTable
    ) {
        let joules = { (row: AccountingTable.Row) -> Double? in
            let text =
                table.value(row, "consumedenergyraw", "consumedenergy")
                ?? trackedResources(table.value(row, "alloctres"))["energy"]
            // Slurm writes 0, and 2^64 - 2, for what no plugin counted.
            return text.flatMap(suffixedJoules).flatMap { $0 > 0 && $0 != 18_446_744_073_709_551_616 ? $0 : nil }
        }
        let named = { (suffix: String) in
            steps.first { table.value($0, "jobid")?.hasSuffix(suffix) == true }.flatMap(joules)
        }
        if let own = joules(row) {
            energy = Joules(own)
        } else if let whole = named(".extern") {
            energy = Joules(whole)
            remarks.append("Its energy is that of its step extern, which spans all its nodes.")
        } else if let largest = steps.compactMap(joules).max() {
            energy = Joules(largest)
            remarks.append("Its energy is that of its largest step, so a lower bound.")
        }
    }

    /// Drops energy that no node could take.
    fileprivate mutating func refuseAbsurdEnergy(above limit: Watts) {
        guard let energy else { return }
        let power = energy / elapsed / Double(nodes)
        guard power > limit || power < Watts(1) else { return }
        self.energy = nil
        remarks = [
            "Slurm's \(energy.formatted()) would be \(power.formatted()) a node, which cannot be: it is dropped."
        ]
    }
}

private func counted(_ number: Int) -> String { number == 1 ? "1 job has" : "\(number) jobs have" }

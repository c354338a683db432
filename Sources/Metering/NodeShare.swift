/// What part of a shared node's processors a run had, as granted and as used.
public struct NodeShare: Sendable, Codable, Hashable {
    /// Where the used time comes from.
    public enum Source: String, Sendable, Codable, Hashable {
        /// The control group of the job or step, all its processes on the node.
        case controlGroup = "cgroup cpu.stat"
        /// `/proc/PID/stat` of every process below the one that started this node's ranks.
        case processes = "/proc/PID/stat"
        /// The measured command and the children that it waited for.
        case command = "command and its children"
    }

    /// Logical processors of the job, and of the node.
    public var processors: Int
    public var onlineProcessors: Int
    /// Seconds of processor time that the job used during the run.
    public var usedSeconds: Double
    /// Seconds in which processors of the node worked, for whomever; `nil` where it is not known.
    public var busySeconds: Double?
    /// Where ``usedSeconds`` comes from.
    public var source: Source

    /// A share; the arguments are the properties of the same names.
    public init(
        processors: Int,
        onlineProcessors: Int,
        usedSeconds: Double,
        busySeconds: Double?,
        source: Source
    ) {
        self.processors = processors
        self.onlineProcessors = onlineProcessors
        self.usedSeconds = usedSeconds
        self.busySeconds = busySeconds
        self.source = source
    }

    /// Granted processors over those of the node, 0 to 1.
    public var allocated: Double { min(1, Double(processors) / Double(max(1, onlineProcessors))) }
    /// Used processor time over that of all, 0 to 1; `nil` where it is not known.
    public var ofProcessorTime: Double? {
        busySeconds.flatMap { $0 > 0 ? min(1, max(0, usedSeconds / $0)) : nil }
    }
}

/// The processor time that a job uses on this node, read twice.
struct ProcessorTimeOfJob: Sendable {
    private let tree: FileTree
    private let group: String?
    /// The process that started the ranks of this node; `nil` where this process is alone.
    private let starter: Int32?

    var source: NodeShare.Source { group != nil ? .controlGroup : starter != nil ? .processes : .command }

    /// Looks where the time of a job can be read.
    ///
    /// - Parameter parent: The process that started this one.
    init(_ job: Job, tree: FileTree, parent: Int32) {
        self.tree = tree
        let group = controlGroup(tree)
        self.group = group.flatMap { usedSeconds(ofGroup: $0, tree) == nil ? nil : $0 }
        starter = job.localRank == nil ? nil : parent
    }

    /// Seconds so far; `nil` where only this process' own are known.
    func seconds() -> Double? {
        group.flatMap { usedSeconds(ofGroup: $0, tree) } ?? starter.flatMap { processorSeconds(below: $0, tree) }
    }
}

/// The control group of this process' batch step, else of its batch job; `nil` outside of one.
///
/// Of `/system.slice/slurmstepd.scope/job_12/step_0/user/task_0` it is the part up to `step_0`.
func controlGroup(_ tree: FileTree) -> String? {
    guard let line = tree.line("/proc/self/cgroup")?.split(separator: "\n").first(where: { $0.hasPrefix("0::") })
    else { return nil }
    let parts = line.dropFirst(3).split(separator: "/")
    let job = parts.firstIndex { $0.hasPrefix("job_") }
    let step = parts.firstIndex { $0.hasPrefix("step_") }
    guard let last = step ?? job else { return nil }
    return "/sys/fs/cgroup/" + parts[...last].joined(separator: "/")
}

/// Seconds of processor time of a control group, version 2.
private func usedSeconds(ofGroup path: String, _ tree: FileTree) -> Double? {
    guard let text = tree.line(path + "/cpu.stat") else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix("usage_usec ") {
        return Double(line.dropFirst("usage_usec ".count)).map { $0 * 1e-6 }
    }
    return nil
}

/// Seconds of processor time of every process below one, with those of the children that they waited for.
func processorSeconds(below root: Int32, _ tree: FileTree) -> Double? {
    var parents: [Int32: Int32] = [:]
    var ticks: [Int32: Double] = [:]
    for entry in (try? tree.entries("/proc")) ?? [] {
        guard let pid = Int32(entry), let text = tree.line("/proc/\(entry)/stat"),
            // A name may hold spaces and brackets: what follows the last one is numbers.
            let end = text.lastIndex(of: ")")
        else { continue }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 14, let parent = Int32(fields[1]) else { continue }
        parents[pid] = parent
        ticks[pid] = fields[11...14].compactMap { Double($0) }.reduce(0, +)
    }
    guard ticks[root] != nil else { return nil }
    func isBelow(_ pid: Int32) -> Bool {
        var (next, steps) = (pid, 0)
        while next != root {
            guard let parent = parents[next], parent != next, steps < 1000 else { return false }
            (next, steps) = (parent, steps + 1)
        }
        return true
    }
    return ticks.filter { isBelow($0.key) }.values.reduce(0, +) / ticksPerSecond
}

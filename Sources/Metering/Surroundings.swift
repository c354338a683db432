import Glibc

/// What else went on in the machine while a command was measured.
public struct Surroundings: Sendable, Codable, Hashable {
    /// Processors that others than the command and the meter kept busy, on average; `nil` where it is not known.
    public var othersBusy: Double?
    /// Whether the machine drew on its battery at the start or at the end.
    public var onBattery: Bool
    /// The frequency governors at the start and at the end, where they differ.
    public var governors: [String]?
    /// The part of the node that the run's job had; `nil` outside of a batch system, or where nobody looked.
    public var share: NodeShare?

    /// Surroundings; the arguments are the properties of the same names.
    public init(
        othersBusy: Double?,
        onBattery: Bool = false,
        governors: [String]? = nil,
        share: NodeShare? = nil
    ) {
        self.othersBusy = othersBusy
        self.onBattery = onBattery
        self.governors = governors
        self.share = share
    }
}

/// Looks at the machine before a command starts, to be compared with how it looks afterwards.
public struct SurroundingsWatch: Sendable {
    private let tree: FileTree
    private let busy: Double?
    private let battery: Bool
    private let governor: String?
    private let job: Job?
    private let time: ProcessorTimeOfJob?
    private let used: Double?

    /// Looks now, at the files below `root`.
    ///
    /// - Parameter job: The batch job of this process, whose part of the node is told apart.
    public init(root: String = "/", job: Job? = nil) {
        tree = FileTree(root: root)
        self.job = job
        time = job.map { [tree] in ProcessorTimeOfJob($0, tree: tree, parent: getppid()) }
        used = time?.seconds()
        busy = busySeconds(tree)
        battery = isOnBattery(tree)
        governor = governors(tree)
    }

    /// What lay around a command of so many seconds that used `own` seconds of processor time, the meter's included.
    public func finish(seconds: Double, own: Double) -> Surroundings {
        let now = governors(tree)
        let all = busy.flatMap { before in busySeconds(tree).map { $0 - before } }
        // Of a job, all its processes on the node are no others.
        let jobs = used.flatMap { before in time?.seconds().map { max(own, $0 - before) } }
        let others = all.map { max(0, $0 - (jobs ?? own)) }
        let share = job.map { job in
            NodeShare(
                processors: job.processors,
                onlineProcessors: job.onlineProcessors,
                usedSeconds: jobs ?? own,
                busySeconds: all,
                source: jobs == nil ? .command : time?.source ?? .command
            )
        }
        return Surroundings(
            othersBusy: seconds > 0 ? others.map { $0 / seconds } : nil,
            onBattery: battery || isOnBattery(tree),
            governors: governor == now ? nil : [governor ?? "unknown", now ?? "unknown"],
            share: share
        )
    }
}

/// Seconds in which processors worked, all of them together: user, nice, system, interrupts, and what guests took.
private func busySeconds(_ tree: FileTree) -> Double? {
    guard let text = try? tree.text("/proc/stat"), let line = text.utf8.split(separator: UInt8(ascii: "\n")).first
    else { return nil }
    let fields = Substring(line).split(separator: " ")
    guard fields.first == "cpu", fields.count > 7 else { return nil }
    let ticks = [1, 2, 3, 6, 7].compactMap { Double(fields[$0]) }
    return ticks.count == 5 ? ticks.reduce(0, +) / ticksPerSecond : nil
}

/// Whether a battery of the machine itself, not of a mouse, is being emptied.
private func isOnBattery(_ tree: FileTree) -> Bool {
    let folder = "/sys/class/power_supply"
    return ((try? tree.entries(folder)) ?? []).contains { name in
        tree.line("\(folder)/\(name)/type") == "Battery" && tree.line("\(folder)/\(name)/scope") != "Device"
            && tree.line("\(folder)/\(name)/status") == "Discharging"
    }
}

/// The governor of the first processor: they are set together where nobody plays.
private func governors(_ tree: FileTree) -> String? {
    tree.line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
}

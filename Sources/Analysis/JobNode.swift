internal import Ledger
internal import Metering
internal import Quantities

/// One node of a job: the parts that ran on it, and what its sensors saw, each instant once.
struct JobNode {
    /// A stretch that one part's sensors cover, ns of the node's monotonic clock.
    struct Window {
        var part: RunRecord
        var times: Range<Int64>
    }

    let name: String
    /// All parts, in the order of their starts.
    let parts: [RunRecord]
    /// Stretches without overlap, in order.
    let windows: [Window]
    /// What the sensors saw in each window.
    private(set) var accounts: [EnergyAccount] = []
    /// Joules of regions of all ranks of the node, by path.
    private(set) var regions: [RegionEnergy] = []

    /// The parts of one node; those that overlap, as a step within a prolog's measurement, share the time out.
    init(name: String, parts: [RunRecord], traces: (String) throws -> [Trace]) rethrows {
        self.name = name
        let ordered = parts.sorted { ($0.start.start, $0.start.id) < ($1.start.start, $1.start.id) }
        self.parts = ordered
        windows = Self.windows(ordered)
        let marks = Self.marks(ordered)
        let isOneProgram = ordered.count == 1
        var samples: [String: [Trace]] = [:]
        for window in windows {
            let (start, end) = (window.part.start.start, window.part.end?.end ?? window.part.start.start)
            if isOneProgram, window.times == start..<end, let account = window.part.end?.account {
                accounts.append(account)
                continue
            }
            let id = window.part.start.id
            if samples[id] == nil { samples[id] = try traces(id) }
            let own = samples[id] ?? []
            // Without its samples a whole part still has its joules.
            if own.isEmpty, window.times == start..<end, let account = window.part.end?.account {
                accounts.append(account)
                continue
            }
            accounts.append(
                account(
                    traces: own,
                    start: window.times.lowerBound,
                    end: window.times.upperBound,
                    marks: marks,
                    interval: Int64(window.part.start.interval * 1e9)
                )
            )
        }
        regions = Self.sum(accounts.map(\.regions))
        self.samples = samples
    }

    private var samples: [String: [Trace]]

    /// Lets go of the samples: what is asked for afterwards is known without them.
    mutating func forgetSamples() { samples = [:] }

    /// The node's joules in some time of it, and the regions of these marks; `nil` where no sensor saw all of it.
    func energy(from start: Int64, to end: Int64, marks: Marks) -> (joules: Joules?, regions: [RegionEnergy]) {
        var sums: [EnergyAccount] = []
        for (window, whole) in zip(windows, accounts) {
            let times = window.times.clamped(to: start..<max(start, end))
            guard !times.isEmpty else { continue }
            if times == window.times, parts.count == 1 {
                sums.append(whole)
            } else if let own = samples[window.part.start.id], !own.isEmpty {
                sums.append(
                    account(
                        traces: own,
                        start: times.lowerBound,
                        end: times.upperBound,
                        marks: marks,
                        interval: Int64(window.part.start.interval * 1e9)
                    )
                )
            }
        }
        let joules = sums.compactMap(\.total.joules)
        return (joules.isEmpty ? nil : joules.reduce(Joules(0), +), Self.sum(sums.map(\.regions)))
    }

    /// Seconds that the sensors cover.
    var seconds: Double { windows.reduce(0) { $0 + Double($1.times.count) } * 1e-9 }

    /// The sum over all windows; `nil` where none has joules.
    var joules: Joules? {
        let known = accounts.compactMap(\.total.joules)
        return known.isEmpty ? nil : known.reduce(Joules(0), +)
    }

    /// Budgets of all channels in the total, with the sort of sensor: like ones share their calibration.
    var budgets: [(kind: Substring, budget: UncertaintyBudget)] {
        zip(windows, accounts).flatMap { window, account in
            account.channels.filter { $0.channel.inTotal && $0.joules != nil }.compactMap { energy in
                energy.budget.map { (Self.model(of: energy.channel, window.part.start.host), $0) }
            }
        }
    }

    /// The sort of sensor, and of what it sits in: two nodes of one make have one calibration between them.
    private static func model(of channel: Channel, _ host: Host) -> Substring {
        channel.sensorKind + " " + (channel.device == .gpu ? host.gpus.sorted().joined(separator: " ") : host.cpu)
    }

    /// Later parts get what earlier ones leave of the time.
    static func windows(_ parts: [RunRecord]) -> [Window] {
        var reach = Int64.min
        var windows: [Window] = []
        for part in parts where part.end?.account.total.joules != nil {
            guard let end = part.end?.end else { continue }
            let times = max(reach, part.start.start)..<max(reach, part.start.start, end)
            if !times.isEmpty { windows.append(Window(part: part, times: times)) }
            reach = max(reach, end)
        }
        return windows
    }

    /// All ranks' marks as one stream: they share the node's clock.
    private static func marks(_ parts: [RunRecord]) -> Marks {
        guard parts.count > 1 else { return parts.first?.end?.marks ?? Marks() }
        return Marks(marks: parts.flatMap { $0.end?.marks.marks ?? [] }.sorted { $0.time < $1.time })
    }

    /// Regions of several windows: times and joules add up, entries are those of the marks, which all windows share.
    private static func sum(_ windows: [[RegionEnergy]]) -> [RegionEnergy] {
        guard windows.count > 1 else { return windows.first ?? [] }
        var sums: [RegionEnergy] = []
        for region in windows.joined() {
            guard let place = sums.firstIndex(where: { $0.path == region.path }) else {
                sums.append(region)
                continue
            }
            let before = sums[place]
            sums[place].count = max(before.count, region.count)
            sums[place].duration = before.duration + region.duration
            sums[place].counts.merge(region.counts) { max($0, $1) }
            guard let more = region.joules else { continue }
            sums[place].joules = (before.joules ?? Joules(0)) + more
            sums[place].budget = .sum(
                [before.budget, region.budget].compactMap { $0.map { (kind: Substring(""), budget: $0) } }
            )
            sums[place].uncertainty = sums[place].budget?.expanded
        }
        return sums
    }
}

public import Ledger
public import Metering

/// Power over time for a site's monitoring: lines of the InfluxDB protocol with the tags of ClusterCockpit.
///
///     cpu_power,cluster=fritz,hostname=node7,type=node value=84.25 1700000040000000000
///
/// One value for each device and step, the sum of the channels in the run's total; steps begin on multiples of `step`
/// by the wall clock, as a store of fixed intervals wants them, and the first and last are means over what the run has
/// of them. Time: nanoseconds since 1970. What a model says is named `cpu_power_modelled`, and so on.
///
/// - Parameters:
///   - run: The run that the readings are of.
///   - traces: Its readings.
///   - step: Nanoseconds, at least one microsecond.
///   - cluster: The cluster's name; by default that of the batch system.
/// - Returns: Lines, each with its end; none where the run has not ended or nothing can be read.
public func lineProtocol(_ run: RunRecord, traces: [Trace], step: Int64, cluster: String? = nil) -> String {
    guard let end = run.end?.end, end > run.start.start, step >= 1000 else { return "" }
    // What to add to an instant of the traces for the wall clock.
    let offset = run.start.startedAt * 1000 - run.start.start
    let first = (run.start.start + offset) / step
    let last = (end + offset - 1) / step
    let windows = (first...last).map { index in
        max(run.start.start, index * step - offset)..<min(end, (index + 1) * step - offset)
    }
    var metrics: [(name: String, watts: [Double?])] = []
    for power in channelPowers(traces: traces, windows: windows) where power.channel.inTotal {
        let name = metric(power.channel)
        if let place = metrics.firstIndex(where: { $0.name == name }) {
            // A sum of which a part is unknown is unknown.
            metrics[place].watts = zip(metrics[place].watts, power.watts).map { a, b in
                a.flatMap { a in b.map { a + $0 } }
            }
        } else {
            metrics.append((name, power.watts))
        }
    }
    let job = run.start.job
    let tags = [
        ("cluster", cluster ?? job?.variables["SLURM_CLUSTER_NAME"] ?? "unnamed"),
        ("hostname", job?.node ?? run.start.host.name), ("type", "node"),
    ].map { ",\($0.0)=\(escaped($0.1))" }.joined()
    var text = ""
    for (index, _) in windows.enumerated() {
        for (name, watts) in metrics {
            guard let value = watts[index], value.isFinite else { continue }
            text += "\(name)\(tags) value=\(value) \((first + Int64(index)) * step)\n"
        }
    }
    return text
}

/// The metric's name where a site knows one of that kind, else the device's.
private func metric(_ channel: Channel) -> String {
    let device =
        switch channel.device {
        case .cpu: "cpu"
        case .memory: "mem"
        case .gpu: "acc"
        default: channel.device.rawValue
        }
    return "\(device)_power" + (channel.basis == .modelled ? "_modelled" : "")
}

/// A tag's value: commas, equal signs and spaces have a backslash before them; there are no line breaks in one.
private func escaped(_ text: String) -> String {
    var result = ""
    for character in text.isEmpty ? "unnamed" : text {
        if character.isNewline { continue }
        if ",= \\".contains(character) { result.append("\\") }
        result.append(character)
    }
    return result
}

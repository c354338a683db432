public import Ledger
import Metering
import Quantities

/// Joules and seconds of finished runs in the text format of Prometheus (0.0.4), for a textfile collector or a gateway.
///
/// One sample a run and device, and one for the total; a run that has not ended is left out.
public func prometheusText(_ runs: [RunRecord]) -> String {
    let ended = runs.filter { $0.end != nil }
    var text = header("wattbook_run_energy_joules", "Energy of a finished run, by device and in total.")
    for run in ended {
        guard let account = run.end?.account else { continue }
        for device in Device.allCases {
            let channels = account.channels.filter { $0.channel.inTotal && $0.channel.device == device }
            let known = channels.compactMap { $0.joules?.value }
            guard !known.isEmpty, known.count == channels.count else { continue }
            let bases = Set(channels.map(\.channel.basis))
            let basis = bases.count == 1 ? bases.first ?? .mixed : .mixed
            text += sample("wattbook_run_energy_joules", run, [device.rawValue, basis.rawValue], known.reduce(0, +))
        }
        if let total = account.total.joules?.value {
            text += sample("wattbook_run_energy_joules", run, ["total", account.total.basis.rawValue], total)
        }
    }
    text += header("wattbook_run_duration_seconds", "Duration of a finished run.")
    for run in ended {
        if let duration = run.duration { text += sample("wattbook_run_duration_seconds", run, [], duration) }
    }
    return text
}

private func header(_ name: String, _ help: String) -> String { "# HELP \(name) \(help)\n# TYPE \(name) gauge\n" }

private func sample(_ name: String, _ run: RunRecord, _ device: [String], _ value: Double) -> String {
    let job = run.start.job
    var labels = [
        ("run", run.start.id), ("name", run.start.name), ("host", job?.node ?? run.start.host.name),
        ("job", job?.id ?? ""),
    ]
    labels += zip(["device", "basis"], device)
    let words = labels.map { "\($0.0)=\"\(quoted($0.1))\"" }.joined(separator: ",")
    return "\(name){\(words)} \(value)\n"
}

/// A label's value: backslashes, quotes and line ends are escaped.
private func quoted(_ text: String) -> String {
    text.map { character in
        switch character {
        case "\\": "\\\\"
        case "\"": "\\\""
        case "\n": "\\n"
        default: String(character)
        }
    }.joined()
}

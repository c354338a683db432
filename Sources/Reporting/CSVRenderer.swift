import Analysis
import Carbon
import Ledger
import Metering
import Quantities

/// Comma-separated values, one run a row, with the unit in every column's name.
///
/// The columns of factors, devices, metrics and counts follow the study. Unknown is empty, never 0. Numbers carry
/// full double precision.
public struct CSVRenderer: Renderer {
    /// A renderer.
    public init() {}

    /// Renders a header and a row for every run.
    public func render(_ report: Report) throws -> String {
        let columns = self.columns(report)
        let header = columns.map { field($0.name) }.joined(separator: ",")
        let rows = report.study.runs.map { run in columns.map { $0.value(run) }.joined(separator: ",") }
        return ([header] + rows).joined(separator: "\n") + "\n"
    }

    private struct Column {
        var name: String
        /// The value as a field, escaped already.
        var value: (RunRecord) -> String
    }

    private func columns(_ report: Report) -> [Column] {
        let study = report.study
        let arms = Dictionary(
            study.arms.flatMap { arm in arm.runIDs.map { ($0, arm.label) } },
            uniquingKeysWith: { first, _ in first }
        )
        let words = { (name: String, value: @escaping (RunRecord) -> String?) in
            Column(name: name) { value($0).map(field) ?? "" }
        }
        let figure = { (name: String, value: @escaping (RunRecord) -> Double?) in
            Column(name: name) { value($0).flatMap { $0.isFinite ? "\($0)" : nil } ?? "" }
        }
        let factors = study.experiment?.factors.map(\.name) ?? Set(study.arms.flatMap(\.levels.keys)).sorted()
        let devices = Device.allCases.filter { device in study.runs.contains { joules(of: device, $0) != nil } }
        let metrics = Set(study.runs.flatMap { $0.end?.metrics.keys.map(\.self) ?? [] }).sorted()
        let counts = Set(study.runs.flatMap { $0.end?.counts.keys.map(\.self) ?? [] }).sorted()
        var columns = [
            words("run") { $0.start.id }, words("name") { $0.start.name }, words("arm") { arms[$0.start.id] },
        ]
        columns += factors.map { factor in words("factor_\(factor)") { $0.start.place?.levels[factor] } }
        columns += [
            words("block") { $0.start.place.map { "\($0.block)" } },
            words("position") { $0.start.place.map { "\($0.position)" } },
            words("role") { $0.start.role.rawValue }, words("state") { $0.state.rawValue },
            words("exit_status") { $0.end?.exitStatus.map { "\($0)" } },
            words("started_at_utc") { timestamp(microseconds: $0.start.startedAt) },
            words("host") { $0.start.host.name },
            figure("duration_s") { $0.duration },
            words("basis") { $0.end?.account.total.joules == nil ? nil : $0.end?.account.total.basis.rawValue },
            figure("energy_j") { $0.end?.account.total.joules?.value },
            figure("energy_uncertainty_j") { $0.end?.account.total.uncertainty?.value },
            figure("mean_power_w") { run in
                guard let energy = run.end?.account.total.joules, let time = run.duration, time > 0 else { return nil }
                return energy.value / time
            },
        ]
        if let region = study.answers.compactMap(\.region).first {
            let part = { (run: RunRecord) in run.end?.account.regions.first { $0.path == region } }
            columns.append(figure("\(region)_duration_s") { part($0)?.duration.value })
            columns.append(figure("\(region)_energy_j") { part($0)?.joules?.value })
        }
        columns += devices.map { device in figure("energy_\(device.rawValue)_j") { joules(of: device, $0) } }
        columns.append(figure("co2e_g") { report.carbon[$0.start.id]?.first?.total.value })
        columns += counts.map { name in words("count_\(name)") { $0.end?.counts[name].map { "\($0)" } } }
        let counted = { (run: RunRecord, name: String) in run.countFigures.first { $0.name == name } }
        columns += counts.map { name in figure("energy_per_\(name)_j") { counted($0, name)?.joulesPerCount } }
        let flops = counts.filter { name in study.runs.contains { counted($0, name)?.gflopPerJoule != nil } }
        columns += flops.map { name in figure("gflop_per_j_\(name)") { counted($0, name)?.gflopPerJoule } }
        columns += metrics.map { name in figure("metric_\(name)") { $0.end?.metrics[name] } }
        if let target = study.experiment?.target {
            columns.append(figure("time_to_target_s") { $0.first(reaching: target)?.seconds.value })
            columns.append(figure("energy_to_target_j") { $0.first(reaching: target)?.joules?.value })
        }
        columns.append(words("command") { shell($0.start.command) })
        return columns
    }

    /// Joules of a device's channels in the total; `nil` where it has none.
    private func joules(of device: Device, _ run: RunRecord) -> Double? {
        let channels = run.end?.account.channels.filter { $0.channel.inTotal && $0.channel.device == device } ?? []
        let known = channels.compactMap { $0.joules?.value }
        return known.isEmpty || known.count < channels.count ? nil : known.reduce(0, +)
    }
}

/// A field by RFC 4180; text that a spreadsheet would run as a formula gets an apostrophe in front.
func field(_ text: String) -> String {
    var text = text
    if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), Double(text) == nil {
        text = "'" + text
    }
    let special = text.unicodeScalars.contains { [",", "\"", "\n", "\r"].contains($0) }
    guard special else { return text }
    let doubled = text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
    return "\"\(doubled)\""
}

import Analysis
import Carbon
import Ledger
import Metering
import Quantities

/// Comma-separated values, one run a row, with the unit in every column's name.
///
/// The columns of factors, devices, metrics and counts follow the study. Unknown is empty, never 0. Numbers carry
/// full double precision.
package struct CSVRenderer: Renderer {
    /// A renderer.
    package init() {}

    /// Renders a header and a row for every run.
    package func render(_ report: any Reportable) throws -> String {
        let columns = report.columns
        let header = columns.map { field($0.name) }.joined(separator: ",")
        let rows = report.runs.map { run in columns.map { $0.value(run) }.joined(separator: ",") }
        return ([header] + rows).joined(separator: "\n") + "\n"
    }
}

/// One figure of every run, with its unit in the name.
package struct RunColumn: Sendable {
    var name: String
    /// The value as a field, escaped already.
    var value: @Sendable (RunRecord) -> String

    static func words(_ name: String, _ value: @escaping @Sendable (RunRecord) -> String?) -> RunColumn {
        RunColumn(name: name) { value($0).map(field) ?? "" }
    }

    static func figure(_ name: String, _ value: @escaping @Sendable (RunRecord) -> Double?) -> RunColumn {
        RunColumn(name: name) { value($0).flatMap { $0.isFinite ? "\($0)" : nil } ?? "" }
    }
}

extension Report {
    /// What the study and its runs tell of each run.
    package var columns: [RunColumn] {
        let arms = Dictionary(
            study.arms.flatMap { arm in arm.runIDs.map { ($0, arm.label) } },
            uniquingKeysWith: { first, _ in first }
        )
        let factors = study.experiment?.factors.map(\.name) ?? Set(study.arms.flatMap(\.levels.keys)).sorted()
        let columns = runColumns(
            of: runs,
            carbon: carbon,
            labels: [.words("arm") { arms[$0.start.id] }],
            factors: factors,
            region: study.answers.compactMap(\.region).first
        )
        guard let target = study.experiment?.target else { return columns }
        let reached: [RunColumn] = [
            .figure("time_to_target_s") { $0.first(reaching: target)?.seconds.value },
            .figure("energy_to_target_j") { $0.first(reaching: target)?.joules?.value },
        ]
        return columns.dropLast() + reached + columns.suffix(1)
    }
}

/// What runs tell of themselves, the command last.
///
/// - Parameters:
///   - labels: what the report says of each run, after its name.
///   - region: whose time and energy stand beside those of the run.
func runColumns(
    of runs: [RunRecord],
    carbon: [String: [CarbonAccount]],
    labels: [RunColumn],
    factors: [String],
    region: String? = nil
) -> [RunColumn] {
    let devices = Device.allCases.filter { device in runs.contains { joules(of: device, $0) != nil } }
    let metrics = Set(runs.flatMap { $0.end?.metrics.keys.map(\.self) ?? [] }).sorted()
    let counts = Set(runs.flatMap { $0.end?.counts.keys.map(\.self) ?? [] }).sorted()
    var columns: [RunColumn] = [.words("run") { $0.start.id }, .words("name") { $0.start.name }] + labels
    columns += factors.map { factor in .words("factor_\(factor)") { $0.start.place?.levels[factor] } }
    columns += [
        .words("block") { $0.start.place.map { "\($0.block)" } },
        .words("position") { $0.start.place.map { "\($0.position)" } },
        .words("role") { $0.start.role.rawValue }, .words("state") { $0.state.rawValue },
        .words("exit_status") { $0.end?.exitStatus.map { "\($0)" } },
        .words("started_at_utc") { timestamp(microseconds: $0.start.startedAt) },
        .words("host") { $0.start.host.name },
        .figure("duration_s") { $0.duration },
        .words("basis") { $0.end?.account.total.joules == nil ? nil : $0.end?.account.total.basis.rawValue },
        .figure("energy_j") { $0.end?.account.total.joules?.value },
        .figure("energy_uncertainty_j") { $0.end?.account.total.uncertainty?.value },
        .figure("mean_power_w") { run in
            guard let energy = run.end?.account.total.joules, let time = run.duration, time > 0 else { return nil }
            return energy.value / time
        },
    ]
    if let region {
        let part = { @Sendable (run: RunRecord) in run.end?.account.regions.first { $0.path == region } }
        columns.append(.figure("\(region)_duration_s") { part($0)?.duration.value })
        columns.append(.figure("\(region)_energy_j") { part($0)?.joules?.value })
    }
    columns += devices.map { device in .figure("energy_\(device.rawValue)_j") { joules(of: device, $0) } }
    columns += carbonColumns(carbon)
    columns += counts.map { name in .words("count_\(name)") { $0.end?.counts[name].map { "\($0)" } } }
    columns += counts.map { name in .figure("energy_per_\(name)_j") { counted($0, name)?.joulesPerCount } }
    let flops = counts.filter { name in runs.contains { counted($0, name)?.gflopPerJoule != nil } }
    columns += flops.map { name in .figure("gflop_per_j_\(name)") { counted($0, name)?.gflopPerJoule } }
    columns += metrics.map { name in .figure("metric_\(name)") { $0.end?.metrics[name] } }
    return columns + [.words("command") { shell($0.start.command) }]
}

/// Grams by grid and by market, each under its own name, with the intensity of the grid; those that any run has.
private func carbonColumns(_ carbon: [String: [CarbonAccount]]) -> [RunColumn] {
    let account = { @Sendable (run: RunRecord, name: String) in
        carbon[run.start.id]?.first { $0.account == name }
    }
    let location = { @Sendable (run: RunRecord) in account(run, CarbonAccount.location) }
    let market = { @Sendable (run: RunRecord) in account(run, CarbonAccount.market) }
    let accounts = carbon.values.flatMap(\.self)
    let hasEmbodied = accounts.contains { $0.account == CarbonAccount.location && $0.embodied != nil }
    let grid: [RunColumn] = [
        .figure("co2e_g") { location($0)?.total.value },
        .figure("co2e_operational_g") { location($0)?.operational.value },
    ]
    let embodied: [RunColumn] = [.figure("co2e_embodied_g") { location($0)?.embodied?.value }]
    let contract: [RunColumn] = [
        .figure("co2e_market_g") { market($0)?.total.value },
        .figure("co2e_market_operational_g") { market($0)?.operational.value },
    ]
    let factor: [RunColumn] = [
        .words("intensity_basis") { location($0)?.basis },
        .figure("intensity_g_per_kwh") { location($0)?.intensity.value },
    ]
    return grid + (hasEmbodied ? embodied : [])
        + (accounts.contains { $0.account == CarbonAccount.market } ? contract : []) + factor
}

private func counted(_ run: RunRecord, _ name: String) -> CountFigure? {
    run.countFigures.first { $0.name == name }
}

/// Joules of a device's channels in the total; `nil` where it has none.
func joules(of device: Device, _ run: RunRecord) -> Double? {
    let channels = run.end?.account.channels.filter { $0.channel.inTotal && $0.channel.device == device } ?? []
    let known = channels.compactMap { $0.joules?.value }
    return known.isEmpty || known.count < channels.count ? nil : known.reduce(0, +)
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

import Carbon
import Ledger
import Metering
import Quantities

/// The file `emissions.csv` as CodeCarbon 3.3 writes it, a row a run, for programs that read it.
///
/// Columns and units are CodeCarbon's: energies in kWh and powers in W with the PUE in them, emissions in kg. A run
/// without joules has no row. What is not known is empty; CodeCarbon would write 0.
package struct CodeCarbonRenderer: Renderer {
    /// A renderer.
    package init() {}

    /// Renders a row for every run that has joules.
    package func render(_ report: any Reportable) throws -> String {
        let rows = report.runs.compactMap { run -> [String]? in
            guard let total = run.end?.account.total.joules, let seconds = run.duration else { return nil }
            return Self.columns.map { column in
                column.value(Row(run: run, joules: total, seconds: seconds, report: report))
            }
        }
        let header = Self.columns.map(\.name)
        return ([header] + rows).map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n"
    }

    private struct Row {
        var run: RunRecord
        var joules: Joules
        var seconds: Double
        var report: any Reportable

        var account: CarbonAccount? { report.carbon[run.start.id]?.first }
        var host: Host { run.start.host }
        var pue: Double { account?.pue ?? 1 }
        /// Whether the zone is a country and no part or union of some.
        var isCountry: Bool { account?.zone.count == 2 }

        func kilowattHours(_ joules: Double?) -> String { number(joules.map { $0 / joulesPerKilowattHour * pue }) }
        func watts(_ joules: Double?) -> String { number(joules.map { seconds > 0 ? $0 / seconds * pue : .nan }) }
        func number(_ value: Double?) -> String { value.flatMap { $0.isFinite ? "\($0)" : nil } ?? "" }
    }

    private struct Column: Sendable {
        var name: String
        var value: @Sendable (Row) -> String

        init(_ name: String, _ value: @escaping @Sendable (Row) -> String = { _ in "" }) {
            self.name = name
            self.value = value
        }
    }

    private static let columns: [Column] = [
        // The end of the run, as there; in UTC, since a time without a zone must be one.
        Column("timestamp") { row in
            let end = row.run.start.startedAt + Int64(row.seconds * 1e6)
            return String(timestamp(microseconds: end).prefix(19))
        },
        Column("project_name") { field($0.run.start.tags["project"] ?? $0.run.start.name) },
        Column("run_id") { field($0.run.start.id) },
        Column("experiment_id") { field($0.run.start.place?.experimentID ?? "") },
        Column("duration") { $0.number($0.seconds) },
        Column("emissions") { $0.number($0.account.map { $0.total.value / 1000 }) },
        Column("emissions_rate") { row in
            row.number(row.account.map { row.seconds > 0 ? $0.total.value / 1000 / row.seconds : .nan })
        },
        Column("cpu_power") { $0.watts(joules(of: .cpu, $0.run)) },
        Column("gpu_power") { $0.watts(joules(of: .gpu, $0.run)) },
        Column("ram_power") { $0.watts(joules(of: .memory, $0.run)) },
        Column("cpu_energy") { $0.kilowattHours(joules(of: .cpu, $0.run)) },
        Column("gpu_energy") { $0.kilowattHours(joules(of: .gpu, $0.run)) },
        Column("ram_energy") { $0.kilowattHours(joules(of: .memory, $0.run)) },
        Column("energy_consumed") { $0.kilowattHours($0.joules.value) },
        Column("water_consumed"),
        Column("country_name") { $0.isCountry ? field($0.account?.zoneName ?? "") : "" },
        // Three letters there, and two in the table of grids.
        Column("country_iso_code") { $0.isCountry ? countryCode(ofZone: $0.account?.zone ?? "") ?? "" : "" },
        Column("region") { $0.isCountry ? "" : field($0.account?.zoneName ?? "") },
        Column("cloud_provider"), Column("cloud_region"),
        Column("os") { field($0.host.os) },
        Column("python_version"),
        Column("codecarbon_version") { field("wattbook \($0.report.version)") },
        Column("cpu_count") { $0.host.cores > 0 ? "\($0.host.cores)" : "" },
        Column("cpu_model") { field($0.host.cpu) },
        Column("gpu_count") { "\($0.host.gpus.count)" },
        Column("gpu_model") { field($0.host.gpus.joined(separator: ", ")) },
        Column("longitude"), Column("latitude"),
        // GiB, which that file calls GB.
        Column("ram_total_size") { row in
            row.number(row.host.memoryBytes > 0 ? Double(row.host.memoryBytes) / 1_073_741_824 : nil)
        },
        Column("tracking_mode") { _ in "machine" },
        Column("cpu_utilization_percent"), Column("gpu_utilization_percent"), Column("ram_utilization_percent"),
        Column("ram_used_gb"),
        Column("on_cloud") { _ in "N" },
        Column("pue") { $0.number($0.pue) },
        Column("wue"),
    ]
}

import Analysis
import Carbon
import Ledger
import Metering
import Quantities

/// A report in the data model of BoAmps (Boavizta), version 1, a measure a run.
///
/// What the model demands and no ledger knows comes from tags of the runs: `taskStage`, `taskFamily`, `dataType`,
/// `infraType`. Where one is missing, the word is `unknown` or `other`, and the report is a draft.
package struct BoAmpsRenderer: Renderer {
    /// A renderer.
    package init() {}

    /// Renders the runs that have joules; the schema allows no report without one, so that there may be none.
    package func render(_ report: any Reportable) throws -> String {
        let runs = report.runs.filter { $0.end?.account.total.joules != nil }
        let (stage, family) = (tag("taskStage", runs), tag("taskFamily", runs))
        let isWhole = stage != nil && family != nil && tag("dataType", runs) != nil
        var members: [(String, JSON)] = [
            (
                "header",
                .object([
                    ("formatVersion", .string("1.0")),
                    ("formatVersionSpecificationUri", .string("https://github.com/Boavizta/BoAmps/tree/main/model")),
                    ("reportId", .string(runs.first?.start.id ?? "none")),
                    ("reportDatetime", .string(time(runs.map(\.start.startedAt).max() ?? 0))),
                    ("reportStatus", .string(isWhole ? "final" : "draft")),
                ])
            ),
            (
                "task",
                .object([
                    ("taskStage", .string(stage ?? "unknown")),
                    ("taskFamily", .string(family ?? "unknown")),
                    ("algorithms", .array([algorithm(runs)])),
                    ("dataset", .array([dataset(runs)])),
                    ("taskDescription", .string(report.document.title)),
                ])
            ),
            ("measures", .array(runs.map { measure($0, version: report.version) })),
        ]
        if let host = runs.first?.start.host, !host.os.isEmpty {
            members.append(("system", .object([("os", .string("linux")), ("distribution", .string(host.os))])))
        }
        members.append(
            (
                "infrastructure",
                .object([
                    ("infraType", .string(infrastructure(runs))), ("components", .array(components(runs))),
                ])
            )
        )
        if let account = runs.lazy.compactMap({ report.carbon[$0.start.id]?.first }).first {
            members.append(
                (
                    "environment",
                    .object([
                        ("country", .string(account.zoneName)),
                        ("powerSourceCarbonIntensity", .number(orNull: account.intensity.value)),
                    ])
                )
            )
        }
        members.append(("quality", .string(quality(runs))))
        return JSON.object(members).text
    }

    private func measure(_ run: RunRecord, version: String) -> JSON {
        let total = run.end?.account.total
        return .object([
            ("measurementMethod", .string("wattbook, \(total?.basis.rawValue ?? "") energy")),
            ("version", .string(version)),
            ("cpuTrackingMode", .string(total?.coverage.joined(separator: " + ") ?? "")),
            ("powerConsumption", .number((total?.joules?.value ?? 0) / joulesPerKilowattHour)),
            ("measurementDuration", .number(run.duration ?? 0)),
            ("measurementDateTime", .string(time(run.start.startedAt))),
        ])
    }

    private func algorithm(_ runs: [RunRecord]) -> JSON {
        let known = [
            ("algorithmName", tag("algorithmName", runs)), ("framework", info("framework", runs)),
            ("frameworkVersion", info("framework_version", runs)), ("quantization", info("precision", runs)),
        ]
        return .object(known.compactMap { name, value in value.map { (name, .string($0)) } })
    }

    private func dataset(_ runs: [RunRecord]) -> JSON {
        let types = ["tabular", "audio", "boolean", "image", "video", "object", "text", "token", "word", "other"]
        let type = tag("dataType", runs).flatMap { types.contains($0) ? $0 : nil } ?? "other"
        return .object([("dataUsage", .string("input")), ("dataType", .string(type))])
    }

    private func infrastructure(_ runs: [RunRecord]) -> String {
        let types = ["publicCloud", "privateCloud", "onPremise", "other"]
        return tag("infraType", runs).flatMap { types.contains($0) ? $0 : nil } ?? "other"
    }

    /// Processors, accelerators and memory of every machine.
    private func components(_ runs: [RunRecord]) -> [JSON] {
        var seen: Set<String> = []
        return runs.map(\.start.host).filter { seen.insert($0.name + $0.cpu).inserted }.flatMap { host -> [JSON] in
            let gibibytes = Int64((Double(host.memoryBytes) / 1_073_741_824).rounded())
            let gpus = Dictionary(host.gpus.map { ($0, Int64(1)) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
            return [component("cpu", host.cpu, count: 1)] + gpus.map { component("gpu", $0.key, count: $0.value) }
                + (gibibytes > 0 ? [component("ram", "", count: 1, gibibytes: gibibytes)] : [])
        }
    }

    private func component(_ type: String, _ name: String, count: Int64, gibibytes: Int64? = nil) -> JSON {
        var members: [(String, JSON)] = [("componentType", .string(type)), ("nbComponent", .integer(count))]
        if !name.isEmpty { members.append(("componentName", .string(name))) }
        if let gibibytes { members.append(("memorySize", .integer(gibibytes))) }
        return .object(members)
    }

    /// That model's three grades, by the relative uncertainty of the joules: within 10 %, 25 % or worse.
    private func quality(_ runs: [RunRecord]) -> String {
        let sums = energySums(runs)
        let joules = sums.map(\.joules).reduce(0, +)
        let relative = joules > 0 ? sums.map(\.uncertainty).reduce(0, +) / joules : 1
        return relative <= 0.1 ? "high" : relative <= 0.25 ? "medium" : "low"
    }

    /// The one value that a tag has in all runs.
    private func tag(_ key: String, _ runs: [RunRecord]) -> String? {
        let values = Set(runs.map { $0.start.tags[key] })
        return values.count == 1 ? values.first ?? nil : nil
    }

    /// The one value that all runs told.
    private func info(_ key: String, _ runs: [RunRecord]) -> String? {
        let values = Set(runs.map { $0.end?.info[key] })
        return values.count == 1 ? values.first ?? nil : nil
    }

    /// As that model writes times, in UTC.
    private func time(_ microseconds: Int64) -> String {
        String(timestamp(microseconds: microseconds).prefix(19)).replacing("T", with: " ")
    }
}

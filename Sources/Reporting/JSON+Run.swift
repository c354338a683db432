public import Analysis
public import Carbon
public import Ledger
import Metering
import Quantities

/// The JSON document of a run, `wattbook.run/1`.
///
/// - Parameters:
///   - carbon: its accounts; none where no grid is known.
///   - idle: the machine's idle power; without it the figures above idle are `null`.
public func runDocument(_ record: RunRecord, carbon: [CarbonAccount], idle: IdlePower? = nil) -> String {
    JSON.run(record, carbon: carbon, idle: idle).text
}

extension JSON {
    static func run(_ record: RunRecord, carbon: [CarbonAccount], idle: IdlePower?) -> JSON {
        let (start, end) = (record.start, record.end)
        return .object([
            ("schema", .string("wattbook.run/1")),
            ("id", .string(start.id)),
            ("name", .string(start.name)),
            ("command", .strings(start.command)),
            ("exit_status", end?.exitStatus.map { .integer(Int64($0)) } ?? .null),
            ("tags", .dictionary(start.tags) { .string($0) }),
            ("state", .string(record.state.rawValue)),
            ("role", .string(start.role.rawValue)),
            ("experiment", start.place.map(place) ?? .null),
            ("started_at", .string(timestamp(microseconds: start.startedAt))),
            ("duration_s", .number(orNull: record.duration)),
            ("host", host(start.host)),
            ("job", job(start.job)),
            ("energy", energy(record, idle: idle)),
            ("attribution", attribution(record, idle: idle)),
            ("job_parts", jobParts(end?.job)),
            ("channels", .array((end?.account.channels ?? []).map(channel))),
            ("regions", .array((end?.account.regions ?? []).map { region($0, of: record) })),
            ("metrics", .dictionary(end?.metrics ?? [:]) { .number(orNull: $0) }),
            ("counts", .dictionary(end?.counts ?? [:]) { .integer(Int64($0)) }),
            ("energy_per_count_j", perCount(record.countFigures)),
            ("gflop_per_j", flops(record.countFigures)),
            ("events", .array((end?.account.events ?? []).map(event))),
            ("info", .dictionary(end?.info ?? [:]) { .string($0) }),
            ("carbon", .array(carbon.map(account))),
            ("sci", .array(carbon.first.map { sci($0, of: record) } ?? [])),
            ("sampler", end?.sampler.map(sampler) ?? .null),
            ("surroundings", end?.surroundings.map(surroundings) ?? .null),
            ("warnings", .strings(end?.warnings ?? [])),
        ])
    }

    private static func place(_ place: ArmPlace) -> JSON {
        .object([
            ("id", .string(place.experimentID)),
            ("levels", .dictionary(place.levels) { .string($0) }),
            ("block", .integer(Int64(place.block))),
            ("position", .integer(Int64(place.position))),
        ])
    }

    private static func surroundings(_ around: Surroundings) -> JSON {
        .object([
            ("others_busy_processors", .number(orNull: around.othersBusy)),
            ("on_battery", .bool(around.onBattery)),
            ("governors", around.governors.map(JSON.strings) ?? .null),
        ])
    }

    static func host(_ host: Host) -> JSON {
        .object([
            ("name", .string(host.name)),
            ("cpu", .string(host.cpu)),
            ("cores", .integer(Int64(host.cores))),
            ("memory_bytes", .integer(host.memoryBytes)),
            ("gpus", .strings(host.gpus)),
            ("kernel", .string(host.kernel)),
            ("os", .string(host.os)),
            ("boot_id", .string(host.bootID)),
            ("time_zone", .string(orNull: host.timeZone)),
            ("country", .string(orNull: host.country)),
        ])
    }

    private static func energy(_ record: RunRecord, idle: IdlePower?) -> JSON {
        let total = record.end?.account.total
        let channels = (record.end?.account.channels ?? []).map(\.channel)
        let net = idle.flatMap { netEnergy(of: record, idle: $0) }
        return .object([
            ("total_j", .number(orNull: total?.joules?.value)),
            ("uncertainty_j", .number(orNull: total?.uncertainty?.value)),
            ("basis", total?.joules == nil ? .null : .string(orNull: total?.basis.rawValue)),
            ("scope", .string(EnergyScope(channels).rawValue)),
            ("net_j", .number(orNull: net?.joules.value)),
            ("net_uncertainty_j", .number(orNull: net?.uncertainty?.value)),
            ("idle_w", .number(orNull: idle?.watts)),
            ("idle_runs", .strings(idle?.runs ?? [])),
            ("coverage", .strings(total?.coverage ?? [])),
            ("budget", budget(total?.budget)),
        ])
    }

    private static func channel(_ entry: ChannelEnergy) -> JSON {
        .object([
            ("name", .string(entry.channel.name)),
            ("device", .string(entry.channel.device.rawValue)),
            ("domain", .string(entry.channel.domain)),
            ("basis", .string(entry.channel.basis.rawValue)),
            ("joules", .number(orNull: entry.joules?.value)),
            ("uncertainty_j", .number(orNull: entry.uncertainty?.value)),
            ("mean_w", .number(orNull: entry.meanPower?.value)),
            ("max_w", .number(orNull: entry.maxPower?.value)),
            ("in_total", .bool(entry.channel.inTotal)),
            ("contained_in", .string(orNull: entry.channel.containedIn)),
            ("samples", .integer(Int64(entry.samples))),
            ("wraps", .integer(Int64(entry.wraps))),
            ("resets", .integer(Int64(entry.resets))),
            (
                "gaps",
                .array(
                    entry.gaps.map { gap in
                        .object([
                            ("from_s", .number(orNull: gap.from)), ("to_s", .number(orNull: gap.to)),
                            ("reason", .string(gap.reason)),
                        ])
                    }
                )
            ),
            ("relative_uncertainty", .number(orNull: entry.channel.relativeUncertainty)),
            ("uncertainty_source", .string(entry.channel.uncertaintySource)),
            ("budget", budget(entry.budget)),
            ("source", .string(entry.channel.source)),
            ("note", .string(orNull: entry.channel.note)),
        ])
    }

    private static func perCount(_ figures: [CountFigure]) -> JSON {
        .object(figures.map { ($0.name, .number(orNull: $0.joulesPerCount)) })
    }

    private static func flops(_ figures: [CountFigure]) -> JSON {
        .object(figures.compactMap { figure in figure.gflopPerJoule.map { (figure.name, .number(orNull: $0)) } })
    }

    private static func event(_ event: EventCount) -> JSON {
        .object([
            ("name", .string(event.name)),
            ("count", event.count.map { .integer(Int64($0)) } ?? .null),
            ("unit", .string(event.channel.eventUnit)),
            ("source", .string(event.channel.source)),
            ("note", .string(orNull: event.channel.note)),
        ])
    }

    private static func region(_ region: RegionEnergy, of record: RunRecord) -> JSON {
        .object([
            ("path", .string(region.path)),
            ("count", .integer(Int64(region.count))),
            ("duration_s", .number(orNull: region.duration.value)),
            ("joules", .number(orNull: region.joules?.value)),
            ("uncertainty_j", .number(orNull: region.uncertainty?.value)),
            ("counts", .dictionary(region.counts) { .integer(Int64($0)) }),
            ("energy_per_count_j", perCount(record.countFigures(of: region))),
            ("gflop_per_j", flops(record.countFigures(of: region))),
            ("budget", budget(region.budget)),
        ])
    }

    private static func sampler(_ report: SamplerReport) -> JSON {
        .object([
            ("interval_s", .number(orNull: report.interval)),
            ("ticks", .integer(Int64(report.ticks))),
            ("missed", .integer(Int64(report.missed))),
            ("lateness_p99_s", .number(orNull: report.latenessP99)),
            ("cpu_s", .number(orNull: report.cpuTime)),
        ])
    }
}

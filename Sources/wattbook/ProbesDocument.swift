import Discovery
import Metering
import Reporting

/// The JSON document of a machine's sensors, `wattbook.probes/1`.
func probesDocument(_ inventory: Inventory) -> String {
    let total = inventory.channels.filter(\.inTotal)
    let bases = Set(total.map(\.basis))
    return JSON.object([
        ("schema", .string("wattbook.probes/1")),
        ("interfaces", .array(inventory.interfaces.map(document))),
        (
            "total",
            .object([
                ("scope", .string(inventory.scope.rawValue)),
                ("basis", .string(orNull: bases.count > 1 ? Basis.mixed.rawValue : bases.first?.rawValue)),
                ("coverage", .strings(inventory.coverage)),
            ])
        ),
    ]).text
}

private func document(_ interface: Interface) -> JSON {
    var (word, reason, remedy) = ("ready", String?.none, String?.none)
    switch interface.availability {
    case .ready: break
    case .absent(let text): (word, reason) = ("absent", text)
    case .denied(let text): (word, remedy) = ("denied", text)
    }
    return .object([
        ("name", .string(interface.name)),
        ("availability", .string(word)),
        ("reason", .string(orNull: reason)),
        ("remedy", .string(orNull: remedy)),
        ("notes", .strings(interface.notes)),
        ("channels", .array(interface.channels.map(document))),
    ])
}

private func document(_ channel: Channel) -> JSON {
    .object([
        ("name", .string(channel.name)),
        ("device", .string(channel.device.rawValue)),
        ("domain", .string(channel.domain)),
        ("basis", .string(channel.basis.rawValue)),
        ("in_total", .bool(channel.inTotal)),
        ("contained_in", .string(orNull: channel.containedIn)),
        ("relative_uncertainty", .number(channel.relativeUncertainty)),
        ("uncertainty_source", .string(channel.uncertaintySource)),
        ("source", .string(channel.source)),
        ("note", .string(orNull: channel.note)),
    ])
}

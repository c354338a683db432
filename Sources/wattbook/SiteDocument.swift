import Quantities
import Reporting
import Sites

/// The JSON document of one profile, `wattbook.site/1`.
func siteDocument(_ entry: SiteCatalogue.Entry) -> String {
    JSON.object([("schema", .string("wattbook.site/1"))] + members(entry)).text
}

/// The JSON document of all profiles, `wattbook.sites/1`.
func sitesDocument(_ catalogue: SiteCatalogue) -> String {
    JSON.object([
        ("schema", .string("wattbook.sites/1")), ("sites", .array(catalogue.entries.map { .object(members($0)) })),
    ]).text
}

private func members(_ entry: SiteCatalogue.Entry) -> [(String, JSON)] {
    let site = entry.site
    return [
        ("name", .string(site.name)), ("title", .string(site.title)), ("place", .string(site.place)),
        ("path", .string(orNull: entry.path)), ("zone", .string(orNull: site.zone)),
        ("pue", sourced(site.pue) { .number($0) }),
        ("unmeasured_factor", sourced(site.unmeasuredFactor) { .number($0) }),
        ("location_intensity_g_per_kwh", intensity(site.locationIntensity)),
        ("market_intensity_g_per_kwh", intensity(site.marketIntensity)),
        ("embodied_g_per_node_h", sourced(site.embodiedPerNodeHour) { .number($0.value) }),
        ("price_per_kwh", sourced(site.pricePerKilowattHour) { price($0) }),
        ("node_types", .array(site.nodeTypes.map(nodeType))),
        ("allocation", site.allocation.map(allocation) ?? .null),
        ("notes", .strings(site.notes)), ("gaps", .strings(site.gaps)),
    ]
}

private func sourced<Value>(_ value: Sourced<Value>?, _ convert: (Value) -> JSON) -> JSON {
    guard let value else { return .null }
    return .object([("value", convert(value.value))] + provenance(value.provenance))
}

private func provenance(_ provenance: Provenance) -> [(String, JSON)] {
    [
        ("source", .string(provenance.source)), ("read", .string(provenance.read)),
        ("year", .string(orNull: provenance.year)), ("standing", .string(provenance.standing.rawValue)),
        ("note", .string(orNull: provenance.note)),
    ]
}

private func intensity(_ figure: Sourced<Intensity>?) -> JSON {
    guard let figure else { return .null }
    return .object(
        [("value", .number(figure.value.value.value)), ("basis", .string(figure.value.basis.rawValue))]
            + provenance(figure.provenance)
    )
}

private func price(_ price: Price) -> JSON {
    .object([
        ("amount", .number(price.amount)), ("currency", .string(price.currency)), ("unit", .string(price.unit)),
    ])
}

private func nodeType(_ type: NodeType) -> JSON {
    .object(
        [
            ("name", .string(type.name)), ("cores", type.cores.map { .integer(Int64($0)) } ?? .null),
            ("gpus", .integer(Int64(type.gpus))), ("description", .string(orNull: type.description)),
            ("mean_power_w", sourced(type.meanPower) { .number($0.value) }),
            ("embodied_g_per_node_h", sourced(type.embodiedPerNodeHour) { .number($0.value) }),
        ] + provenance(type.provenance)
    )
}

private func allocation(_ unit: AllocationUnit) -> JSON {
    .object([
        ("unit", .string(unit.unit)),
        (
            "conversions",
            .array(
                unit.conversions.map { rule in
                    .object(
                        [
                            ("from", .string(rule.value.base.rawValue)), ("factor", .number(rule.value.factor)),
                            ("node_type", .string(orNull: rule.value.nodeType)),
                        ] + provenance(rule.provenance)
                    )
                }
            )
        ),
        ("prices", .array(unit.prices.map { rule in sourced(rule) { price($0) } })),
        (
            "classes",
            .array(
                unit.classes.map { rule in
                    .object(
                        [
                            ("name", .string(rule.value.name)), ("least", .number(orNull: rule.value.least)),
                            ("most", .number(orNull: rule.value.most)), ("unit", .string(rule.value.unit)),
                        ] + provenance(rule.provenance)
                    )
                }
            )
        ),
    ])
}

import Metering
import Quantities

/// The `key=value` words of a channel's line; a key that is not known is an error, since a misspelt one would change joules.
struct ChannelLine {
    private static let keys: Set<String> = [
        "name", "device", "domain", "joules_per_count", "range", "watts_per_count", "window_s", "basis", "contained_in",
        "in_total", "relative_uncertainty", "update_period_s", "maximum_power_w", "source",
    ]

    private var values: [String: String] = [:]

    init(_ words: some Sequence<Substring>) throws(Recording.Problem) {
        for word in words {
            guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
                throw Recording.Problem(text: "\(word) is not key=value")
            }
            let key = String(word[..<equals])
            guard Self.keys.contains(key) else { throw Recording.Problem(text: "a channel has no \(key)") }
            guard values[key] == nil else { throw Recording.Problem(text: "a second \(key)") }
            values[key] = String(word[word.index(after: equals)...])
        }
    }

    func channel() throws(Recording.Problem) -> Channel {
        guard let name = values["name"], !name.isEmpty else { throw Recording.Problem(text: "a channel needs name=") }
        return Channel(
            name: name,
            device: try value("device", or: .other) { Device(rawValue: $0) },
            domain: values["domain"] ?? "unknown",
            kind: try kind(),
            basis: try value("basis", or: .measured) { Basis(rawValue: $0) },
            containedIn: values["contained_in"],
            inTotal: try value("in_total", or: false) { Bool($0) },
            relativeUncertainty: try number("relative_uncertainty", or: 0.05),
            uncertaintySource: "as recorded",
            updatePeriod: Seconds(try number("update_period_s", or: 0.001)),
            maximumPower: Watts(try number("maximum_power_w", or: 2000)),
            source: values["source"] ?? "recording"
        )
    }

    private func kind() throws(Recording.Problem) -> Channel.Kind {
        switch (values["joules_per_count"], values["watts_per_count"]) {
        case (.some, nil):
            let joules = try number("joules_per_count", or: 0)
            let range = try value("range", or: 0) { UInt64($0).flatMap { $0 > 0 ? $0 : nil } }
            guard joules > 0 else { throw Recording.Problem(text: "joules_per_count is not above 0") }
            return .energyCounter(joulesPerCount: joules, range: range > 0 ? range : nil)
        case (nil, .some):
            let watts = try number("watts_per_count", or: 0)
            guard watts > 0 else { throw Recording.Problem(text: "watts_per_count is not above 0") }
            return .power(wattsPerCount: watts, window: Seconds(try number("window_s", or: 0)))
        default:
            throw Recording.Problem(text: "a channel needs either joules_per_count= or watts_per_count=")
        }
    }

    private func number(_ key: String, or standard: Double) throws(Recording.Problem) -> Double {
        try value(key, or: standard) { Double($0).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil } }
    }

    private func value<Value>(
        _ key: String,
        or standard: Value,
        _ parse: (String) -> Value?
    ) throws(Recording.Problem) -> Value {
        guard let text = values[key] else { return standard }
        guard let value = parse(text) else { throw Recording.Problem(text: "\(text) is no \(key)") }
        return value
    }
}

import Metering

/// What a meter's command prints: a number, its unit, and when it was so, as in `12.5 W` or `4.137 kWh @1732570000.5`.
struct MeterReading: Hashable {
    /// A unit of power or energy.
    enum Unit: Hashable, CaseIterable {
        case watts, milliwatts, kilowatts, joules, kilojoules, wattHours, kilowattHours

        /// As it is written.
        var symbol: String {
            switch self {
            case .watts: "W"
            case .milliwatts: "mW"
            case .kilowatts: "kW"
            case .joules: "J"
            case .kilojoules: "kJ"
            case .wattHours: "Wh"
            case .kilowattHours: "kWh"
            }
        }

        /// Watts or joules of one.
        var factor: Double {
            switch self {
            case .watts, .joules: 1
            case .milliwatts: 1e-3
            case .kilowatts, .kilojoules: 1e3
            case .wattHours: 3600
            case .kilowattHours: 3.6e6
            }
        }

        /// Whether it counts energy.
        var isEnergy: Bool {
            switch self {
            case .watts, .milliwatts, .kilowatts: false
            case .joules, .kilojoules, .wattHours, .kilowattHours: true
            }
        }
    }

    var number: DecimalNumber
    var unit: Unit
    /// Nanoseconds since 1970; 0 where it states none.
    var time: UInt64 = 0

    /// Watts or joules.
    var value: Double { number.value * unit.factor }

    /// Reads the first line that is not empty; `nil` where it is no reading, or a negative one.
    init?(_ text: Span<UInt8>) {
        var place = 0
        while place < text.count, text.isLineOver(place) { place = text.endOfLine(place) + 1 }
        guard text.skipBlanks(&place), let number = text.number(&place), !number.isNegative, text.skipBlanks(&place)
        else { return nil }
        guard let unit = Self.unit(text, &place) else { return nil }
        self.number = number
        self.unit = unit
        guard text.skipBlanks(&place) else { return }
        guard text.take("@", &place), let stamp = text.number(&place), !stamp.isNegative, text.isLineOver(place)
        else { return nil }
        let nanoseconds = stamp.value * 1e9
        guard nanoseconds < 1e19 else { return nil }
        time = UInt64(nanoseconds)
    }

    /// The unit at a place, which moves behind it, where no longer word begins with it.
    private static func unit(_ text: Span<UInt8>, _ place: inout Int) -> Unit? {
        for i in all.indices {
            var end = place
            if text.take(all[i].symbol, &end), isWordOver(text, end) {
                place = end
                return all[i]
            }
        }
        return nil
    }

    /// Made once: a reading asks for no memory.
    private static let all = Unit.allCases

    private static func isWordOver(_ text: Span<UInt8>, _ place: Int) -> Bool {
        text.isLineOver(place) || text[place] == UInt8(ascii: " ") || text[place] == UInt8(ascii: "\t")
            || text[place] == UInt8(ascii: "@")
    }
}

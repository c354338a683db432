public import Quantities

extension Channel {
    /// The longest time between two readings in which no joule can hide; `nil` where there is no such time.
    ///
    /// Half of what a counter's range lasts at full power, or what its source bears, whichever is less.
    public var longestInterval: Seconds? {
        guard case .energyCounter(let joules, let range?) = kind, maximumPower.value > 0 else { return readWithin }
        let half = Seconds(Double(range) * joules / (2 * maximumPower.value))
        return readWithin.map { min($0, half) } ?? half
    }

    /// One step of the hardware register behind a 32-bit counter, in counts; 1 for every other.
    var registerUnit: Double {
        guard case .energyCounter(_, let range?) = kind else { return 1 }
        return max(1, Double(range) / 4_294_967_295)
    }

    /// Whether it counts events and measures no energy.
    public var countsEvents: Bool {
        if case .eventCounter = kind { true } else { false }
    }

    /// The unit of its count of events, as `ns`; empty where events are counted, and for every other channel.
    public var eventUnit: String {
        if case .eventCounter(let unit) = kind { unit } else { "" }
    }

    /// The sort of sensor, by the first word of its name: sensors of one sort share the error of their gain.
    public var sensorKind: Substring { name.prefix { $0 != "/" } }
}

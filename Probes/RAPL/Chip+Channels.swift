public import Metering
import Quantities

extension Chip {
    /// The channels of one machine's counters, in their order.
    ///
    /// What contains what follows the domains, not the tree: the memory's zone lies under its package, its energy does
    /// not. The total is packages and memory; the platform contains both, and stands in only where no package is read.
    public func channels(of counters: [Counter]) -> [Channel] {
        let platform = counters.first { $0.domain == .psys }?.name
        let hasPackage = counters.contains { $0.domain == .package }
        return counters.map { counter in
            let accuracy = Accuracy.of(counter.domain, self)
            let parent = counters.first { $0.place == counter.around }?.name
            let isTotal =
                switch counter.domain {
                case .package: true
                case .dram: hasPackage || platform == nil
                case .psys: !hasPackage && counter.name == platform
                case .core, .uncore, .unknown: false
                }
            let outer: String? =
                switch counter.domain {
                case .package, .dram: platform
                case .core, .uncore: parent ?? platform
                case .unknown: parent
                case .psys: nil
                }
            let device: Device =
                switch counter.domain {
                case .package, .core, .uncore: .cpu
                case .dram: .memory
                case .psys: .platform
                case .unknown: .other
                }
            return Channel(
                name: counter.name,
                device: device,
                domain: counter.word,
                kind: .energyCounter(joulesPerCount: counter.joulesPerCount, range: counter.range),
                basis: .measured,
                containedIn: outer,
                inTotal: isTotal,
                relativeUncertainty: accuracy.relative,
                uncertaintySource: accuracy.source,
                updatePeriod: Seconds(0.001),
                maximumPower: Watts(counter.domain == .psys ? 5000 : 1000),
                readWithin: counter.readWithin,
                source: counter.source,
                note: accuracy.notes.isEmpty ? nil : accuracy.notes.joined(separator: "; "),
                hardware: counter.domain == .unknown ? nil : "rapl/" + counter.place
            )
        }
    }
}

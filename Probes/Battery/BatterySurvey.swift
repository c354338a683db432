public import Metering
public import Quantities
import SystemPackage

/// What a laptop's batteries tell of the whole machine's power while they drive it.
public struct BatterySurvey: Sendable {
    /// How often they are read: they renew their value every 1 to 30 s.
    public static let cadence = Seconds(1)

    /// Whether the machine runs on them now.
    public let availability: Availability
    /// One channel a battery; together they are the machine.
    public let channels: [Channel]

    let tree: FileTree
    let supplies: [BatterySupply]

    /// Looks at the batteries below `root`.
    public init(root: String = "/") {
        tree = FileTree(root: root)
        let found = (try? BatterySupply.all(tree)) ?? []
        supplies = found.filter { $0.source != nil }
        let isDriving = found.contains { $0.status == "Discharging" }
        if found.isEmpty {
            availability = .absent(reason: "there is no battery")
        } else if !isDriving || found.contains(where: { $0.status == "Charging" }) {
            availability = .absent(reason: "the machine is on mains power: its battery says nothing of it")
        } else if supplies.count < found.count {
            // A battery without a number would be left out of the machine's power in silence.
            availability = .absent(reason: "a battery drives the machine and shows neither power nor energy")
        } else {
            availability = .ready
        }
        channels = availability == .ready ? supplies.map(Self.channel) : []
    }

    /// What a falling energy is counted down from, µWh: far above any battery.
    static let full: UInt64 = 1 << 40

    private static func channel(_ supply: BatterySupply) -> Channel {
        let (kind, file): (Channel.Kind, String) =
            switch supply.source {
            case .power, nil: (.power(wattsPerCount: 1e-6, window: Seconds(0)), "power_now")
            case .currentAndVoltage: (.power(wattsPerCount: 1e-6, window: Seconds(0)), "current_now")
            case .energy: (.energyCounter(joulesPerCount: 3600e-6, range: nil), "energy_now")
            }
        return Channel(
            name: "battery/" + supply.name,
            device: .node,
            domain: "battery",
            kind: kind,
            basis: .measured,
            inTotal: true,
            relativeUncertainty: 0.05,
            uncertaintySource: "type B, assumed for a battery's gauge: 5 %",
            updatePeriod: Seconds(supply.source == .energy ? 30 : 1),
            maximumPower: Watts(1000),
            source: supply.path + "/" + file,
            note: "coarse: renewed every 1 to 30 s",
            hardware: "battery/" + supply.name
        )
    }
}

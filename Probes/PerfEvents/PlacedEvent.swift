import Metering
import Quantities
import RAPL

/// An event on one processor, and the domain whose energy it counts there.
struct PlacedEvent {
    var event: Event
    var counter: Counter

    /// The longest time between two readings that keeps every joule.
    ///
    /// The kernel adds what a register of 32 bits has moved as a signed number: from 2^31 units on a step is a fall. At the
    /// smallest unit, 2^-16 J, that is 33 kJ, which 1 kW takes 33 s for.
    static let readWithin = Seconds(30)

    /// Every event of the units, on every processor that reads it.
    static func all(of units: [EnergyUnit], _ tree: FileTree, _ notes: inout [String]) -> [PlacedEvent] {
        let places = packages(units, tree)
        var placed: [PlacedEvent] = []
        var taken: Set<String> = []
        for unit in units {
            for processor in unit.processors {
                guard let package = places[processor] else {
                    notes.append(
                        "\(topology(processor))/physical_package_id tells no package: its events are left out."
                    )
                    continue
                }
                for counting in unit.events {
                    let (place, domain) = position(counting.name, unit, package, processor, tree)
                    let source = "\(unit.name)/\(counting.name)/ on processor \(processor)"
                    var name = "perf/" + place
                    if !taken.insert(name).inserted {
                        // The platform is one, whichever package's processor asks for it.
                        guard domain != .psys else {
                            notes.append("\(source) is the platform, which is read already.")
                            continue
                        }
                        name += "@cpu\(processor)"
                        taken.insert(name)
                    }
                    placed.append(
                        PlacedEvent(
                            event: Event(type: unit.type, config: counting.config, processor: processor),
                            counter: Counter(
                                name: name,
                                place: place,
                                domain: domain,
                                joulesPerCount: counting.joulesPerCount,
                                range: nil,
                                readWithin: readWithin,
                                source: source
                            )
                        )
                    )
                }
            }
        }
        return placed
    }

    /// The package of each processor in the powercap driver's words: with its die, where dies count for themselves.
    private static func packages(_ units: [EnergyUnit], _ tree: FileTree) -> [Int32: String] {
        var packages: [Int32: Int] = [:]
        for processor in Set(units.flatMap(\.processors)) {
            packages[processor] = number(processor, "physical_package_id", tree)
        }
        let readers = units.first { $0.name == "power" }?.processors.compactMap { packages[$0] } ?? []
        let hasDies = Set(readers).count < readers.count
        var names: [Int32: String] = [:]
        for (processor, package) in packages {
            let die = hasDies ? number(processor, "die_id", tree).map { "-die-\($0)" } ?? "" : ""
            names[processor] = "package-\(package)" + die
        }
        return names
    }

    /// Where an event's domain stands, by the name that powercap gives it.
    private static func position(
        _ event: String,
        _ unit: EnergyUnit,
        _ package: String,
        _ processor: Int32,
        _ tree: FileTree
    ) -> (place: String, domain: Domain) {
        switch event {
        case "energy-pkg": (package, .package)
        case "energy-cores": (package + "/core", .core)
        case "energy-ram": (package + "/dram", .dram)
        case "energy-gpu": (package + "/uncore", .uncore)
        case "energy-psys": ("psys", .psys)
        case "energy-core" where unit.name == "power_core":
            (package + "/core-\(number(processor, "core_id", tree).map(String.init) ?? "of-cpu\(processor)")", .core)
        default: (package + "/" + event, .unknown)
        }
    }

    private static func topology(_ processor: Int32) -> String { "/sys/devices/system/cpu/cpu\(processor)/topology" }

    private static func number(_ processor: Int32, _ file: String, _ tree: FileTree) -> Int? {
        tree.line(topology(processor) + "/" + file).flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }
}

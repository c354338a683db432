import Metering
import Quantities

extension PowerFilesSurvey {
    /// The channels of all devices that can be read, each with its file.
    ///
    /// A device's energy goes before its power; where it has both, the power is shown beside it.
    static func describe(_ folders: [PowerFolder], _ places: [ContainedIn]) -> [(channel: Channel, file: String)] {
        let names = names(folders)
        let nodes = folders.indices.filter {
            folders[$0].isReadable && places[$0] == .nothing && Kind(folders[$0]).device == .node
        }
        var described: [(channel: Channel, file: String)] = []
        for (i, folder) in folders.enumerated() where folder.isReadable {
            let kind = Kind(folder)
            var channel = Channel(
                name: names[i],
                device: kind.device,
                domain: kind.domain,
                kind: .power(wattsPerCount: 1e-3, window: folder.window),
                basis: .measured,
                inTotal: places[i] == .nothing,
                relativeUncertainty: 0.05,
                uncertaintySource: "type B, assumed for power files, which tell nothing of their source: 5 %",
                updatePeriod: Seconds(0.1),
                maximumPower: Watts(20_000),
                source: folder.powerPath,
                note: folder.title,
                hardware: kind.hardware
            )
            if case .device(let outer) = places[i] { channel.containedIn = names[outer] }
            // The whole contains its parts, whether they say so or not.
            if !nodes.isEmpty, channel.inTotal, kind.device != .node {
                channel.inTotal = false
                if nodes.count == 1 { channel.containedIn = names[nodes[0]] }
            }
            if folder.energy == .ready {
                var power = channel
                channel.kind = .energyCounter(joulesPerCount: 1e-3, range: nil)
                channel.source = folder.energyPath
                described.append((channel, folder.energyPath))
                guard folder.power == .ready else { continue }
                power.name += "/power"
                power.containedIn = channel.name
                power.inTotal = false
                power.hardware = nil
                power.note = "the same joules as those of \(channel.name)"
                described.append((power, folder.powerPath))
            } else {
                described.append((channel, folder.powerPath))
            }
        }
        return described
    }

    /// `powerfiles/DEVICE`; a second device of one name has the number of its directory behind it.
    private static func names(_ folders: [PowerFolder]) -> [String] {
        var taken: [String: Int] = [:]
        return folders.map { folder in
            let name = "powerfiles/" + String(folder.name.map { $0.isWhitespace ? "-" : $0 })
            let count = taken[name, default: 0] + 1
            taken[name] = count
            return count == 1 ? name : "\(name)@\(count)"
        }
    }

    /// What a device is, as far as its names tell.
    struct Kind {
        var device = Device.other
        var domain = "other"
        var hardware: String?

        init(_ folder: PowerFolder) {
            if let uuid = [folder.uuid, folder.name].compactMap({ $0 }).first(where: { $0.hasPrefix("GPU-") }) {
                (device, domain, hardware) = (.gpu, "gpu", "gpu/" + uuid)
                return
            }
            for name in [folder.name, folder.title ?? ""].map({ $0.lowercased() }) where device == .other {
                guard let known = Self.beginnings.first(where: { name.hasPrefix($0.word) }) else { continue }
                (device, domain) = (known.device, known.domain)
                // A package that the processor's own counter shows too counts once.
                let index = name.drop { !$0.isNumber }.prefix { $0.isNumber }
                if device == .cpu { hardware = "rapl/package-\(index.isEmpty ? "0" : index)" }
                if domain == "module" { hardware = "module/\(index.isEmpty ? "0" : index)" }
                if device == .memory { hardware = "rapl/package-\(index.isEmpty ? "0" : index)/dram" }
            }
        }

        private static let beginnings: [(word: String, device: Device, domain: String)] = [
            ("gpu", .gpu, "gpu"), ("cpu", .cpu, "package"), ("package", .cpu, "package"), ("socket", .cpu, "package"),
            ("dram", .memory, "dram"), ("memory", .memory, "dram"), ("node", .node, "node"),
            ("psu", .node, "node"), ("system", .node, "node"),
            ("server", .node, "node"), ("module", .platform, "module"),
        ]
    }
}

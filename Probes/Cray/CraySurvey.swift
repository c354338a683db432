public import Metering
import Quantities
import SystemPackage

/// What the power counters of an HPE Cray node offer.
public struct CraySurvey: Sendable {
    /// The folder of the counters.
    public static let folder = "/sys/cray/pm_counters"

    /// Whether anything can be read.
    public let availability: Availability
    /// The node first, then its parts.
    public let channels: [Channel]
    /// A sentence for each file that is left out.
    public let notes: [String]

    let tree: FileTree

    /// Whether the counter of the whole node is there.
    public var seesNode: Bool { channels.first?.device == .node }

    /// Looks through the folder below `root`, reads every counter once, and keeps nothing open.
    public init(root: String = "/") {
        tree = FileTree(root: root)
        let names: [String]
        do throws(Errno) {
            names = try tree.entries(Self.folder)
        } catch {
            channels = []
            notes = []
            availability =
                error == .permissionDenied
                ? .denied(remedy: Self.remedy) : .absent(reason: "there is no \(Self.folder): not an HPE Cray node")
            return
        }
        var channels: [Channel] = []
        var notes: [String] = []
        var isDenied = false
        for part in Self.parts(names) {
            switch Self.channel(part, names, tree) {
            case .success(let channel): channels.append(channel)
            case .failure(let failure):
                notes.append(failure.text)
                isDenied = isDenied || failure.errno == .permissionDenied
            }
        }
        // The node's counter contains all others; without it, the processor and its memory are added.
        let node = channels.first { $0.device == .node }?.name
        for i in channels.indices where channels[i].device != .node {
            channels[i].containedIn = node
            channels[i].inTotal = node == nil && channels[i].device != .gpu
        }
        self.channels = channels
        self.notes = notes
        availability =
            !channels.isEmpty
            ? .ready
            : isDenied
                ? .denied(remedy: Self.remedy)
                : .absent(reason: "\(Self.folder) holds no counter that can be read")
    }

    private static let remedy =
        "\(folder) is open to all users by default: ask the site to open it again, or run as root"

    /// A part of the node, by the beginning of its files' names: `cpu_` for `cpu_energy`.
    private struct Part {
        var prefix: String
        var name: String
        var device: Device
    }

    private static func parts(_ names: [String]) -> [Part] {
        let has = { (prefix: String) in names.contains(prefix + "energy") || names.contains(prefix + "power") }
        let fixed = [
            Part(prefix: "", name: "node", device: .node), Part(prefix: "cpu_", name: "cpu", device: .cpu),
            Part(prefix: "memory_", name: "memory", device: .memory),
        ]
        let numbered = (0..<16).flatMap { number in
            [
                Part(prefix: "cpu\(number)_", name: "cpu\(number)", device: Device.cpu),
                Part(prefix: "accel\(number)_", name: "accel\(number)", device: .gpu),
            ]
        }
        let hasCPU = has("cpu_")
        return (fixed + numbered).filter { part in
            // One processor's counter beside that of all of them would count it again.
            has(part.prefix) && !(hasCPU && part.device == .cpu && part.name != "cpu")
        }
    }

    /// Why a file is left out, a sentence.
    private struct Unusable: Error {
        var text: String
        var errno: Errno?
    }

    private static func channel(_ part: Part, _ names: [String], _ tree: FileTree) -> Result<Channel, Unusable> {
        let isEnergy = names.contains(part.prefix + "energy")
        let path = "\(folder)/\(part.prefix)\(isEnergy ? "energy" : "power")"
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try tree.bytes(path)
        } catch {
            return .failure(Unusable(text: "\(path) cannot be read: \(error).", errno: error))
        }
        let counter = CrayCounter(bytes.span)
        guard let counter, counter.unit == nil || counter.unit == (isEnergy ? .joules : .watts) else {
            return .failure(Unusable(text: "\(path) holds no number of \(isEnergy ? "joules" : "watts")."))
        }
        return .success(
            Channel(
                name: "cray/" + part.name,
                device: part.device,
                domain: part.name,
                kind: isEnergy
                    ? .energyCounter(joulesPerCount: 1, range: nil) : .power(wattsPerCount: 1, window: Seconds(0.1)),
                basis: .measured,
                inTotal: true,
                relativeUncertainty: 0.05,
                uncertaintySource: "type B, assumed for Cray pm_counters: 5 %",
                updatePeriod: Seconds(0.1),
                maximumPower: Watts(part.device == .node ? 20_000 : 5000),
                source: path,
                note: part.device == .gpu ? "one accelerator module; never added to the node" : nil,
                hardware: "cray/" + part.name
            )
        )
    }
}

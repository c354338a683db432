import Glibc
import HostModel
import Metering
import Powercap
import Quantities
import Replay

/// The names that ``discover(root:probes:powerModel:replay:)`` takes; `replay:FILE` plays a recording.
public let probeNames = ["powercap", "model", "replay:FILE"]

/// The recording that `$WATTBOOK_REPLAY` names.
public func replayFromEnvironment() -> String? {
    guard let value = unsafe getenv("WATTBOOK_REPLAY") else { return nil }
    let path = unsafe String(cString: value)
    return path.isEmpty ? nil : path
}

/// Looks for every hardware interface below `root` and decides what a run adds up.
///
/// Modelled channels enter the total only where no sensor covers the CPU at all; beside a sensor they are shown
/// outside it. Absent and denied interfaces are listed, never an error.
///
/// - Parameters:
///   - probes: The interfaces to use, by name; all ready ones where `nil`.
///   - powerModel: Whether the model may be used where it was not asked for by name.
///   - replay: A recording to play instead of everything else.
public func discover(
    root: String = "/",
    probes: [String]? = nil,
    powerModel: Bool = true,
    replay: String? = replayFromEnvironment()
) throws(DiscoveryError) -> Inventory {
    var recording = probes == nil ? replay : nil
    for name in probes ?? [] {
        if name.hasPrefix("replay:"), name.count > "replay:".count {
            recording = String(name.dropFirst("replay:".count))
        } else if name == "replay", let replay {
            recording = replay
        } else if name != "powercap", name != "model" {
            throw DiscoveryError(name: name, known: probeNames)
        }
    }
    var inventory = Inventory(interfaces: [], openers: [])
    if let recording { inventory.add(recording: recording) }
    // A recording alone: real joules beside played ones would be read as one.
    guard recording == nil || probes != nil else { return inventory }
    if probes?.contains("powercap") ?? true { inventory.addPowercap(root: root) }
    if probes?.contains("model") ?? powerModel { inventory.addModel(root: root) }
    inventory.decideTotal()
    return inventory
}

extension Inventory {
    fileprivate mutating func addPowercap(root: String) {
        let survey = PowercapSurvey(root: root)
        interfaces.append(
            Interface(
                name: "powercap",
                availability: survey.availability,
                channels: survey.channels,
                notes: survey.notes
            )
        )
        if survey.availability == .ready { openers.append { Box(try PowercapProbe(survey)) } }
    }

    fileprivate mutating func addModel(root: String) {
        let channels = HostModelProbe.channels(root: root)
        interfaces.append(
            Interface(
                name: "model",
                availability: channels == nil ? .absent(reason: "there is no /proc/stat to model from") : .ready,
                channels: channels ?? [],
                notes: []
            )
        )
        if channels != nil { openers.append { Box(try HostModelProbe(root: root)) } }
    }

    fileprivate mutating func add(recording path: String) {
        do {
            let probe = try ReplayProbe(path: path)
            interfaces.append(Interface(name: "replay", availability: .ready, channels: probe.channels, notes: []))
            openers.append { Box(try ReplayProbe(path: path)) }
        } catch {
            interfaces.append(
                Interface(name: "replay", availability: .absent(reason: error.description), channels: [], notes: [])
            )
        }
    }

    /// Takes the model out of the total where a sensor covers the CPU, here and in the probes that are opened.
    fileprivate mutating func decideTotal() {
        let hasSensor = channels.contains { $0.basis == .measured && $0.device == .cpu && $0.inTotal }
        guard hasSensor, let index = interfaces.firstIndex(where: { $0.name == "model" }) else { return }
        for i in interfaces[index].channels.indices { interfaces[index].channels[i].inTotal = false }
        let decided = interfaces[index].channels
        let ready = interfaces.prefix(index).count { $0.availability == .ready }
        guard interfaces[index].availability == .ready else { return }
        let open = openers[ready]
        openers[ready] = { Described(try open(), as: decided) }
    }
}

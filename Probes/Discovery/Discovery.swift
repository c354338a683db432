import Glibc
import HostModel
import Metering
import Powercap
import Quantities
import Replay

/// The names that ``discover(root:probes:powerModel:allGPUs:replay:)`` takes; `replay:FILE` plays a recording.
public let probeNames = ["powercap", "nvml", "model", "replay:FILE"]

/// The recording that `$WATTBOOK_REPLAY` names.
public func replayFromEnvironment() -> String? {
    guard let value = unsafe getenv("WATTBOOK_REPLAY") else { return nil }
    let path = unsafe String(cString: value)
    return path.isEmpty ? nil : path
}

/// Looks for every hardware interface below `root` and decides what a run adds up.
///
/// What enters the total is the inventory's decision (see the README): of sensors, a recording and the model, the first
/// that covers the CPU, so that no total is mixed. Absent and denied interfaces are listed, never an error.
///
/// - Parameters:
///   - probes: The interfaces to use, by name; all ready ones where `nil`.
///   - powerModel: Whether the model may be used where it was not asked for by name.
///   - allGPUs: Whether GPUs that the job does not see are measured as well.
///   - replay: A recording to play instead of everything else.
public func discover(
    root: String = "/",
    probes: [String]? = nil,
    powerModel: Bool = true,
    allGPUs: Bool = false,
    replay: String? = replayFromEnvironment()
) throws(DiscoveryError) -> Inventory {
    var recording = probes == nil ? replay : nil
    for name in probes ?? [] {
        if name.hasPrefix("replay:"), name.count > "replay:".count {
            recording = String(name.dropFirst("replay:".count))
        } else if name == "replay", let replay {
            recording = replay
        } else if !probeNames.contains(name) {
            throw DiscoveryError(name: name, known: probeNames)
        }
    }
    var inventory = Inventory(interfaces: [])
    if let recording { inventory.add(recording: recording) }
    // A recording alone: real joules beside played ones would be read as one.
    guard recording == nil || probes != nil else { return inventory }
    if probes?.contains("powercap") ?? true { inventory.addPowercap(root: root) }
    if probes?.contains("nvml") ?? true { inventory.addNVML(root: root, allGPUs: allGPUs) }
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
                notes: survey.notes,
                warnings: survey.warnings
            ) { Box(try PowercapProbe(survey)) }
        )
    }

    fileprivate mutating func addModel(root: String) {
        let channels = HostModelProbe.channels(root: root)
        interfaces.append(
            Interface(
                name: "model",
                availability: channels == nil ? .absent(reason: "/proc/stat tells no processor time") : .ready,
                channels: channels ?? []
            ) { Box(try HostModelProbe(root: root)) }
        )
    }

    fileprivate mutating func add(recording path: String) {
        var channels: [Channel] = []
        var availability = Availability.ready
        do throws(ProbeError) {
            channels = try ReplayProbe.channels(path: path)
        } catch {
            availability = .absent(reason: error.description)
        }
        interfaces.append(
            Interface(name: "replay", availability: availability, channels: channels) {
                Box(try ReplayProbe(path: path))
            }
        )
    }
}

import HostModel
import Metering
import Powercap
import Quantities
import Replay

/// The names that a ``SensorSelection`` takes; `replay:FILE` plays a recording.
public let probeNames = [
    "meter", "cray", "powerfiles", "perf", "powercap", "nvml", "hwmon", "power_meter", "papi", "dcmi", "battery",
    "likwid", "slurm", "model", "replay:FILE",
]

/// Looks for every hardware interface and decides what a run reads and adds up.
///
/// What enters the total is the inventory's decision (see the README). Absent and denied interfaces are listed, never an
/// error.
public func discover(_ selection: SensorSelection) throws(DiscoveryError) -> Inventory {
    var recording = selection.probes == nil ? selection.replay : nil
    for name in selection.probes ?? [] {
        if name.hasPrefix("replay:"), name.count > "replay:".count {
            recording = String(name.dropFirst("replay:".count))
        } else if name == "replay", let replay = selection.replay {
            recording = replay
        } else if !probeNames.contains(name) || name.hasPrefix("replay") {
            throw .unknownProbe(name: name, known: probeNames)
        }
    }
    var inventory = Inventory(interfaces: [])
    if let recording { inventory.add(recording: recording) }
    // A recording alone: real joules beside played ones would be read as one.
    guard recording == nil || selection.probes != nil else { return inventory }
    try inventory.addMeter(selection)
    inventory.addCray(selection)
    if selection.wants("powerfiles") { inventory.addPowerFiles(selection) }
    if selection.wants("perf") { inventory.addPerfEvents(root: selection.root) }
    if selection.wants("powercap") { inventory.addPowercap(root: selection.root) }
    if selection.wants("nvml") { inventory.addNVML(selection) }
    if selection.wants("hwmon") || selection.wants("power_meter") { inventory.addHwmon(selection) }
    inventory.addPAPI(selection)
    inventory.addDCMI(selection)
    inventory.addBattery(selection)
    inventory.addLikwid(selection)
    inventory.addSlurmEnergy(selection)
    if selection.addsModel || selection.probes?.contains("model") ?? selection.powerModel {
        inventory.addModel(root: selection.root)
    }
    inventory.mark(named: selection.probes ?? [])
    inventory.decideTotal(addsModel: selection.addsModel)
    inventory.leaveOutUnneeded()
    return inventory
}

extension Inventory {
    fileprivate mutating func mark(named names: [String]) {
        for i in interfaces.indices { interfaces[i].isNamed = names.contains(interfaces[i].name) }
    }

    fileprivate mutating func addPowercap(root: String) {
        let survey = PowercapSurvey(root: root)
        interfaces.append(
            Interface(
                name: "powercap",
                standing: .sensor,
                availability: survey.availability,
                channels: survey.channels,
                notes: survey.notes,
                warnings: survey.warnings
            ) { _ in Box(try PowercapProbe(survey)) }
        )
    }

    fileprivate mutating func addModel(root: String) {
        let channels = HostModelProbe.channels(root: root)
        interfaces.append(
            Interface(
                name: "model",
                standing: .model,
                availability: channels == nil ? .absent(reason: "/proc/stat tells no processor time") : .ready,
                channels: channels ?? []
            ) { _ in Box(try HostModelProbe(root: root)) }
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
            Interface(name: "replay", standing: .recording, availability: availability, channels: channels) { _ in
                Box(try ReplayProbe(path: path))
            }
        )
    }
}

import Glibc
import Metering
import Quantities

/// Tries events on this very process, to learn before the run what PAPI can count and why not the rest.
struct EventTrial {
    private let library: PAPILibrary
    private let processors: FileTree
    private var energies: [(event: EnergyEvent, component: PAPILibrary.Component)] = []
    private var counted: [(event: String, component: PAPILibrary.Component)] = []
    private var refusals: [String] = []
    private var userModeOnly: [String] = []

    /// A trial; `processors` is where `/sys` tells which package a processor lies in.
    init(_ library: PAPILibrary, processors: FileTree) {
        self.library = library
        self.processors = processors
    }

    /// Looks for the machine's energy events.
    ///
    /// RAPL counters are taken from one component alone. The one that reads registers comes last: where a register
    /// cannot be read, it ends the process.
    mutating func findEnergy() {
        for name in ["cray_pm", "powercap", "perf_event_uncore", "rapl", "nvml"] {
            let hasPackage = energies.contains { $0.event.domain == .package }
            guard let component = library.components.first(where: { $0.name == name && !$0.isDisabled }),
                !hasPackage || name == "nvml"
            else { continue }
            let names = name == "perf_event_uncore" ? powerUnitEvents() : library.events(of: component)
            for name in names {
                guard let event = energy(name), isReadable(event, component) else { continue }
                energies.append((event, component))
            }
        }
    }

    /// Takes an event that was asked for by name.
    mutating func take(_ name: String) {
        guard !energies.contains(where: { $0.event.name == name }), !counted.contains(where: { $0.event == name })
        else { return }
        switch library.component(ofEvent: name) {
        case .failure(let code): refuse(name, library.words(code.value), suspect(name))
        case .success(let component):
            if let event = energy(name) {
                if isReadable(event, component) {
                    energies.append((event, component))
                } else {
                    refuse(name, "it cannot be started", component)
                }
            } else if component.isDisabled || !component.followsProcesses {
                refuse(name, component.isDisabled ? nil : "it cannot be attached to a process", component)
            } else {
                counted.append((name, component))
            }
        }
    }

    /// What can be read, channel by channel, and a sentence for all that cannot.
    mutating func finish() -> (channels: [Channel], sources: [PAPISurvey.Source], refusals: [String]) {
        var sources: [PAPISurvey.Source] = []
        var events: [String: EnergyEvent] = [:]
        for (event, component) in energies {
            events[event.name] = event
            // Alone in its set each: one that fails takes no other with it.
            sources.append(.set(component: component.index, events: [event.name], followsProcess: false))
        }
        var notes: [String: String] = [:]
        for component in library.components {
            let names = counted.filter { $0.component.index == component.index }.map(\.event)
            if !names.isEmpty { sources += tryOut(names, component, &notes) }
        }
        if !userModeOnly.isEmpty {
            refusals.append(
                "\(userModeOnly.joined(separator: ", ")): counted in user mode alone, since the kernel lets this user count "
                    + "no more. Run as root, or set kernel.perf_event_paranoid to 1, to count all."
            )
        }
        let channels = sources.flatMap(\.events).map { name in
            events[name]?.channel ?? Channel(countOf: name, note: notes[name])
        }
        return (contained(channels), sources, refusals)
    }

    /// The sources of a component's events that can be counted together.
    private mutating func tryOut(
        _ names: [String],
        _ component: PAPILibrary.Component,
        _ notes: inout [String: String]
    ) -> [PAPISurvey.Source] {
        var names = names
        while !names.isEmpty {
            do throws(EventSet.Refusal) {
                let set = try EventSet(library, component: component.index, events: names, process: getpid())
                if !set.seesKernel { userModeOnly += names }
                return [.set(component: component.index, events: names, followsProcess: true)]
            } catch {
                let words = library.words(error.code)
                guard let place = error.event else { return software(names, component, words, &notes) }
                refuse(names.remove(at: place), words, component)
            }
        }
        return []
    }

    /// The kernel's own counters, where PAPI attaches to no process.
    ///
    /// PAPI opens a hardware counter to see whether it may, and a virtual machine may have none; the kernel counts its
    /// software events all the same.
    private mutating func software(
        _ names: [String],
        _ component: PAPILibrary.Component,
        _ words: String,
        _ notes: inout [String: String]
    ) -> [PAPISurvey.Source] {
        var sources: [PAPISurvey.Source] = []
        for name in names {
            if let counter = SoftwareEvent(library, event: name, process: getpid()) {
                if !counter.seesKernel { userModeOnly.append(name) }
                sources.append(.software(event: name))
                notes[name] = "read from the kernel, since PAPI cannot attach to a process here: \(words)"
            } else {
                refuse(name, "\(words), when it is to attach to a process", component)
            }
        }
        return sources
    }

    private mutating func refuse(_ name: String, _ words: String?, _ component: PAPILibrary.Component?) {
        let said = words.map { " PAPI says: \($0)" } ?? " PAPI cannot"
        let reason = component.map { $0.isDisabled && !$0.reason.isEmpty ? ": \($0.reason)" : "" } ?? ""
        let place = component.map { " (component \($0.name)\(reason))" } ?? ""
        refusals.append("\(name) is not counted:\(said)\(place). See papi_avail and papi_native_avail for what it can.")
    }

    /// The component that an unknown event would belong to by its name.
    private func suspect(_ name: String) -> PAPILibrary.Component? {
        let wanted: String
        if let end = name.firstRange(of: ":::") {
            wanted = String(name[..<end.lowerBound])
        } else if name.hasPrefix("rapl::") || name.hasPrefix("amd64_rapl::") {
            wanted = "perf_event_uncore"
        } else if name.hasPrefix("PAPI_") || name.contains("::") {
            wanted = "perf_event"
        } else {
            return nil
        }
        return library.components.first { $0.name == wanted }
    }

    private func energy(_ name: String) -> EnergyEvent? {
        // A zone tells what it is by the description of its name.
        let zone = name.split(separator: ":").last.map { "powercap:::NAME:\($0)" } ?? ""
        let description = name.hasPrefix("powercap:::ENERGY_UJ") ? library.description(ofEvent: zone) : ""
        return EnergyEvent(name, description: description) { processor in
            let path = "/sys/devices/system/cpu/cpu\(processor)/topology/physical_package_id"
            return (try? processors.text(path)).flatMap { Int($0.filter(\.isNumber)) }
        }
    }

    private func isReadable(_ event: EnergyEvent, _ component: PAPILibrary.Component) -> Bool {
        (try? EventSet(library, component: component.index, events: [event.name], process: nil)) != nil
    }

    /// The names that libpfm may have for the kernel's power unit, for one processor of every package.
    private func powerUnitEvents() -> [String] {
        let mask = (try? processors.text("/sys/devices/power/cpumask")) ?? ""
        let processors = mask.split { !$0.isNumber && $0 != "-" }.compactMap { Int($0.prefix(while: \.isNumber)) }
        return ["rapl", "amd64_rapl"].flatMap { unit in
            processors.flatMap { processor in
                ["PKG", "DRAM", "CORES", "GPU", "PSYS"].map { "\(unit)::RAPL_ENERGY_\($0):cpu=\(processor)" }
            }
        }
    }

    /// The channels with what contains what; beside the counter of a node nothing else is added.
    private func contained(_ channels: [Channel]) -> [Channel] {
        let node = channels.first { $0.device == .node }?.name
        let platform = channels.first { $0.domain == "psys" }?.name
        return channels.map { channel in
            guard !channel.countsEvents, channel.name != node else { return channel }
            var channel = channel
            if let node {
                channel.containedIn = node
                channel.inTotal = false
            } else if channel.domain == "core" || channel.domain == "uncore" {
                channel.containedIn =
                    channels.first { outer in
                        outer.domain == "package" && channel.hardware?.hasPrefix((outer.hardware ?? "-") + "/") ?? false
                    }?.name
            } else if channel.domain == "package" || channel.domain == "dram" {
                channel.containedIn = platform
            }
            return channel
        }
    }
}

extension Channel {
    /// The channel of an event that is counted.
    fileprivate init(countOf event: String, note: String?) {
        let clocks = ["TASK-CLOCK", "CPU-CLOCK", "TASK_CLOCK", "CPU_CLOCK"]
        self.init(
            name: "papi/" + event,
            device: .other,
            domain: "event",
            kind: .eventCounter(unit: clocks.contains { event.hasSuffix($0) } ? "ns" : ""),
            basis: .measured,
            inTotal: false,
            relativeUncertainty: 0,
            uncertaintySource: "a count",
            updatePeriod: .zero,
            source: event,
            note: note
        )
    }
}

import Metering

extension Inventory {
    /// Leaves in the total what covers the processor best, and nothing twice.
    ///
    /// A meter that the user named stands alone, and so does a fine counter of the whole node. Else sensors of parts are
    /// added; then what is coarse; then a recording, then the model. Measured joules are mixed with modelled ones only
    /// where `addsModel` says so: sensors that see no processor, as those of GPUs, otherwise make the total without it.
    mutating func decideTotal(addsModel: Bool) {
        countOnce()
        if let whole = best(.chosen) ?? best(.node) {
            keep { $0.name == whole.name }
            leaveOut { $0.device != .node }
            encloseAll(in: whole)
        } else if covers(.sensor) {
            keep { $0.standing == .sensor }
        } else if let coarse = best(.coarse, where: Self.coversCPU) {
            let isWhole = coarse.channels.contains { $0.inTotal && $0.device == .node }
            keep { $0.name == coarse.name || (!isWhole && $0.standing == .sensor) }
            if isWhole { encloseAll(in: coarse) }
            // What a batch system tells of the processors contains their memory.
            if !isWhole { leaveOut { $0.device == .memory && !coarse.channels.contains($0) } }
        } else if best(.sensor, where: { $0.device != .memory || addsModel }) != nil {
            keep { $0.standing == .sensor || (addsModel && $0.standing == .model) }
            tellWithoutCPU(addsModel: addsModel)
        } else if let next = best(.recording, where: Self.coversCPU) ?? best(.model, where: Self.coversCPU) {
            keep { $0.standing == next.standing }
        }
    }

    /// Lets a run read no coarse source that adds nothing, unless it was named.
    mutating func leaveOutUnneeded() {
        for i in interfaces.indices where interfaces[i].standing == .coarse && !interfaces[i].isNamed {
            interfaces[i].isRead = interfaces[i].isReady && interfaces[i].channels.contains(where: \.inTotal)
        }
    }

    /// Two interfaces to one piece of hardware count once: the first one listed.
    private mutating func countOnce() {
        var seen: [String: String] = [:]
        var dies: [String: String] = [:]
        changeChannels { channel, interface in
            guard interface.standing <= .coarse, let hardware = channel.hardware else { return }
            // A package whose dies count for themselves is all of them to other interfaces.
            let package = hardware.firstRange(of: "-die-").map { String(hardware[..<$0.lowerBound]) }
            guard let first = seen[hardware] ?? package.map({ seen[$0] }) ?? dies[hardware] else {
                seen[hardware] = channel.name
                if let package { dies[package] = channel.name }
                return
            }
            channel.leaveOut("the same counter as \(first)")
        }
        leaveOutUnnamedGPUs()
        let summed = interfaces.filter { $0.isReady && $0.standing <= .sensor }.flatMap(\.channels).filter(\.inTotal)
        // The platform's sensor contains the packages: alone in its interface, it is not alone in the machine. That of
        // a Cray node's processors is of the same packages.
        if summed.contains(where: { $0.domain == "package" }) {
            leaveOut { $0.domain == "psys" || ($0.device == .cpu && $0.isOfCray) }
        }
        if summed.contains(where: { $0.domain == "dram" }) { leaveOut { $0.device == .memory && $0.isOfCray } }
        // A module's sensor contains the GPU and the processor of the module, and there is one for each.
        let modules = summed.filter { $0.domain == "module" }
        if !modules.isEmpty {
            leaveOut { $0.domain != "module" && ($0.device == .gpu || $0.device == .cpu || $0.device == .memory) }
        }
        // Where a GPU tells nothing but its module's power, that is the same module.
        if modules.contains(where: { $0.device == .platform }) { leaveOut(\.isNamedGPU) }
    }

    /// A GPU that its interface does not name may be any of those that another interface names.
    private mutating func leaveOutUnnamedGPUs() {
        let isNamed = interfaces.contains { interface in
            interface.isReady && interface.standing <= .sensor
                && interface.channels.contains { $0.inTotal && $0.isNamedGPU }
        }
        guard isNamed else { return }
        var left: [String] = []
        changeChannels { channel, interface in
            guard interface.standing <= .coarse, channel.inTotal, channel.device == .gpu, !channel.isNamedGPU else {
                return
            }
            left.append(channel.name)
            channel.leaveOut("it does not tell which GPU it is, and another interface reads GPUs")
        }
        guard !left.isEmpty else { return }
        omissions.append(
            "\(left.joined(separator: ", ")) may be GPUs that another interface reads, and are not added: a uuid would tell."
        )
    }

    /// Says what a total without a processor lacks.
    private mutating func tellWithoutCPU(addsModel: Bool) {
        let hasModel = interfaces.contains { $0.isReady && $0.standing == .model }
        if addsModel, hasModel {
            let measured = interfaces.filter { $0.isReady && $0.standing == .sensor }.flatMap(\.channels)
            if measured.contains(where: { $0.inTotal && $0.device == .memory }) {
                changeChannels { channel, interface in
                    if interface.standing == .model, channel.device == .memory { channel.inTotal = false }
                }
            }
            omissions.append("No sensor covers the processor: the total adds a model of it to what was measured.")
        } else {
            let beside = hasModel ? " A model of it stands beside; --add-model adds it." : ""
            omissions.append("No sensor covers the processor here: the total leaves it out.\(beside)")
        }
    }

    /// Whether the total has the processor from this channel.
    static func coversCPU(_ channel: Channel) -> Bool {
        channel.inTotal && (channel.device == .cpu || channel.device == .platform || channel.device == .node)
    }

    private func covers(_ standing: Interface.Standing) -> Bool { best(standing, where: Self.coversCPU) != nil }

    /// The first ready interface of a standing with a channel in the total that fits.
    private func best(
        _ standing: Interface.Standing,
        where fits: (Channel) -> Bool = { _ in true }
    ) -> Interface? {
        interfaces.first { interface in
            interface.isReady && interface.standing == standing
                && interface.channels.contains { $0.inTotal && fits($0) }
        }
    }

    private mutating func keep(_ isKept: (Interface) -> Bool) {
        changeChannels { channel, interface in if !isKept(interface) { channel.inTotal = false } }
    }

    private mutating func leaveOut(_ isOut: (Channel) -> Bool) {
        changeChannels { channel, interface in
            if interface.standing <= .coarse, isOut(channel) { channel.inTotal = false }
        }
    }

    /// Says of every measured part that the meter of the whole contains it.
    private mutating func encloseAll(in whole: Interface) {
        let meters = whole.channels.filter { $0.inTotal && $0.device == .node }
        guard meters.count == 1, let meter = meters.first else { return }
        changeChannels { channel, interface in
            let isPart = interface.standing <= .coarse && channel.device != .node && channel.containedIn == nil
            if isPart { channel.containedIn = meter.name }
        }
    }

    private mutating func changeChannels(_ change: (inout Channel, Interface) -> Void) {
        for i in interfaces.indices where interfaces[i].isReady {
            let interface = interfaces[i]
            for k in interface.channels.indices where !interface.channels[k].countsEvents {
                change(&interfaces[i].channels[k], interface)
            }
        }
    }
}

extension Channel {
    /// Whether it says which GPU it speaks of.
    fileprivate var isNamedGPU: Bool { device == .gpu && hardware?.hasPrefix("gpu/") == true }

    /// Whether a Cray node's own counter is behind it.
    fileprivate var isOfCray: Bool { hardware?.hasPrefix("cray/") == true }

    fileprivate mutating func leaveOut(_ reason: String) {
        inTotal = false
        note = [note, reason].compactMap { $0 }.joined(separator: "; ")
    }
}

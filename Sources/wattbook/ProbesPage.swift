import Discovery
import Metering

/// The sensors of a machine as a page to act on: what is ready, what is denied and how to change that, what is absent.
struct ProbesPage {
    var inventory: Inventory

    func print(to out: Terminal) {
        for interface in inventory.interfaces where interface.isReady { ready(interface, out) }
        for interface in inventory.interfaces {
            if case .denied(let remedy) = interface.availability { denied(interface, remedy, out) }
        }
        absent(out)
        out.line()
        for sentence in total + [leftOut, accuracy].compactMap(\.self) { out.item("", sentence) }
    }

    private func ready(_ interface: Interface, _ out: Terminal) {
        let use = interface.isRead ? "" : out.dim("  not read in a run: what is finer covers the processor")
        out.line("\(out.good("ready"))   \(out.bold(interface.name))\(use)")
        let rows = interface.channels.map { channel in
            [
                channel.name, channel.inTotal ? "in the total" : "beside it",
                "\(channel.basis.rawValue) to \(Int((channel.relativeUncertainty * 100).rounded())) %",
            ]
        }
        for (channel, row) in zip(interface.channels, aligned(rows, leading: [0, 1, 2])) {
            let inside = channel.containedIn.map { "part of \($0)" }
            let remarks = [inside, channel.note].compactMap { $0 }.joined(separator: "; ")
            let mark = "        " + row
            if remarks.isEmpty {
                out.line(mark)
            } else if out.isInteractive, mark.count + 2 + remarks.count > out.width {
                out.line(mark)
                out.item("          ", remarks)
            } else {
                out.line(mark + "  " + remarks)
            }
        }
        notes(interface, out)
    }

    private func denied(_ interface: Interface, _ remedy: String, _ out: Terminal) {
        // The first line says what to do, those below it are commands to paste.
        let lines = remedy.split(separator: "\n")
        out.line("\(out.bad("denied"))  \(out.bold(interface.name)): \(lines.first ?? "")")
        for command in lines.dropFirst() { out.line("            " + command) }
        notes(interface, out)
    }

    private func absent(_ out: Terminal) {
        for interface in inventory.interfaces {
            guard case .absent(let reason) = interface.availability else { continue }
            out.item("absent  ", "\(interface.name): \(reason)", paint: out.dim)
            notes(interface, out)
        }
    }

    private func notes(_ interface: Interface, _ out: Terminal) {
        for note in interface.notes { out.item("        note: ", note, paint: out.caution) }
    }

    /// What a run would add up, a sentence each.
    private var total: [String] {
        let total = inventory.channels.filter(\.inTotal)
        guard !total.isEmpty else { return ["A run would have no total: nothing of the above can be read."] }
        let names = total.map(\.name).joined(separator: " + ")
        let bases = Set(total.map(\.basis))
        guard bases != [.measured] else {
            let isWhole = inventory.interfaces.allSatisfy { !$0.isRead || $0.warnings.isEmpty }
            let lacking = isWhole ? "" : ", without the counters that cannot be read"
            return ["A run would add up \(names): measured\(lacking)."] + inventory.omissions
        }
        if total.contains(where: { $0.name.hasPrefix("replay/") }) {
            return ["A run would add up \(names): played from a recording, not measured here."]
        }
        if bases.count > 1 {
            return ["A run would add up \(names): measured and modelled, mixed."] + inventory.omissions
        }
        let isDenied = inventory.interfaces.contains { $0.isDenied && $0.standing <= .sensor }
        let why = isDenied ? "a sensor that may cover it may not be read" : "no sensor covers the CPU here"
        return ["A run would add up \(names): an estimate from utilisation, not a measurement, since \(why)."]
    }

    /// What the percentages mean; `nil` where there is none.
    private var accuracy: String? {
        inventory.interfaces.contains(where: \.isReady)
            ? "Each % is a sensor's standard uncertainty (1 sigma), which all its readings share." : nil
    }

    /// What the total would not hold; `nil` where there is none.
    private var leftOut: String? {
        let total = inventory.channels.filter(\.inTotal)
        guard !total.isEmpty else { return nil }
        guard inventory.scope == .components else {
            return "It would hold the whole node, and leave out what stands outside of it: switches, storage, cooling."
        }
        let seen = Set(total.map(\.device))
        let seesAll = seen.contains(.platform)
        var parts: [String] = []
        if !seesAll, !seen.contains(.cpu), inventory.omissions.isEmpty { parts.append("the processor") }
        if !seesAll, !seen.contains(.memory) { parts.append("memory") }
        if !seesAll, !seen.contains(.gpu) { parts.append("GPUs, if there are any") }
        parts.append("fans, network, storage and what the power supply loses")
        return "It would leave out " + parts.joined(separator: "; ") + "."
    }
}

extension Interface {
    /// Whether it is there and may not be read.
    fileprivate var isDenied: Bool {
        if case .denied = availability { true } else { false }
    }
}

import ArgumentParser
import Discovery
import Metering
import Reporting
import SystemPackage

/// `wattbook probes`: every interface, and what a total would contain.
struct ProbesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probes",
        abstract: "Every sensor: ready, absent (why) or denied (what to do), and what a total would contain."
    )

    @OptionGroup var options: GlobalOptions
    @OptionGroup var sensors: SensorOptions

    @Option(
        help: ArgumentHelp("Copy this machine's sensor files, without host name and serial numbers.", valueName: "dir")
    )
    var capture: String?

    mutating func run() throws {
        if let capture { return try write(capture) }
        var selection = sensors.selection(root: options.rootPath)
        selection.asksAll = true
        let inventory = try discover(selection)
        try inventory.checkPowerFiles(selection)
        if options.json {
            options.out.raw(probesDocument(inventory))
            return
        }
        let out = options.out
        for interface in inventory.interfaces { describe(interface, out) }
        out.line()
        for sentence in total(inventory) { out.line(sentence) }
    }

    /// Copies the sensor files, and tells what is in the copy and what is not.
    private func write(_ folder: String) throws {
        do throws(Errno) {
            let capture = try Capture.write(root: options.rootPath, to: folder)
            for line in capture.unreadable { options.err.line("not copied: \(line)") }
            options.out.line(
                "\(counted(capture.written, "file")) in \(folder), without host name and serial numbers. Look at it before you "
                    + "send it; read it with: wattbook probes --root \(folder)"
            )
        } catch {
            throw Failure(
                .cannotWrite,
                "The folder \(folder) cannot be written: \(error).",
                remedy: "Name a new folder, or an empty one."
            )
        }
    }

    private func describe(_ interface: Interface, _ out: Terminal) {
        switch interface.availability {
        case .ready:
            out.line("\(out.good("ready"))   \(out.bold(interface.name))")
            for channel in interface.channels { describe(channel, out) }
        case .absent(let reason):
            out.line("\(out.dim("absent"))  \(out.bold(interface.name)): \(reason)")
        case .denied(let remedy):
            // The first line says what to do, those below it are commands to paste.
            let lines = remedy.split(separator: "\n")
            out.line("\(out.bad("denied"))  \(out.bold(interface.name)): \(lines.first ?? "")")
            for command in lines.dropFirst() { out.line("            " + command) }
        }
        for note in interface.notes { out.line("        \(out.caution("note")): \(note)") }
    }

    private func describe(_ channel: Channel, _ out: Terminal) {
        let share = channel.inTotal ? "in the total" : "not in the total"
        let sigma = "\(channel.basis.rawValue) to \(Int((channel.relativeUncertainty * 100).rounded())) % (1 sigma)"
        let inside = channel.containedIn.map { ", part of \($0)" } ?? ""
        let note = channel.note.map { "; \($0)" } ?? ""
        out.line("        \(channel.name)  \(out.dim("\(share), \(sigma)\(inside)\(note)"))")
    }

    /// What a run would add up, and what not, a sentence each.
    private func total(_ inventory: Inventory) -> [String] {
        let total = inventory.channels.filter(\.inTotal)
        let denied = inventory.interfaces.contains { if case .denied = $0.availability { true } else { false } }
        guard !total.isEmpty else { return ["A run would have no total: nothing of the above can be read."] }
        let names = total.map(\.name).joined(separator: " + ")
        guard total.contains(where: { $0.basis == .modelled }) else {
            let lacking = inventory.warnings.isEmpty ? "" : ", without the counters that cannot be read"
            return [
                "A run would add up \(names): measured\(lacking).",
                inventory.scope == .node
                    ? "It sees the whole node; what stands outside of it, as switches and storage, is left out."
                    : "No sensor here sees fans, network, storage and what the power supply loses: they are left out.",
            ]
        }
        let isPlayed = total.contains { $0.name.hasPrefix("replay/") }
        guard !isPlayed else { return ["A run would add up \(names): played from a recording, not measured here."] }
        let why = denied ? "the sensor that covers the CPU may not be read" : "no sensor covers the CPU here"
        return [
            "A run would add up \(names): an estimate from utilisation, not a measurement, since \(why).",
            "The model leaves out GPUs, fans, network, storage and what the power supply loses.",
        ]
    }
}

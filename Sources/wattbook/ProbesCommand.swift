import ArgumentParser
import Discovery
import Metering
import Reporting

/// `wattbook probes`: every interface, and what a total would contain.
struct ProbesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probes",
        abstract: "Every sensor: ready, absent (why) or denied (what to do), and what a total would contain."
    )

    @OptionGroup var options: GlobalOptions

    mutating func run() throws {
        let inventory = try discover(root: options.rootPath, probes: nil, powerModel: true)
        if options.json {
            options.out.raw(probesDocument(inventory))
            return
        }
        let out = options.out
        for interface in inventory.interfaces {
            switch interface.availability {
            case .ready:
                out.line("\(out.good("ready")) \(out.bold(interface.name))")
                for channel in interface.channels { describe(channel, out) }
            case .absent(let reason):
                out.line("\(out.dim("absent")) \(interface.name): \(reason)")
            case .denied(let remedy):
                out.line("\(out.bad("denied")) \(out.bold(interface.name)): \(remedy)")
            }
        }
        out.line()
        let total = inventory.channels.filter(\.inTotal)
        guard !total.isEmpty else { return out.line("A total would be empty: no sensor can be read.") }
        let modelled = total.contains { $0.basis == .modelled }
        out.line(
            "A total would hold \(total.map(\.name).joined(separator: " + "))"
                + (modelled ? ", modelled: no sensor covers the CPU here." : ", measured.")
        )
        out.line("It leaves out what no sensor here sees: fans, network, storage, power supply losses.")
    }

    private func describe(_ channel: Channel, _ out: Terminal) {
        let share = channel.inTotal ? "in the total" : "not in the total"
        let sigma = "standard uncertainty \(Int((channel.relativeUncertainty * 100).rounded())) %"
        let inside = channel.containedIn.map { ", inside \($0)" } ?? ""
        let note = channel.note.map { ", \($0)" } ?? ""
        out.line("       \(channel.name)  \(out.dim("\(channel.basis.rawValue), \(sigma), \(share)\(inside)\(note)"))")
    }
}

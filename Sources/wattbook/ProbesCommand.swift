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
        ProbesPage(inventory: inventory).print(to: options.out)
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
}

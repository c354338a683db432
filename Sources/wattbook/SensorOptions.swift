import ArgumentParser
import Discovery
import Metering

/// Which sensors are read.
struct SensorOptions: ParsableArguments {
    @Option(
        name: .customLong("probe"),
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these interfaces, as powercap or nvml (default: every ready one).", valueName: "name")
    )
    var probes: [String] = []

    @Flag(name: .customLong("no-model"), help: "End with 69 rather than model the energy where no sensor is.")
    var noModel = false

    @Flag(
        name: .customLong("add-model"),
        help: "Where sensors see no processor, add a model of it to what they measure; the total is then mixed."
    )
    var addsModel = false

    @Flag(name: .customLong("all-gpus"), help: "Measure every GPU, not only those that the job sees.")
    var allGPUs = false

    @OptionGroup var powerFiles: PowerFileOptions

    @Option(
        help: ArgumentHelp(
            "Count these events on the command and its children, as PAPI_TOT_INS,perf::TASK-CLOCK.",
            valueName: "event[,event...]"
        )
    )
    var papi: String?

    @Option(
        name: .customLong("meter-command"),
        help: ArgumentHelp(
            "A shell command that prints what a meter of this machine shows, as `12.5 W` or `4.137 kWh`.",
            valueName: "command"
        )
    )
    var meterCommand: String?

    @Option(
        name: .customLong("meter-interval"),
        help: ArgumentHelp("Time between two readings of that meter, 100ms to 60s.", valueName: "time")
    )
    var meterInterval = TimeSpan(nanoseconds: 1_000_000_000)

    func validate() throws {
        guard (100_000_000...60_000_000_000).contains(meterInterval.nanoseconds) else {
            throw ValidationError("The meter's interval must lie between 100ms and 60s. Say for instance 1s.")
        }
        guard !(noModel && addsModel) else {
            throw ValidationError("--no-model and --add-model exclude each other. Leave out one of them.")
        }
        guard papi.map({ !Self.events($0).isEmpty }) ?? true else {
            throw ValidationError("--papi names no event. Say for instance --papi PAPI_TOT_INS.")
        }
    }

    private static func events(_ list: String) -> [String] { list.split(separator: ",").map(String.init) }

    /// What the options ask for.
    func selection(root: String) -> SensorSelection {
        SensorSelection(
            root: root,
            probes: probes.isEmpty ? nil : probes,
            powerModel: !noModel,
            addsModel: addsModel,
            powerFiles: powerFiles.paths,
            allGPUs: allGPUs,
            papiEvents: papi.map(Self.events) ?? [],
            meterCommand: meterCommand,
            meterInterval: meterInterval.nanoseconds
        )
    }

    /// What this machine offers under the options; ends with 69 where nothing may be read.
    func inventory(root: String) throws -> Inventory {
        let selection = selection(root: root)
        let inventory = try discover(selection)
        try inventory.checkPowerFiles(selection)
        for interface in inventory.interfaces where interface.name == "replay" {
            guard case .absent(let reason) = interface.availability else { continue }
            throw Failure(.noInput, reason, remedy: "Name a recording that can be read.")
        }
        guard inventory.channels.contains(where: \.inTotal) else {
            // Of those that were named, the reader wants to know why.
            let reasons = probes.isEmpty ? "" : inventory.interfaces.compactMap(\.lack).map { " " + $0 }.joined()
            throw Failure(
                .unavailable,
                "No sensor of this machine can be read and no model is allowed.\(reasons)",
                remedy: "See what is missing with `wattbook probes`, or leave out --no-model and --probe."
            )
        }
        return inventory
    }
}

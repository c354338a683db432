import ArgumentParser
import Discovery

/// Directories of power files.
struct PowerFileOptions: ParsableArguments {
    @Option(
        name: .customLong("power-files"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "A directory of power files, one folder a device; may be given again (default: $WATTBOOK_POWER_FILES).",
            valueName: "dir"
        )
    )
    var directories: [String] = []

    /// The directories that were named; colons separate several in one word.
    var paths: [String]? {
        directories.isEmpty ? nil : directories.flatMap { $0.split(separator: ":").map(String.init) }
    }
}

extension Inventory {
    /// Ends with 66 where a directory that was named is not there or holds no device.
    func checkPowerFiles(_ selection: SensorSelection) throws {
        guard let fault = powerFilesFault(selection) else { return }
        throw Failure(
            .noInput,
            "The power files are not there: \(fault).",
            remedy: "Name directories with a folder for each device, in --power-files or $WATTBOOK_POWER_FILES."
        )
    }
}

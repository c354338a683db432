import Metering
import PowerFiles

extension Inventory {
    /// Adds the devices of the directories that the user named.
    ///
    /// A meter of the whole node among them stands alone; other devices are sensors like any.
    mutating func addPowerFiles(_ selection: SensorSelection) {
        let survey = PowerFilesSurvey(directories: selection.powerFiles)
        let isWhole = survey.channels.contains { $0.inTotal && $0.device == .node }
        interfaces.append(
            Interface(
                name: "powerfiles",
                standing: isWhole ? .node : .sensor,
                availability: survey.availability,
                channels: survey.channels,
                notes: survey.notes,
                warnings: survey.warnings
            ) { _ in Box(PowerFilesProbe(survey)) }
        )
    }

    /// Why the directories of power files that were named are no such input; `nil` where they are, or none was named.
    public func powerFilesFault(_ selection: SensorSelection) -> String? {
        guard !selection.powerFiles.isEmpty,
            case .absent(let reason)? = interfaces.first(where: { $0.name == "powerfiles" })?.availability
        else { return nil }
        return reason
    }
}

import Hwmon
import Metering

extension Inventory {
    /// Adds what the kernel's hardware monitors tell: sensors of parts, and the slow power meter of a server.
    mutating func addHwmon(_ selection: SensorSelection) {
        let variable: ((String) -> String?)? = selection.allGPUs ? nil : { environment($0) }
        let found = HwmonSurvey.look(root: selection.root, variable: variable)
        let isWhole = found.sensors.channels.contains { $0.inTotal && $0.device == .node }
        let wanted: [(String, Interface.Standing, Int64?, HwmonSurvey)] = [
            ("hwmon", isWhole ? .node : .sensor, nil, found.sensors),
            // Averages over a second at best; a read may wait for the board's controller.
            ("power_meter", .coarse, 1_000_000_000, found.meters),
        ]
        for (name, standing, cadence, survey) in wanted where selection.wants(name) {
            interfaces.append(
                Interface(
                    name: name,
                    standing: standing,
                    cadence: cadence,
                    availability: survey.availability,
                    channels: survey.channels,
                    notes: survey.notes,
                    warnings: survey.warnings,
                    gpus: survey.gpuNames
                ) { _ in Box(try HwmonProbe(survey)) }
            )
        }
    }
}

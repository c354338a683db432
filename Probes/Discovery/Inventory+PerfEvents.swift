import Metering
import PerfEvents

extension Inventory {
    /// Adds the energy counters that the kernel's perf events show.
    mutating func addPerfEvents(root: String) {
        let survey = PerfEventsSurvey(root: root)
        interfaces.append(
            Interface(
                name: "perf",
                standing: .sensor,
                availability: survey.availability,
                channels: survey.channels,
                notes: survey.notes,
                warnings: survey.warnings
            ) { _ in Box(try PerfEventsProbe(survey)) }
        )
    }
}

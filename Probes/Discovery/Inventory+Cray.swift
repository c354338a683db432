import Cray
import Metering

extension Inventory {
    /// Adds the power counters of a Cray node.
    mutating func addCray(_ selection: SensorSelection) {
        guard selection.wants("cray") else { return }
        let survey = CraySurvey(root: selection.root)
        interfaces.append(
            Interface(
                name: "cray",
                standing: survey.seesNode ? .node : .sensor,
                availability: survey.availability,
                channels: survey.channels,
                notes: survey.notes
            ) { _ in Box(try CrayProbe(survey)) }
        )
    }
}

import Battery
import Metering
import Quantities

extension Inventory {
    /// Adds the batteries that drive a laptop.
    mutating func addBattery(_ selection: SensorSelection) {
        guard selection.wants("battery") else { return }
        let survey = BatterySurvey(root: selection.root)
        interfaces.append(
            Interface(
                name: "battery",
                standing: .coarse,
                cadence: Int64(BatterySurvey.cadence.value * 1e9),
                availability: survey.availability,
                channels: survey.channels
            ) { _ in Box(try BatteryProbe(survey)) }
        )
    }
}

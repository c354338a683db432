import MeterCommand
import Metering
import Quantities

extension Inventory {
    /// Adds the meter that the user named, which must answer.
    mutating func addMeter(_ selection: SensorSelection) throws(DiscoveryError) {
        guard let command = selection.meterCommand else {
            guard selection.probes?.contains("meter") == true else { return }
            let reason = "no meter was named: --meter-command 'COMMAND' names one"
            interfaces.append(
                Interface(name: "meter", standing: .chosen, availability: .absent(reason: reason), channels: []) { _ in
                    ProbeBox()
                }
            )
            return
        }
        let survey: MeterCommandSurvey
        do throws(MeterCommandError) {
            survey = try MeterCommandSurvey(command: command, interval: Seconds(Double(selection.meterInterval) / 1e9))
        } catch {
            throw .meter(error)
        }
        interfaces.append(
            Interface(
                name: "meter",
                standing: .chosen,
                cadence: selection.meterInterval,
                availability: .ready,
                channels: [survey.channel]
            ) { _ in Box(MeterCommandProbe(survey)) }
        )
    }
}

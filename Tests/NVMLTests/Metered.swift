import Metering
import ProbeTestKit
import Quantities

@testable import NVML

/// Reads a stand-in's GPUs on virtual time and accounts for them as a run does.
///
/// - Parameter period: How often the stand-in renews its counters where that is not what the channels say, s.
func metered(
    _ standIn: StandIn,
    seconds: Double,
    every interval: Double = 0.1,
    from start: Double = 0.013,
    renewedEvery period: Double? = nil
) throws -> (account: EnergyAccount, warnings: [String]) {
    standIn.set(start)
    let survey = standIn.survey()
    var probe = try NVMLProbe(survey)
    var trace = Trace(channels: probe.channels)
    if let period { for i in trace.channels.indices { trace.channels[i].updatePeriod = Seconds(period) } }
    var readings = [RawReading](repeating: RawReading(), count: probe.channels.count)
    for tick in 0...Int((seconds / interval).rounded()) {
        let time = start + Double(tick) * interval
        standIn.set(time)
        var span = readings.mutableSpan
        do throws(ProbeError) {
            try probe.read(into: &span)
        } catch {
            for i in readings.indices { readings[i] = RawReading() }
        }
        trace.before.append(Int64((time * 1e6).rounded()) * 1000)
        trace.after.append(Int64((time * 1e6).rounded()) * 1000)
        for i in readings.indices { trace.columns[i].append(readings[i].raw) }
    }
    let account = Metering.account(
        traces: [trace],
        start: trace.before[0],
        end: trace.before[trace.count - 1],
        marks: Marks()
    )
    return (account, probe.warnings)
}

/// A description of one GPU under a load, with more lines of its own.
func description(_ load: Load, _ lines: String..., uuid: String = "GPU-a") -> String {
    (["gpu \(uuid)", load.text] + lines).joined(separator: "\n") + "\n"
}

extension StandIn {
    /// What a probe finds in it.
    func survey(environment: [String: String] = [:], allGPUs: Bool = false) -> NVMLSurvey {
        NVMLSurvey(library: path, environment: environment, allGPUs: allGPUs)
    }
}

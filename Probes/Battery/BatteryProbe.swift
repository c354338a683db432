public import Metering
import SystemPackage

/// Reads the power that batteries give while they drive the machine.
///
/// It ends when none of them is discharging, or one charges: from then on they say nothing of the machine.
public struct BatteryProbe: Probe, ~Copyable {
    /// The channels of the survey that it was opened from.
    public let channels: [Channel]
    private let supplies: [BatterySupply]
    private let statuses: [FileDescriptor]
    private let values: [FileDescriptor]
    /// The voltage beside a current; the same file as the value where there is none.
    private let seconds: [FileDescriptor]

    /// Opens the files of a survey.
    public init(_ survey: BatterySurvey) throws(ProbeError) {
        channels = survey.channels
        supplies = survey.supplies
        var files: [[FileDescriptor]] = []
        for (supply, channel) in zip(survey.supplies, survey.channels) {
            let second = supply.source == .currentAndVoltage ? supply.path + "/voltage_now" : channel.source
            for path in [supply.path + "/status", channel.source, second] {
                do throws(Errno) {
                    files.append([try survey.tree.open(path)])
                } catch {
                    for file in files.joined() { try? file.close() }
                    throw ProbeError(
                        .closeProbe,
                        source: path,
                        problem: "A battery's file does not open: \(error).",
                        errno: error
                    )
                }
            }
        }
        let all = Array(files.joined())
        statuses = stride(from: 0, to: all.count, by: 3).map { all[$0] }
        values = stride(from: 1, to: all.count, by: 3).map { all[$0] }
        seconds = stride(from: 2, to: all.count, by: 3).map { all[$0] }
    }

    deinit {
        for files in [statuses, values, seconds] { for file in files { try? file.close() } }
    }

    /// One reading a battery, in µW, or in µWh counted up; one that rests beside another that drives gives 0 W.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        var isDriving = false
        var isCharging = false
        for i in supplies.indices {
            let status = Self.status(statuses[i])
            isDriving = isDriving || status == .discharging
            isCharging = isCharging || status == .charging
            readings[i] = reading(i, status)
        }
        guard isDriving, !isCharging else {
            throw ProbeError(
                .closeProbe,
                source: BatterySupply.folder,
                problem: "The machine went to mains power during the run: its battery says nothing of it from then on."
            )
        }
    }

    private func reading(_ i: Int, _ status: Status) -> RawReading {
        guard let value = Self.magnitude(values[i]) else { return RawReading() }
        switch supplies[i].source {
        case .energy: return RawReading(raw: BatterySurvey.full - min(value, BatterySurvey.full))
        case .power, nil: return RawReading(raw: status == .discharging ? value : 0)
        case .currentAndVoltage:
            guard let voltage = Self.magnitude(seconds[i]) else { return RawReading() }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: voltage)
            guard !isTooLarge else { return RawReading() }
            return RawReading(raw: status == .discharging ? product / 1_000_000 : 0)
        }
    }

    private enum Status {
        case discharging, charging, other
    }

    private static func status(_ file: FileDescriptor) -> Status {
        var text = InlineArray<32, UInt8>(repeating: 0)
        var span = text.mutableSpan
        guard case .success(let length) = file.read(at: 0, into: &span) else { return .other }
        let word = text.span.extracting(0..<length)
        var place = 0
        if word.take("Discharging", &place) { return .discharging }
        return word.take("Charging", &place) ? .charging : .other
    }

    /// A whole number without its sign: some drivers show what a battery gives as less than nothing.
    private static func magnitude(_ file: FileDescriptor) -> UInt64? {
        var text = InlineArray<32, UInt8>(repeating: 0)
        var span = text.mutableSpan
        guard case .success(let length) = file.read(at: 0, into: &span) else { return nil }
        var place = 0
        return text.span.extracting(0..<length).number(&place)?.digits
    }
}

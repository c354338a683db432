public import Metering
public import Quantities
import Tool

/// A command of the user's that prints what a meter shows, and its first reading.
public struct MeterCommandSurvey: Sendable {
    /// What the shell runs.
    public let command: String
    /// The meter as a channel: a counter where it prints energy, a gauge where it prints power.
    public let channel: Channel
    let unit: MeterReading.Unit

    /// Runs the command once.
    ///
    /// The last digit of its first reading is the step in which an energy is believed to count.
    public init(command: String, interval: Seconds) throws(MeterCommandError) {
        var shell = Self.shell(command)
        switch shell.run() {
        case .exited(0): break
        case .exited(let status):
            throw MeterCommandError(command: command, reason: .unavailable, problem: "ended with status \(status)")
        case .timedOut, .stuck:
            throw MeterCommandError(
                command: command,
                reason: .unavailable,
                problem: "did not end within \(Tool.limit.value) s"
            )
        case .failed(let error):
            throw MeterCommandError(command: command, reason: .unavailable, problem: "cannot be run: \(error)")
        }
        guard let reading = MeterReading(shell.bytes.span.extracting(0..<shell.length)) else {
            let line = shell.text.split(whereSeparator: \.isNewline).first.map { "printed \"\($0.prefix(60))\"" }
            throw MeterCommandError(
                command: command,
                reason: .badData,
                problem: "\(line ?? "printed nothing"), which is no number with a unit"
            )
        }
        self.command = command
        unit = reading.unit
        var step = reading.unit.factor
        for _ in 0..<reading.number.decimals { step /= 10 }
        channel = Channel(
            name: "meter/command",
            device: .node,
            domain: "meter",
            kind: reading.unit.isEnergy
                ? .energyCounter(joulesPerCount: step, range: nil) : .power(wattsPerCount: 1e-3, window: Seconds(0)),
            basis: .measured,
            inTotal: true,
            relativeUncertainty: 0.03,
            uncertaintySource: "type B, assumed for a meter of unknown make: 3 %",
            updatePeriod: interval,
            maximumPower: Watts(100_000),
            // Not its text, which a ledger would keep: it may hold a password.
            source: "--meter-command",
            note: "what the user's own command printed"
        )
    }

    /// The command in a shell, ready to run.
    static func shell(_ command: String) -> Tool { Tool("/bin/sh", ["-c", command]) }
}

/// Why a meter's command gives no first reading.
public struct MeterCommandError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Reason: Sendable, Hashable {
        /// It does not run to its end.
        case unavailable
        /// What it prints is no reading.
        case badData
    }

    /// The command.
    public let command: String
    /// Which it is.
    public let reason: Reason
    let problem: String

    /// One sentence, and one on what to do.
    public var description: String {
        let units = MeterReading.Unit.allCases.map(\.symbol).joined(separator: ", ")
        let remedy =
            reason == .badData
            ? "Let it print one line, a number with one of the units \(units), as 12.5 W."
            : "Try it in a shell: it must print one reading and end with 0."
        return "The meter's command `\(command)` \(problem). \(remedy)"
    }
}

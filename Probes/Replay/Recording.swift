public import Metering
import Quantities
import SystemPackage

/// A trace in a text file; the README describes the form.
public struct Recording: Sendable, Hashable {
    /// The recorded samples with the channels as they were.
    public let trace: Trace

    /// A line that does not parse.
    public struct Malformed: Error, Sendable, Hashable, CustomStringConvertible {
        public let line: Int
        public let problem: String
        /// One sentence.
        public var description: String { "Line \(line) of the recording: \(problem)." }
    }

    /// Parses the text of a recording.
    public init(_ text: String) throws(Malformed) {
        var trace = Trace(channels: [])
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = index + 1
            let words = raw.split { $0.isWhitespace }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            if first == "channel" {
                guard trace.count == 0 else { throw Malformed(line: line, problem: "a channel after the first row") }
                guard let channel = Self.channel(words.dropFirst()) else {
                    throw Malformed(
                        line: line,
                        problem: "a channel needs name and either joules_per_count or watts_per_count"
                    )
                }
                guard !trace.channels.contains(where: { $0.name == channel.name }) else {
                    throw Malformed(line: line, problem: "a second channel \(channel.name)")
                }
                trace.channels.append(channel)
                trace.columns.append([])
                continue
            }
            guard let seconds = Double(first), seconds.isFinite, abs(seconds) < 1e9 else {
                throw Malformed(line: line, problem: "a row begins with its time in seconds")
            }
            let time = Int64((seconds * 1e6).rounded()) * 1000
            guard words.count == trace.channels.count + 1, !trace.channels.isEmpty else {
                throw Malformed(line: line, problem: "\(words.count - 1) values for \(trace.channels.count) channels")
            }
            if let last = trace.before.last, time < last { throw Malformed(line: line, problem: "time runs back") }
            for (i, word) in words.dropFirst().enumerated() {
                guard let value = word == "-" ? RawReading.missing : UInt64(word) else {
                    throw Malformed(line: line, problem: "\(word) is no count")
                }
                trace.columns[i].append(value)
            }
            trace.before.append(time)
            trace.after.append(time)
        }
        guard trace.count > 0 else { throw Malformed(line: 1, problem: "no row") }
        self.trace = trace
    }

    private static func channel(_ words: some Sequence<Substring>) -> Channel? {
        var fields: [String: String] = [:]
        for word in words {
            let pair = word.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { return nil }
            fields[String(pair[0])] = String(pair[1])
        }
        func number(_ key: String) -> Double? { fields[key].flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil } }
        let kind: Channel.Kind
        if let joules = number("joules_per_count") {
            kind = .energyCounter(joulesPerCount: joules, range: fields["range"].flatMap { UInt64($0) })
        } else if let watts = number("watts_per_count") {
            kind = .power(wattsPerCount: watts, window: Seconds(number("window_s") ?? 0))
        } else {
            return nil
        }
        guard let name = fields["name"] else { return nil }
        return Channel(
            name: name,
            device: fields["device"].flatMap { Device(rawValue: $0) } ?? .other,
            domain: fields["domain"] ?? "unknown",
            kind: kind,
            basis: fields["basis"].flatMap { Basis(rawValue: $0) } ?? .measured,
            containedIn: fields["contained_in"],
            inTotal: fields["in_total"] == "true",
            relativeUncertainty: number("relative_uncertainty") ?? 0.05,
            uncertaintySource: "as recorded",
            updatePeriod: Seconds(number("update_period_s") ?? 0.001),
            maximumPower: Watts(number("maximum_power_w") ?? 2000),
            source: fields["source"] ?? "recording"
        )
    }
}

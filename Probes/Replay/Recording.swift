public import Metering
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
            let words = raw.split { $0.isWhitespace }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            do throws(Problem) {
                if first == "channel" {
                    try Self.addChannel(words.dropFirst(), to: &trace)
                } else {
                    try Self.addRow(words, to: &trace)
                }
            } catch {
                throw Malformed(line: index + 1, problem: error.text)
            }
        }
        guard trace.count > 0 else { throw Malformed(line: 1, problem: "no row of counts follows") }
        self.trace = trace
    }

    /// What is wrong with a line.
    struct Problem: Error {
        var text: String
    }

    private static func addChannel(_ words: some Sequence<Substring>, to trace: inout Trace) throws(Problem) {
        guard trace.count == 0 else { throw Problem(text: "a channel after the first row") }
        let channel = try ChannelLine(words).channel()
        guard !trace.channels.contains(where: { $0.name == channel.name }) else {
            throw Problem(text: "a second channel \(channel.name)")
        }
        trace.channels.append(channel)
        trace.columns.append([])
    }

    private static func addRow(_ words: [Substring], to trace: inout Trace) throws(Problem) {
        guard let seconds = Double(words[0]), seconds.isFinite, abs(seconds) < 1e9 else {
            throw Problem(text: "a row begins with its time in seconds")
        }
        let time = Int64((seconds * 1e6).rounded()) * 1000
        guard words.count == trace.channels.count + 1, !trace.channels.isEmpty else {
            throw Problem(text: "\(words.count - 1) values for \(trace.channels.count) channels")
        }
        if let last = trace.before.last, time < last { throw Problem(text: "time runs back") }
        for (i, word) in words.dropFirst().enumerated() {
            guard word != "-" else {
                trace.columns[i].append(RawReading.missing)
                continue
            }
            guard let count = UInt64(word), count != RawReading.missing else {
                throw Problem(text: "\(word) is no count")
            }
            if case .energyCounter(_, let range?) = trace.channels[i].kind, count > range {
                throw Problem(text: "\(word) is above the range of \(trace.channels[i].name)")
            }
            trace.columns[i].append(count)
        }
        trace.before.append(time)
        trace.after.append(time)
    }
}

public import Metering

/// Reads the energies and powers that other programs keep in files.
public struct PowerFilesProbe: Probe, ~Copyable {
    /// The channels of the survey that it was opened from.
    public let channels: [Channel]
    /// Paths that end with a zero, made once.
    private let paths: [[CChar]]

    /// Takes the files of a survey.
    public init(_ survey: PowerFilesSurvey) {
        channels = survey.channels
        paths = survey.files.map { Array($0.utf8CString) }
    }

    /// One reading a channel, in mJ or mW; a file that is not there, empty or without a number is missing this time.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        for i in paths.indices {
            if case .success(let count) = readNumber(paths[i]) {
                readings[i] = RawReading(raw: count)
            } else {
                readings[i] = RawReading()
            }
        }
    }
}

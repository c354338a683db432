public import Metering
import SystemPackage

/// Reads RAPL counters from the kernel's powercap files.
///
/// The descriptors stay open: a read is one `pread` and the parsing of its digits, without allocation.
public struct PowercapProbe: Probe, ~Copyable {
    /// The channels of the survey that it was opened from.
    public let channels: [Channel]
    let files: [FileDescriptor]
    private var hasEnded: [Bool]
    private var living: Int

    /// Opens the counters of a survey; one that has gone since then has ended, and its channel stays missing.
    ///
    /// - Throws: where none opens.
    public init(_ survey: PowercapSurvey) throws(ProbeError) {
        var files: [FileDescriptor] = []
        var hasEnded: [Bool] = []
        var failure: Errno?
        for path in survey.counters {
            do throws(Errno) {
                files.append(try survey.tree.open(path))
                hasEnded.append(false)
            } catch {
                files.append(FileDescriptor(rawValue: -1))
                hasEnded.append(true)
                failure = error
            }
        }
        guard hasEnded.contains(false) else {
            throw ProbeError(
                .closeProbe,
                source: survey.counters.first ?? Zone.folders[0],
                problem: "No powercap counter opens: \(failure ?? .noSuchFileOrDirectory).",
                errno: failure
            )
        }
        channels = survey.channels
        self.files = files
        self.hasEnded = hasEnded
        living = hasEnded.count { !$0 }
    }

    deinit {
        for file in files where file.rawValue >= 0 { try? file.close() }
    }

    /// One reading a channel, in µJ; a read that fails is missing, and a domain that has gone stays so.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        for i in files.indices {
            guard !hasEnded[i] else {
                readings[i] = RawReading()
                continue
            }
            switch files[i].readCount() {
            case .success(let count): readings[i] = RawReading(raw: count)
            case .failure(let error):
                readings[i] = RawReading()
                if Self.isGone(error) {
                    hasEnded[i] = true
                    living -= 1
                }
            }
        }
        guard living > 0 else {
            throw ProbeError(
                .closeProbe,
                source: channels.first?.source ?? Zone.folders[0],
                problem: "Every powercap domain has gone."
            )
        }
    }

    /// Whether the device behind the file was taken away: the kernel says `ENODEV` from then on.
    ///
    /// All else may pass: `EIO` or `ENXIO` while the processor that reads for its package is offline.
    static func isGone(_ error: Errno) -> Bool { error == .operationNotSupportedByDevice }
}

public import Metering
import SystemPackage

/// Reads RAPL counters from the kernel's powercap files.
///
/// The descriptors stay open: a read is one `pread` and the parsing of its digits, without allocation.
public struct PowercapProbe: Probe, ~Copyable {
    /// The channels of the survey that it was opened from.
    public let channels: [Channel]
    private var files: [FileDescriptor]
    private var hasEnded: [Bool]

    /// Opens every counter of a survey; one that no longer opens has ended.
    public init(_ survey: PowercapSurvey) throws(ProbeError) {
        channels = survey.channels
        files = []
        hasEnded = Array(repeating: false, count: survey.counters.count)
        for path in survey.counters {
            do throws(Errno) {
                files.append(try survey.tree.open(path))
            } catch {
                for file in files { try? file.close() }
                throw ProbeError(
                    .closeProbe,
                    source: path,
                    problem: "The counter does not open: \(error).",
                    errno: error
                )
            }
        }
    }

    deinit {
        for file in files { try? file.close() }
    }

    /// One reading a channel, in µJ; a read that fails is missing, and a domain that has gone stays so.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        var living = false
        for i in files.indices where !hasEnded[i] {
            do throws(Errno) {
                readings[i] = RawReading(raw: try files[i].readCount())
            } catch {
                readings[i] = RawReading()
                hasEnded[i] = Self.isGone(error)
            }
            if !hasEnded[i] { living = true }
        }
        guard living else {
            throw ProbeError(
                .closeProbe,
                source: channels.first?.source ?? "",
                problem: "Every powercap domain has gone."
            )
        }
    }

    /// What the kernel says of a file whose device has been taken away.
    private static func isGone(_ error: Errno) -> Bool {
        error == .operationNotSupportedByDevice || error == .noSuchAddressOrDevice || error == .noSuchFileOrDirectory
            || error == .noSuchProcess
    }
}

public import Metering
import SystemPackage

/// Reads energy counters through the kernel's perf events.
///
/// The descriptors stay open: a read is one `read` a counter, without allocation. The kernel turns each into a message to
/// the processor that owns the counter.
public struct PerfEventsProbe: Probe, ~Copyable {
    /// The channels of the survey that it was opened from.
    public let channels: [Channel]
    let files: [FileDescriptor?]
    /// How long each had counted when it was last read, in nanoseconds.
    private var running: [UInt64]

    /// Opens the counters of a survey; one that does not open any more stays missing.
    ///
    /// - Throws: where none opens.
    public init(_ survey: PerfEventsSurvey) throws(ProbeError) {
        var files: [FileDescriptor?] = []
        var failure: Errno?
        for event in survey.events {
            do throws(Errno) {
                files.append(try event.open())
            } catch {
                files.append(nil)
                failure = error
            }
        }
        guard files.contains(where: { $0 != nil }) else {
            throw ProbeError(
                .closeProbe,
                source: survey.channels.first?.source ?? EnergyUnit.folder,
                problem: "No energy counter opens: \(failure ?? .noSuchFileOrDirectory).",
                errno: failure
            )
        }
        channels = survey.channels
        self.files = files
        running = Array(repeating: 0, count: files.count)
    }

    deinit {
        for file in files { try? file?.close() }
    }

    /// One reading a channel, in the unit's counts; a read that fails is missing, and so is a counter that stands still.
    ///
    /// When its processor goes offline an event keeps its last count for ever. That it no longer counts shows in the time
    /// for which it has run.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        for i in files.indices {
            readings[i] = RawReading()
            guard let file = files[i], case .success(let count) = file.readEvent(), count.running > running[i] else {
                continue
            }
            running[i] = count.running
            readings[i] = RawReading(raw: count.value)
        }
    }
}

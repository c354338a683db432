public import Metering
import SystemPackage

/// Reads PAPI's event sets: energy of the machine, and events of the measured process and its children.
///
/// A read is one `PAPI_read` a set, or one `read` of a kernel counter, without allocation.
@safe
public struct PAPIProbe: Probe, ~Copyable {
    /// The channels of the survey that it was opened from.
    public let channels: [Channel]
    private let readers: [Reader]
    private let values: UnsafeMutablePointer<Int64>

    /// What one source is read through; an array holds no value that cannot be copied.
    private final class Reader {
        let width: Int
        let group: EventSet?
        let software: SoftwareEvent?

        init(_ source: PAPISurvey.Source, _ library: PAPILibrary, process: Int32) {
            width = source.events.count
            switch source {
            case .set(let component, let events, let followsProcess):
                group = try? EventSet(
                    library,
                    component: component,
                    events: events,
                    process: followsProcess ? process : nil
                )
                software = nil
            case .software(let event):
                group = nil
                software = SoftwareEvent(library, event: event, process: process)
            }
        }

        var isOpen: Bool { group != nil || software != nil }

        /// Fills its part of the readings, which begins at `first`.
        func read(
            into readings: inout MutableSpan<RawReading>,
            at first: Int,
            through values: UnsafeMutablePointer<Int64>
        ) {
            if let count = software?.read() {
                readings[first] = RawReading(raw: count)
                return
            }
            let isRead = unsafe group?.read(into: values + first) ?? false
            for i in first..<(first + width) {
                readings[i] = unsafe isRead && values[i] >= 0 ? RawReading(raw: UInt64(values[i])) : RawReading()
            }
        }
    }

    /// Starts to count what a survey found; what PAPI now refuses stays missing.
    ///
    /// - Parameter process: The process whose events are counted, with the children that it will have.
    /// - Throws: where nothing can be opened.
    public init(_ survey: PAPISurvey, process: Int32) throws(ProbeError) {
        channels = survey.channels
        readers =
            survey.library.map { library in
                survey.sources.map { Reader($0, library, process: process) }
            } ?? []
        unsafe values = .allocate(capacity: survey.channels.count)
        unsafe values.initialize(repeating: 0, count: survey.channels.count)
        guard readers.contains(where: \.isOpen) else {
            throw ProbeError(
                .closeProbe,
                source: channels.first?.source ?? "PAPI",
                problem: "PAPI now counts none of its events on process \(process)."
            )
        }
    }

    deinit { unsafe values.deallocate() }

    /// One reading a channel, in its own counts since the opening; what PAPI does not give is missing.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        var first = 0
        for i in readers.indices {
            unsafe readers[i].read(into: &readings, at: first, through: values)
            first += readers[i].width
        }
    }
}

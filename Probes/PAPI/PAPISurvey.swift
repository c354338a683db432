public import Metering
import SystemPackage

/// What PAPI offers on this machine: energy events, and which of the named events it can count.
public struct PAPISurvey: Sendable {
    /// Whether anything can be read.
    public let availability: Availability
    /// What can be read: energy first, then counts of events.
    public let channels: [Channel]
    /// The disabled components and why, a sentence each.
    public let notes: [String]
    /// The named events that cannot be counted and why, a sentence each.
    public let warnings: [String]

    let library: PAPILibrary?
    /// The sets and counters behind the channels, in their order.
    let sources: [Source]

    /// What one group of channels is read from.
    enum Source: Sendable {
        /// An event set of one component; of the measured process, or of the whole machine.
        case set(component: Int32, events: [String], followsProcess: Bool)
        /// The kernel's own counter of one event.
        case software(event: String)

        var events: [String] {
            switch self {
            case .set(_, let events, _): events
            case .software(let event): [event]
            }
        }
    }

    /// Loads PAPI and tries every event; nothing stays open but the library.
    ///
    /// PAPI itself always reads the machine's own files.
    ///
    /// - Parameters:
    ///   - library: The path of the library; looked for by its known names where `nil`.
    ///   - events: The events to count, by PAPI's names; an energy event among them is read as energy.
    ///   - findsEnergy: Whether energy events that nobody named are looked for.
    ///   - root: The prefix of the files that tell where processors are.
    public init(library path: String?, events: [String], findsEnergy: Bool, root: String = "/") {
        let library: PAPILibrary
        do throws(PAPILibrary.Failure) {
            library = try PAPILibrary(path: path)
        } catch {
            let remedy = "install PAPI (apt install libpapi7.0), or name its library in WATTBOOK_PAPI_LIBRARY"
            self.init(
                .absent(reason: "\(error.reason); \(remedy)"),
                warnings: events.isEmpty ? [] : ["No event is counted: \(error.reason). To count, \(remedy)."]
            )
            return
        }
        var trial = EventTrial(library, processors: FileTree(root: root))
        if findsEnergy { trial.findEnergy() }
        for event in events { trial.take(event) }
        let found = trial.finish()
        let disabled = library.components.filter { $0.isDisabled }.map { component in
            "component \(component.name): \(component.reason.isEmpty ? "disabled" : component.reason)"
        }
        self.init(
            found.channels.isEmpty
                ? .absent(reason: "PAPI \(library.version) offers no energy event here") : .ready,
            channels: found.channels,
            notes: disabled,
            warnings: found.refusals,
            library: library,
            sources: found.sources
        )
    }

    private init(
        _ availability: Availability,
        channels: [Channel] = [],
        notes: [String] = [],
        warnings: [String] = [],
        library: PAPILibrary? = nil,
        sources: [Source] = []
    ) {
        self.availability = availability
        self.channels = channels
        self.notes = notes
        self.warnings = warnings
        self.library = library
        self.sources = sources
    }
}

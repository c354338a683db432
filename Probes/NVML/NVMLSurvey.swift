public import Metering

/// What NVIDIA's management library offers on a machine: channels that can be read, and why others cannot.
public struct NVMLSurvey: Sendable {
    /// Whether anything can be read.
    public let availability: Availability
    /// The channels that can be read, a GPU's counter before its power.
    public let channels: [Channel]
    /// A sentence for what is left out or odd.
    public let notes: [String]
    /// Those of the notes that a reader of a run must know.
    public let warnings: [String]
    /// The product names of the GPUs that are measured.
    public let gpus: [String]

    let library: NVMLLibrary?
    /// What stands behind each of ``channels``.
    let streams: [Stream]

    /// One reading at each tick: from which GPU, by its place in the library, and how.
    struct Stream: Sendable {
        var gpu: GPU
        var source: Source
    }

    /// The variables of the environment that ``init(library:environment:allGPUs:)`` looks at.
    public static let variables = VisibleGPUs.variables

    /// Loads the library, asks each GPU that the job sees what it can tell, and keeps the library for the probe.
    ///
    /// - Parameters:
    ///   - library: The library's path; `nil`: the driver's.
    ///   - environment: The variables that say which GPUs the job sees.
    ///   - allGPUs: Whether GPUs that the job does not see are measured as well.
    public init(library path: String? = nil, environment: [String: String] = [:], allGPUs: Bool = false) {
        let library: NVMLLibrary
        do throws(NVMLLibrary.Failure) {
            library = try NVMLLibrary(path.map { [$0] } ?? NVMLLibrary.names)
        } catch {
            self.init(Self.availability(error, path))
            return
        }
        let machine = library.machine
        guard !machine.gpus.isEmpty else {
            self.init(Self.availability(machine, library))
            return
        }
        let visible = VisibleGPUs(machine.gpus, environment: allGPUs ? [:] : environment)
        guard !visible.gpus.isEmpty else {
            self.init(
                .absent(
                    reason: "the job sees none of the \(machine.gpus.count) GPUs (\(visible.cause ?? "")); "
                        + "--all-gpus measures all"
                )
            )
            return
        }
        var found = visible.gpus.map { library.findings($0) }
        let refused = found.filter { $0.streams.isEmpty }
        found.removeAll { $0.streams.isEmpty }
        var warnings = machine.warnings + (visible.warning.map { [$0] } ?? []) + found.flatMap(\.warnings)
        warnings += refused.map { "\($0.gpu.id) (\($0.gpu.name)) tells neither energy nor power: \($0.refusal)." }
        guard !found.isEmpty else {
            let isDenied = refused.contains { $0.refusal.isDenial }
            self.init(
                isDenied ? .denied(remedy: Self.remedy) : .absent(reason: "no GPU tells its energy or power"),
                notes: warnings
            )
            return
        }
        var notes = warnings
        let left = machine.gpus.count - found.count - refused.count
        if left > 0 {
            notes.append(
                "\(left) of \(machine.gpus.count) GPUs are left out, since \(visible.cause ?? ""): --all-gpus takes all."
            )
        }
        self.init(
            .ready,
            channels: found.flatMap(\.channels),
            notes: notes,
            warnings: warnings,
            gpus: found.map(\.gpu.name),
            library: library,
            streams: found.flatMap(\.streams)
        )
    }

    private init(
        _ availability: Availability,
        channels: [Channel] = [],
        notes: [String] = [],
        warnings: [String] = [],
        gpus: [String] = [],
        library: NVMLLibrary? = nil,
        streams: [Stream] = []
    ) {
        self.availability = availability
        self.channels = channels
        self.notes = notes
        self.warnings = warnings
        self.gpus = gpus
        self.library = library
        self.streams = streams
    }
}

public import Metering

/// What a user wants read, and what may enter the total.
public struct SensorSelection: Sendable, Hashable {
    /// The prefix of every path below `/sys` and `/proc`.
    public var root: String
    /// The interfaces to use, by name; all ready ones where `nil`.
    public var probes: [String]?
    /// Whether the model may be used where it was not asked for by name.
    public var powerModel: Bool
    /// Whether the model's processor and memory are added to sensors that cover neither: a total that is mixed.
    public var addsModel: Bool
    /// A recording to play instead of everything else.
    public var replay: String?
    /// Directories of power files: the user's own paths, before which no root stands.
    public var powerFiles: [String]
    /// Whether GPUs that the job does not see are read too.
    public var allGPUs: Bool
    /// Events that PAPI counts on the measured process and its children, by PAPI's names.
    public var papiEvents: [String]
    /// The PAPI library to load; looked for by its known names where `nil`.
    public var papiLibrary: String?
    /// A command of the user's that prints what a meter shows.
    public var meterCommand: String?
    /// Nanoseconds between two readings of that meter.
    public var meterInterval: Int64
    /// Whether sources that cost the start of a program are asked even where their answer would not be read.
    public var asksAll: Bool

    /// A selection; the arguments are the properties of the same names.
    ///
    /// - Parameter powerFiles: `nil`: those of `$WATTBOOK_POWER_FILES`, which colons separate.
    public init(
        root: String = "/",
        probes: [String]? = nil,
        powerModel: Bool = true,
        addsModel: Bool = false,
        replay: String? = environment("WATTBOOK_REPLAY"),
        powerFiles: [String]? = nil,
        allGPUs: Bool = false,
        papiEvents: [String] = [],
        papiLibrary: String? = environment("WATTBOOK_PAPI_LIBRARY"),
        meterCommand: String? = nil,
        meterInterval: Int64 = 1_000_000_000,
        asksAll: Bool = false
    ) {
        self.root = root
        self.probes = probes
        self.powerModel = powerModel
        self.addsModel = addsModel
        self.replay = replay
        self.powerFiles =
            powerFiles ?? environment("WATTBOOK_POWER_FILES")?.split(separator: ":").map(String.init) ?? []
        self.allGPUs = allGPUs
        self.papiEvents = papiEvents
        self.papiLibrary = papiLibrary
        self.meterCommand = meterCommand
        self.meterInterval = meterInterval
        self.asksAll = asksAll
    }

    /// Whether an interface is wanted by name, or because nothing was named.
    func wants(_ name: String) -> Bool { probes?.contains(name) ?? true }
}

public import Quantities

/// What stands behind a number of joules.
public enum Basis: String, Sendable, Codable, Hashable {
    /// Every joule was read from a sensor.
    case measured
    /// Every joule was computed from utilisation and published coefficients.
    case modelled
    /// Both kinds stand in one total; only the user's own option makes it so.
    case mixed
}

/// The part of the machine that a channel speaks of; the rows of "energy by device".
public enum Device: String, Sendable, Codable, Hashable, CaseIterable {
    case cpu, memory, gpu, node, platform, other
}

/// One stream of readings: what is measured, how, and how well.
///
/// Fixed after its probe has opened.
public struct Channel: Sendable, Codable, Hashable {
    /// How a raw reading becomes joules.
    public enum Kind: Sendable, Codable, Hashable {
        /// A cumulative counter; it wraps to zero above `range` counts (`nil`: never).
        case energyCounter(joulesPerCount: Double, range: UInt64?)
        /// A present power, averaged by the sensor over the preceding `window`.
        case power(wattsPerCount: Double, window: Seconds)
        /// A running count of events of the measured processes, in `unit` (`ns`; empty where events are counted); no joules.
        case eventCounter(unit: String)
    }

    /// The public name, as in `powercap/package-0/dram`; unique in a run.
    public var name: String
    /// The device whose energy this is.
    public var device: Device
    /// The domain in the vendor's words: `package`, `core`, `uncore`, `dram`, `psys`, `cpu`, `memory`.
    public var domain: String
    /// How raw readings become joules.
    public var kind: Kind
    /// Whether a sensor or a model speaks.
    public var basis: Basis
    /// The name of the channel whose joules already include these, if any.
    public var containedIn: String?
    /// Whether the run's total includes this channel.
    public var inTotal: Bool
    /// The relative standard uncertainty of the sensor's gain, shared by all readings of the channel.
    public var relativeUncertainty: Double
    /// Where ``relativeUncertainty`` comes from.
    public var uncertaintySource: String
    /// How often the source renews its value.
    public var updatePeriod: Seconds
    /// The power that this source cannot exceed; a larger step of its counter is a reset, not a wrap.
    public var maximumPower: Watts
    /// The longest time between two readings that the source bears, where its range does not tell; `nil`: any.
    ///
    /// A longer step may have lost joules inside the source, and is ambiguous.
    public var readWithin: Seconds?
    /// The file or device that is read.
    public var source: String
    /// What a reader must know of this channel, as `one core only`.
    public var note: String?
    /// The counter or device behind, in one word for all interfaces to it, as `rapl/package-0`.
    ///
    /// Two channels with the same word read the same joules.
    public var hardware: String?

    /// Describes a channel; the arguments are the properties of the same names.
    public init(
        name: String,
        device: Device,
        domain: String,
        kind: Kind,
        basis: Basis,
        containedIn: String? = nil,
        inTotal: Bool,
        relativeUncertainty: Double,
        uncertaintySource: String,
        updatePeriod: Seconds,
        maximumPower: Watts = Watts(2000),
        readWithin: Seconds? = nil,
        source: String,
        note: String? = nil,
        hardware: String? = nil
    ) {
        self.name = name
        self.device = device
        self.domain = domain
        self.kind = kind
        self.basis = basis
        self.containedIn = containedIn
        self.inTotal = inTotal
        self.relativeUncertainty = relativeUncertainty
        self.uncertaintySource = uncertaintySource
        self.updatePeriod = updatePeriod
        self.maximumPower = maximumPower
        self.readWithin = readWithin
        self.source = source
        self.note = note
        self.hardware = hardware
    }
}

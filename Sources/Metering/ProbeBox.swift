/// A probe of any kind, so that several stand in one array.
///
/// A class hierarchy, since a box of `any Probe & ~Copyable` crashes the 6.3 compiler when it optimises.
open class ProbeBox {
    /// The channels, in the order of the readings.
    open var channels: [Channel] { [] }
    /// What a reader of the run must know, once the last reading was made.
    open var warnings: [String] { [] }

    /// For subclasses alone.
    public init() {}

    /// Reads every channel once, into a span of `channels.count` readings.
    open func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {}
}

/// One probe and its descriptors, moved in.
public final class Box<P: Probe & ~Copyable>: ProbeBox {
    private var probe: P

    /// Takes the probe.
    public init(_ probe: consuming P) {
        self.probe = probe
        super.init()
    }

    public override var channels: [Channel] { probe.channels }
    public override var warnings: [String] { probe.warnings }

    public override func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        try probe.read(into: &readings)
    }
}

/// One raw number from one channel.
@frozen
public struct RawReading: Sendable, Hashable {
    /// The value that stands for "no reading at this tick"; no counter in use reaches it.
    public static let missing = UInt64.max

    /// The number in the channel's own counts, or ``missing``.
    public var raw: UInt64
    /// The source's own time stamp in nanoseconds of its clock; 0 where it gives none.
    public var sourceTime: UInt64

    /// A reading; without arguments a missing one.
    @inlinable
    public init(raw: UInt64 = RawReading.missing, sourceTime: UInt64 = 0) {
        self.raw = raw
        self.sourceTime = sourceTime
    }
}

/// A hardware interface that is open and can be read.
///
/// A probe owns its descriptors, never reads a clock and allocates nothing in `read`. The contract of an
/// implementation: after `read` returns, `readings[i]` belongs to `channels[i]`; a channel that could not be
/// read this time is `RawReading.missing` and does not throw; an error says by its consequence what to do.
public protocol Probe: ~Copyable {
    /// The channels, in the order of the readings; does not change after opening.
    var channels: [Channel] { get }

    /// Reads every channel once, into a span of `channels.count` readings.
    mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError)

    /// What a reader of the run must know of the readings so far, a sentence each; asked for after the last read.
    var warnings: [String] { get }
}

extension Probe where Self: ~Copyable {
    /// Nothing.
    public var warnings: [String] { [] }
}

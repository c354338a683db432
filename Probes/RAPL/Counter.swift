public import Quantities

/// A RAPL counter, by whichever way the kernel shows it.
public struct Counter: Sendable, Hashable {
    /// The name of its channel.
    public var name: String
    /// The names of the domains around it and its own, as `package-0/dram`: the same by every way.
    public var place: String
    /// What it speaks of.
    public var domain: Domain
    /// Joules of one count.
    public var joulesPerCount: Double
    /// The count after which it starts again; `nil` where none is known.
    public var range: UInt64?
    /// The longest time between two readings that it bears beside its range.
    public var readWithin: Seconds?
    /// The file or event that is read.
    public var source: String

    /// A counter; the arguments are the properties of the same names.
    public init(
        name: String,
        place: String,
        domain: Domain,
        joulesPerCount: Double,
        range: UInt64?,
        readWithin: Seconds? = nil,
        source: String
    ) {
        self.name = name
        self.place = place
        self.domain = domain
        self.joulesPerCount = joulesPerCount
        self.range = range
        self.readWithin = readWithin
        self.source = source
    }

    /// The place around it; empty for what stands alone.
    var around: Substring { place[..<(place.lastIndex(of: "/") ?? place.startIndex)] }

    /// The domain in the vendor's words.
    var word: String {
        switch domain {
        case .package: "package"
        case .core: "core"
        default: String(place[(place.lastIndex(of: "/").map(place.index(after:)) ?? place.startIndex)...])
        }
    }
}

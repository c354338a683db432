/// Where a value comes from, and how sure it is.
public struct Provenance: Sendable, Hashable {
    /// How a value was checked.
    public enum Standing: String, Sendable, Hashable, CaseIterable {
        /// Read in the source itself.
        case verified
        /// Read in an excerpt or a digest; the original should be opened before it is quoted.
        case secondHand = "second-hand"
        /// Said by who wrote the profile.
        case stated
    }

    /// An address or a document.
    public var source: String
    /// The day on which it was read, as `2026-11-23`.
    public var read: String
    /// The year or the years that the value speaks of; `nil` where the source names none.
    public var year: String?
    public var standing: Standing
    /// What a reader must know of the value.
    public var note: String?

    /// A provenance; the arguments are the properties of the same names.
    public init(source: String, read: String, year: String? = nil, standing: Standing = .stated, note: String? = nil) {
        self.source = source
        self.read = read
        self.year = year
        self.standing = standing
        self.note = note
    }

    /// In a line: `SOURCE, 2024, read 2026-11-23, second-hand`.
    public var citation: String {
        ([source, year, "read \(read)"].compactMap(\.self) + (standing == .secondHand ? ["second-hand"] : []))
            .joined(separator: ", ")
    }
}

/// A value with its provenance.
public struct Sourced<Value: Sendable & Hashable>: Sendable, Hashable {
    public var value: Value
    public var provenance: Provenance

    /// A value with its provenance.
    public init(_ value: Value, _ provenance: Provenance) {
        self.value = value
        self.provenance = provenance
    }
}

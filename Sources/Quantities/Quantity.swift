/// A physical dimension; a type that has no values and only tells quantities apart.
public protocol Dimension: Sendable {
    /// The symbol of the coherent unit in which ``Quantity/value`` is given.
    static var symbol: String { get }
}

/// A number with its dimension in the type, in the coherent unit of that dimension.
///
/// Sums need equal dimensions; products exist only where physics has them, so that a power can never be
/// added to an energy.
@frozen
public struct Quantity<D: Dimension>: Sendable, Hashable {
    /// The number, in the unit whose symbol is `D.symbol`.
    public var value: Double

    /// Makes a quantity of `value` units.
    @inlinable
    public init(_ value: Double) {
        self.value = value
    }
}

extension Quantity: Comparable, AdditiveArithmetic {
    /// Nothing of this dimension.
    @inlinable public static var zero: Self { Self(0) }

    @inlinable
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }

    @inlinable
    public static func + (lhs: Self, rhs: Self) -> Self { Self(lhs.value + rhs.value) }

    @inlinable
    public static func - (lhs: Self, rhs: Self) -> Self { Self(lhs.value - rhs.value) }

    @inlinable
    public static prefix func - (operand: Self) -> Self { Self(-operand.value) }
}

extension Quantity {
    @inlinable
    public static func * (lhs: Self, rhs: Double) -> Self { Self(lhs.value * rhs) }

    @inlinable
    public static func * (lhs: Double, rhs: Self) -> Self { Self(lhs * rhs.value) }

    @inlinable
    public static func / (lhs: Self, rhs: Double) -> Self { Self(lhs.value / rhs) }

    /// The ratio of two quantities of one dimension is a plain number.
    @inlinable
    public static func / (lhs: Self, rhs: Self) -> Double { lhs.value / rhs.value }
}

extension Quantity: Codable {
    /// Reads the bare number.
    public init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(Double.self)
    }

    /// Writes the bare number; the key beside it carries the unit.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

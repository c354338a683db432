import Glibc

extension SeededGenerator {
    /// A normal value of mean 0 and variance 1 (Box and Muller).
    public mutating func normal() -> Double {
        let radius = (-2 * (1 - Double.random(in: 0..<1, using: &self)).logarithm).squareRoot()
        return radius * cos(2 * Double.pi * Double.random(in: 0..<1, using: &self))
    }
}

extension Double {
    /// The natural logarithm.
    public var logarithm: Double { log(self) }
}

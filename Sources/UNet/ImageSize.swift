/// Rows and columns of an image, in pixels; a whole number stands for a square.
public struct ImageSize: Sendable, Hashable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// Rows.
    public var height: Int
    /// Columns.
    public var width: Int

    /// An image of so many rows and columns.
    public init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

    /// A square of `side` pixels.
    public init(_ side: Int) { self.init(height: side, width: side) }

    public init(integerLiteral side: Int) { self.init(side) }

    /// From `512x256`, rows first, or `256` for a square; nil for another text or a number below 1.
    public init?(_ text: String) {
        let numbers = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard (1...2).contains(numbers.count), numbers.allSatisfy({ $0 > 0 }) else { return nil }
        self.init(height: numbers[0], width: numbers[numbers.count - 1])
    }

    /// The most rows or columns.
    public static let most = 8192

    /// Pixels.
    public var pixels: Int { height * width }

    /// `512x256`, or `256` for a square: what `init(_:)` reads.
    public var description: String { height == width ? "\(height)" : "\(height)x\(width)" }

    /// The size after so many halvings.
    public func halved(_ times: Int) -> ImageSize { ImageSize(height: height >> times, width: width >> times) }

    /// Twice the rows and columns.
    var doubled: ImageSize { ImageSize(height: 2 * height, width: 2 * width) }

    /// Whether both sides can be halved so many times.
    public func canBeHalved(_ times: Int) -> Bool {
        let unit = 1 << times
        return height >= unit && width >= unit && height.isMultiple(of: unit) && width.isMultiple(of: unit)
    }
}

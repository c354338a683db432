/// An 8-bit gray image: `width` x `height` samples, rows from the top, 255 is white.
public struct GrayImage: Sendable, Hashable {
    /// Columns.
    public var width: Int
    /// Rows.
    public var height: Int
    /// `width * height` samples in row order.
    public var pixels: [UInt8]

    /// An image of the given samples; `pixels` holds exactly `width * height` of them.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0 && pixels.count == width * height, "an image needs width x height samples")
        self.width = width
        self.height = height
        self.pixels = pixels
    }
}

extension GrayImage {
    /// This image at another size, each sample taken from its nearest neighbour: labels stay labels.
    public func resizedNearest(width newWidth: Int, height newHeight: Int) -> GrayImage {
        if newWidth == width && newHeight == height { return self }
        let columns = (0..<newWidth).map { ($0 * 2 + 1) * width / (2 * newWidth) }
        var resized: [UInt8] = []
        resized.reserveCapacity(newWidth * newHeight)
        for row in 0..<newHeight {
            let start = (row * 2 + 1) * height / (2 * newHeight) * width
            for column in columns { resized.append(pixels[start + column]) }
        }
        return GrayImage(width: newWidth, height: newHeight, pixels: resized)
    }

    /// This image at another size by bilinear interpolation between sample centres, edges repeated.
    public func resizedBilinear(width newWidth: Int, height newHeight: Int) -> GrayImage {
        if newWidth == width && newHeight == height { return self }
        let columns = Self.taps(from: width, to: newWidth)
        let rows = Self.taps(from: height, to: newHeight)
        var resized: [UInt8] = []
        resized.reserveCapacity(newWidth * newHeight)
        for row in rows {
            let upper = row.low * width
            let lower = row.high * width
            for column in columns {
                let top = Self.mix(pixels[upper + column.low], pixels[upper + column.high], column.fraction)
                let bottom = Self.mix(pixels[lower + column.low], pixels[lower + column.high], column.fraction)
                resized.append(UInt8(top + (bottom - top) * row.fraction + 0.5))
            }
        }
        return GrayImage(width: newWidth, height: newHeight, pixels: resized)
    }

    /// The two neighbours of one output sample and the weight of the higher one.
    private struct Tap {
        var low: Int
        var high: Int
        var fraction: Float
    }

    private static func taps(from old: Int, to new: Int) -> [Tap] {
        let scale = Float(old) / Float(new)
        return (0..<new).map { index in
            // Centres of samples lie at half-integers, so that both images cover the same field of view.
            let position = min(max((Float(index) + 0.5) * scale - 0.5, 0), Float(old - 1))
            let low = Int(position)
            return Tap(low: low, high: min(low + 1, old - 1), fraction: position - Float(low))
        }
    }

    private static func mix(_ a: UInt8, _ b: UInt8, _ fraction: Float) -> Float {
        Float(a) + (Float(b) - Float(a)) * fraction
    }
}

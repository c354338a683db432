internal import Glibc

/// Random changes to a training frame that leave its meaning: mirrored, turned, other tones, blurred, with noise.
///
/// What happens to a frame follows from the seed, the epoch and the frame alone, so that neither threads nor an
/// interrupted training change it.
public struct Augmentation: Sendable, Hashable {
    /// Probability of a horizontal flip, 0 to 1.
    public var flipProbability: Float = 0
    /// Probability of a rotation, 0 to 1.
    public var rotationProbability: Float = 0
    /// Largest rotation in degrees, to either side.
    public var largestRotation: Float = 30
    /// Probability of another brightness, 0 to 1.
    public var brightnessProbability: Float = 0
    /// Largest change of brightness, to either side, in parts of white.
    public var largestBrightness: Float = 0.2
    /// Probability of another contrast; where brightness may change too, both change together.
    public var contrastProbability: Float = 0
    /// Largest change of the factor 1 on distances from middle gray, to either side.
    public var largestContrast: Float = 0.2
    /// Probability of another gamma.
    public var gammaProbability: Float = 0
    /// Largest change of the exponent 1, to either side.
    public var largestGamma: Float = 0.2
    /// Probability of a blur.
    public var blurProbability: Float = 0
    /// Largest radius of the blur in pixels: means over squares of twice as many and one.
    public var largestBlur = 3
    /// Probability of Gaussian noise.
    public var noiseProbability: Float = 0
    /// Largest standard deviation of the noise in parts of white.
    public var largestNoise: Float = 0.03

    /// An augmentation that changes nothing.
    public init() {}

    /// Whether any frame may change.
    public var isActive: Bool {
        [
            flipProbability, rotationProbability, brightnessProbability, contrastProbability, gammaProbability,
            blurProbability, noiseProbability,
        ].contains { $0 > 0 }
    }

    /// The frame as epoch `epoch` shows it.
    func changed(_ sample: Sample, seed: UInt64, epoch: Int, index: Int) -> Sample {
        guard isActive else { return sample }
        var random = Xoshiro256(seed: seed, stream: 0xA06_0000_0000_0000 ^ UInt64(epoch) << 32 ^ UInt64(index))
        // All numbers are drawn whether they are needed or not: one change switched off leaves the others as they are.
        let (flip, turn, light) = (random.uniform(0, 1), random.uniform(0, 1), random.uniform(0, 1))
        let degrees = random.uniform(-largestRotation, largestRotation)
        let brightness = random.uniform(-largestBrightness, largestBrightness)
        var changed = sample
        if flip < flipProbability {
            changed.image = changed.image.flipped()
            changed.mask = changed.mask.flipped()
        }
        if turn < rotationProbability {
            changed.image = changed.image.rotatedBilinear(degrees: degrees)
            changed.mask = changed.mask.rotatedNearest(degrees: degrees)
        }
        if light < brightnessProbability { changed.image = changed.image.brightened(by: brightness) }
        // What came later draws later, and trainings of before stay as they were.
        let contrast = random.uniform(-largestContrast, largestContrast)
        let (tone, gamma) = (random.uniform(0, 1), random.uniform(-largestGamma, largestGamma))
        let (soft, radius) = (random.uniform(0, 1), random.uniform(1, Float(largestBlur + 1)))
        let (grain, deviation) = (random.uniform(0, 1), random.uniform(0, largestNoise))
        if light < contrastProbability { changed.image = changed.image.contrasted(by: contrast) }
        if tone < gammaProbability { changed.image = changed.image.raised(to: 1 + gamma) }
        if soft < blurProbability { changed.image = changed.image.blurred(radius: Int(radius)) }
        if grain < noiseProbability { changed.image = changed.image.grained(by: deviation, &random) }
        return changed
    }
}

extension GrayImage {
    /// This image seen in a mirror: left and right change places.
    func flipped() -> GrayImage {
        var flipped = self
        for row in 0..<height { flipped.pixels[row * width..<(row + 1) * width].reverse() }
        return flipped
    }

    /// This image turned about its centre, counterclockwise, by bilinear interpolation; black comes in at the corners.
    func rotatedBilinear(degrees: Float) -> GrayImage {
        rotated(degrees) { x, y in
            let (left, top) = (x.rounded(.down), y.rounded(.down))
            let (column, row) = (Int(left), Int(top))
            let (right, down) = (x - left, y - top)
            let upper = sample(column, row) * (1 - right) + sample(column + 1, row) * right
            let lower = sample(column, row + 1) * (1 - right) + sample(column + 1, row + 1) * right
            return UInt8(upper * (1 - down) + lower * down + 0.5)
        }
    }

    /// This image turned about its centre, counterclockwise, each sample its nearest neighbour: labels stay labels.
    func rotatedNearest(degrees: Float) -> GrayImage {
        rotated(degrees) { x, y in UInt8(sample(Int((x + 0.5).rounded(.down)), Int((y + 0.5).rounded(.down)))) }
    }

    /// Calls `look` for every sample with the place in this image that it comes from.
    private func rotated(_ degrees: Float, _ look: (Float, Float) -> UInt8) -> GrayImage {
        let angle = degrees * .pi / 180
        let (sine, cosine) = (sinf(angle), cosf(angle))
        let (centreX, centreY) = (Float(width - 1) / 2, Float(height - 1) / 2)
        var turned = self
        for row in 0..<height {
            let dy = Float(row) - centreY
            for column in 0..<width {
                let dx = Float(column) - centreX
                // Rows go down, so that a turn to the left looks to the right of where it is.
                turned.pixels[row * width + column] = look(
                    centreX + dx * cosine - dy * sine,
                    centreY + dx * sine + dy * cosine
                )
            }
        }
        return turned
    }

    /// A sample, or black outside the image.
    private func sample(_ column: Int, _ row: Int) -> Float {
        guard (0..<width).contains(column), (0..<height).contains(row) else { return 0 }
        return Float(pixels[row * width + column])
    }
}

internal import Glibc

/// Changes to the samples of an image that leave them where they are.
extension GrayImage {
    /// This image with all samples moved by `change` parts of white, held between black and white.
    func brightened(by change: Float) -> GrayImage { mapped { $0 + change * 255 } }

    /// This image with distances from middle gray multiplied by 1 + `change`.
    func contrasted(by change: Float) -> GrayImage { mapped { 127.5 + ($0 - 127.5) * (1 + change) } }

    /// This image with samples, as parts of white, raised to a power.
    func raised(to exponent: Float) -> GrayImage { mapped { powf($0 / 255, exponent) * 255 } }

    /// This image with every sample the mean of the square around it, edges repeated.
    func blurred(radius: Int) -> GrayImage {
        func means(_ source: [UInt8], _ count: Int, _ lines: Int, _ step: Int, _ stride: Int) -> [UInt8] {
            var target = source
            let size = 2 * radius + 1
            for line in 0..<lines {
                func sample(_ place: Int) -> Int { Int(source[line * stride + min(max(place, 0), count - 1) * step]) }
                // The sum moves along: each place adds one sample and drops one.
                var sum = (-radius...radius).reduce(0) { $0 + sample($1) }
                for place in 0..<count {
                    target[line * stride + place * step] = UInt8((2 * sum + size) / (2 * size))
                    sum += sample(place + radius + 1) - sample(place - radius)
                }
            }
            return target
        }
        let rows = means(pixels, width, height, 1, width)
        return GrayImage(width: width, height: height, pixels: means(rows, height, width, width, 1))
    }

    /// This image with normal noise of a standard deviation in parts of white.
    func grained(by deviation: Float, _ random: inout Xoshiro256) -> GrayImage {
        var grained = self
        for index in pixels.indices {
            grained.pixels[index] = Self.sample(Float(pixels[index]) + deviation * 255 * random.normal())
        }
        return grained
    }

    private func mapped(_ change: (Float) -> Float) -> GrayImage {
        // One entry for each of the 256 values that a sample can have.
        let table = (0...255).map { Self.sample(change(Float($0))) }
        var mapped = self
        for index in pixels.indices { mapped.pixels[index] = table[Int(pixels[index])] }
        return mapped
    }

    /// Rounded, and held between black and white.
    private static func sample(_ value: Float) -> UInt8 { UInt8(min(max(value, 0), 255) + 0.5) }
}

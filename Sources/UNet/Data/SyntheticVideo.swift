/// One synthetic recording: an anatomy, its texture and its camera, the same over all of its frames.
///
/// Lengths are in half images: the image spans -1 to 1 both ways, y downward.
struct SyntheticVideo {
    let number: Int
    /// What the frames show, drawn from the seed and the number of the video alone.
    let anatomy: SyntheticAnatomy
    private let size: Int
    private let seed: UInt64
    private let isColour: Bool
    private let tissue: [Float]
    private let aperture: [Float]

    init(number: Int, size: Int, seed: UInt64, area: Double) {
        self.number = number
        self.size = size
        self.seed = seed
        var random = Xoshiro256(seed: seed, stream: UInt64(number) << 8 | 2)
        anatomy = SyntheticAnatomy(&random, area: Float(area))
        // BAGLS is mostly gray, some of it RGB.
        isColour = random.uniform(0, 1) < 0.1
        tissue = anatomy.tissue(size: size, &random)
        aperture = anatomy.aperture(size: size)
    }

    /// The keys of BAGLS; what would be a person's is said to be none.
    var meta: String {
        """
        {
            "Video Id": "synthetic-\(seed)-\(number)",
            "Color": \(isColour),
            "Age range (yrs)": "none",
            "Subject sex": "none",
            "Subject disorder status": "synthetic image, no subject"
        }

        """
    }

    /// A frame as a PNG file and its mask; `index` seeds its sensor noise.
    func picture(of frame: SyntheticFrame, index: Int) throws(UNetError) -> (image: [UInt8], mask: GrayImage) {
        var random = Xoshiro256(seed: seed, stream: UInt64(index) << 8 | 3)
        let drift = anatomy.drift(at: frame.time)
        let glottis = anatomy.glottis(area: frame.area, shiftX: drift.x, shiftY: drift.y)
        let exposure = random.uniform(0.96, 1.04)
        let glints = anatomy.glints(&random, shiftX: drift.x, shiftY: drift.y)
        let (shiftX, shiftY) = (pixels(drift.x), pixels(drift.y))
        let pixel = 2 / Float(size)

        var image: [UInt8] = []
        var mask: [UInt8] = []
        image.reserveCapacity(size * size * (isColour ? 3 : 1))
        mask.reserveCapacity(size * size)
        for row in 0..<size {
            let y = (Float(row) + 0.5) * pixel - 1
            let source = min(max(row - shiftY, 0), size - 1) * size
            for column in 0..<size {
                let x = (Float(column) + 0.5) * pixel - 1
                var light = tissue[source + min(max(column - shiftX, 0), size - 1)]
                let depth = glottis.depth(x, y)
                mask.append(depth > 0 ? 255 : 0)
                // The rim is a pixel soft, as a lens draws it; a closed glottis still shows as a dark line.
                light += (glottis.darkness - light) * glottis.strength * smoothstep(-pixel, pixel, depth)
                for glint in glints { light += glint.light(x, y) }
                light = light * exposure * aperture[row * size + column] + random.normal() * anatomy.noise
                append(light, to: &image)
            }
        }
        let file = try encodePNG(image, width: size, height: size, channels: isColour ? 3 : 1)
        return (file, GrayImage(width: size, height: size, pixels: mask))
    }

    private func pixels(_ length: Float) -> Int { Int((length * Float(size) / 2).rounded()) }

    private func append(_ light: Float, to image: inout [UInt8]) {
        func byte(_ value: Float) -> UInt8 { UInt8(min(max(value, 0), 1) * 255 + 0.5) }
        guard isColour else { return image.append(byte(light)) }
        // Mucosa is red; the three weights keep about the same luminance.
        image.append(byte(light * 1.25))
        image.append(byte(light * 0.93))
        image.append(byte(light * 0.90))
    }
}

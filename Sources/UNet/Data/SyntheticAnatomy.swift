/// The geometry and light of one synthetic larynx: folds on both sides of a dark, elongated glottis.
struct SyntheticAnatomy {
    /// Half length of the glottis.
    let halfLength: Float
    /// Standard deviation of the sensor noise, full scale 1.
    let noise: Float
    private let centre: (x: Float, y: Float)
    private let axis: (x: Float, y: Float)
    private let skew: Float
    private let tone: Float
    private let foldWidth: Float
    private let lamp: (x: Float, y: Float)
    private let apertureRadius: Float
    private let motion: (amplitude: Float, period: Float, phase: Float)

    init(_ random: inout Xoshiro256, area: Float) {
        // A spindle of half length L and half width W covers 2/3 L W of the image; W is about a sixth of L.
        let slenderness = random.uniform(0.12, 0.22)
        halfLength = min((1.5 * area / slenderness).squareRoot(), 0.9)
        noise = random.uniform(0.012, 0.03)
        let room = max(0.05, 0.5 - halfLength / 2)
        centre = (random.uniform(-room, room) * 0.7, random.uniform(-room, room) * 0.7)
        let tilt = random.uniform(-0.45, 0.45)
        let norm = (1 + tilt * tilt).squareRoot()
        axis = (tilt / norm, 1 / norm)
        skew = random.uniform(-0.5, 0.5)
        tone = random.uniform(0.42, 0.62)
        foldWidth = halfLength * random.uniform(0.45, 0.75)
        lamp = (random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4))
        apertureRadius = random.uniform(0.92, 1.5)
        motion = (random.uniform(0, 0.05), random.uniform(12, 40), random.uniform(0, 1))
    }

    /// Where the camera has moved at frame `time` of the video: a slow sway.
    func drift(at time: Int) -> (x: Float, y: Float) {
        func sway(_ phase: Float) -> Float {
            let cycle = Float(time) / motion.period + phase
            return motion.amplitude * (2 * smoothstep(0, 1, abs(2 * (cycle - cycle.rounded(.down)) - 1)) - 1)
        }
        return (sway(motion.phase), sway(motion.phase + 0.25))
    }

    /// The glottis at an area, given as a fraction of the image.
    func glottis(area: Float, shiftX: Float, shiftY: Float) -> SyntheticGlottis {
        SyntheticGlottis(
            centre: (centre.x + shiftX, centre.y + shiftY),
            axis: axis,
            halfLength: halfLength,
            halfWidth: 1.5 * area / halfLength,
            skew: skew,
            darkness: 0.04 + 0.1 * (tone - 0.4)
        )
    }

    /// Highlights of the lamp on wet mucosa, moving a little from frame to frame.
    func glints(_ random: inout Xoshiro256, shiftX: Float, shiftY: Float) -> [SyntheticGlint] {
        (0..<3).map { index in
            // On the folds: light that falls into the glottis does not come back.
            let side = [-0.8, 0.6, 1][index] * foldWidth + random.uniform(-0.02, 0.02)
            let along = halfLength * (0.5 - 0.6 * Float(index)) + random.uniform(-0.02, 0.02)
            return SyntheticGlint(
                x: centre.x + shiftX - axis.y * side + axis.x * along,
                y: centre.y + shiftY + axis.x * side + axis.y * along,
                radius: random.uniform(0.012, 0.035),
                strength: random.uniform(0.15, 0.45)
            )
        }
    }

    /// The lit tissue without glottis, noise and highlights: `size * size` values of about 0 to 1.
    func tissue(size: Int, _ random: inout Xoshiro256) -> [Float] {
        let texture = ValueNoise(&random)
        let (coarse, fine) = (random.uniform(1.5, 3), random.uniform(7, 12))
        let shadow = (x: random.uniform(-0.8, 0.8), y: random.uniform(-0.8, 0.8), size: random.uniform(0.1, 0.25))
        var light = [Float](repeating: 0, count: size * size)
        for row in 0..<size {
            let y = (Float(row) + 0.5) * 2 / Float(size) - 1
            for column in 0..<size {
                let x = (Float(column) + 0.5) * 2 / Float(size) - 1
                var value = tone + 0.3 * texture.value(x * coarse, y * coarse, octaves: 3)
                value += 0.12 * texture.value(x * fine, y * fine, octaves: 3)
                value += folds(x, y)
                // A sinus beside the folds is dark as well, but it is not the glottis.
                let away = ((x - shadow.x) * (x - shadow.x) + (y - shadow.y) * (y - shadow.y)).squareRoot()
                value *= 1 - 0.6 * (1 - smoothstep(shadow.size * 0.3, shadow.size, away))
                let (toLampX, toLampY) = (x - lamp.x, y - lamp.y)
                light[row * size + column] = value * (1.12 - 0.3 * (toLampX * toLampX + toLampY * toLampY))
            }
        }
        for _ in 0..<8 { drawVessel(into: &light, size: size, &random) }
        return light
    }

    /// What the round end of the endoscope lets through: 1 inside, 0 in the corners.
    func aperture(size: Int) -> [Float] {
        (0..<size * size).map { index in
            let x = (Float(index % size) + 0.5) * 2 / Float(size) - 1
            let y = (Float(index / size) + 0.5) * 2 / Float(size) - 1
            let radius = (x * x + y * y).squareRoot()
            return (1 - 0.25 * smoothstep(0.4, 1.4, radius))
                * (1 - smoothstep(apertureRadius, apertureRadius + 0.06, radius))
        }
    }

    /// The vocal folds, brighter than what surrounds them, and the dark grooves on their outer sides.
    private func folds(_ x: Float, _ y: Float) -> Float {
        let (fromX, fromY) = (x - centre.x, y - centre.y)
        let along = abs(fromX * axis.x + fromY * axis.y) / halfLength
        let across = abs(fromX * axis.y - fromY * axis.x)
        let here = 1 - smoothstep(0.9, 1.5, along)
        let fold = 0.16 * (1 - smoothstep(foldWidth * 0.7, foldWidth, across))
        let groove = 0.18 * (1 - smoothstep(0, foldWidth * 0.35, abs(across - foldWidth * 1.15)))
        return here * (fold - groove)
    }

    /// Darkens a thin curve from a random point to another, bent on its way.
    private func drawVessel(into light: inout [Float], size: Int, _ random: inout Xoshiro256) {
        let points = (0..<3).map { _ in (x: random.uniform(-1, 1), y: random.uniform(-1, 1)) }
        let loss = random.uniform(0.04, 0.12)
        let steps = size * 2
        var last = -1
        for step in 0...steps {
            let t = Float(step) / Float(steps)
            let (a, b, c) = ((1 - t) * (1 - t), 2 * t * (1 - t), t * t)
            let column = Int((a * points[0].x + b * points[1].x + c * points[2].x + 1) * Float(size) / 2)
            let row = Int((a * points[0].y + b * points[1].y + c * points[2].y + 1) * Float(size) / 2)
            let index = min(max(row, 0), size - 1) * size + min(max(column, 0), size - 1)
            if index == last { continue }
            light[index] -= loss
            // Wide at its root, thin at its end.
            if t < 0.5 && index + 1 < light.count { light[index + 1] -= loss * 0.7 }
            last = index
        }
    }
}

/// The opening between the folds: a spindle about an axis, wider toward one end.
struct SyntheticGlottis {
    var centre: (x: Float, y: Float)
    var axis: (x: Float, y: Float)
    var halfLength: Float
    /// 0 when closed.
    var halfWidth: Float
    var skew: Float
    /// Light that comes out of it.
    var darkness: Float

    /// How dark it is drawn: a closed glottis is a faint line.
    var strength: Float { halfWidth > 0 ? 1 : 0.6 }

    /// How far inside the glottis a point lies; negative outside.
    func depth(_ x: Float, _ y: Float) -> Float {
        let (fromX, fromY) = (x - centre.x, y - centre.y)
        let along = (fromX * axis.x + fromY * axis.y) / halfLength
        let across = abs(fromX * axis.y - fromY * axis.x)
        guard abs(along) < 1 else { return -1 }
        return halfWidth * (1 - along * along) * (1 + skew * along) - across
    }
}

/// A highlight: a soft white spot.
struct SyntheticGlint {
    var x: Float
    var y: Float
    var radius: Float
    var strength: Float

    /// The light that it adds at a point.
    func light(_ atX: Float, _ atY: Float) -> Float {
        let square = ((atX - x) * (atX - x) + (atY - y) * (atY - y)) / (radius * radius)
        return square < 1 ? strength * (1 - square) : 0
    }
}

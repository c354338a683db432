/// Smooth random texture: values on a square lattice, joined by smoothstep, summed over octaves.
///
/// It uses sums and products alone, so that a seed gives the same texture on every machine.
struct ValueNoise: Sendable {
    private static let side = 32
    private let lattice: [Float]

    init(_ random: inout Xoshiro256) {
        lattice = (0..<Self.side * Self.side).map { _ in random.uniform(-1, 1) }
    }

    /// The texture at a point, in about -1 to 1, with `octaves` details of half the size and strength each.
    func value(_ x: Float, _ y: Float, octaves: Int) -> Float {
        var (sum, weight, scale) = (Float(0), Float(0.5), Float(1))
        for _ in 0..<octaves {
            sum += weight * single(x * scale, y * scale)
            weight *= 0.5
            // Not quite 2, so that the lattices of the octaves do not lie on each other.
            scale *= 1.93
        }
        return sum
    }

    private func single(_ x: Float, _ y: Float) -> Float {
        let (left, top) = (x.rounded(.down), y.rounded(.down))
        let (u, v) = (smoothstep(0, 1, x - left), smoothstep(0, 1, y - top))
        let (column, row) = (Int(left), Int(top))
        let upper = at(column, row) + (at(column + 1, row) - at(column, row)) * u
        let lower = at(column, row + 1) + (at(column + 1, row + 1) - at(column, row + 1)) * u
        return upper + (lower - upper) * v
    }

    private func at(_ column: Int, _ row: Int) -> Float {
        // The side is a power of two: masking repeats the lattice, for negative points too.
        lattice[(row & (Self.side - 1)) * Self.side + (column & (Self.side - 1))]
    }
}

/// 0 below `low`, 1 above `high`, and the cubic 3t^2 - 2t^3 between.
func smoothstep(_ low: Float, _ high: Float, _ value: Float) -> Float {
    let t = min(max((value - low) / (high - low), 0), 1)
    return t * t * (3 - 2 * t)
}

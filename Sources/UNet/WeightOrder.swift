/// The order of a tensor's values in memory.
enum WeightOrder: Sendable, Hashable {
    /// As PyTorch has them.
    case plain
    /// Blocks of sixteen rows, the first extent, by sixteen columns, the second one: (rows / 16, columns / 16, taps,
    /// 16 columns, 16 rows), where columns are those of one part after the other.
    ///
    /// It is what oneDNN's convolutions on AVX-512 read in fp32 and leave as gradients, so that no step has to bring
    /// these into another order. The parts are the inputs that a convolution reads one by one.
    case blocked(parts: [Int])

    static let side = 16

    /// Blocks where the channels fill them, else plain.
    init(rows: Int, parts: [Int]) {
        let isFull = (parts + [rows]).allSatisfy { $0.isMultiple(of: Self.side) }
        self = isFull ? .blocked(parts: parts) : .plain
    }

    /// Calls for each value of a tensor of these extents, in PyTorch's order, with its place in this one.
    @inline(__always)
    func forEachPlace(_ shape: [Int], _ body: (_ place: Int) -> Void) {
        guard case .blocked(let parts) = self else {
            for index in 0..<shape.reduce(1, *) { body(index) }
            return
        }
        let (rows, taps, block) = (shape[0], shape[2] * shape[3], Self.side * Self.side)
        for row in 0..<rows {
            var start = 0
            for part in parts {
                for column in 0..<part {
                    let blocks = row / Self.side * (part / Self.side) + column / Self.side
                    let first = start + blocks * taps * block + column % Self.side * Self.side + row % Self.side
                    for tap in 0..<taps { body(first + tap * block) }
                }
                start += rows * part * taps
            }
        }
    }
}

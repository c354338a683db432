/// 2x2 max pooling in plain NCHW; backward adds to the source's gradient.
final class PlainPool {
    private let source: Tensor
    private let target: Tensor
    private var winners: [Int32]

    init(source: Tensor, target: Tensor) {
        (self.source, self.target) = (source, target)
        winners = Array(repeating: 0, count: target.count)
    }

    func forward() {
        let (size, wide) = (target.size, source.size.width)
        for plane in 0..<(source.n * source.c) {
            for y in 0..<size.height {
                for x in 0..<size.width {
                    let corner = plane * source.size.pixels + 2 * y * wide + 2 * x
                    var best = corner
                    for place in 1..<4 {
                        let index = corner + place % 2 + place / 2 * wide
                        if unsafe source.values[index] > source.values[best] { best = index }
                    }
                    let index = plane * size.pixels + y * size.width + x
                    unsafe target.values[index] = source.values[best]
                    winners[index] = Int32(best)
                }
            }
        }
    }

    func backward() {
        for index in 0..<target.count {
            unsafe source.gradient[Int(winners[index])] += target.gradient[index]
        }
    }
}

/// Every pixel four times in plain NCHW; backward adds to the source's gradient.
final class PlainRepetition {
    private let source: Tensor
    private let target: Tensor

    init(source: Tensor, target: Tensor) { (self.source, self.target) = (source, target) }

    func forward() { eachPixel { unsafe target.values[$0] = source.values[$1] } }

    func backward() { eachPixel { unsafe source.gradient[$1] += target.gradient[$0] } }

    /// Calls for every pixel of the target with the one of the source that it repeats.
    private func eachPixel(_ body: (Int, Int) -> Void) {
        let (size, narrow) = (target.size, source.size.width)
        for row in 0..<(target.n * target.c * size.height) {
            for x in 0..<size.width { body(row * size.width + x, row / 2 * narrow + x / 2) }
        }
    }
}

/// Channels of two activations one behind the other; backward adds to the gradients of both.
final class PlainJoin {
    private let sources: [Tensor]
    private let target: Tensor

    init(_ first: Tensor, _ second: Tensor, target: Tensor) { (sources, self.target) = ([first, second], target) }

    func forward() {
        eachPart { source, from, to, count in
            unsafe (target.values + to).update(from: source.values + from, count: count)
        }
    }

    func backward() {
        eachPart { source, from, to, count in
            for index in 0..<count { unsafe source.gradient[from + index] += target.gradient[to + index] }
        }
    }

    /// Calls for every image of every source with its place there, in the target, and its length.
    private func eachPart(_ body: (Tensor, Int, Int, Int) -> Void) {
        let image = target.count / target.n
        var place = 0
        for source in sources {
            let part = source.count / source.n
            for n in 0..<target.n { body(source, n * part, n * image + place, part) }
            place += part
        }
    }
}

#if canImport(Glibc)
import Glibc
#endif

/// What a training makes small.
public enum LossKind: String, Sendable, CaseIterable {
    /// Soft Dice plus binary cross-entropy, in equal parts.
    case diceEntropy = "dice-bce"
    /// Soft Dice alone.
    case dice

    var entropyWeight: Double { self == .dice ? 0 : 1 }
}

/// Soft Dice plus cross-entropy with logits, in equal parts, over a whole batch; or soft Dice alone.
///
///     L = mean(log(1 + e^z) - g z) + 1 - (2 sum(p g) + 1) / (sum(p) + sum(g) + 1),  p = 1 / (1 + e^-z)
///
/// The Dice part's smoothing of 1 keeps batches of empty masks differentiable.
struct Loss {
    /// Computes the loss and its gradient by the logits.
    ///
    /// - Parameters: `count` logits, masks of 0 or 1, and memory for as many probabilities and gradients. `world` makes
    ///   it the loss of all ranks' batches; a rank that is not `sound` makes it no number for all of them.
    static func evaluate(
        _ kind: LossKind = .diceEntropy,
        over world: World? = nil,
        isSound: Bool = true,
        count: Int,
        logits: UnsafePointer<Float>,
        masks: UnsafePointer<Float>,
        probabilities: UnsafeMutablePointer<Float>,
        gradients: UnsafeMutablePointer<Float>
    ) -> Float {
        var entropy = 0.0
        var overlap = 0.0
        var predicted = 0.0
        var present = 0.0
        for index in 0..<count {
            let (z, g) = unsafe (logits[index], masks[index])
            let decay = expf(-abs(z))
            let p = z >= 0 ? 1 / (1 + decay) : decay / (1 + decay)
            unsafe probabilities[index] = p
            entropy += Double(max(z, 0) - z * g + log1pf(decay))
            overlap += Double(p * g)
            predicted += Double(p)
            present += Double(g)
        }
        var total = count
        if let world {
            var sums = [isSound ? entropy : .nan, overlap, predicted, present]
            world.sum(&sums)
            (entropy, overlap, predicted, present) = (sums[0], sums[1], sums[2], sums[3])
            total *= world.size
        }
        let numerator = 2 * overlap + 1
        let denominator = predicted + present + 1
        let onMask = Float(-2 / denominator)
        let everywhere = Float(numerator / (denominator * denominator))
        let scale = Float(kind.entropyWeight / Double(total))
        for index in 0..<count {
            let (p, g) = unsafe (probabilities[index], masks[index])
            unsafe gradients[index] = (p - g) * scale + (onMask * g + everywhere) * p * (1 - p)
        }
        return Float(kind.entropyWeight * entropy / Double(total) + 1 - numerator / denominator)
    }
}

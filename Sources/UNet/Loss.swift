import COneDNN

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
        var sums = unsafe od_loss(Int64(count), logits, masks, probabilities)
        var total = count
        if let world {
            var all = [isSound ? sums.entropy : .nan, sums.overlap, sums.predicted, sums.present]
            world.sum(&all)
            sums = od_loss_sums(entropy: all[0], overlap: all[1], predicted: all[2], present: all[3])
            total *= world.size
        }
        let numerator = 2 * sums.overlap + 1
        let denominator = sums.predicted + sums.present + 1
        let slopes = od_loss_slopes(
            entropy: Float(kind.entropyWeight / Double(total)),
            on_mask: Float(-2 / denominator),
            everywhere: Float(numerator / (denominator * denominator))
        )
        unsafe od_loss_gradients(Int64(count), slopes, probabilities, masks, gradients)
        return Float(kind.entropyWeight * sums.entropy / Double(total) + 1 - numerator / denominator)
    }
}

internal import Glibc

/// Overlap of predicted and true masks: Dice and IoU at a threshold of 0.5, averaged over images.
///
/// With intersection I and areas P and T: Dice = 2I / (P + T), IoU = I / (P + T - I); both are 1 when both masks
/// are empty, the rule of the BAGLS benchmark (Gomez et al. 2020).
public struct SegmentationScore: Sendable, Hashable {
    /// Images seen.
    public private(set) var images = 0
    private var diceSum = 0.0
    private var iouSum = 0.0
    private var lossSum = 0.0

    private let kind: LossKind

    /// What adds up: images, Dice, IoU, loss.
    var sums: [Double] {
        get { [Double(images), diceSum, iouSum, lossSum] }
        set { (images, diceSum, iouSum, lossSum) = (Int(newValue[0]), newValue[1], newValue[2], newValue[3]) }
    }

    /// The score of no image.
    public init(_ kind: LossKind = .diceEntropy) { self.kind = kind }

    /// Mean Dice coefficient; nil before the first image.
    public var dice: Double? { images > 0 ? diceSum / Double(images) : nil }
    /// Mean intersection over union; nil before the first image.
    public var iou: Double? { images > 0 ? iouSum / Double(images) : nil }
    /// Mean loss of its kind, image by image; nil before the first image.
    public var loss: Double? { images > 0 ? lossSum / Double(images) : nil }

    /// Adds `count` images of `probabilities` (0 to 1) against `masks` (0 or 1), both at least `count` x `pixels` long.
    public mutating func add(probabilities: [Float], masks: [Float], count: Int, pixels: Int) {
        precondition(
            probabilities.count >= count * pixels && masks.count >= count * pixels,
            "an image needs its pixels"
        )
        for image in 0..<count {
            let range = image * pixels..<(image + 1) * pixels
            add(probabilities[range], masks[range])
        }
    }

    private mutating func add(_ probabilities: ArraySlice<Float>, _ masks: ArraySlice<Float>) {
        var (intersection, predicted, actual) = (0, 0, 0)
        var (overlap, mass, entropy) = (0.0, 0.0, 0.0)
        for (probability, mask) in zip(probabilities, masks) {
            let (isPredicted, isTrue) = (probability > 0.5, mask > 0.5)
            predicted += isPredicted ? 1 : 0
            actual += isTrue ? 1 : 0
            intersection += isPredicted && isTrue ? 1 : 0
            overlap += Double(probability * mask)
            mass += Double(probability + mask)
            // Held off 0 and 1, where a logarithm of a rounded probability has no value.
            let p = min(max(isTrue ? probability : 1 - probability, 1e-7), 1)
            entropy -= Double(log(p))
        }
        let union = predicted + actual - intersection
        images += 1
        iouSum += union == 0 ? 1 : Double(intersection) / Double(union)
        diceSum += union == 0 ? 1 : 2 * Double(intersection) / Double(predicted + actual)
        lossSum += 1 - (2 * overlap + 1) / (mass + 1) + kind.entropyWeight * entropy / Double(max(masks.count, 1))
    }
}

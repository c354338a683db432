/// Dynamic scaling of the loss, which keeps gradients within the range of fp16 (Micikevicius et al., ICLR 2018).
///
/// Gradients below 2^-24 would vanish in fp16. The loss's gradient is multiplied by a power of two before the
/// backward pass, the weights' gradients are divided by it after. Where one of them is infinite or no number, the
/// scale was too large: the step is skipped and the scale halved. After many good steps in a row it is doubled.
public struct LossScale: Sendable, Hashable {
    /// First scale: PyTorch's 2^16.
    public static let initial: Float = 65_536
    /// Good steps in a row before the scale is doubled: PyTorch's 2000.
    public static let growthInterval = 2000

    /// The factor of the loss, a power of two.
    public var value = Self.initial
    /// Good steps since the scale last changed.
    public var goodSteps = 0
    /// Steps that were skipped for an overflow.
    public var skippedSteps = 0
    /// Good steps in a row before the scale is doubled.
    public var growthInterval = Self.growthInterval

    /// The scale of a first step.
    public init() {}

    /// Largest and smallest scale: beyond them a float's own range is at risk, or overflow has another cause.
    private static let range: ClosedRange<Float> = 1...0x1p60

    /// Whether an overflow has another cause than the scale.
    var isLeast: Bool { value <= Self.range.lowerBound }

    /// Learns how a step went, and returns whether its update counts.
    mutating func update(isFinite: Bool) -> Bool {
        guard isFinite else {
            value = max(value / 2, Self.range.lowerBound)
            (goodSteps, skippedSteps) = (0, skippedSteps + 1)
            return false
        }
        goodSteps += 1
        if goodSteps >= growthInterval {
            value = min(value * 2, Self.range.upperBound)
            goodSteps = 0
        }
        return true
    }
}

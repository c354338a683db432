#if canImport(Glibc)
import Glibc
#endif

/// How the step size of Adam goes over a training, from step to step.
public enum LearningRateSchedule: Sendable, Hashable {
    /// The same in every step.
    case constant
    /// Up and down between two bounds (Smith, "Cyclical learning rates for training neural networks", WACV 2017).
    case cyclic(Cycle)

    /// Shape of a cycle.
    public struct Cycle: Sendable, Hashable {
        /// Step size at the ends of a cycle; that of its middle is the training's learning rate.
        public var base: Float
        /// Steps from an end of a cycle to its middle.
        public var halfSteps: Int
        /// Factor on the height of the cycle, once for every step gone: 1 keeps it, less lets it shrink.
        public var decay: Float

        /// Creates a cycle.
        public init(base: Float, halfSteps: Int, decay: Float = 1) {
            self.base = base
            self.halfSteps = halfSteps
            self.decay = decay
        }
    }

    /// Step size of the step that follows on `step` others, where `peak` is the training's learning rate.
    ///
    ///     base + (peak - base) * (1 - |step / halfSteps - 2 floor(step / (2 halfSteps)) - 1|) * decay^step
    public func rate(at step: Int, peak: Float) -> Float {
        switch self {
        case .constant: return peak
        case .cyclic(let cycle):
            let place = step % (2 * cycle.halfSteps)
            let height = Float(min(place, 2 * cycle.halfSteps - place)) / Float(cycle.halfSteps)
            return cycle.base + (peak - cycle.base) * height * powf(cycle.decay, Float(step))
        }
    }
}

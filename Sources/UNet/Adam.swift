import COneDNN

#if canImport(Glibc)
import Glibc
#endif

/// Adam (Kingma and Ba, 2015) on the fp32 master weights, with PyTorch's defaults.
struct Adam {
    var learningRate: Float
    var beta1: Float = 0.9
    var beta2: Float = 0.999
    var epsilon: Float = 1e-8
    /// Updates done.
    var step = 0

    init(learningRate: Float) { self.learningRate = learningRate }

    /// One update of every parameter from its gradient.
    mutating func update(_ parameters: NetParameters) {
        begin()
        for index in parameters.slots.indices { update(parameters, slot: index) }
    }

    /// Begins an update that is made tensor by tensor.
    mutating func begin() { step += 1 }

    /// Updates one of the parameters' tensors, in the update that has begun.
    func update(_ parameters: NetParameters, slot: Int) {
        let range = parameters.slots[slot].range
        let step = od_adam_step(
            rate: learningRate / (1 - powf(beta1, Float(step))),
            beta1: beta1,
            beta2: beta2,
            epsilon: epsilon,
            correction: sqrtf(1 - powf(beta2, Float(step)))
        )
        unsafe od_adam(
            Int64(range.count),
            step,
            parameters.gradient(slot: slot),
            parameters.firstMoment.floats + range.lowerBound,
            parameters.secondMoment.floats + range.lowerBound,
            parameters.values.floats + range.lowerBound,
            parameters.halves(slot: slot)
        )
    }
}

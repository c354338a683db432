#if canImport(Glibc)
import Glibc
#endif

/// Adam (Kingma and Ba, 2015) on the fp32 master weights, with PyTorch's defaults.
struct Adam {
    var learningRate: Float
    var beta1: Float = 0.9
    var beta2: Float = 0.999
    var epsilon: Float = 1e-8
    private(set) var step = 0

    init(learningRate: Float) { self.learningRate = learningRate }

    /// One update of every parameter from its gradient.
    mutating func update(_ parameters: NetParameters) {
        step += 1
        let bias1 = 1 - powf(beta1, Float(step))
        let bias2 = sqrtf(1 - powf(beta2, Float(step)))
        let rate = learningRate / bias1
        let (values, gradients) = unsafe (parameters.values.floats, parameters.gradients.floats)
        let (first, second) = unsafe (parameters.firstMoment.floats, parameters.secondMoment.floats)
        for index in 0..<parameters.count {
            let g = unsafe gradients[index]
            let m = unsafe beta1 * first[index] + (1 - beta1) * g
            let v = unsafe beta2 * second[index] + (1 - beta2) * g * g
            unsafe first[index] = m
            unsafe second[index] = v
            unsafe values[index] -= rate * m / (v.squareRoot() / bias2 + epsilon)
        }
    }
}

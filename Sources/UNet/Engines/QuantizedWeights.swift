/// Weights of a convolution in fp32 with its normalisation folded in, output channels first, and its bias.
struct FoldedConvolution {
    var outputs: Int
    var inputs: Int
    /// Weights of one input channel for one output channel.
    var taps: Int
    /// (outputs, inputs, taps).
    var weights: [Float]
    var bias: [Float]
}

/// Folds inference's batch normalisation, which is linear, into the convolution before it.
struct FoldedWeights {
    private let parameters: NetParameters

    init(_ parameters: NetParameters) { self.parameters = parameters }

    /// The 3x3 convolution `encoder.0.conv1` with `encoder.0.norm1`:
    /// w' = w g / sqrt(v + e), b' = b - m g / sqrt(v + e).
    func convolution(_ name: String) -> FoldedConvolution {
        let norm = NetOperation.normalization(of: name)
        let shape = parameters.shape("\(name).weight")
        let w = parameters.plain("\(name).weight")
        let (scale, shift) = unsafe (parameters.value("\(norm).weight"), parameters.value("\(norm).bias"))
        let running = unsafe parameters.statistics(norm)
        var folded = FoldedConvolution(outputs: shape[0], inputs: shape[1], taps: 9, weights: [], bias: [])
        for channel in 0..<shape[0] {
            let factor = unsafe scale[channel] / (running.variance[channel] + Normalization.epsilon).squareRoot()
            let row = shape[1] * 9
            for index in 0..<row { folded.weights.append(w[channel * row + index] * factor) }
            folded.bias.append(unsafe shift[channel] - running.mean[channel] * factor)
        }
        return folded
    }

    /// The transposed convolution `up.0`, from (inputs, outputs, 2, 2) to outputs first.
    func up(_ name: String) -> FoldedConvolution {
        let shape = parameters.shape("\(name).weight")
        let (w, b) = unsafe (parameters.plain("\(name).weight"), parameters.value("\(name).bias"))
        var folded = FoldedConvolution(outputs: shape[1], inputs: shape[0], taps: 4, weights: [], bias: [])
        for output in 0..<shape[1] {
            for input in 0..<shape[0] {
                for tap in 0..<4 { folded.weights.append(w[(input * shape[1] + output) * 4 + tap]) }
            }
            folded.bias.append(unsafe b[output])
        }
        return folded
    }
}

/// Weights in int8, symmetric, with a step for each output channel.
struct QuantizedWeights {
    /// (outputs, inputs, taps), from -127 to 127.
    var values: [Int8] = []
    /// What one unit of a channel's sum of products is worth.
    var steps: [Float] = []

    /// Rounds `folded` for inputs of which one unit is worth `inputScales`.
    init(_ folded: FoldedConvolution, inputScales: [Float]) {
        precondition(inputScales.count == folded.inputs, "every input channel has a scale")
        let row = folded.inputs * folded.taps
        values.reserveCapacity(folded.weights.count)
        for output in 0..<folded.outputs {
            let scaled = (0..<row).map { folded.weights[output * row + $0] * inputScales[$0 / folded.taps] }
            let peak = scaled.reduce(0) { max($0, abs($1)) }
            // A channel of zeros has any step.
            let step = peak > 0 ? peak / 127 : 1
            steps.append(step)
            values += scaled.map { Int8(max(-127, min(127, ($0 / step).rounded(.toNearestOrEven)))) }
        }
    }
}

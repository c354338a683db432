/// A net that predicts, with its memory planned: an engine of inference.
protocol InferenceNetwork: AnyObject {
    /// Input, `n * h * w` values.
    var images: UnsafeMutablePointer<Float> { get }
    /// Output, `n * h * w` values.
    var logits: UnsafeMutablePointer<Float> { get }
    /// What runs for each layer.
    var primitives: [Primitive] { get }

    /// Computes the logits, with the running statistics.
    func infer() throws(UNetError)
}

/// A net that trains: forward and backward over fixed buffers.
///
/// A batch goes in through `images` (n, 1, h, w), logits come out; backward reads `logitGradients` and leaves the
/// gradient of every parameter in its `NetParameters`.
protocol Network: InferenceNetwork {
    /// Gradient of the loss by the logits.
    var logitGradients: UnsafeMutablePointer<Float> { get }
    /// Whether any convolution runs with Winograd's algorithm.
    var usesWinograd: Bool { get }

    /// Computes the logits; in training with the batch's own statistics, which enter the running ones.
    func forward(training: Bool) throws(UNetError)
    /// Computes the gradient of every parameter.
    func backward() throws(UNetError)
}

extension Network {
    func infer() throws(UNetError) { try forward(training: false) }
}

extension InferenceNetwork {
    /// Probabilities of the foreground for any number of images, computed in batches of the network's size.
    func predict(
        _ images: [Float],
        _ options: TrainingOptions,
        into result: inout [Float]
    ) throws(UNetError) {
        let pixels = options.size.pixels
        guard images.count.isMultiple(of: pixels) else { throw options.wrongCount(images.count) }
        result.removeAll(keepingCapacity: true)
        result.reserveCapacity(images.count)
        for start in stride(from: 0, to: images.count, by: options.batch * pixels) {
            let count = min(options.batch * pixels, images.count - start)
            for index in 0..<(options.batch * pixels) {
                unsafe self.images[index] = index < count ? images[start + index] : 0
            }
            try infer()
            for index in 0..<count { result.append(unsafe 1 / (1 + expOf(-logits[index]))) }
        }
    }
}

/// PyTorch's constants of batch normalisation.
enum Normalization {
    static let epsilon: Float = 1e-5
    /// Weight of the new batch in the running statistics.
    static let momentum: Float = 0.1

    /// Mixes a batch's statistics into the running ones; the running variance is the unbiased one.
    static func track(
        channels: Int,
        samples: Int,
        mean: UnsafePointer<Float>,
        variance: UnsafePointer<Float>,
        into running: (mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>)
    ) {
        let unbiased = samples > 1 ? Float(samples) / Float(samples - 1) : 1
        for channel in 0..<channels {
            unsafe running.mean[channel] += momentum * (mean[channel] - running.mean[channel])
            unsafe running.variance[channel] += momentum * (variance[channel] * unbiased - running.variance[channel])
        }
    }
}

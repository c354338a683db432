/// A net with its memory planned: forward and backward over fixed buffers.
///
/// A batch goes in through `images` (n, 1, s, s), logits come out; backward reads `logitGradients` and leaves the
/// gradient of every parameter in its `NetParameters`.
protocol Network: AnyObject {
    /// Input, `n * s * s` values.
    var images: UnsafeMutablePointer<Float> { get }
    /// Output, `n * s * s` values.
    var logits: UnsafeMutablePointer<Float> { get }
    /// Gradient of the loss by the logits.
    var logitGradients: UnsafeMutablePointer<Float> { get }
    /// Each primitive with the library's name of its implementation.
    var implementations: [String] { get }
    /// Whether any convolution runs with Winograd's algorithm.
    var usesWinograd: Bool { get }

    /// Computes the logits; in training with the batch's own statistics, which enter the running ones.
    func forward(training: Bool) throws(UNetError)
    /// Computes the gradient of every parameter.
    func backward() throws(UNetError)
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

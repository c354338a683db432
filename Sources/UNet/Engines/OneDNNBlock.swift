import COneDNN

/// One input of a convolution: an activation, and where its gradient goes.
struct ConvolutionInput {
    var buffer: Buffer
    var channels: Int
    /// Where the gradient of this input goes; `nil` for the image.
    var gradient: Buffer?
    /// The image itself, in plain f32, where this is the first layer.
    var image: Buffer?
}

/// What the layers of one level share.
@safe
struct OneDNNLevel {
    var plan: OneDNNPlan
    var parameters: NetParameters
    /// Weights as convolutions see them, rounded where the precision rounds them.
    var weights: (String) -> UnsafePointer<Float>
    var batch: Int
    var channels: Int
    /// Side of the activations in pixels.
    var size: Int
    var algorithm: ConvolutionAlgorithm
    /// The ranks over which normalisation takes its statistics.
    var synchronised: World?
    /// Holds the gradient of a block's output before backward; free to be the gradient of an input after.
    var gradient: Buffer
    /// Memory of the same size.
    var spare: Buffer

    func activation() throws(UNetError) -> Buffer { try plan.activation(batch, channels, size) }
}

/// Twice convolution 3x3, batch normalisation, ReLU, as steps of a plan.
///
/// The first convolution may have two inputs (skip and upsampled): it then runs once for each half of its weights
/// and adds up, so that nothing is ever concatenated.
final class OneDNNBlock {
    /// What the first convolution leaves, normalised.
    let middle: Buffer
    /// The block's output.
    let output: Buffer
    let training: [OneDNNPlan.Step]
    let inference: [OneDNNPlan.Step]
    let backward: [OneDNNPlan.Step]

    /// Builds the block.
    init(_ name: String, _ level: OneDNNLevel, inputs: [ConvolutionInput]) throws(UNetError) {
        let (first, second) = (try level.activation(), try level.activation())
        middle = try level.activation()
        output = try level.activation()
        var (forward1, back1): ([OneDNNPlan.Step], [OneDNNPlan.Step]) = ([], [])
        let total = inputs.reduce(0) { $0 + $1.channels }
        var row = 0
        for (index, input) in inputs.enumerated() {
            let layer = "\(name).conv1" + (inputs.count > 1 ? ".\(index)" : "")
            let half = OneDNNConvolution(
                layer,
                level,
                input: input,
                weights: (name: "\(name).conv1.weight", row: row * 9, length: total * 9)
            )
            forward1 += try half.forward(into: first, adds: index > 0)
            back1 += try half.backward(from: level.spare)
            row += input.channels
        }
        let conv2 = OneDNNConvolution(
            "\(name).conv2",
            level,
            input: ConvolutionInput(buffer: middle, channels: level.channels, gradient: level.spare),
            weights: (name: "\(name).conv2.weight", row: 0, length: level.channels * 9)
        )
        let forward2 = try conv2.forward(into: second, adds: false)
        let norm1 = try OneDNNNormalization(
            "\(name).norm1",
            level,
            source: first,
            target: middle,
            gradient: level.spare
        )
        let norm2 = try OneDNNNormalization(
            "\(name).norm2",
            level,
            source: second,
            target: output,
            gradient: level.gradient
        )
        training = forward1 + norm1.training + forward2 + norm2.training
        inference = forward1 + norm1.inference + forward2 + norm2.inference
        let parameters = level.parameters
        backward =
            norm2.backward + (try conv2.backward(from: level.gradient))
            + [parameters.finishes("\(name).norm2", "\(name).conv2")] + norm1.backward + back1
            + [parameters.finishes("\(name).norm1", "\(name).conv1")]
    }
}

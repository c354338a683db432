/// The net with its optimiser: one object that trains, predicts and gives up its state.
///
/// Not for several threads at once; the libraries below it use threads of their own.
public final class Trainer {
    /// The options that the trainer was made with.
    public let options: TrainingOptions
    /// What is really computed, and with what.
    public let numerics: Numerics

    let parameters: NetParameters
    var adam: Adam
    private let network: any Network
    private let probabilities: Buffer
    private let masks: Buffer

    /// Plans the net and initialises its weights from the seed.
    ///
    /// - Throws: As `TrainingOptions.check()`.
    public init(_ options: TrainingOptions) throws(UNetError) {
        try options.check()
        self.options = options
        var arithmetic = try PrecisionPolicy(options)
        parameters = try NetParameters(options.net)
        parameters.initialize(seed: options.seed)
        switch options.engine {
        case .onednn:
            network = try OneDNNNetwork(
                options,
                parameters,
                native: arithmetic.isNative,
                rounds: arithmetic.isEmulated
            )
        case .openblas: network = try OpenBLASNetwork(options, parameters)
        }
        let count = options.batch * options.size * options.size
        probabilities = try Buffer(floats: count)
        masks = try Buffer(floats: count)
        adam = Adam(learningRate: options.learningRate)
        arithmetic.check(network, wanted: options.algorithm)
        numerics = Numerics(
            precision: arithmetic.precision,
            arithmetic: arithmetic.isEmulated ? "emulated" : "native",
            algorithm: network.usesWinograd ? .winograd : .direct,
            implementations: network.implementations,
            warnings: arithmetic.warnings
        )
    }

    /// Optimiser steps done so far.
    public var steps: Int { adam.step }

    /// Step size of the next step.
    public var learningRate: Float { options.schedule.rate(at: adam.step, peak: options.learningRate) }

    /// One optimiser step; a loss that is no finite number leaves the net as it was before, and so do activations.
    ///
    /// - Parameters: `images` and `masks` hold batch x size x size values, images scaled as the net wants them,
    ///   masks 0 or 1.
    /// - Returns: The loss before the update; NaN too where an activation was no finite number.
    public func step(images: [Float], masks: [Float]) throws(UNetError) -> Float {
        parameters.keepStatistics()
        let loss = try backpropagate(images: images, masks: masks)
        guard loss.isFinite, parameters.hasFiniteStatistics else {
            parameters.restoreStatistics()
            return loss.isFinite ? .nan : loss
        }
        adam.learningRate = learningRate
        adam.update(parameters)
        return loss
    }

    /// The loss and the gradient of every parameter; the weights stay as they are.
    public func gradients(images: [Float], masks: [Float]) throws(UNetError) -> (loss: Float, [NamedTensor]) {
        let loss = try backpropagate(images: images, masks: masks)
        return (loss, tensors(of: parameters.gradients))
    }

    /// Probabilities of the foreground, pixel by pixel, with the running statistics.
    ///
    /// Any number of images; they are computed in batches of the trainer's size.
    public func predict(images: [Float]) throws(UNetError) -> [Float] {
        var result: [Float] = []
        try predict(images: images, into: &result)
        return result
    }

    /// As `predict(images:)`, into an array whose memory is used again.
    public func predict(images: [Float], into result: inout [Float]) throws(UNetError) {
        let pixels = options.size * options.size
        guard images.count.isMultiple(of: pixels) else { throw wrongCount(images.count) }
        result.removeAll(keepingCapacity: true)
        result.reserveCapacity(images.count)
        for start in stride(from: 0, to: images.count, by: options.batch * pixels) {
            let count = min(options.batch * pixels, images.count - start)
            for index in 0..<(options.batch * pixels) {
                unsafe network.images[index] = index < count ? images[start + index] : 0
            }
            try network.forward(training: false)
            for index in 0..<count { result.append(unsafe 1 / (1 + expOf(-network.logits[index]))) }
        }
    }

    private func backpropagate(images: [Float], masks: [Float]) throws(UNetError) -> Float {
        let count = options.batch * options.size * options.size
        guard images.count == count, masks.count == count else {
            throw wrongCount(images.count == count ? masks.count : images.count)
        }
        for index in 0..<count {
            unsafe network.images[index] = images[index]
            unsafe self.masks.floats[index] = masks[index]
        }
        try network.forward(training: true)
        let loss = unsafe Loss.evaluate(
            options.loss,
            count: count,
            logits: network.logits,
            masks: self.masks.floats,
            probabilities: probabilities.floats,
            gradients: network.logitGradients
        )
        try network.backward()
        return loss
    }

    private func wrongCount(_ count: Int) -> UNetError {
        UNetError(
            code: .usage,
            problem:
                "A batch of \(options.batch) images of \(options.size) x \(options.size) was given as \(count) values.",
            remedy: "Give batch x size x size values for images and masks."
        )
    }
}

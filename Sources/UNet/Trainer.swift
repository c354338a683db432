import COneDNN

/// A net that predicts masks.
public protocol Predictor {
    /// What is really computed, and with what.
    var numerics: Numerics { get }
    /// Probabilities of the foreground, pixel by pixel, for any number of images.
    func predict(images: [Float]) throws(UNetError) -> [Float]
}

/// The net with its optimiser: one object that trains, predicts and gives up its state.
///
/// Not for several threads at once; the libraries below it use threads of their own.
public final class Trainer: Predictor {
    /// The options that the trainer was made with.
    public let options: TrainingOptions
    /// What is really computed, and with what.
    public let numerics: Numerics

    /// Scale of the loss in fp16, part of the state to resume from; nil where the precision needs none.
    public var lossScale: LossScale?

    let parameters: NetParameters
    let network: any Network
    private let probabilities: Buffer
    var adam: Adam
    private var masks: Buffer

    /// Plans the net and initialises its weights from the seed.
    ///
    /// - Throws: As `TrainingOptions.check()`.
    public init(_ options: TrainingOptions) throws(UNetError) {
        try options.check()
        self.options = options
        let policy = try PrecisionPolicy(options)
        parameters = try NetParameters(options.net)
        parameters.initialize(seed: options.seed)
        switch options.engine {
        case .onednn: network = try OneDNNNetwork(options, parameters, policy)
        case .openblas: network = try OpenBLASNetwork(options, parameters)
        }
        if policy.precision == .fp16 { lossScale = LossScale() }
        let count = options.batch * options.size * options.size
        probabilities = try Buffer(floats: count)
        masks = try Buffer(floats: count)
        adam = Adam(learningRate: options.learningRate)
        numerics = policy.numerics(
            network.primitives,
            usesWinograd: network.usesWinograd,
            wanted: options.algorithm
        )
    }

    /// One optimiser step.
    ///
    /// - Parameters: `images` and `masks` hold batch x size x size values, images scaled as the net wants them,
    ///   masks 0 or 1.
    /// - Returns: The loss before the update. In fp16 a step whose gradients overflow updates nothing but
    ///   `lossScale` and the running statistics.
    public func step(images: [Float], masks: [Float]) throws(UNetError) -> Float {
        let (loss, isFinite) = try backpropagate(images: images, masks: masks)
        if lossScale?.update(isFinite: isFinite) ?? true { adam.update(parameters) }
        return loss
    }

    /// The loss and the gradient of every parameter; the weights stay as they are.
    public func gradients(images: [Float], masks: [Float]) throws(UNetError) -> (loss: Float, [NamedTensor]) {
        let loss = try backpropagate(images: images, masks: masks).loss
        return (loss, tensors(of: parameters.gradients))
    }

    /// Probabilities of the foreground, pixel by pixel, with the running statistics.
    ///
    /// Any number of images; they are computed in batches of the trainer's size.
    public func predict(images: [Float]) throws(UNetError) -> [Float] {
        try network.probabilities(of: images, options)
    }

    /// Every trained tensor and every running statistic.
    public var state: [NamedTensor] {
        var all = tensors(of: parameters.values)
        for (name, channels, mean, variance) in parameters.running {
            all.append(NamedTensor(name: "\(name).running_mean", shape: [channels], values: floats(mean, 0, channels)))
            all.append(
                NamedTensor(name: "\(name).running_var", shape: [channels], values: floats(variance, 0, channels))
            )
        }
        return all
    }

    /// Takes over a state of the same net; Adam starts anew.
    ///
    /// - Throws: `.badData` where a tensor is missing or has another shape; then nothing is changed.
    public func load(_ state: [NamedTensor]) throws(UNetError) {
        let given = Dictionary(state.map { ($0.name, $0) }) { first, _ in first }
        for own in self.state {
            guard let other = given[own.name], other.shape == own.shape, other.values.count == own.values.count else {
                let found = given[own.name].map { "has the shape \($0.shape)" } ?? "is missing"
                throw UNetError(
                    code: .badData,
                    problem: "The tensor \(own.name) of shape \(own.shape) \(found) in the checkpoint.",
                    remedy: "Give the --filters and --depth that it was trained with."
                )
            }
        }
        for slot in parameters.slots {
            for (index, value) in (given[slot.name]?.values ?? []).enumerated() {
                unsafe parameters.values.floats[slot.offset + index] = value
            }
        }
        for (name, _, mean, variance) in parameters.running {
            for (suffix, target) in [("running_mean", mean), ("running_var", variance)] {
                for (index, value) in (given["\(name).\(suffix)"]?.values ?? []).enumerated() {
                    unsafe target.floats[index] = value
                }
            }
        }
    }

    /// The loss, with the gradients in the parameters, and whether all of these are finite; known in fp16 alone.
    private func backpropagate(images: [Float], masks: [Float]) throws(UNetError) -> (loss: Float, isFinite: Bool) {
        let count = options.batch * options.size * options.size
        guard images.count == count, masks.count == count else {
            throw options.wrongCount(images.count == count ? masks.count : images.count)
        }
        for index in 0..<count {
            unsafe network.images[index] = images[index]
            unsafe self.masks.floats[index] = masks[index]
        }
        try network.forward(training: true)
        let loss = unsafe Loss.evaluate(
            count: count,
            logits: network.logits,
            masks: self.masks.floats,
            probabilities: probabilities.floats,
            gradients: network.logitGradients
        )
        guard let scale = lossScale?.value else {
            try network.backward()
            return (loss, true)
        }
        for index in 0..<count { unsafe network.logitGradients[index] *= scale }
        try network.backward()
        let isFinite = unsafe od_unscale(Int64(parameters.count), 1 / scale, parameters.gradients.floats)
        return (loss, isFinite)
    }

    private func tensors(of block: Buffer) -> [NamedTensor] {
        parameters.slots.map { NamedTensor(name: $0.name, shape: $0.shape, values: floats(block, $0.offset, $0.count)) }
    }

    private func floats(_ buffer: Buffer, _ offset: Int, _ count: Int) -> [Float] {
        (0..<count).map { unsafe buffer.floats[offset + $0] }
    }
}

extension TrainingOptions {
    func wrongCount(_ count: Int) -> UNetError {
        UNetError(
            code: .usage,
            problem: "A batch of \(batch) images of \(size) x \(size) was given as \(count) values.",
            remedy: "Give batch x size x size values for images and masks."
        )
    }
}

/// The net with its optimiser: one object that trains, predicts and gives up its state.
///
/// Not for several threads at once; the libraries below it use threads of their own.
public final class Trainer {
    /// The options that the trainer was made with.
    public let options: TrainingOptions
    /// What is really computed, and with what.
    public let numerics: Numerics

    private let parameters: NetParameters
    private let network: any Network
    private let probabilities: Buffer
    private var adam: Adam
    private var masks: Buffer

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

    /// One optimiser step.
    ///
    /// - Parameters: `images` and `masks` hold batch x size x size values, images scaled as the net wants them,
    ///   masks 0 or 1.
    /// - Returns: The loss before the update.
    public func step(images: [Float], masks: [Float]) throws(UNetError) -> Float {
        let loss = try backpropagate(images: images, masks: masks)
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
        let pixels = options.size * options.size
        guard images.count.isMultiple(of: pixels) else { throw wrongCount(images.count) }
        var result: [Float] = []
        result.reserveCapacity(images.count)
        for start in stride(from: 0, to: images.count, by: options.batch * pixels) {
            let count = min(options.batch * pixels, images.count - start)
            for index in 0..<(options.batch * pixels) {
                unsafe network.images[index] = index < count ? images[start + index] : 0
            }
            try network.forward(training: false)
            for index in 0..<count { result.append(unsafe 1 / (1 + expOf(-network.logits[index]))) }
        }
        return result
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
            count: count,
            logits: network.logits,
            masks: self.masks.floats,
            probabilities: probabilities.floats,
            gradients: network.logitGradients
        )
        try network.backward()
        return loss
    }

    private func tensors(of block: Buffer) -> [NamedTensor] {
        parameters.slots.map { NamedTensor(name: $0.name, shape: $0.shape, values: floats(block, $0.offset, $0.count)) }
    }

    private func floats(_ buffer: Buffer, _ offset: Int, _ count: Int) -> [Float] {
        (0..<count).map { unsafe buffer.floats[offset + $0] }
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

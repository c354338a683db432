import COneDNN

/// A net that predicts masks.
public protocol Predictor {
    /// What is really computed, and with what.
    var numerics: Numerics { get }
    /// Probabilities of the foreground, pixel by pixel, for any number of images, in the place of what the array held.
    func predict(images: [Float], into result: inout [Float]) throws(UNetError)
}

extension Predictor {
    /// As `predict(images:into:)`, into an array of its own.
    public func predict(images: [Float]) throws(UNetError) -> [Float] {
        var result: [Float] = []
        try predict(images: images, into: &result)
        return result
    }
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
    public internal(set) var lossScale: LossScale?

    let parameters: NetParameters
    var adam: Adam
    let network: any Network
    /// Adds up gradients over the ranks, where there are several.
    let reduction: GradientReduction?
    /// Whether the backward pass updates tensors as soon as it has their gradients, which are in the cache then.
    private var isUpdating = false
    private let probabilities: Buffer
    private let masks: Buffer

    /// Plans the net and initialises its weights from the seed.
    ///
    /// - Throws: As `TrainingOptions.check()`.
    public init(_ options: TrainingOptions) throws(UNetError) {
        try options.check()
        self.options = options
        let policy = try PrecisionPolicy(options)
        let isBlocked = options.engine == .onednn && od_block() == WeightOrder.side
        let parameters = try NetParameters(
            options.net,
            isBlocked: isBlocked,
            sharesGradients: options.usesUpGradients
        )
        self.parameters = parameters
        parameters.initialize(seed: options.seed)
        switch options.engine {
        case .onednn: network = try OneDNNNetwork(options, parameters, policy)
        case .openblas: network = try OpenBLASNetwork(options, parameters)
        }
        let reduction = try options.parallel.map { parallel throws(UNetError) in
            try GradientReduction(parameters, parallel)
        }
        self.reduction = reduction
        if policy.precision == .fp16 { lossScale = LossScale() }
        let count = options.batch * options.size.pixels
        probabilities = try Buffer(floats: count)
        masks = try Buffer(floats: count)
        adam = Adam(learningRate: options.learningRate)
        numerics = policy.numerics(
            network.primitives,
            usesWinograd: network.usesWinograd,
            wanted: options.algorithm
        )
        parameters.onFinished = { [unowned self] in finished($0) }
    }

    /// Tensors whose gradients a backward pass has completed.
    private func finished(_ tensors: [Int]) {
        reduction?.finished(tensors)
        guard isUpdating else { return }
        for index in tensors { adam.update(parameters, slot: index) }
    }

    /// Steps done so far, with those that fp16 skipped: each has used up a batch.
    public var steps: Int { adam.step + (lossScale?.skippedSteps ?? 0) }

    /// Step size of the next step.
    public var learningRate: Float { options.schedule.rate(at: steps, peak: options.learningRate) }

    /// One optimiser step; a loss that is no finite number leaves the net as it was before, and so do activations.
    ///
    /// - Parameters: `images` and `masks` hold batch x height x width values, images scaled as the net wants them,
    ///   masks 0 or 1.
    /// - Throws: What ends a primitive; some tensors may be updated by then.
    /// - Returns: The loss before the update; NaN too where an activation was no finite number, and where gradients
    ///   overflow in fp16 that are not scaled any more. A step whose gradients overflow before updates nothing but
    ///   `lossScale` and the running statistics.
    public func step(images: [Float], masks: [Float]) throws(UNetError) -> Float {
        parameters.keepStatistics()
        let loss = try loss(images: images, masks: masks)
        guard loss.isFinite, parameters.hasFiniteStatistics else {
            parameters.restoreStatistics()
            return loss.isFinite ? .nan : loss
        }
        adam.learningRate = learningRate
        if options.updatesOnTheWay {
            adam.begin()
            isUpdating = true
            defer { isUpdating = false }
            _ = try backpropagate()
        } else {
            let isFinite = try backpropagate()
            if let scale = lossScale, !isFinite, scale.isLeast {
                parameters.restoreStatistics()
                return .nan
            }
            guard lossScale?.update(isFinite: isFinite) ?? true else { return loss }
            adam.update(parameters)
        }
        return loss
    }

    /// The loss and the gradient of every parameter; the weights stay as they are.
    ///
    /// - Throws: `.usage` where the options say that gradients are not kept.
    public func gradients(images: [Float], masks: [Float]) throws(UNetError) -> (loss: Float, [NamedTensor]) {
        guard options.keepsGradients else {
            throw UNetError(
                code: .usage,
                problem: "This trainer keeps no gradients.",
                remedy: "Make it with options that say keepsGradients."
            )
        }
        let loss = try loss(images: images, masks: masks)
        _ = try backpropagate()
        return (loss, tensors(of: parameters.gradients))
    }

    /// Probabilities of the foreground, pixel by pixel, with the running statistics.
    ///
    /// Any number of images; they are computed in batches of the trainer's size.
    public func predict(images: [Float], into result: inout [Float]) throws(UNetError) {
        try network.predict(images, options, into: &result)
    }

    /// The loss of a batch, with its gradient by the logits.
    private func loss(images: [Float], masks: [Float]) throws(UNetError) -> Float {
        guard options.isTraining else {
            throw UNetError(
                code: .usage,
                problem: "This net keeps nothing that a training needs.",
                remedy: "Make it with options that say isTraining."
            )
        }
        let count = options.batch * options.size.pixels
        guard images.count == count, masks.count == count else {
            throw options.wrongCount(images.count == count ? masks.count : images.count)
        }
        _ = unsafe UnsafeMutableBufferPointer(start: network.images, count: count).update(fromContentsOf: images)
        _ = unsafe UnsafeMutableBufferPointer(start: self.masks.floats, count: count).update(fromContentsOf: masks)
        try network.forward(training: true)
        return unsafe Loss.evaluate(
            options.loss,
            over: options.parallel?.world,
            isSound: parameters.hasFiniteStatistics,
            count: count,
            logits: network.logits,
            masks: self.masks.floats,
            probabilities: probabilities.floats,
            gradients: network.logitGradients
        )
    }

    /// Leaves the gradients of the last loss in the parameters; whether all of these are finite, known in fp16 alone.
    private func backpropagate() throws(UNetError) -> Bool {
        guard let scale = lossScale?.value else {
            try network.backward()
            reduction?.finish()
            return true
        }
        for index in 0..<options.batch * options.size.pixels { unsafe network.logitGradients[index] *= scale }
        try network.backward()
        reduction?.finish()
        return unsafe od_unscale(Int64(parameters.count), 1 / scale, parameters.gradients.floats)
    }
}

extension Trainer {
    /// Makes the running statistics those of all ranks, before they are used or kept; every rank has to call it.
    public func shareStatistics() {
        guard let parallel = options.parallel, parallel.batchNorm == .local else { return }
        parameters.shareStatistics(parallel.world)
    }

    /// Marks waits for other ranks as regions `allreduce`.
    public func mark(with marks: Marks) {
        reduction?.onWait = { begins in begins ? marks.begin("allreduce") : marks.end("allreduce") }
    }
}

extension TrainingOptions {
    func wrongCount(_ count: Int) -> UNetError {
        UNetError(
            code: .usage,
            problem: "A batch of \(batch) images of \(size.height) x \(size.width) was given as \(count) values.",
            remedy: "Give batch x height x width values for images and masks."
        )
    }
}

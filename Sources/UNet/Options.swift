/// Shape of a net: one input channel, `depth` poolings, `filters x 2^level` channels at each level.
public struct NetConfiguration: Sendable, Hashable {
    /// Channels of the first level.
    public var filters: Int
    /// Poolings between the first and the lowest level.
    public var depth: Int
    /// What the levels are made of.
    public var architecture: NetArchitecture

    /// Shapes that there are.
    public static let filters = 1...1024, depths = 1...8

    /// Creates a net's shape.
    public init(filters: Int = 16, depth: Int = 4, architecture: NetArchitecture = .unet) {
        self.filters = filters
        self.depth = depth
        self.architecture = architecture
    }

    /// Trainable parameters: weights, biases, and the scales and shifts of batch normalisation.
    public var parameterCount: Int { NetLayout(self).tensors.reduce(0) { $0 + $1.count } }

    /// Channels at a level; 0 is the top.
    func channels(_ level: Int) -> Int { filters << level }
}

/// Arithmetic of the convolutions; weights of the optimiser, statistics and loss are fp32 in each.
public enum Precision: String, Sendable, CaseIterable {
    /// IEEE single precision throughout.
    case fp32
    /// Mixed precision: bf16 weights and activations, products added up in fp32.
    case bf16
    /// Mixed precision: fp16 weights and activations, products added up in fp32, a scaled loss.
    case fp16
    /// Quantised after the training, for inference alone.
    case int8
}

/// Algorithm of the 3x3 convolutions.
public enum ConvolutionAlgorithm: String, Sendable, CaseIterable {
    case direct, winograd
    /// Whichever is faster for the layer and the pass, each timed once when the net is built.
    case fastest
}

/// The library that computes.
public enum EngineKind: String, Sendable, CaseIterable {
    case onednn, openblas
}

/// All that a trainer has to know before its first step.
public struct TrainingOptions: Sendable {
    /// Shape of the net.
    public var net = NetConfiguration()
    /// Images in a step.
    public var batch = 8
    /// Extent of the images, each side a multiple of 2^depth.
    public var size: ImageSize = 256
    /// Arithmetic asked for.
    public var precision = Precision.fp32
    /// Convolution algorithm asked for.
    public var algorithm = ConvolutionAlgorithm.direct
    /// Library asked for.
    public var engine = EngineKind.onednn
    /// Largest step size of Adam, and the only one where the schedule is constant.
    public var learningRate: Float = 1e-3
    /// How the step size goes over the training.
    public var schedule = LearningRateSchedule.constant
    /// What the training makes small.
    public var loss = LossKind.diceEntropy
    /// Seed of the first weights.
    public var seed: UInt64 = 1
    /// Threads to compute with; nil leaves it to the library and its environment.
    public var threads: Int?
    /// Whether a CPU without bf16 arithmetic emulates it in fp32; else it computes in fp32, with a warning.
    public var allowEmulation = false
    /// Whether the net is to be trained; int8 is for inference alone.
    public var isTraining = true
    /// Whether the trainer keeps the gradients of a batch, for `Trainer.gradients` to hand out.
    ///
    /// One that only makes steps needs no memory for all of them: in fp32 and bf16, without other ranks, it uses up each as
    /// soon as it has it.
    public var keepsGradients = true
    /// The ranks that train the net together, where there are several; `batch` is then the share of each.
    public var parallel: DataParallel?

    /// Creates the default options.
    public init() {}

    /// Whether a gradient is final when the backward pass has it: not where it waits for other ranks, or for the look at
    /// all of them that the loss scale takes.
    var updatesOnTheWay: Bool { parallel == nil && precision != .fp16 }

    /// Whether each gradient is used up before the next one needs its place.
    var usesUpGradients: Bool { updatesOnTheWay && !keepsGradients }
}

extension TrainingOptions {
    /// Finds out whether a net can be trained so, without planning it.
    ///
    /// - Throws: `.usage` for a size that the depth does not divide, or a precision that
    ///   the engine or the task has no part in.
    public func check() throws(UNetError) {
        guard net.filters > 0, (1...8).contains(net.depth), batch > 0 else {
            throw UNetError(
                code: .usage,
                problem:
                    "A net of \(net.filters) filters and depth \(net.depth) with batches of \(batch) cannot be built.",
                remedy: "Choose at least 1 filter, a depth of 1 to 8 and a batch of at least 1."
            )
        }
        guard size.canBeHalved(net.depth) else {
            let step = 1 << net.depth
            let below = ImageSize(
                height: max(step, size.height / step * step),
                width: max(step, size.width / step * step)
            )
            let above = ImageSize(height: below.height + step, width: below.width + step)
            throw UNetError(
                code: .usage,
                problem: "A size of \(size) is not divisible by \(step), as a net of depth \(net.depth) needs.",
                remedy: "Choose --size \(below) or \(above), or another --depth."
            )
        }
        _ = try PrecisionPolicy(self)
    }
}

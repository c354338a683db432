internal import UNet

/// The account of a training, as `train --json` prints it; unknown is null.
struct TrainingDocument: Encodable {
    /// One pass over the training images; the last may be cut short by `--steps`.
    struct Epoch: Encodable {
        var epoch: Int
        var steps = 0
        var images = 0
        /// Mean training loss of its steps.
        var loss = 0.0
        /// Step size of its last step.
        var learningRate: Float = 0
        @OrNull var validationLoss: Double?
        @OrNull var dice: Double?
        @OrNull var iou: Double?
        /// Seconds of its steps, without the validation.
        var durationS = 0.0

        init(epoch: Int) { self.epoch = epoch }
    }

    /// Random changes to training images: probabilities, and bounds to either side.
    struct Changes: Encodable {
        var flipProbability: Float
        var rotationProbability: Float
        var rotationDegrees: Float
        var brightnessProbability: Float
        var brightness: Float
        var contrastProbability: Float
        var contrast: Float
        var gammaProbability: Float
        var gamma: Float
        var blurProbability: Float
        var blur: Int
        var noiseProbability: Float
        var noise: Float

        init(_ augmentation: Augmentation) {
            flipProbability = augmentation.flipProbability
            rotationProbability = augmentation.rotationProbability
            rotationDegrees = augmentation.largestRotation
            brightnessProbability = augmentation.brightnessProbability
            brightness = augmentation.largestBrightness
            (contrastProbability, contrast) = (augmentation.contrastProbability, augmentation.largestContrast)
            (gammaProbability, gamma) = (augmentation.gammaProbability, augmentation.largestGamma)
            (blurProbability, blur) = (augmentation.blurProbability, augmentation.largestBlur)
            (noiseProbability, noise) = (augmentation.noiseProbability, augmentation.largestNoise)
        }
    }

    /// Time of a step in seconds: forward, loss, backward and Adam; what decodes images is not in it.
    struct StepTime: Encodable {
        var min: Double
        var median: Double
        var p95: Double
        var p99: Double

        /// Of no times there is nothing to tell.
        init?(_ times: [Double]) {
            guard let smallest = times.min() else { return nil }
            let sorted = times.sorted()
            min = smallest
            (median, p95, p99) = (quantile(sorted, 0.5), quantile(sorted, 0.95), quantile(sorted, 0.99))
        }
    }

    /// Steps that the times of a step leave out where there are more: they touch memory for the first time.
    static let warmUpSteps = 2

    var schema = "wattbook.unet.training/1"
    var engine: String
    var precision: String
    var requestedPrecision: String
    var arithmetic: String
    var algorithm: String
    var implementations: [String]
    var threads: Int
    var filters: Int
    var depth: Int
    var parameters: Int
    var architecture: String
    /// Images in a step over all processes.
    var batch: Int
    /// Rows and columns of the input; `size` is the rows.
    var size: Int
    var width: Int
    var seed: UInt64
    /// Ranks of an MPI program; those after it are null for one process.
    var processes = 1
    @OrNull var batchPerProcess: Int?
    /// `fp32` or `bf16`: type in which gradients travelled.
    @OrNull var allreduce: String?
    /// `local` or `synchronised`.
    @OrNull var batchNorm: String?
    /// Seconds in which rank 0 had sums under way, and those of them in which it did nothing but wait.
    @OrNull var communicationS: Double?
    @OrNull var exposedCommunicationS: Double?
    @OrNull var preset: String?
    /// What the training made small: `dice-bce` or `dice`.
    var lossKind: String
    /// Largest step size of Adam.
    var learningRate: Float
    /// `constant` or `cyclic`; the three after it are null where it is constant.
    var schedule: String
    @OrNull var baseLearningRate: Float?
    @OrNull var cycleSteps: Int?
    @OrNull var cycleDecay: Float?
    /// Values of black to white: `unit` (0 to 1) or `symmetric` (-1 to 1).
    var inputRange: String
    @OrNull var augmentation: Changes?
    var trainingImages: Int
    var validationImages: Int
    var splitBy: String
    /// Steps before those of this call, where it went on from a checkpoint.
    @OrNull var resumedAtStep: Int?
    /// Steps of this call.
    var steps = 0
    var images = 0
    var epochs: [Epoch] = []
    @OrNull var firstLoss: Double?
    /// Training loss of the last epoch; scores of that epoch or, where the best net is kept, of the best.
    @OrNull var loss: Double?
    @OrNull var validationLoss: Double?
    @OrNull var dice: Double?
    @OrNull var iou: Double?
    /// Epoch whose net is kept, and whether waiting for a better one ended the training.
    @OrNull var bestEpoch: Int?
    var stoppedEarly = false
    var durationS = 0.0
    /// Processor time of all processes.
    var cpuS = 0.0
    /// Seconds that steps waited for their images.
    var loadWaitS = 0.0
    /// Images trained on, by the time of the training steps.
    @OrNull var imagesPerS: Double?
    /// First steps that the two times below leave out.
    var warmUpSteps = 0
    /// Wall time.
    @OrNull var stepS: StepTime?
    /// Processor time: of the training thread where it computes alone, else of the whole process.
    @OrNull var stepCpuS: StepTime?
    /// Memory: foreseen, allowed, and held at most.
    @OrNull var estimatedMemoryBytes: Int?
    @OrNull var memoryLimitBytes: Int?
    @OrNull var peakMemoryBytes: Int?
    /// fp16: factor of the loss at the end, and steps skipped for an overflow; null where the loss is not scaled.
    @OrNull var lossScale: Float?
    @OrNull var skippedSteps: Int?
    @OrNull var checkpoint: String?
    var warnings: [String]
    /// What ended the training early.
    @OrNull var error: String?

    /// Wall and processor seconds of every step; not printed.
    var stepTimes: [(wall: Double, processor: Double)] = []

    init(
        _ options: TrainingOptions,
        _ numerics: Numerics,
        split: DatasetSplit,
        _ augmentation: Augmentation,
        _ range: InputRange
    ) {
        engine = options.engine.rawValue
        precision = numerics.precision.rawValue
        requestedPrecision = options.precision.rawValue
        arithmetic = numerics.arithmetic
        algorithm = numerics.algorithm.rawValue
        implementations = numerics.implementations
        threads = options.threads ?? 1
        filters = options.net.filters
        depth = options.net.depth
        parameters = options.net.parameterCount
        batch = options.totalBatch
        architecture = options.net.architecture.rawValue
        (size, width) = (options.size.height, options.size.width)
        seed = options.seed
        lossKind = options.loss.rawValue
        learningRate = options.learningRate
        if case .cyclic(let cycle) = options.schedule {
            schedule = "cyclic"
            (baseLearningRate, cycleSteps, cycleDecay) = (cycle.base, cycle.halfSteps, cycle.decay)
        } else {
            schedule = "constant"
        }
        inputRange = range.rawValue
        self.augmentation = augmentation.isActive ? Changes(augmentation) : nil
        trainingImages = split.training.count
        validationImages = split.validation.count
        splitBy = split.grouping.rawValue
        warnings = numerics.warnings
        if let parallel = options.parallel {
            (processes, batchPerProcess) = (parallel.world.size, options.batch)
            (allreduce, batchNorm) = (parallel.allreduce.rawValue, parallel.batchNorm.rawValue)
        }
        if split.training.count < options.batch {
            warnings.append(
                "The \(split.training.count) training images are fewer than the batch of \(options.batch): "
                    + "a step sees some of them twice."
            )
        }
        if split.grouping == .frame && !split.validation.isEmpty {
            warnings.append(
                "Without N.meta files that name two videos or more the split is by frame: validation may see "
                    + "near duplicates of training images."
            )
        }
    }

    /// Fills in what the ranks cost; every rank calls it.
    mutating func closeRanks(_ parallel: DataParallel?) {
        guard let parallel else { return }
        let communication = World.communication
        (communicationS, exposedCommunicationS) = (communication.total, communication.exposed)
        var sums = [cpuS]
        parallel.world.sum(&sums)
        cpuS = sums[0]
    }

    /// Fills in what follows from the epochs and the steps.
    mutating func close(_ failure: UNetError?, best: TrainingPoint.Best?) {
        error = failure?.problem
        let last = epochs.last
        (loss, validationLoss, dice, iou) = (last?.loss, last?.validationLoss, last?.dice, last?.iou)
        if let best { (bestEpoch, validationLoss, dice, iou) = (best.epoch, best.loss, best.dice, best.iou) }
        let training = stepTimes.reduce(0) { $0 + $1.wall }
        imagesPerS = training > 0 ? Double(images) / training : nil
        warmUpSteps = stepTimes.count > Self.warmUpSteps ? Self.warmUpSteps : 0
        let settled = stepTimes.dropFirst(warmUpSteps)
        stepS = StepTime(settled.map(\.wall))
        stepCpuS = StepTime(settled.map(\.processor))
    }

    /// Two lines for people.
    var summary: String {
        let scores = dice.flatMap { dice in iou.map { "  Dice \(fixed(dice, 4))  IoU \(fixed($0, 4))" } } ?? ""
        let ranks = processes > 1 ? "  \(processes) ranks" : ""
        let rate = imagesPerS.map { "  \(fixed($0, 1)) images/s" } ?? ""
        return """
            \(precision) (\(arithmetic))  \(engine) \(algorithm)  \(threads) thread\(threads == 1 ? "" : "s")\(ranks)  \(parameters) parameters
            \(steps) step\(steps == 1 ? "" : "s") in \(fixed(durationS, 1)) s\(rate)  loss \(fixed(loss ?? .nan, 4))\(scores)
            """
    }

    private enum CodingKeys: String, CodingKey {
        case schema, engine, precision, requestedPrecision, arithmetic, algorithm, implementations, threads, filters
        case depth, architecture, parameters, batch, size, width, seed, processes, batchPerProcess, allreduce, batchNorm
        case communicationS, exposedCommunicationS, preset, lossKind, learningRate, schedule, baseLearningRate
        case cycleSteps, cycleDecay, inputRange, augmentation, trainingImages, validationImages, splitBy
        case resumedAtStep, steps, images, epochs, firstLoss, loss, validationLoss, dice, iou, bestEpoch, stoppedEarly
        case durationS, cpuS, loadWaitS, imagesPerS, warmUpSteps, stepS, stepCpuS, estimatedMemoryBytes
        case memoryLimitBytes, peakMemoryBytes, lossScale, skippedSteps, checkpoint, warnings, error
    }
}

/// The value below which `fraction` of the sorted values lie, interpolated between neighbours.
func quantile(_ sorted: [Double], _ fraction: Double) -> Double {
    let position = fraction * Double(sorted.count - 1)
    let low = Int(position)
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + (sorted[high] - sorted[low]) * (position - Double(low))
}

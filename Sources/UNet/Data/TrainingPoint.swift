/// Where a training stands: with it, one that was interrupted goes on as if it had not been.
///
/// Order, augmentation and step size follow from the seed and the number of the step, so that no generator's state is
/// kept beside them.
public struct TrainingPoint: Sendable {
    /// A validation and its scores.
    public struct Best: Sendable, Hashable {
        /// Epoch that it ended, from 1.
        public var epoch: Int
        /// Loss, Dice and IoU of the frames held back.
        public var loss, dice, iou: Double

        /// Creates the account of a validation.
        public init(epoch: Int, loss: Double, dice: Double, iou: Double) {
            (self.epoch, self.loss, self.dice, self.iou) = (epoch, loss, dice, iou)
        }
    }

    static let prefix = "training."
    private static let netPrefix = "training.net."

    /// Steps done, with those that fp16 skipped.
    public var steps: Int
    /// Seed, images in a step and images to learn from: with others the order would be another.
    public var seed: UInt64
    public var batch, images: Int
    /// The best validation so far, where the training keeps its net.
    public var best: Best?
    /// Validations since then.
    public var validationsSinceBest: Int
    /// Adam's moments.
    public var moments: [NamedTensor]
    /// fp16: factor of the loss and how long it has been good; nil in other precisions, and in files of before it was
    /// kept, after which the factor starts anew.
    public var lossScale: LossScale?
    /// The net as the training left it, where the checkpoint's own is that of the best validation.
    public var net: [NamedTensor]?

    /// Creates the account of a training.
    public init(
        steps: Int,
        seed: UInt64,
        batch: Int,
        images: Int,
        best: Best? = nil,
        validationsSinceBest: Int = 0,
        moments: [NamedTensor],
        lossScale: LossScale? = nil,
        net: [NamedTensor]? = nil
    ) {
        (self.steps, self.seed, self.batch, self.images) = (steps, seed, batch, images)
        (self.best, self.validationsSinceBest) = (best, validationsSinceBest)
        (self.moments, self.lossScale, self.net) = (moments, lossScale, net)
    }

    /// Tensors as a file names them.
    static func named(moments: [TensorView], net: [TensorView]) -> [TensorView] {
        moments.map { $0.named(prefix) } + net.map { $0.named(netPrefix) }
    }

    /// All else, as text; a number's text gives the same number again.
    var metadata: [String: String] {
        var text = [
            "training_steps": "\(steps)", "training_seed": "\(seed)", "training_batch": "\(batch)",
            "training_images": "\(images)", "validations_since_best": "\(validationsSinceBest)",
        ]
        if let best {
            text["best_epoch"] = "\(best.epoch)"
            (text["best_loss"], text["best_dice"], text["best_iou"]) = ("\(best.loss)", "\(best.dice)", "\(best.iou)")
        }
        if let lossScale {
            (text["loss_scale"], text["loss_scale_good_steps"]) = ("\(lossScale.value)", "\(lossScale.goodSteps)")
            text["loss_scale_skipped_steps"] = "\(lossScale.skippedSteps)"
        }
        return text
    }

    /// From what a file holds; nil where it is not of a training.
    init?(_ metadata: [String: String], _ tensors: [NamedTensor]) {
        func number(_ key: String) -> Int? { metadata[key].flatMap { Int($0) } }
        func real(_ key: String) -> Double? { metadata[key].flatMap { Double($0) } }
        guard let steps = number("training_steps"), steps >= 0, let batch = number("training_batch"),
            let images = number("training_images"), let seed = metadata["training_seed"].flatMap({ UInt64($0) })
        else { return nil }
        (self.steps, self.seed, self.batch, self.images) = (steps, seed, batch, images)
        if let epoch = number("best_epoch"), let loss = real("best_loss"), let dice = real("best_dice"),
            let iou = real("best_iou")
        {
            best = Best(epoch: epoch, loss: loss, dice: dice, iou: iou)
        }
        validationsSinceBest = number("validations_since_best") ?? 0
        if let value = metadata["loss_scale"].flatMap({ Float($0) }), let goodSteps = number("loss_scale_good_steps"),
            value > 0, value.isFinite, goodSteps >= 0
        {
            var scale = LossScale()
            (scale.value, scale.goodSteps) = (value, goodSteps)
            scale.skippedSteps = number("loss_scale_skipped_steps") ?? 0
            guard (0...steps).contains(scale.skippedSteps) else { return nil }
            lossScale = scale
        }
        let nets = tensors.filter { $0.name.hasPrefix(Self.netPrefix) }
        net = nets.isEmpty ? nil : Self.renamed(nets) { String($0.dropFirst(Self.netPrefix.count)) }
        moments = Self.renamed(tensors.filter { !$0.name.hasPrefix(Self.netPrefix) }) {
            String($0.dropFirst(Self.prefix.count))
        }
    }

    private static func renamed(_ tensors: [NamedTensor], _ name: (String) -> String) -> [NamedTensor] {
        tensors.map { NamedTensor(name: name($0.name), shape: $0.shape, values: $0.values) }
    }
}

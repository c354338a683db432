internal import UNet

/// The best net of a training by the IoU of its validations, and when to stop waiting for a better one.
struct BestNet {
    /// Validations without a better IoU that end the training; nil keeps no net and never ends it.
    let patience: Int?
    private(set) var best: TrainingPoint.Best?
    private(set) var validationsSinceBest = 0
    /// The net of the best validation; nil where that is the net as it is.
    private(set) var state: [NamedTensor]?

    /// As a training begins, or goes on from a checkpoint.
    init(patience: Int?, resumed: Checkpoint? = nil) {
        self.patience = patience
        guard patience != nil, let point = resumed?.training, let best = point.best else { return }
        self.best = best
        validationsSinceBest = point.validationsSinceBest
        state = resumed?.tensors
    }

    /// Whether the training has waited long enough.
    var isPatienceSpent: Bool { patience.map { validationsSinceBest >= $0 } ?? false }

    /// Compares a validation with the best one so far, and keeps the net where it is better.
    mutating func consider(_ account: TrainingDocument.Epoch, _ trainer: Trainer) {
        guard patience != nil, let loss = account.validationLoss, let dice = account.dice, let iou = account.iou else {
            return
        }
        if let best, iou <= best.iou {
            validationsSinceBest += 1
        } else {
            best = TrainingPoint.Best(epoch: account.epoch, loss: loss, dice: dice, iou: iou)
            validationsSinceBest = 0
            // One net at a time.
            state = nil
            state = trainer.state
        }
    }
}

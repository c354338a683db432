/// Shows a training as it goes: a live line on a terminal, a plain line for each epoch elsewhere.
final class TrainingProgress {
    private let line: ProgressLine
    private let isShown: Bool
    private let steps: Int
    private let start = monotonicSeconds()

    init(isShown: Bool, steps: Int) {
        line = ProgressLine(isShown: isShown)
        self.isShown = isShown
        self.steps = steps
    }

    /// After a step: how far, how fast, how good, how long still.
    func show(_ account: TrainingDocument.Epoch, steps done: Int, images: Int, last: TrainingDocument.Epoch?) {
        line.show(fraction: Double(done) / Double(steps), text(account, done, images, last))
    }

    /// After an epoch.
    func finish(_ account: TrainingDocument.Epoch, steps done: Int) {
        line.clear()
        guard isShown && account.steps > 0 else { return }
        let rate = account.durationS > 0 ? Double(account.images) / account.durationS : 0
        printError(
            "epoch \(account.epoch)  step \(done)/\(steps)  loss \(fixed(account.loss, 4))\(scores(account))"
                + "  \(fixed(rate, 1)) images/s"
        )
    }

    private func text(
        _ account: TrainingDocument.Epoch,
        _ done: Int,
        _ images: Int,
        _ last: TrainingDocument.Epoch?
    ) -> String {
        let elapsed = monotonicSeconds() - start
        let left = elapsed / Double(done) * Double(steps - done)
        return "epoch \(account.epoch)  loss \(fixed(account.loss, 4))\(last.map(scores) ?? "")"
            + "  \(fixed(Double(images) / elapsed, 1)) images/s  ETA \(clockTime(left))"
    }

    private func scores(_ account: TrainingDocument.Epoch) -> String {
        guard let dice = account.dice, let iou = account.iou else { return "" }
        return "  Dice \(fixed(dice, 4))  IoU \(fixed(iou, 4))"
    }
}

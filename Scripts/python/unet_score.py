"""How well masks are predicted. Needs numpy."""

import numpy as np


class Score:
    """Dice and IoU at a threshold of 0.5 and the loss, averaged over images; two empty masks agree (BAGLS).

    What is no number scores none: nothing is above a threshold then, which an empty mask would call right.
    """

    def __init__(self, loss="dice-bce"):
        self._entropy_weight = 0 if loss == "dice" else 1
        self.sums = np.zeros(4)  # images, dice, IoU, loss

    def add(self, probabilities, masks):
        """Adds images of probabilities against masks of 0 or 1, both N x rows x columns."""
        for probability, mask in zip(np.asarray(probabilities, np.float32), masks):
            if not np.isfinite(probability).all():
                self.sums += [1, np.nan, np.nan, np.nan]
                continue
            seen, true = probability > 0.5, mask > 0.5
            both, either = int((seen & true).sum()), int((seen | true).sum())
            overlap = float((probability * mask).sum(dtype=np.float64))
            mass = float((probability + mask).sum(dtype=np.float64))
            right = np.clip(np.where(true, probability, 1 - probability), np.float32(1e-7), 1)
            entropy = -float(np.log(right).mean(dtype=np.float64))
            loss = 1 - (2 * overlap + 1) / (mass + 1) + self._entropy_weight * entropy
            self.sums += [1, 2 * both / (both + either) if either else 1, both / either if either else 1, loss]

    def _mean(self, index):
        return float(self.sums[index] / self.sums[0]) if self.sums[0] else None

    images = property(lambda self: int(self.sums[0]))
    dice = property(lambda self: self._mean(1))
    iou = property(lambda self: self._mean(2))
    loss = property(lambda self: self._mean(3))

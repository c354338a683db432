"""The nets in PyTorch, from their lists of operations, and the loss that they learn from."""

import torch
from torch import nn


class UNet(nn.Module):
    """Images N x 1 x rows x columns to logits; modules have the names of their tensors in a checkpoint."""

    def __init__(self, net):
        super().__init__()
        self.operations = net.operations()
        for operation in self.operations:
            inputs, outputs = operation.input_channels, operation.channels
            if operation.kind == "convolution":
                self._place(operation.name, nn.Conv2d(inputs, outputs, 3, padding=1, bias=False))
                self._place(operation.normalization, nn.BatchNorm2d(outputs))
            elif operation.kind == "up":
                self._place(operation.name, nn.ConvTranspose2d(inputs, outputs, 2, 2))
            elif operation.kind == "head":
                self._place(operation.name, nn.Conv2d(inputs, outputs, 1, bias=operation.has_bias))
        #: The last operation that reads what an operation leaves.
        self.readers = {place: index for index, operation in enumerate(self.operations) for place in operation.inputs}

    def _place(self, name, module):
        *folders, last = name.split(".")
        parent = self
        for folder in folders:
            if not hasattr(parent, folder):
                parent.add_module(folder, nn.Module())
            parent = getattr(parent, folder)
        parent.add_module(last, module)

    def forward(self, images):
        kept = {}
        for index, operation in enumerate(self.operations):
            inputs = [kept[place] for place in operation.inputs] or [images]
            x = torch.cat(inputs, 1) if len(inputs) > 1 else inputs[0]
            kept[index] = self._computed(operation, x)
            for place in operation.inputs:
                if self.readers[place] == index:
                    del kept[place]
        return kept[index]

    def _computed(self, operation, x):
        if operation.kind == "pooling":
            return nn.functional.max_pool2d(x, 2)
        if operation.kind == "repetition":
            return nn.functional.interpolate(x, scale_factor=2, mode="nearest")
        x = self.get_submodule(operation.name)(x)
        if operation.kind == "convolution":
            x = torch.relu(self.get_submodule(operation.normalization)(x))
        return x


def loss_of(logits, masks, kind, summed=lambda sums: sums):
    """Soft Dice with a smoothing of one, plus cross-entropy with logits unless `dice` alone is asked for, over the whole
    batch; `summed` adds the sums of a part of it to those of the others."""
    probabilities = torch.sigmoid(logits)
    overlap, mass = summed(torch.stack([(probabilities * masks).sum(), probabilities.sum() + masks.sum()]))
    dice = (2 * overlap + 1) / (mass + 1)
    if kind == "dice":
        return 1 - dice
    return nn.functional.binary_cross_entropy_with_logits(logits, masks) + 1 - dice

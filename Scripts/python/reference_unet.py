"""The default U-Net in PyTorch: the rival of the benchmark and the source of the recorded fixture."""

import torch
from torch import nn


class Block(nn.Module):
    """Twice 3x3 convolution without bias, batch normalisation and ReLU."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)

    def forward(self, x):
        x = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(self.norm2(self.conv2(x)))


class UNet(nn.Module):
    """One input channel, `filters * 2**level` channels at level 0 to `depth`, one logit a pixel."""

    def __init__(self, filters=16, depth=4):
        super().__init__()
        channels = [filters << level for level in range(depth + 1)]
        self.depth = depth
        self.encoder = nn.ModuleList(Block(a, b) for a, b in zip([1] + channels[:-1], channels))
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, 2) for a, b in zip(channels[:-1], channels[1:]))
        self.decoder = nn.ModuleList(Block(2 * a, a) for a in channels[:-1])
        self.head = nn.Conv2d(filters, 1, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, x):
        skips = []
        for level in range(self.depth):
            x = self.encoder[level](x)
            skips.append(x)
            x = nn.functional.max_pool2d(x, 2)
        x = self.encoder[self.depth](x)
        for level in reversed(range(self.depth)):
            x = self.decoder[level](torch.cat([skips[level], self.up[level](x)], 1))
        return self.head(x)


def loss_of(logits, masks):
    """Cross-entropy with logits plus soft Dice with a smoothing of one, over the whole batch."""
    probabilities = torch.sigmoid(logits)
    dice = (2 * (probabilities * masks).sum() + 1) / (probabilities.sum() + masks.sum() + 1)
    return nn.functional.binary_cross_entropy_with_logits(logits, masks) + 1 - dice

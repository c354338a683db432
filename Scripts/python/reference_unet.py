"""The default U-Net in PyTorch: the rival of the benchmark.

Run as a program it trains on images of noise with a blob for a mask and prints, as JSON, the processor seconds of
each step after the warm-up: forward, loss, backward, Adam; eager, channels last, bf16 by autocast.
"""

import argparse
import json
import time

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


def step_times(precision, filters, depth, batch, size, steps, warm_up):
    """Processor seconds of each step, and the last loss."""
    torch.manual_seed(1)
    model = UNet(filters, depth).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    images = torch.rand(batch, 1, size, size).to(memory_format=torch.channels_last)
    masks = torch.zeros(batch, 1, size, size)
    masks[:, :, size // 3 : size // 2, size // 3 : size // 2] = 1
    times = []
    for _ in range(warm_up + steps):
        start = time.process_time()
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            logits = model(images)
        loss = loss_of(logits.float(), masks)
        loss.backward()
        optimizer.step()
        times.append(time.process_time() - start)
    return times[warm_up:], loss.item()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    for name, value in [("filters", 16), ("depth", 4), ("batch", 4), ("size", 256), ("steps", 5), ("warm-up", 2), ("threads", 1)]:
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    times, loss = step_times(
        options.precision, options.filters, options.depth, options.batch, options.size, options.steps, options.warm_up
    )
    print(json.dumps({"torch": torch.__version__, "step_cpu_s": times, "loss": loss}))

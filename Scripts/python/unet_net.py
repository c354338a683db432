"""The two nets as lists of operations: what tensors there are, what either framework computes and what memory it takes
follow from them, as all of `wattbook-unet` follows from its list.

Only the standard library is needed. Names and shapes of tensors are PyTorch's.
"""

import math
from typing import NamedTuple


class NetOperation(NamedTuple):
    """One operation; `kind` is what it does."""

    #: Name as in a checkpoint, for example `encoder.0.conv1`.
    name: str
    #: `convolution` (3x3 without bias, batch normalisation, ReLU), `pooling` (the largest of 2x2), `up` (transposed
    #: convolution 2x2 with stride 2, and its bias), `repetition` (every pixel four times), or `head` (1x1 to one
    #: channel).
    kind: str
    #: Operations whose outputs it reads one behind the other as channels; none of them is the image.
    inputs: tuple
    #: Channels that it reads.
    input_channels: int
    #: Channels that it writes.
    channels: int
    #: How often the image was halved where it writes.
    level: int
    #: Whether a head has a bias.
    has_bias: bool = False

    @property
    def normalization(self):
        """Name of a convolution's normalisation: `encoder.0.norm1`."""
        return f"{self.name[:-5]}norm{self.name[-1]}"


class NetConfiguration(NamedTuple):
    """Shape of a net: one input channel, `depth` poolings, `filters * 2**level` channels at each level."""

    filters: int
    depth: int
    #: `unet` (two convolutions at every level, transposed convolutions upwards), or `bagls` (the net published with
    #: BAGLS: one convolution in the lowest level; upwards a convolution, repeated pixels, the skip, and a convolution;
    #: one more before a head without bias; uniform first weights).
    architecture: str = "unet"

    def operations(self):
        """The operations in the order of the forward pass; every one but the head is read by another behind it."""
        found = []

        def add(name, kind, inputs, channels, level, has_bias=False):
            read = sum(found[place].channels for place in inputs) if inputs else 1
            found.append(NetOperation(name, kind, tuple(inputs), read, channels, level, has_bias))
            return [len(found) - 1]

        is_bagls, last, skips = self.architecture == "bagls", [], []
        for level in range(self.depth + 1):
            channels = self.filters << level
            last = add(f"encoder.{level}.conv1", "convolution", last, channels, level)
            if level < self.depth or not is_bagls:
                last = add(f"encoder.{level}.conv2", "convolution", last, channels, level)
            if level < self.depth:
                skips.append(last)
                last = add(f"pool.{level}", "pooling", last, channels, level + 1)
        for level in reversed(range(self.depth)):
            channels = self.filters << level
            if is_bagls:
                last = add(f"decoder.{level}.conv1", "convolution", last, channels, level + 1)
                last = add(f"repeat.{level}", "repetition", last, channels, level)
            else:
                last = add(f"up.{level}", "up", last, channels, level)
                last = add(f"decoder.{level}.conv1", "convolution", skips[level] + last, channels, level)
            joined = skips[level] + last if is_bagls else last
            last = add(f"decoder.{level}.conv2", "convolution", joined, channels, level)
        if is_bagls:
            last = add("last.conv1", "convolution", last, self.filters, 0)
        add("head", "head", last, 1, 0, has_bias=not is_bagls)
        return found

    def text(self):
        """The net in words."""
        name = "the BAGLS net" if self.architecture == "bagls" else "a net"
        return f"{name} of {self.filters} filters and depth {self.depth}"

    def options(self):
        """The options that ask for it."""
        preset = "--preset bagls " if self.architecture == "bagls" else ""
        return f"{preset}--filters {self.filters} --depth {self.depth}"


class Tensor(NamedTuple):
    """A trainable tensor and how it starts."""

    name: str
    shape: tuple
    #: `normal` with a variance of 2 / `number`, `uniform` between the roots of 6 / `number`, or `constant`.
    role: str
    number: int

    @property
    def count(self):
        return math.prod(self.shape)


def layout(net):
    """The trainable tensors in the order of the forward pass."""
    tensors = []
    is_uniform = net.architecture == "bagls"

    def weight(name, shape, fan_in, fan_out=0):
        # Glorot's limit counts the outputs too, He's does not.
        role = ("uniform", fan_in + fan_out) if is_uniform else ("normal", fan_in)
        tensors.append(Tensor(f"{name}.weight", shape, *role))

    for operation in net.operations():
        name, inputs, outputs = operation.name, operation.input_channels, operation.channels
        if operation.kind == "convolution":
            weight(name, (outputs, inputs, 3, 3), 9 * inputs)
            tensors.append(Tensor(f"{operation.normalization}.weight", (outputs,), "constant", 1))
            tensors.append(Tensor(f"{operation.normalization}.bias", (outputs,), "constant", 0))
        elif operation.kind == "up":
            # Each input of a transposed convolution reaches every output once.
            weight(name, (inputs, outputs, 2, 2), inputs)
            tensors.append(Tensor(f"{name}.bias", (outputs,), "constant", 0))
        elif operation.kind == "head":
            weight(name, (outputs, inputs, 1, 1), inputs, outputs)
            if operation.has_bias:
                tensors.append(Tensor(f"{name}.bias", (outputs,), "constant", 0))
    return tensors


def statistics(net):
    """The running statistics of the batch normalisations, which are not trained: they start from 0 and 1."""
    return [Tensor(f"{operation.normalization}.running_{word}", (operation.channels,), "constant", number)
            for operation in net.operations() if operation.kind == "convolution"
            for word, number in (("mean", 0), ("var", 1))]


def parameter_count(net):
    """Trainable parameters of the net."""
    return sum(tensor.count for tensor in layout(net))

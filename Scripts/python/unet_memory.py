"""Bytes that a training or an inference takes at its peak, known before a framework is loaded.

The parts that the net's shape decides are counted; what a framework takes by itself is an upper bound by experience.
Memory of a GPU is not foretold: with `--device cuda` only the host's part is, and the GPU's peak becomes the metric
`peak_gpu_memory_gib`.
"""

from unet_command import UNSUPPORTED, UNetError
from unet_dataset import KEPT, frame_bytes
from unet_net import parameter_count
from unet_preset import memory_text

#: Bytes of a framework with its libraries, and of the values that it keeps for each one that a layer gives.
_PROGRAM = {"pytorch": 360 << 20, "keras": 640 << 20}
_KEPT = {"pytorch": 1.2, "keras": 1.1}
#: The part of it that half precision takes: not all values are kept in it.
_HALF = 0.75


def training(options, frames):
    """The peak of a training."""
    block, pixels = 4 * parameter_count(options.net), 4 * options.batch * options.size.pixels
    # Net, gradient, moments; copies that outlast Keras's warm-up or are for a checkpoint; of one that was read; of the
    # best net.
    spare = 3 * bool(options.checkpoint or options.framework == "keras")
    copies = 4 + spare + 4 * bool(options.resume) + 2 * bool(options.patience)
    return _PROGRAM[options.framework] + copies * block + 12 * pixels + _frames(options, frames) + _values(options, 4)


def inference(options, frames):
    """The peak of an inference."""
    block, pixels = 4 * parameter_count(options.net), 4 * options.batch * options.size.pixels
    return _PROGRAM[options.framework] + 3 * block + 8 * pixels + _frames(options, frames) + _values(options, 1.5)


def check(options, estimate):
    """Refuses what is above the limit."""
    if options.memory_limit and estimate > options.memory_limit:
        raise UNetError(
            UNSUPPORTED, f"This needs about {memory_text(estimate)}, which is above the --memory-limit of "
            f"{memory_text(options.memory_limit)}.",
            "Choose a smaller --batch, --size or --filters, or a higher limit.")


def _values(options, block):
    """Bytes of all values that are kept between layers, half of `block` for a convolution with what follows it."""
    if options.device != "cpu":
        return 0
    # Gradients on their way back through level 0.
    total = 3 * options.net.filters * options.size.pixels
    for operation in options.net.operations():
        parts = {"convolution": block / 2, "up": 1, "repetition": 1}.get(operation.kind, 0) * operation.channels
        # Several inputs are joined first.
        parts += operation.input_channels if len(operation.inputs) > 1 else 0
        total += parts * options.size.halved(operation.level).pixels
    return int(4 * options.batch * total * _KEPT[options.framework] * (_HALF if options.precision in ("fp16", "bf16") else 1))


def _frames(options, frames):
    """Decoded frames, of which a folder of half a gibibyte is kept; the processes that decode for a GPU hold them too."""
    kept = frame_bytes(frames, options.size)
    return kept * (2 if options.device == "cuda" and options.command == "train" else 1) if kept <= KEPT else 0

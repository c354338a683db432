"""Bytes that a training or an inference takes at its peak, known before a framework is loaded.

The parts that the net's shape decides are counted; what a framework takes by itself is an upper bound by experience.
Memory of a GPU is not told: with `--device cuda` only the host's part is.
"""

from unet_command import UNSUPPORTED, UNetError
from unet_common import parameter_count
from unet_preset import memory_text

#: Bytes of a framework with its libraries, and of the values that it keeps for each one that a layer gives.
_PROGRAM = {"pytorch": 360 << 20, "keras": 640 << 20}
_KEPT = {"pytorch": 1.2, "keras": 1.1}
#: The part of it that half precision takes: not all values are kept in it.
_HALF = 0.75
#: Bytes a parameter while the first weights are drawn, before anything else is there.
_DRAWING = 42


def training(options, frames):
    """The peak of a training."""
    block, pixels = 4 * parameter_count(options.filters, options.depth), 4 * options.batch * options.size**2
    # Net, gradient, moments; copies for a checkpoint, of one that was read, and of the best net.
    copies = 4 + 3 * bool(options.checkpoint) + 4 * bool(options.resume) + 2 * bool(options.patience)
    learning = copies * block + 12 * pixels + _frames(options, frames) + _values(options, 4)
    return _PROGRAM[options.framework] + max(learning, _DRAWING * block // 4)


def inference(options, frames):
    """The peak of an inference."""
    block, pixels = 4 * parameter_count(options.filters, options.depth), 4 * options.batch * options.size**2
    return (_PROGRAM[options.framework] + max(3 * block, _DRAWING * block // 4) + 8 * pixels + _frames(options, frames)
            + _values(options, 1.5))


def check(options, estimate):
    """Refuses what is above the limit."""
    if options.memory_limit and estimate > options.memory_limit:
        raise UNetError(
            UNSUPPORTED, f"This needs about {memory_text(estimate)}, which is above the --memory-limit of "
            f"{memory_text(options.memory_limit)}.",
            "Choose a smaller --batch, --size or --filters, or a higher limit.")


def _values(options, block):
    """Bytes of all values that are kept between layers, `block` for each of two convolutions with what follows them."""
    if options.device != "cpu":
        return 0
    total = 0
    for level in range(options.depth + 1):
        values = 4 * options.batch * (options.filters << level) * (options.size >> level) ** 2
        # Down and up again, what came up and what it is joined to; at level 0 gradients on their way back.
        total += values * (block if level == options.depth else 2 * block + 3)
        total += 3 * values if level == 0 else 0
    return int(total * _KEPT[options.framework] * (_HALF if options.precision in ("fp16", "bf16") else 1))


def _frames(options, frames):
    """Decoded frames, of which a folder of half a gibibyte is kept."""
    kept = frames * options.size**2 * 2
    return kept if kept <= 512 << 20 else 0

"""The weights that a training starts from, those of `wattbook-unet` for the same seed. Needs numpy."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from unet_net import layout, statistics
from unet_random import split_mix

#: Weights that are drawn at a time: so many that threads seldom wait for Python's lock.
_PIECE = 1 << 18


def initial_state(net, seed, threads=1):
    """First weights and statistics by name; weights are drawn in the order of the forward pass."""
    state, drawn = {}, 0
    with ThreadPoolExecutor(threads) as pool:
        for tensor in layout(net) + statistics(net):
            if tensor.role == "constant":
                state[tensor.name] = np.full(tensor.shape, tensor.number, np.float32)
                continue
            values = np.empty(tensor.count, np.float32)
            starts = range(0, tensor.count, _PIECE)
            list(pool.map(lambda start: _draw(values[start:start + _PIECE], tensor, seed, drawn, start), starts))
            drawn += tensor.count * _draws(tensor)
            state[tensor.name] = values.reshape(tensor.shape)
    return state


def _draws(tensor):
    """Random numbers that a weight takes: Box and Muller's method two."""
    return 2 if tensor.role == "normal" else 1


def _draw(values, tensor, seed, drawn, start):
    """Fills weights of a tensor from its `start` on, before which `drawn` numbers went to others."""
    numbers = split_mix(seed, values.size * _draws(tensor), drawn + start * _draws(tensor))
    uniform = ((numbers >> np.uint64(11)).astype(np.float64) + 1) * 2.0**-53
    if tensor.role == "normal":
        drawn, limit = np.sqrt(-2 * np.log(uniform[0::2])) * np.cos(2 * np.pi * uniform[1::2]), np.float32(2)
    else:
        drawn, limit = 2 * uniform - 1, np.float32(6)
    values[:] = drawn.astype(np.float32) * np.sqrt(limit / np.float32(tensor.number))

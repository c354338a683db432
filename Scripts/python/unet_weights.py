"""The weights that a training starts from, those of `wattbook-unet` for the same seed. Needs numpy."""

import numpy as np
from unet_net import layout, statistics
from unet_random import split_mix


def initial_state(net, seed):
    """First weights and statistics by name; weights are drawn in the order of the forward pass."""
    state, drawn = {}, 0
    for tensor in layout(net) + statistics(net):
        if tensor.role == "constant":
            state[tensor.name] = np.full(tensor.shape, tensor.number, np.float32)
            continue
        # Box and Muller's method takes two numbers for one.
        draws = tensor.count * (2 if tensor.role == "normal" else 1)
        uniform = ((split_mix(seed, draws, drawn) >> np.uint64(11)).astype(np.float64) + 1) * 2.0**-53
        drawn += draws
        if tensor.role == "normal":
            values = np.sqrt(-2 * np.log(uniform[0::2])) * np.cos(2 * np.pi * uniform[1::2])
            limit = np.float32(2) / np.float32(tensor.number)
        else:
            values, limit = 2 * uniform - 1, np.float32(6) / np.float32(tensor.number)
        state[tensor.name] = (values.astype(np.float32) * np.sqrt(limit)).reshape(tensor.shape)
    return state

"""Nets on disk in the safetensors format, as any of the three programs writes and reads them. Needs numpy."""

import json
import struct
from typing import NamedTuple

import numpy as np
from unet_command import BAD_DATA, UNetError
from unet_files import read_file, write_file
from unet_net import NetConfiguration, layout, statistics
from unet_size import ImageSize

_REMEDY = "Name a file that `train --checkpoint` has written."


class Checkpoint(NamedTuple):
    """A net with the images that it was trained on; what only its training needs, in words and tensors, beside it."""

    net: NetConfiguration
    size: ImageSize
    input_range: str
    state: dict
    facts: dict
    training: dict


def write_checkpoint(path, state, options, facts=None):
    """Writes fp32 tensors whole or not at all; `facts` are words about them."""
    net = options.net
    header = {"__metadata__": {
        "format": "pt", "program": "wattbook-unet", "filters": str(net.filters), "depth": str(net.depth),
        "architecture": net.architecture, "size": str(options.size), "input_range": options.input_range,
        **(facts or {})}}
    parts, end = [], 0
    for name, values in state.items():
        parts.append(np.ascontiguousarray(values, "<f4").tobytes())
        start, end = end, end + len(parts[-1])
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    # Tensors start at a multiple of eight bytes, as readers that map the file expect.
    text += b" " * (-len(text) % 8)
    write_file(path, [struct.pack("<Q", len(text)), text, *parts], "Name another --checkpoint.")


def read_checkpoint(path):
    """A checkpoint of any of the three programs."""
    content = read_file(path)
    try:
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8:8 + length])
        facts = header.pop("__metadata__")
        # Files of before there was a choice do not name it.
        net = NetConfiguration(int(facts["filters"]), int(facts["depth"]), facts.get("architecture", "unet"))
        size, input_range = ImageSize.of(facts["size"]), facts.get("input_range", "unit")
        if not (net.filters > 0 and 0 < net.depth <= 8 and net.architecture in ("unet", "bagls")
                and input_range in ("unit", "symmetric")):
            raise ValueError(path)
        tensors = {}
        for name, entry in header.items():
            low, high = entry["data_offsets"]
            tensors[name] = np.frombuffer(content[8 + length + low:8 + length + high], "<f4").reshape(entry["shape"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UNetError(
            BAD_DATA, f"{path} is not a checkpoint of wattbook-unet, or it is damaged.", _REMEDY) from None
    expected = layout(net) + statistics(net)
    require(tensors, {tensor.name: tensor.shape for tensor in expected}, path)
    state = {tensor.name: tensors.pop(tensor.name) for tensor in expected}
    return Checkpoint(net, size, input_range, state, facts, tensors)


def is_finite(state):
    """Whether tensors hold numbers alone."""
    return all(np.isfinite(values).all() for values in state.values())


def require(tensors, shapes, path):
    """Refuses a file that lacks a tensor, or holds one of another shape."""
    for name, shape in shapes.items():
        if name not in tensors or tensors[name].shape != shape:
            raise UNetError(
                BAD_DATA, f"The tensor {name} of shape {list(shape)} is missing in {path} or has another.", _REMEDY)


def check_net(saved, path, wanted):
    """Refuses a checkpoint whose net is not the one asked for."""
    if saved != wanted:
        raise UNetError(BAD_DATA, f"{path} holds {saved.text()}, not {wanted.text()}.",
                        f"Give {saved.options()}, or name another checkpoint.")

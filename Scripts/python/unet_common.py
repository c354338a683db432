"""What a training of `wattbook-unet` is made of, apart from arithmetic: frames, split, order, first weights, scores.

Each function gives what its namesake in Sources/UNet gives, bit for bit where that is whole numbers, so that the three
programs train the same net on the same images in the same order. Needs numpy.
"""

import json
import math
import os
import re
import struct
from pathlib import Path

import numpy as np
from unet_command import BAD_DATA, CANNOT_WRITE, MISSING_INPUT, NO_PERMISSION, UNetError
from unet_pictures import read_gray, resized_bilinear, resized_nearest

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E37_79B9_7F4A_7C15


# MARK: Random numbers


class Xoshiro256:
    """xoshiro256** 1.0 with its state filled by SplitMix64 (Blackman and Vigna, ACM TOMS 47:36, 2021)."""

    def __init__(self, seed, stream=0):
        mixer = seed ^ (stream * 0xD1B5_4A32_D192_ED03 & _MASK)
        self.state = [int(z) for z in split_mix(mixer, 4)]

    def next(self):
        s = self.state
        product = s[1] * 5 & _MASK
        result = (product << 7 | product >> 57) * 9 & _MASK
        shifted = s[1] << 17 & _MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = (s[3] << 45 | s[3] >> 19) & _MASK
        return result

    def below(self, bound):
        """Uniform in 0 to `bound` - 1 by Lemire's method (ACM TOMACS 29:3, 2019), as Swift's `Int.random` draws."""
        product = self.next() * bound
        if product & _MASK < bound:
            least = ((1 << 64) - bound) % bound
            while product & _MASK < least:
                product = self.next() * bound
        return product >> 64

    def shuffled(self, items):
        """A shuffled copy, by the steps of Swift's `shuffled(using:)`."""
        items = list(items)
        for index in range(len(items) - 1):
            other = index + self.below(len(items) - index)
            items[index], items[other] = items[other], items[index]
        return items


def split_mix(seed, count):
    """`count` numbers of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) as uint64."""
    z = np.uint64(seed & _MASK) + np.uint64(_GOLDEN) * np.arange(1, count + 1, dtype=np.uint64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return z ^ (z >> np.uint64(31))


# MARK: First weights


def layout(filters, depth):
    """(name, shape in PyTorch's layout, role) of every trainable tensor in the order of the forward pass."""
    tensors = []

    def block(name, inputs, outputs):
        for index, channels in ((1, inputs), (2, outputs)):
            tensors.append((f"{name}.conv{index}.weight", (outputs, channels, 3, 3), 9 * channels))
            tensors.append((f"{name}.norm{index}.weight", (outputs,), "scale"))
            tensors.append((f"{name}.norm{index}.bias", (outputs,), "shift"))

    channels = [filters << level for level in range(depth + 1)]
    for level in range(depth + 1):
        block(f"encoder.{level}", channels[level - 1] if level else 1, channels[level])
    for level in reversed(range(depth)):
        # Each input of a transposed convolution reaches every output once.
        tensors.append((f"up.{level}.weight", (channels[level + 1], channels[level], 2, 2), channels[level + 1]))
        tensors.append((f"up.{level}.bias", (channels[level],), "shift"))
        block(f"decoder.{level}", 2 * channels[level], channels[level])
    tensors.append(("head.weight", (1, filters, 1, 1), filters))
    tensors.append(("head.bias", (1,), "shift"))
    return tensors


def parameter_count(filters, depth):
    """Trainable parameters of the net."""
    return sum(math.prod(shape) for _, shape, _ in layout(filters, depth))


def initial_state(filters, depth, seed):
    """First weights by name: He-normal by Box and Muller, unit scales, zero shifts; running statistics 0 and 1."""
    tensors = layout(filters, depth)
    counts = [math.prod(shape) if isinstance(role, int) else 0 for _, shape, role in tensors]
    uniform = ((split_mix(seed, 2 * sum(counts)) >> np.uint64(11)).astype(np.float64) + 1) * 2.0**-53
    normal = (np.sqrt(-2 * np.log(uniform[0::2])) * np.cos(2 * np.pi * uniform[1::2])).astype(np.float32)
    state, start = {}, 0
    for (name, shape, role), count in zip(tensors, counts):
        if isinstance(role, int):
            state[name] = (normal[start:start + count] * np.sqrt(np.float32(2) / np.float32(role))).reshape(shape)
            start += count
        else:
            state[name] = np.full(shape, 1 if role == "scale" else 0, np.float32)
        if ".norm" in name and role == "shift":
            norm = name.removesuffix(".bias")
            state[f"{norm}.running_mean"] = np.zeros(shape, np.float32)
            state[f"{norm}.running_var"] = np.ones(shape, np.float32)
    return state


# MARK: Frames


class Dataset:
    """A folder of images with masks in the layout of BAGLS: `N.png`, `N_seg.png` and, where known, `N.meta`."""

    def __init__(self, path, part="training", needs_masks=True, input_range="unit"):
        self.black = -1 if input_range == "symmetric" else 0
        choices = [f"{path}/test", f"{path}/training"] if part == "test" else [f"{path}/training"]
        self.folder = folder = next((choice for choice in choices if os.path.isdir(choice)), path)
        if os.path.isdir(folder) and not os.access(folder, os.R_OK | os.X_OK):
            raise UNetError(NO_PERMISSION, f"The folder {folder} cannot be listed: permission denied.",
                            "Ask its owner for the right to read and enter it, or name a copy that is yours.")
        if not os.path.isdir(folder):
            raise UNetError(MISSING_INPUT, f"There is no folder {path} that can be listed.",
                            "Check --data, or make a set with: wattbook-unet synthesize --out DIR --count 200 --size 128.")
        stems = [name[:-4] for name in os.listdir(folder) if name.endswith(".png")]
        masks = {stem[:-4] for stem in stems if stem.endswith("_seg")}
        images = [stem for stem in stems if not stem.endswith("_seg")]
        self.has_masks = needs_masks or bool(masks)
        for name in sorted(set(images) - masks)[:1] if self.has_masks else []:
            raise UNetError(BAD_DATA, f"The image {folder}/{name}.png has no mask {name}_seg.png.",
                            "Add the mask (all black if there is no glottis) or remove the image.")
        for name in sorted(masks - set(images))[:1]:
            raise UNetError(BAD_DATA, f"The mask {folder}/{name}_seg.png has no image {name}.png.",
                            "Add the image or remove the mask.")
        if not images:
            raise UNetError(MISSING_INPUT, f"The folder {folder} holds no image N.png.",
                            "Name the folder that holds N.png and N_seg.png, or the one above its training/.")
        numbers = {name: int(name) if re.fullmatch("[+-]?[0-9]{1,18}", name) else _MASK for name in images}
        self.names = sorted(images, key=lambda name: (numbers[name], name))
        self._kept = {}

    def __len__(self):
        return len(self.names)

    def video(self, index):
        """The video that a frame is from, or None."""
        try:
            text = Path(self.folder, f"{self.names[index]}.meta").read_text(errors="replace")
        except OSError:
            return None
        found = re.search(r'"Video Id"[ \t\n\r]*:[ \t\n\r]*(?:"([^"]+)"|([^",} \t\n\r]+))', text)
        return found and (found[1] or found[2])

    def sample(self, index, size):
        """(image 0 to 255, mask 0 or 1, (columns, rows) on disk); the image bilinear, the mask nearest."""
        key = (index, size)
        if key not in self._kept:
            path = f"{self.folder}/{self.names[index]}"
            image = read_gray(f"{path}.png")
            mask = read_gray(f"{path}_seg.png") if self.has_masks else np.zeros_like(image)
            if image.shape != mask.shape:
                raise UNetError(
                    BAD_DATA, f"{path}_seg.png is {mask.shape[1]} x {mask.shape[0]} pixels, "
                    f"but its image is {image.shape[1]} x {image.shape[0]}.",
                    "Copy both files again from their source, or remove the frame from the folder.")
            small = (resized_nearest(mask, size, size) >= 128).astype(np.uint8)
            sample = resized_bilinear(image, size, size), small, image.shape[::-1]
            if len(self) * size * size * 2 > 512 << 20:
                return sample
            self._kept[key] = sample
        return self._kept[key]

    def batch(self, indices, count, size, change=None):
        """float32 images and masks, N x size x size, filled up to `count` with repeats; and the extents on disk."""
        images, masks, extents = [], [], []
        for index in (indices[position % len(indices)] for position in range(count)):
            image, mask, extent = self.sample(index, size)
            image, mask = change(image, mask, index) if change else (image, mask)
            images.append(image)
            masks.append(mask)
            extents.append(extent)
        step = np.float32((1 - self.black) / 255)
        return (np.stack(images).astype(np.float32) * step + np.float32(self.black),
                np.stack(masks).astype(np.float32), extents[:len(indices)])


def groups(order, batch, drops_last):
    """`order` cut into batches; a short last one is dropped where asked for and it is not the only one."""
    cut = [order[start:start + batch] for start in range(0, len(order), batch)]
    return cut[:-1] if drops_last and len(cut) > 1 and len(cut[-1]) < batch else cut


class Split:
    """Frames to train on and frames held back: whole videos where N.meta files name two or more."""

    def __init__(self, dataset, fraction, seed):
        count = len(dataset)
        self.training, self.validation, self.by, self._seed = list(range(count)), [], "frame", seed
        if fraction <= 0 or count < 2:
            return
        videos = {}
        for index in range(count):
            video = dataset.video(index)
            videos.setdefault(("frame", index) if video is None else ("video", video), []).append(index)
        if len(videos) < 2:
            videos = {index: [index] for index in range(count)}
        wanted = max(1, math.floor(count * fraction + 0.5))
        shuffled = Xoshiro256(seed, 0x5311).shuffled(sorted(videos.values()))
        held = []
        for group in shuffled[:-1]:
            if len(held) < wanted and (not held or len(held) + len(group) <= wanted + wanted // 2):
                held += group
        self.validation = sorted(held)
        self.training = sorted(set(self.training) - set(held))
        self.by = "video" if len(videos) < count else "frame"

    def order(self, epoch):
        """The training frames as epoch `epoch` (from 0) shows them."""
        return Xoshiro256(self._seed, 0x0E90_0000 + epoch).shuffled(self.training)


# MARK: Scores


class Score:
    """Dice and IoU at a threshold of 0.5 and the loss, averaged over images; two empty masks agree (BAGLS)."""

    def __init__(self, loss="dice-bce"):
        self._entropy_weight = 0 if loss == "dice" else 1
        self.sums = np.zeros(4)  # images, dice, IoU, loss

    def add(self, probabilities, masks):
        """Adds images of probabilities against masks of 0 or 1, both N x rows x columns."""
        for probability, mask in zip(np.asarray(probabilities, np.float32), masks):
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


# MARK: Checkpoints


def write_checkpoint(path, state, options, facts=None):
    """Writes fp32 tensors in the safetensors format whole or not at all, as `wattbook-unet` reads them; `facts` are words
    about them."""
    header = {"__metadata__": {
        "format": "pt", "program": "wattbook-unet", "filters": str(options.filters), "depth": str(options.depth),
        "size": str(options.size), "input_range": options.input_range, **(facts or {})}}
    parts, end = [], 0
    for name, values in state.items():
        parts.append(np.ascontiguousarray(values, "<f4").tobytes())
        start, end = end, end + len(parts[-1])
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    part = f"{path}.{os.getpid()}"
    try:
        with open(part, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        Path(part).unlink(missing_ok=True)
        raise UNetError(CANNOT_WRITE, f"{path} cannot be written: {error.strerror}.", "Name another --checkpoint.")


def check_writable(path):
    """Refuses a checkpoint before the training that would come to nothing."""
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not os.path.isdir(folder) or not os.access(folder, os.W_OK | os.X_OK):
        raise UNetError(CANNOT_WRITE, f"{path} cannot be written.", "Name a file in a folder that can be written.")


def read_checkpoint(path, training=False):
    """(state, filters, depth, size, input range) of a checkpoint of any of the three programs; with `training` also its
    words and all its further tensors."""
    damaged = UNetError(BAD_DATA, f"{path} is not a checkpoint of wattbook-unet, or it is damaged.",
                        "Name a file that `train --checkpoint` has written.")
    try:
        bytes_ = Path(path).read_bytes()
    except PermissionError:
        raise UNetError(NO_PERMISSION, f"{path} cannot be read: permission denied.", "Ask its owner for the right.")
    except OSError as error:
        raise UNetError(MISSING_INPUT, f"{path} cannot be read: {error.strerror}.", "Check --checkpoint.")
    try:
        length = int.from_bytes(bytes_[:8], "little")
        header = json.loads(bytes_[8:8 + length])
        facts = header.pop("__metadata__")
        filters, depth, size = (int(facts[key]) for key in ("filters", "depth", "size"))
        # Files of before there was a choice do not name it.
        input_range = facts.get("input_range", "unit")
        state = {}
        for name, entry in header.items():
            low, high = entry["data_offsets"]
            state[name] = np.frombuffer(bytes_[8 + length + low:8 + length + high], "<f4").reshape(entry["shape"])
        expected = initial_state(filters, depth, 0) if 0 < filters <= 1024 and 0 < depth <= 8 and size > 0 else {}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged from None
    for name, values in expected.items():
        if name not in state or state[name].shape != values.shape:
            raise UNetError(BAD_DATA, f"The tensor {name} of shape {values.shape} is missing in {path} or has another.",
                            "Name a file that `train --checkpoint` has written.")
    if not expected:
        raise damaged
    net = {name: state.pop(name) for name in expected}
    return (net, filters, depth, size, input_range, *((facts, state) if training else ()))

"""Random changes to a training frame that leave its meaning: mirrored, turned, other tones, blurred, with noise; number
for number those of `wattbook-unet`. Needs numpy."""

import numpy as np
from unet_preset import CHANCES
from unet_random import Xoshiro256
from unet_tones import blurred, brightened, contrasted, grained, raised

_f = np.float32


def changes(options, epoch):
    """What epoch `epoch` does to a frame: a function of image, mask and the frame's number, or None.

    It follows from the seed, the epoch and the frame alone; all numbers are drawn whether they are needed or not.
    """
    if not options.augment:
        return None
    chance = _chances(options)

    def change(image, mask, index):
        random = Xoshiro256(options.seed, 0xA06_0000_0000_0000 ^ epoch << 32 ^ index)
        flip, turn, light = (random.uniform(0, 1) for _ in range(3))
        degrees = random.uniform(-options.rotation, options.rotation)
        brightness = random.uniform(-options.brightness, options.brightness)
        contrast = random.uniform(-options.contrast, options.contrast)
        tone, gamma = random.uniform(0, 1), random.uniform(-options.gamma, options.gamma)
        soft, radius = random.uniform(0, 1), random.uniform(1, options.blur + 1)
        grain, deviation = random.uniform(0, 1), random.uniform(0, options.noise)
        if flip < chance["flip"]:
            image, mask = image[:, ::-1], mask[:, ::-1]
        if turn < chance["rotate"]:
            image, mask = _rotated(image, degrees, bilinear=True), _rotated(mask, degrees, bilinear=False)
        if light < chance["brightness"]:
            image = brightened(image, brightness)
        if light < chance["contrast"]:
            image = contrasted(image, contrast)
        if tone < chance["gamma"]:
            image = raised(image, 1 + gamma)
        if soft < chance["blur"]:
            image = blurred(image, int(radius))
        if grain < chance["noise"]:
            image = grained(image, deviation, random)
        return image, mask

    return change


def described(options):
    """The random changes as the account lists them; None without any."""
    if not options.augment:
        return None
    words = {"rotate": "rotation"}
    return {f"{words.get(name, name)}_probability": chance for name, chance in _chances(options).items()} | {
        "rotation_degrees": options.rotation, "brightness": options.brightness, "contrast": options.contrast,
        "gamma": options.gamma, "blur": options.blur, "noise": options.noise}


def _chances(options):
    return {name: chance if name in options.augment else 0 for name, chance in CHANCES.items()}


def _rotated(image, degrees, bilinear):
    """An image turned about its centre, counterclockwise; black comes in at the corners."""
    height, width = image.shape
    angle = degrees * _f(np.pi) / _f(180)
    sine, cosine = np.sin(angle), np.cos(angle)
    centre_x, centre_y = _f(width - 1) / 2, _f(height - 1) / 2
    dx = np.arange(width, dtype=_f)[None, :] - centre_x
    dy = np.arange(height, dtype=_f)[:, None] - centre_y
    x, y = centre_x + dx * cosine - dy * sine, centre_y + dx * sine + dy * cosine
    padded = np.zeros((height + 2, width + 2), _f)
    padded[1:-1, 1:-1] = image

    def sample(columns, rows):
        return padded[np.clip(rows, -1, height) + 1, np.clip(columns, -1, width) + 1]

    if not bilinear:
        return sample(np.floor(x + _f(0.5)).astype(int), np.floor(y + _f(0.5)).astype(int)).astype(np.uint8)
    left, top = np.floor(x), np.floor(y)
    column, row, right, down = left.astype(int), top.astype(int), x - left, y - top
    upper = sample(column, row) * (1 - right) + sample(column + 1, row) * right
    lower = sample(column, row + 1) * (1 - right) + sample(column + 1, row + 1) * right
    return (upper * (1 - down) + lower * down + _f(0.5)).astype(np.uint8)

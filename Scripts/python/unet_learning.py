"""How the net learns: step size and random changes to the images, number for number those of `wattbook-unet`."""

import numpy as np
from unet_common import Xoshiro256

_f = np.float32


def rate(options, step):
    """Step size of the step that follows on `step` others (cycles: Smith, WACV 2017)."""
    if options.schedule == "constant":
        return options.learning_rate
    place = step % (2 * options.cycle_steps)
    height = min(place, 2 * options.cycle_steps - place) / options.cycle_steps
    return options.base_learning_rate + (
        options.learning_rate - options.base_learning_rate) * height * options.cycle_decay**step


def changes(options, epoch):
    """What epoch `epoch` does to a frame: a function of image, mask and the frame's number, or None.

    It follows from the seed, the epoch and the frame alone; all numbers are drawn whether they are needed or not.
    """
    if not options.augment:
        return None

    def change(image, mask, index):
        random = Xoshiro256(options.seed, 0xA06_0000_0000_0000 ^ epoch << 32 ^ index)
        flip, turn, light = (_uniform(random, 0, 1) for _ in range(3))
        degrees = _uniform(random, -options.rotation, options.rotation)
        brightness = _uniform(random, -options.brightness, options.brightness)
        if "flip" in options.augment and flip < 0.5:
            image, mask = image[:, ::-1], mask[:, ::-1]
        if "rotate" in options.augment and turn < 0.75:
            image, mask = _rotated(image, degrees, bilinear=True), _rotated(mask, degrees, bilinear=False)
        if "brightness" in options.augment and light < 0.75:
            levels = np.arange(256, dtype=_f) + brightness * _f(255)
            image = (np.clip(levels, 0, 255) + _f(0.5)).astype(np.uint8)[image]
        return image, mask

    return change


def described(options):
    """The random changes as the account lists them; None without any."""
    if not options.augment:
        return None
    chance = {"flip": 0.5, "rotate": 0.75, "brightness": 0.75}
    chances = {name: value if name in options.augment else 0 for name, value in chance.items()}
    return {"flip_probability": chances["flip"], "rotation_probability": chances["rotate"],
            "rotation_degrees": options.rotation, "brightness_probability": chances["brightness"],
            "brightness": options.brightness}


def _uniform(random, low, high):
    low, high = _f(low), _f(high)
    return low + (high - low) * (_f(random.next() >> 40) * _f(2**-24))


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

"""Changes to the samples of an image that leave them where they are. Needs numpy."""

import numpy as np

_f = np.float32


def brightened(image, change):
    """All samples moved by `change` parts of white, held between black and white."""
    return _mapped(image, lambda levels: levels + change * _f(255))


def contrasted(image, change):
    """Distances from middle gray multiplied by 1 + `change`."""
    return _mapped(image, lambda levels: _f(127.5) + (levels - _f(127.5)) * (_f(1) + change))


def raised(image, exponent):
    """Samples, as parts of white, raised to a power."""
    return _mapped(image, lambda levels: np.power(levels / _f(255), exponent) * _f(255))


def blurred(image, radius):
    """Every sample the mean of the square around it, edges repeated; first along rows, then along columns."""
    size = 2 * radius + 1
    for _ in range(2):
        padded = np.pad(image.astype(np.int64), ((0, 0), (radius + 1, radius)), mode="edge")
        # The first column is there to be taken off.
        sums = np.cumsum(padded, axis=1)
        means = (2 * (sums[:, size:] - sums[:, :-size]) + size) // (2 * size)
        image = means.astype(np.uint8).T
    return image


def grained(image, deviation, random):
    """Normal noise of a standard deviation in parts of white."""
    return _samples(image.astype(_f) + deviation * _f(255) * random.normals(image.size).reshape(image.shape))


def _mapped(image, change):
    return _samples(change(np.arange(256, dtype=_f)))[image]


def _samples(values):
    """Rounded, and held between black and white."""
    return (np.clip(values, 0, 255) + _f(0.5)).astype(np.uint8)

"""PNG files as the gray that `wattbook-unet` sees, and other sizes of it. Needs numpy and Pillow."""

import io
import struct

import numpy as np
from PIL import Image
from unet_command import BAD_DATA, CANNOT_WRITE, UNetError
from unet_files import read_file

_AGAIN = "Copy it again from its source, or remove the frame from the folder."


def read_gray(path):
    """A PNG file of at most 8 bits a sample as uint8 rows: colour becomes luminance as libpng makes it."""
    data = read_file(path)
    if not data:
        raise UNetError(BAD_DATA, f"{path} is an empty file.", _AGAIN)
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise UNetError(BAD_DATA, f"{path} is not a PNG file.", "Convert it to 8-bit PNG, or move it out of the folder.")
    offset = 8
    while data[offset + 4:offset + 8] != b"IEND":
        if offset + 12 > len(data):
            raise UNetError(BAD_DATA, f"{path} is truncated.", _AGAIN)
        offset += 12 + int.from_bytes(data[offset:offset + 4], "big")
    width, height = struct.unpack(">II", data[16:24])
    if not (1 <= width <= 16_384 and 1 <= height <= 16_384):
        raise UNetError(BAD_DATA, f"{path} claims to be {width} x {height} pixels, outside 1 to 16384 a side.",
                        "Remove the file if its header is damaged, or scale the image.")
    if data[24] > 8:
        raise UNetError(BAD_DATA, f"{path} has {data[24]} bits a sample.", "Convert it to 8 bits, as the data set has.")
    try:
        picture = Image.open(io.BytesIO(data), formats=["PNG"])
        if picture.mode in ("1", "L") and "transparency" not in picture.info:
            return np.asarray(picture.convert("L"))
        if picture.mode == "RGB" and "transparency" not in picture.info:
            # Masks and most gray frames of BAGLS: three times the same, which luminance would not change.
            pixels = np.asarray(picture)
            if (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 0] == pixels[..., 2]).all():
                return np.ascontiguousarray(pixels[..., 0])
        pixels = np.asarray(picture.convert("RGBA"))
    except Exception as error:  # noqa: BLE001 - Pillow throws many kinds for damaged files.
        raise UNetError(BAD_DATA, f"{path} is a damaged PNG file: {str(error).rstrip('.')}.", _AGAIN)
    return _luminance(pixels)


def _luminance(pixels):
    """Gray of RGBA over black: the weights of sRGB on linear light, which libpng holds in 8 bits."""
    levels = np.arange(256) / 255
    linear = np.floor(255 * levels**2.2 + 0.5).astype(np.int64)
    encoded = np.floor(255 * levels ** (1 / 2.2) + 0.5).astype(np.uint8)
    light = linear[pixels[..., :3]] * pixels[..., 3:].astype(np.int64) // 255
    red, green, blue = light[..., 0], light[..., 1], light[..., 2]
    gray = encoded[(6968 * red + 23434 * green + 2366 * blue + 16384) >> 15]
    plain = (pixels[..., 0] == pixels[..., 1]) & (pixels[..., 0] == pixels[..., 2]) & (pixels[..., 3] == 255)
    return np.where(plain, pixels[..., 0], gray)


def resized_nearest(image, width, height):
    """Each sample from its nearest neighbour: labels stay labels."""
    rows = (np.arange(height) * 2 + 1) * image.shape[0] // (2 * height)
    columns = (np.arange(width) * 2 + 1) * image.shape[1] // (2 * width)
    return image[rows][:, columns]


def resized_bilinear(image, width, height):
    """Bilinear between sample centres, edges repeated, rounded to 8 bits."""
    if image.shape == (height, width):
        return image

    def taps(old, new):
        scale = np.float32(old) / np.float32(new)
        position = np.clip((np.arange(new, dtype=np.float32) + np.float32(0.5)) * scale - np.float32(0.5), 0, old - 1)
        low = position.astype(np.int64)
        return low, np.minimum(low + 1, old - 1), position - low.astype(np.float32)

    values = image.astype(np.float32)
    (top, bottom, down), (left, right, across) = taps(image.shape[0], height), taps(image.shape[1], width)
    lines = values[:, left] + (values[:, right] - values[:, left]) * across
    mixed = lines[top] + (lines[bottom] - lines[top]) * down[:, None]
    return (mixed + np.float32(0.5)).astype(np.uint8)


def write_mask(path, mask):
    """Writes a mask of 0 and 255 as RGB, the form of BAGLS."""
    try:
        Image.fromarray(np.repeat(mask[..., None], 3, axis=2)).save(path, format="PNG")
    except OSError as error:
        raise UNetError(CANNOT_WRITE, f"{path} cannot be written: {error.strerror or error}.", "Choose another --out.")

"""Rows and columns of an image, in pixels; a whole number stands for a square."""

import re
from typing import NamedTuple


class ImageSize(NamedTuple):
    """An image of so many rows and columns."""

    height: int
    width: int

    @classmethod
    def of(cls, text):
        """From `512x256`, rows first, or `256` for a square; ValueError for another text or a number below 1."""
        found = re.fullmatch(r"([0-9]+)(?:x([0-9]+))?", text)
        size = found and cls(int(found[1]), int(found[2] or found[1]))
        if not size or min(size) < 1:
            raise ValueError(f"{text} is no size")
        return size

    def __str__(self):
        """`512x256`, or `256` for a square: what `of` reads."""
        return f"{self.height}" if self.height == self.width else f"{self.height}x{self.width}"

    @property
    def pixels(self):
        return self.height * self.width

    def halved(self, times):
        """The size after so many halvings."""
        return ImageSize(self.height >> times, self.width >> times)

    def multiples(self, unit):
        """The sizes below and above whose sides are multiples of `unit`; twice itself where its own are."""
        return (ImageSize(*(side // unit * unit for side in self)),
                ImageSize(*((side + unit - 1) // unit * unit for side in self)))

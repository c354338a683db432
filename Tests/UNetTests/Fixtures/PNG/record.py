#!/usr/bin/env python3
"""Writes the PNG files of this folder: good ones of every colour type, and one of each fault.

Run it in this folder after an intended change; it needs the standard library alone. The good files show the
same 4 x 3 ramp: sample (row, column) is 20 * (4 * row + column), as gray of 8 bits.
"""

import struct
import zlib

WIDTH, HEIGHT = 4, 3
RAMP = [[20 * (WIDTH * row + column) for column in range(WIDTH)] for row in range(HEIGHT)]


def chunk(kind, content):
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(rows, depth, colour, extra=b"", width=WIDTH, height=HEIGHT):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def each(convert):
    return [[byte for value in row for byte in convert(value)] for row in RAMP]


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


gray = png(RAMP, 8, 0)
write("gray.png", gray)
write("rgb.png", png(each(lambda v: (v, v, v)), 8, 2))
write("rgba.png", png(each(lambda v: (v, v, v, 255)), 8, 6))
write("gray-alpha.png", png(each(lambda v: (v, 255)), 8, 4))
write("transparent.png", png(each(lambda v: (v, 0)), 8, 4))
palette = b"".join(bytes((20 * i,) * 3) for i in range(WIDTH * HEIGHT))
index = [[WIDTH * row + column for column in range(WIDTH)] for row in range(HEIGHT)]
write("palette.png", png(index, 8, 3, chunk(b"PLTE", palette)))
# One bit a sample: columns 0 and 2 white.
write("one-bit.png", png([[0b10100000]] * HEIGHT, 1, 0))

write("sixteen-bit.png", png(each(lambda v: (v, 0)), 16, 0))
write("truncated.png", gray[: len(gray) // 2 + 8])
write("no-end.png", gray[:-12])
write("checksum.png", gray[:-17] + bytes([gray[-17] ^ 0xFF]) + gray[-16:])
write("huge.png", png(RAMP, 8, 0, width=3_000_000_000))
write("short-data.png", png(RAMP[:2], 8, 0))
write("empty.png", b"")
write("text.png", b"This is no picture.\n")

"""The random numbers of `wattbook-unet`, bit for bit. Needs numpy."""

import functools

import numpy as np

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E37_79B9_7F4A_7C15
#: Numbers of a generator that `Xoshiro256.many` computes one after the other; what is farther apart, side by side.
_STRIDE = 256


def split_mix(seed, count, start=0):
    """`count` numbers of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) behind the first `start`, as uint64."""
    z = np.uint64(seed & _MASK) + np.uint64(_GOLDEN) * np.arange(start + 1, start + count + 1, dtype=np.uint64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return z ^ (z >> np.uint64(31))


class Xoshiro256:
    """xoshiro256** 1.0 with its state filled by SplitMix64 (Blackman and Vigna, ACM TOMS 47:36, 2021)."""

    def __init__(self, seed, stream=0):
        mixer = seed ^ (stream * 0xD1B5_4A32_D192_ED03 & _MASK)
        self.state = [int(z) for z in split_mix(mixer, 4)]

    def next(self):
        return _next(self.state)

    def many(self, count):
        """The next `count` numbers as uint64."""
        starts = []
        for _ in range(count // _STRIDE + 1):
            starts.append(self.state)
            self.state = _strode(self.state)
        lanes = [np.array(words, np.uint64) for words in zip(*starts)]
        numbers = np.stack([_next(lanes) for _ in range(_STRIDE)], axis=1).ravel()[:count]
        self.state = starts[-1]
        for _ in range(count % _STRIDE):
            self.next()
        return numbers

    def uniform(self, low, high):
        """A float32 in `low` to `high` (left out), uniform over 2^24 steps."""
        low, high = np.float32(low), np.float32(high)
        return low + (high - low) * (np.float32(self.next() >> 40) * np.float32(2**-24))

    def normals(self, count):
        """Nearly normal numbers as float32: each the sum of four 16-bit uniforms."""
        bits = self.many(count)
        total = sum(bits >> np.uint64(16 * part) & np.uint64(0xFFFF) for part in range(4))
        return (total.astype(np.float32) / np.float32(65_536) - np.float32(2)) * np.float32(1.732_050_8)

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


def _next(s):
    """The next number of a state of four words, or of arrays of four words, which it moves on."""
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


def _strode(state):
    """The state a stride behind another."""
    words, target = sum(word << 64 * place for place, word in enumerate(state)), 0
    for table, byte in zip(_stride_tables(), words.to_bytes(32, "little")):
        target ^= table[byte]
    return [target >> 64 * place & _MASK for place in range(4)]


@functools.cache
def _stride_tables():
    """What a stride makes of each value of each byte of a state.

    A step exchanges, shifts and adds bits without carry, so that the state behind it is the sum of what it makes of
    each bit by itself.
    """
    basis = [np.zeros(256, np.uint64) for _ in range(4)]
    for place, words in enumerate(basis):
        words[64 * place:64 * (place + 1)] = np.uint64(1) << np.arange(64, dtype=np.uint64)
    for _ in range(_STRIDE):
        _next(basis)
    bits = [sum(int(word) << 64 * place for place, word in enumerate(words)) for words in zip(*basis)]
    tables = []
    for start in range(0, 256, 8):
        table = [0]
        for bit in bits[start:start + 8]:
            table += [value ^ bit for value in table]
        tables.append(table)
    return tables

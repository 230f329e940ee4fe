"""Samples of 10, 12 or 14 bits that stand close together, taken apart a row at a time.

DNG 1.4, chapter 3, "BitsPerSample": the highest bit comes first whatever the byte order; rows begin at a byte.
"""

from __future__ import annotations

import array
import sys
from math import gcd

WIDTHS = (10, 12, 14)
LOWER = [bytes((value << shift) & 255 for value in range(256)) for shift in range(8)]
UPPER = [bytes(value >> shift for value in range(256)) for shift in range(9)]


def apart(data: bytes, bits: int, count: int) -> array.array:
    """So many samples of a row. A byte of each is a few bits of two neighbours: all rows of bytes at once."""
    samples = 8 // gcd(bits, 8)  # that end where a byte ends
    length = samples * bits // 8
    groups = -(-count // samples)
    data = data.ljust(groups * length, b"\0")
    out = bytearray(2 * samples * groups)
    for place in range(samples):
        start = place * bits
        out[2 * place :: 2 * samples] = _eight(data, length, start + bits - 8)
        out[2 * place + 1 :: 2 * samples] = _eight(data, length, start).translate(UPPER[16 - bits])
    found = array.array("H", bytes(out))
    if sys.byteorder == "big":
        found.byteswap()
    return found[:count]


def _eight(data: bytes, length: int, start: int) -> bytes:
    """The eight bits from bit `start` of each group of `length` bytes."""
    at, shift = divmod(start, 8)
    first = data[at::length]
    if not shift:
        return first
    high, low = first.translate(LOWER[shift]), data[at + 1 :: length].translate(UPPER[8 - shift])
    both = int.from_bytes(high, "big") | int.from_bytes(low, "big")
    return both.to_bytes(len(first), "big")

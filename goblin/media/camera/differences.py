"""Reads the differences that lossless JPEG codes by Huffman's way: ITU-T T.81, annex C, F.2.2 and H.1.2.2."""

from __future__ import annotations

import array
import functools
import itertools
import re
import sys
from collections.abc import Iterator
from typing import BinaryIO

from goblin.media.picture import blocks

LOOK = 16  # bits that are looked up at once; no code is longer
CHUNK = 1 << 16  # bytes of the file that are held
MARKER = re.compile(rb"\xff[^\0]")  # T.81 B.1.1.5: a nought after FF says that it is data
PADDING = bytes(8)  # so that the last codes can be looked up, too
Table = list[int]


@functools.lru_cache(maxsize=8)  # tiles of one picture often have the same
def table(counts: bytes, sizes: bytes) -> Table:
    """What the next 16 bits mean: number of bits used << 16 | difference, modulo 2^16.

    `counts` are the numbers of codes of 1 to 16 bits; `sizes` is how many bits follow each code. Where code
    and difference are longer than 16 bits together: the size << 5 | bits of the code; 0 where there is none.
    Raises ValueError where there are more codes than can be.
    """
    found, at, order = [0] * (1 << LOOK), 0, iter(sizes)
    for length, count in enumerate(counts, 1):
        span = 1 << LOOK - length
        for size in itertools.islice(order, count):
            if at + span > len(found) or size > 16:
                raise ValueError("codes that cannot be")
            found[at : at + span] = _meanings(length, size, span)
            at += span
    return found


def _meanings(length: int, size: int, span: int) -> Table:
    """Of all that may begin with a code of so many bits, which so many bits of the difference follow."""
    if size in (0, 16):  # H.1.2.2: no bits follow 16 either, as there is only one such difference
        return [length << 16 | (size and 0x8000)] * span
    used = length + size
    if used > LOOK:
        return [size << 5 | length] * span
    low = range(1 - (1 << size), 1 - (1 << size - 1))
    values = [used << 16 | value & 0xFFFF for value in (*low, *range(1 << size - 1, 1 << size))]
    return [value for value in values for _ in range(span >> size)]


class Differences:
    """The differences from a place of the file on, up to the next marker."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self.marker = end  # where it is, once all has been read
        self._words = itertools.chain.from_iterable(self._chunks(file, start, end))
        self._bits = self._held = 0

    def take(self, tables: list[Table]) -> list[int]:
        """One difference of each table, in the lower 16 bits; those above mean nothing.

        Raises ValueError for codes that mean nothing and where the data end too early.
        """
        try:
            return self._take(tables)
        except StopIteration:
            raise ValueError("the data end too early") from None

    def _take(self, tables: list[Table]) -> list[int]:
        """By far the most of all work, so nothing is called in here that need not be."""
        bits, held, found = self._bits, self._held, []
        add, more = found.append, self._words.__next__
        for meanings in tables:
            if held < LOOK:
                bits, held = (bits & (1 << held) - 1) << 32 | more(), held + 32
            entry = meanings[bits >> held - LOOK & 0xFFFF]
            if entry < 1 << 16:
                held -= entry & 31
                if held < LOOK:
                    bits, held = (bits & (1 << held) - 1) << 32 | more(), held + 32
                entry = _long(bits >> held - LOOK & 0xFFFF, entry >> 5)
            held -= entry >> 16
            add(entry)
        self._bits, self._held = bits, held
        return found

    def skip(self) -> int:
        """Go to the next marker; where it is."""
        for _ in self._words:
            pass
        return self.marker

    def _chunks(self, file: BinaryIO, start: int, end: int) -> Iterator[array.array]:
        rest = clean = b""
        while start < end and (data := blocks.at(file, start, min(CHUNK, end - start))):
            start, data = start + len(data), rest + data
            marker = MARKER.search(data)
            stop = marker.start() if marker else len(data) - data.endswith(b"\xff")
            clean, rest = clean + data[:stop].replace(b"\xff\0", b"\xff"), data[stop:]
            yield _words(clean[: len(clean) & ~3])
            clean = clean[len(clean) & ~3 :]
            if marker:
                self.marker = start - len(rest)
                break
        yield _words((clean + PADDING)[:8])


def _long(bits: int, size: int) -> int:
    """What a difference means of which `size` of these 16 bits are left to read; as in a table."""
    if not size:
        raise ValueError("a code that means nothing")
    value = bits >> LOOK - size
    return size << 16 | (value if value >> size - 1 else value - (1 << size) + 1) & 0xFFFF


def _words(data: bytes) -> array.array:
    found = array.array("I", data)
    if sys.byteorder == "little":
        found.byteswap()
    return found

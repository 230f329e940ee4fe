"""Decodes lossless JPEG, which RAW data are packed as, row by row: ITU-T T.81, annex H.

One scan, up to four components of the same size; no point transform.
"""

from __future__ import annotations

import array
import itertools
import operator
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from goblin.media.camera.differences import Differences, Table, table
from goblin.media.picture import blocks

FRAME, TABLES, SCAN, RESTART = 0xC3, 0xC4, 0xDA, 0xDD  # T.81, table B.1
SEGMENTS = 200  # before the data
WIDEST = 80_000  # samples of a row of all components: two rows of a picture may be one of its frame
LOW = 0 if sys.byteorder == "little" else 3  # the lowest 16 of 64 bits


@dataclass
class Frame:
    """What the segments before the data say. `start` and `end` are where the data lie in the file."""

    bits: int = 0
    width: int = 0
    height: int = 0
    components: bytes = b""
    tables: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    used: list[Table] = field(default_factory=list)
    predictor: int = 0
    restart: int = 0  # samples of each component between two markers; 0 for no markers
    start: int = 0
    end: int = 0

    @property
    def length(self) -> int:
        """Samples of a row."""
        return self.width * len(self.components)


def read(file: BinaryIO, offset: int, length: int) -> Frame:
    """The frame at a place of the file. Raises ValueError for other kinds of JPEG and what cannot be."""
    frame, at = Frame(end=offset + length), offset + 2
    if length < 4 or blocks.at(file, offset, 2) != b"\xff\xd8":
        raise ValueError("no JPEG")
    for _ in range(SEGMENTS):
        head = blocks.at(file, at, 4)
        if len(head) < 4 or head[0] != 0xFF:
            break
        size = struct.unpack(">H", head[2:])[0]
        _segment(frame, head[1], blocks.at(file, at + 4, size - 2) if size > 2 else b"")
        at += 2 + size
        if head[1] == SCAN:
            frame.start = at
            return frame
    raise ValueError("no scan")


def _segment(frame: Frame, marker: int, data: bytes) -> None:
    if marker == TABLES:
        _tables(frame, data)
    elif marker == RESTART:
        frame.restart = int.from_bytes(data[:2], "big")
    elif marker == FRAME:
        frame.bits, frame.height, frame.width, count = struct.unpack(">BHHB", data[:6].ljust(6, b"\0"))
        frame.components = data[6 : 6 + 3 * count : 3]
        sound = 2 <= frame.bits <= 16 and frame.height and 0 < frame.length <= WIDEST and count <= 4
        if not sound or len(data) < 6 + 3 * count or set(data[7 : 6 + 3 * count : 3]) != {0x11}:
            raise ValueError("components that cannot be, or are not of one size")
    elif marker == SCAN:
        _scan(frame, data)
    elif marker in (0xC0, 0xC1, 0xC2, *range(0xC5, 0xD0)) and marker != 0xC8:
        raise ValueError("another kind of JPEG")


def _tables(frame: Frame, data: bytes) -> None:
    """B.2.4.2: class and number, how many codes there are of each length, what they mean."""
    while len(data) > 17:
        end = 17 + sum(data[1:17])
        frame.tables[data[0] & 15] = data[1:17], data[17:end]
        data = data[end:]


def _scan(frame: Frame, data: bytes) -> None:
    """B.2.3: the table of each component, and which predictor."""
    count = len(frame.components)
    if (
        not count
        or len(data) < 4 + 2 * count
        or data[0] != count
        or data[1 : 1 + 2 * count : 2] != frame.components
    ):
        raise ValueError("not all components in one scan")
    frame.predictor, transform = data[1 + 2 * count], data[3 + 2 * count] & 15
    if frame.predictor not in range(1, 8) or transform or frame.restart % frame.width:
        raise ValueError("a scan that is not read here")
    try:
        frame.used = [table(*frame.tables[chosen >> 4]) for chosen in data[2 : 2 + 2 * count : 2]]
    except KeyError:
        raise ValueError("a table is missing") from None


def rows(file: BinaryIO, frame: Frame) -> Iterator[array.array]:
    """The rows of samples from the top, the components of a pixel beside each other. Raises ValueError."""
    data, count, above = Differences(file, frame.start, frame.end), len(frame.components), None
    tables, apart = frame.used * frame.width, frame.restart // frame.width
    for number in range(frame.height):
        if apart and number and number % apart == 0:
            data, above = Differences(file, data.skip() + 2, frame.end), None
        taken, row = data.take(tables), array.array("H", bytes(2 * frame.length))
        for at in range(count):
            differences = taken[at::count]
            if above is None:
                row[at::count] = _summed(differences, 1 << frame.bits - 1)
            else:
                row[at::count] = PREDICTORS[frame.predictor](differences, above[at::count])
        yield row
        above = row


def _low(numbers: Iterable[int]) -> array.array:
    """The lowest 16 bits of numbers that are not negative."""
    return array.array("H", array.array("Q", numbers).tobytes())[LOW::4]


def _summed(differences: list[int], first: int) -> array.array:
    """Each sample is predicted by the one on its left, the first by a number."""
    return _low(itertools.accumulate(differences, initial=first))[1:]


def _left(differences: list[int], above: array.array) -> array.array:
    return _summed(differences, above[0])


def _over(differences: list[int], above: array.array) -> array.array:
    return _low(map(operator.add, differences, above))


def _corner(differences: list[int], above: array.array) -> array.array:
    return _over(differences, above[:1] + above[:-1])


def _plane(differences: list[int], above: array.array) -> array.array:
    """Left and above less the corner: what is more than above grows by each difference."""
    return _low(map(operator.add, itertools.accumulate(differences), above))


def _half_across(differences: list[int], above: array.array) -> array.array:
    """Left, and half of what above is more than the corner."""
    steps = map(operator.rshift, map(operator.sub, above[1:], above), itertools.repeat(1))
    return _summed([differences[0], *map(operator.add, differences[1:], steps)], above[0])


def _half_down(differences: list[int], above: array.array) -> array.array:
    """Above, and half of what left is more than the corner."""
    left = above[0] + differences[0] & 0xFFFF
    found, corner = [left], above[0]
    for difference, over in zip(differences[1:], above[1:], strict=True):
        left, corner = over + (left - corner >> 1) + difference & 0xFFFF, over
        found.append(left)
    return array.array("H", found)


def _mean(differences: list[int], above: array.array) -> array.array:
    left = above[0] + differences[0] & 0xFFFF
    found = [left]
    for difference, over in zip(differences[1:], above[1:], strict=True):
        left = (left + over >> 1) + difference & 0xFFFF
        found.append(left)
    return array.array("H", found)


# T.81, table H.1
PREDICTORS: dict[int, Callable[[list[int], array.array], array.array]] = {
    **{1: _left, 2: _over, 3: _corner, 4: _plane},
    **{5: _half_across, 6: _half_down, 7: _mean},
}

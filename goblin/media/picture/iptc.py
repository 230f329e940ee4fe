"""Reads IPTC datasets (IIM 4.2) from Photoshop's resources (Photoshop File Formats)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from goblin.media.picture.exif import decoded

IPTC_RESOURCE = 0x0404


def resources(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Number, offset and length of each resource in the block."""
    position = 0
    while data[position : position + 4] == b"8BIM" and position + 12 <= len(data):
        number, name = struct.unpack(">HB", data[position + 4 : position + 7])
        position += 6 + (name + 2) // 2 * 2
        if position + 4 > len(data):
            return
        length = struct.unpack(">I", data[position : position + 4])[0]
        yield number, position + 4, min(length, len(data) - position - 4)
        position += 4 + (length + 1) // 2 * 2


def datasets(data: bytes) -> Iterator[tuple[tuple[int, int], int, int]]:
    """(Record, number), offset and length of each dataset's value, offsets from the block's start."""
    for number, start, length in resources(data):
        if number == IPTC_RESOURCE:
            yield from records(data, start, start + length)


def records(data: bytes, position: int, end: int) -> Iterator[tuple[tuple[int, int], int, int]]:
    """The datasets between two offsets."""
    while position + 5 <= end and data[position] == 0x1C:
        record, number, length = struct.unpack(">BBH", data[position + 1 : position + 5])
        if length & 0x8000 or position + 5 + length > end:
            return
        yield (record, number), position + 5, length
        position += 5 + length


def read(data: bytes) -> dict[tuple[int, int], list[str]]:
    """Texts by (record, number), for example (2, 25) for keywords."""
    found: dict[tuple[int, int], list[str]] = {}
    for name, start, length in datasets(data):
        found.setdefault(name, []).append(decoded(data[start : start + length]))
    return found

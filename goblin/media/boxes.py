"""Walks the boxes that MP4, QuickTime, HEIF, AVIF, JPEG 2000 and CR3 files are made of (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple


class Head(NamedTuple):
    """A box: its type, and where in the file it begins, its content begins, and it says that it ends."""

    name: bytes
    at: int
    start: int
    end: int


def heads(file: BinaryIO, at: int, end: int) -> Iterator[Head]:
    """The boxes that follow each other from `at` to `end`; the last may claim to go on beyond that.

    One that claims no length goes on to the end. Raises ValueError for one that is shorter than its own head.
    """
    while at + 8 <= end:
        file.seek(at)
        words = file.read(16)
        if len(words) < 8:
            return
        length, name = struct.unpack(">I4s", words[:8])
        start = at + 8
        if length == 1:
            length, start = int.from_bytes(words[8:16], "big"), at + 16
        length = length or end - at
        if length < start - at:
            raise ValueError("box shorter than its head")
        yield Head(name, at, start, at + length)
        at += length

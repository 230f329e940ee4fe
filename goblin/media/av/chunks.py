"""Where the chunks of WAV, AVI and AIFF tell who made them, when and with what.

Microsoft's RIFF (Multimedia Programming Interface, 2 and 3), EBU Tech 3285 (bext), Apple's AIFF 1.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from goblin.media.av.id3 import Span, of_id3v2

MOST = 5000  # chunks
NAMES = {b"INAM", b"IPRD", b"IGNR", b"ITRK", b"IPRT"}  # title, album, genre and track stay
PRIVATE = {b"iXML", b"_PMX", b"axml", b"aXML", b"cart", b"IDIT", b"AUTH", b"(c) ", b"ANNO", b"APPL", b"COMT"}
BEXT = ((0, 338), (348, 64), (602, 1 << 30))  # words, names and dates; mark of the source; how it was made
UNTOLD = 0xFFFFFFFF  # RF64: the chunk ds64 says it


def spans(file: BinaryIO, size: int) -> list[Span]:
    """What is to be overwritten of such a file."""
    file.seek(0)
    order = "big" if file.read(4) == b"FORM" else "little"
    return [span for span in _walk(file, 12, size, order) if span[1] > 0]


def _walk(file: BinaryIO, at: int, end: int, order: str, inside: bytes = b"") -> Iterator[Span]:
    large = 0
    for _ in range(MOST):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8 or at + 8 > end:
            return
        name, size = head[:4], int.from_bytes(head[4:], order)
        if name == b"ds64":
            large = int.from_bytes(file.read(16)[8:], "little")
        size = large if size == UNTOLD else size
        start, stop = at + 8, min(at + 8 + size, end)
        if name == b"LIST" and (kind := file.read(4)) in (b"INFO", b"hdrl"):
            yield from _walk(file, start + 4, stop, order, kind)
        else:
            yield from _told(file, name, inside, start, stop)
        at += 8 + size + size % 2


def _told(file: BinaryIO, name: bytes, inside: bytes, start: int, stop: int) -> Iterator[Span]:
    if name == b"bext":
        for place, length in BEXT:
            yield start + place, min(length, stop - start - place), b"\0"
    elif name in (b"id3 ", b"ID3 "):
        yield from of_id3v2(file, start, stop)
    elif name in PRIVATE or (inside == b"INFO" and name not in NAMES):
        yield start, stop - start, b"\0"

"""Where the chunks of WAV, AVI and AIFF tell who made them, when and with what.

Microsoft's RIFF (Multimedia Programming Interface, 2 and 3), EBU Tech 3285 (bext), Apple's AIFF 1.3.
"""

from __future__ import annotations

from typing import BinaryIO

from goblin.media.av.id3 import Span, of_id3v2

MOST, DEEPEST = 5000, 4  # chunks, and lists within each other
LISTS = {b"INFO", b"hdrl", b"strl"}
TELLING_LISTS = {b"ncdt", b"exif"}  # of cameras: Nikon's, and Exif 2.3, 5.6
NAMES = {b"INAM", b"IPRD", b"IGNR", b"ITRK", b"IPRT"}  # title, album, genre and track stay
PRIVATE = {
    b"iXML",
    b"_PMX",
    b"axml",
    b"aXML",
    b"cart",
    b"IDIT",
    b"strd",
    b"AUTH",
    b"(c) ",
    b"ANNO",
    b"APPL",
    b"COMT",
}
BEXT = ((0, 338), (348, 64), (602, 1 << 30))  # words, names and dates; mark of the source; how it was made
UNTOLD = 0xFFFFFFFF  # RF64: the chunk ds64 says it


def spans(file: BinaryIO, size: int) -> list[Span] | None:
    """What is to be overwritten of such a file; None where there is too much to look through."""
    file.seek(0)
    order = "big" if file.read(4) == b"FORM" else "little"
    walk = _Walk(file, order, size)
    walk.through(12, size)
    return [span for span in walk.found if span[1] > 0] if walk.left > 0 else None


class _Walk:
    """Goes through the chunks of a file, a list within a list no deeper than files have them."""

    def __init__(self, file: BinaryIO, order: str, size: int) -> None:
        self.file, self.order, self.size = file, order, size
        self.found: list[Span] = []
        self.left, self.large = MOST, 0

    def through(self, at: int, end: int, inside: bytes = b"", depth: int = 0) -> None:
        """Collect what is told from one place to another."""
        while at + 8 <= min(end, self.size) and self.left > 0:
            self.left -= 1
            self.file.seek(at)
            head = self.file.read(8)
            name, size = head[:4], int.from_bytes(head[4:], self.order)
            if name == b"ds64":
                self.large = int.from_bytes(self.file.read(16)[8:], "little")
            size = self.large if size == UNTOLD else size
            start, stop = at + 8, min(at + 8 + size, end)
            kind = self.file.read(4) if name == b"LIST" else b""
            if kind in LISTS and depth < DEEPEST:
                self.through(start + 4, stop, kind, depth + 1)
            elif kind in LISTS | TELLING_LISTS:
                self.found.append((start + 4, stop - start - 4, b"\0"))
            else:
                self._look(name, inside, start, stop)
            at += 8 + size + size % 2

    def _look(self, name: bytes, inside: bytes, start: int, stop: int) -> None:
        if name == b"bext":
            self.found += [(start + at, min(length, stop - start - at), b"\0") for at, length in BEXT]
        elif name in (b"id3 ", b"ID3 "):
            self.found += of_id3v2(self.file, start, stop)
        elif name in PRIVATE or (inside == b"INFO" and name not in NAMES):
            self.found.append((start, stop - start, b"\0"))

"""Walks the boxes of a CR3 file: Canon's own boxes in ISO/IEC 14496-12, as Laurent Clévy's notes describe them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from goblin.media.picture import blocks, exif

CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")  # uuid of the box with the facts
PREVIEW = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
# What each of the TIFF structures holds, as directories of Exif are named.
TIFFS = {b"CMT1": "main", b"CMT2": "exif", b"CMT3": "maker", b"CMT4": "gps"}
PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
MOST, DEEPEST = 2000, 8


@dataclass
class Boxes:
    """Pictures by offset and length, their largest size, facts by offset, XMP and timed notes as spans."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    size: tuple[int, int] | None = None
    tiffs: list[tuple[int, exif.Exif]] = field(default_factory=list)
    xmp: list[tuple[int, int]] = field(default_factory=list)
    notes: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class _Track:
    """A track has one sample: a picture, or notes that go with it."""

    kind: bytes = b""
    size: tuple[int, int] = (0, 0)
    length: int = 0
    offset: int = 0


def read(file: BinaryIO) -> Boxes:
    """The boxes that matter. Raises ValueError or struct.error where the file is damaged."""
    found, tracks = Boxes(), []
    for name, start, length in _walk(file, 0, file.seek(0, 2), 0):
        if name == b"uuid":
            _own(file, start, length, found)
        elif name == b"trak":
            tracks.append(_Track())
        elif tracks and name in (b"stsd", b"stsz", b"co64", b"stco"):
            _table(name, blocks.at(file, start, min(length, 64)), tracks[-1])
    for track in tracks:
        _keep(track, found)
    return found


def _walk(file: BinaryIO, start: int, end: int, depth: int) -> Iterator[tuple[bytes, int, int]]:
    for number, (name, at, length) in enumerate(blocks.boxes(file, start, end)):
        if number >= MOST:
            raise ValueError("too many boxes")
        yield name, at, length
        if name in PARENTS and depth < DEEPEST:
            yield from _walk(file, at, at + length, depth + 1)


def _own(file: BinaryIO, start: int, length: int, found: Boxes) -> None:
    name = blocks.at(file, start, 16)
    if name == XMP:
        found.xmp.append((start + 16, length - 16))
    elif name == CANON:
        for kind, at, size in blocks.boxes(file, start + 16, start + length):
            if kind in TIFFS and len(found.tiffs) < len(TIFFS):
                found.tiffs.append((at, _structure(file, at, size, TIFFS[kind])))
    elif name == PREVIEW:
        # Eight bytes, then a box PRVW: six bytes, width, height, two more, length of the JPEG, the JPEG.
        at = start + 16 + 8 + 8
        found.spans.append((at + 16, struct.unpack(">I", blocks.at(file, at + 12, 4))[0]))


def _structure(file: BinaryIO, start: int, length: int, name: str) -> exif.Exif:
    return exif.Exif(lambda at, size: blocks.at(file, start + at, min(size, length - at)), name)


def _table(name: bytes, data: bytes, track: _Track) -> None:
    """ISO/IEC 14496-12, 8.5.2, 8.7.3, 8.7.5; CRAW is a visual entry, whose size is 24 bytes into it."""
    if name == b"stsd":
        track.kind = data[12:16]
        if track.kind == b"CRAW":
            track.size = struct.unpack(">HH", data[40:44])
    elif name == b"stsz":
        same, count = struct.unpack(">II", data[4:12])
        track.length = same or (struct.unpack(">I", data[12:16])[0] if count else 0)
    else:
        track.offset = int.from_bytes(data[8 : 16 if name == b"co64" else 12], "big")


def _keep(track: _Track, found: Boxes) -> None:
    if track.kind == b"CRAW":
        found.spans.append((track.offset, track.length))
        found.size = max(found.size or (0, 0), track.size)
    elif track.length:
        found.notes.append((track.offset, track.length))

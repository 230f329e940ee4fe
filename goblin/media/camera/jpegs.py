"""Looks at JPEG pictures inside another file: where they really are, how large, whether they are pictures."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO

from goblin.media.picture import blocks

LARGEST = 64 << 20  # bytes of one picture
SEGMENTS = 200  # before the frame; cameras write some dozen
SHOWN_FRAMES = {0xC0, 0xC1, 0xC2}  # ITU-T T.81, table B.1; 0xC3 is lossless, which RAW data are


@dataclass(frozen=True)
class Jpeg:
    """A picture at `offset` of the file, `length` bytes, with its size in pixels as stored."""

    offset: int
    length: int
    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height


def at(file: BinaryIO, offset: int, length: int) -> Jpeg | None:
    """The picture that lies there; None for lossless ones, anything else, and what ends before its frame."""
    position = offset + 2
    if length <= 0 or length > LARGEST or blocks.at(file, offset, 2) != b"\xff\xd8":
        return None
    for _ in range(SEGMENTS):
        head = blocks.at(file, position, 9)
        if len(head) < 9 or head[0] != 0xFF or position >= offset + length:
            return None
        if head[1] in SHOWN_FRAMES:
            height, width = struct.unpack(">HH", head[5:9])
            return Jpeg(offset, length, width, height) if head[4] == 8 and width and height else None
        if head[1] in (0xC3, 0xDA):
            return None
        position += 1 if head[1] == 0xFF else 2 + struct.unpack(">H", head[2:4])[0]
    return None


class Window(io.RawIOBase):
    """A part of a file as if it were a file."""

    def __init__(self, file: BinaryIO, offset: int, length: int) -> None:
        self._file, self._offset, self._length, self._at = file, offset, length, 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + {0: 0, 1: self._at, 2: self._length}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._length - self._at)
        self._file.seek(self._offset + self._at)
        data = self._file.read(left if size is None or size < 0 else min(size, left))
        self._at += len(data)
        return data

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

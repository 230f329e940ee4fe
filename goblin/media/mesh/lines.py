"""Reads the text of a model in blocks of whole lines, however long the file and however strange its lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from goblin.media import Unreadable
from goblin.media.mesh.soup import DAMAGED

BLOCK = 1 << 18
LONGEST_LINE = 1 << 20


def blocks(file: BinaryIO, told: Callable[[int], None]) -> Iterator[list[bytes]]:
    """Lines without their ends, some thousand at a time; `told` hears the bytes read so far."""
    rest = b""
    while data := file.read(BLOCK):
        data = rest + data
        # The two bytes of a line's end may come in two blocks.
        cut = data[-1:] if data.endswith(b"\r") else b""
        lines = data[: len(data) - len(cut)].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest = lines.pop() + cut
        if len(rest) > LONGEST_LINE:
            raise Unreadable(DAMAGED)
        yield lines
        told(file.tell())
    yield rest.split(b"\r")

"""Reads STL, both as text and binary (3D Systems, "StereoLithography Interface Specification", 1989)."""

from __future__ import annotations

import re
import struct
from array import array
from collections.abc import Callable
from itertools import chain
from typing import BinaryIO

from goblin.media import Unreadable
from goblin.media.mesh.soup import DAMAGED, NOTHING, Mesh

HEADER, RECORD = 84, 50  # bytes
BLOCK = RECORD * 8192
CUT = "This STL file stops in the middle of a triangle. It was probably cut off; try adding it again."
CLAIMS = "This STL file says that it holds {said:,} triangles, but ends after {there:,}. It may be damaged."
TEXT = re.compile(rb"\s*solid\b([^\r\n]{0,2000})[\r\n]\s*(facet\s+normal|endsolid)", re.IGNORECASE)
# Spaces only, not ends of lines: searching a megabyte of empty lines would take for ever.
VERTEX = re.compile(rb"^[ \t]*vertex[ \t]+(\S{1,64})[ \t]+(\S{1,64})[ \t]+(\S{1,64})[ \t]*$", re.I | re.M)
FACET = re.compile(rb"^[ \t]*facet\b", re.I | re.M)
END = b"endfacet"
LONGEST_FACET = 1 << 20


def read(file: BinaryIO, size: int, mesh: Mesh, told: Callable[[int], None]) -> None:
    """Fill the mesh. What the file says of its length decides what it is: binary ones may begin with solid."""
    mesh.unit = "mm"
    head = file.read(4096)
    said = struct.unpack("<I", head[80:84])[0] if len(head) >= HEADER else 0
    text = TEXT.match(head)
    if text and HEADER + RECORD * said != size:
        mesh.title = text[1].decode("utf-8", "replace")
        file.seek(0)
        return _text(file, mesh, told)
    there = (size - HEADER) // RECORD
    if said > there:
        raise Unreadable(CLAIMS.format(said=said, there=max(there, 0)))
    if not said:
        raise Unreadable(NOTHING)
    file.seek(HEADER)
    _binary(file, said, mesh, told)


def _binary(file: BinaryIO, left: int, mesh: Mesh, told: Callable[[int], None]) -> None:
    while left and (data := file.read(min(BLOCK, left * RECORD))):
        mesh.add(array("d", chain.from_iterable(struct.iter_unpack("<12x9f2x", data))))
        left -= len(data) // RECORD
        told(file.tell())


def _text(file: BinaryIO, mesh: Mesh, told: Callable[[int], None]) -> None:
    rest = b""
    while data := file.read(1 << 18):
        rest = (rest + data).replace(b"\r", b"\n")
        end = rest.lower().rfind(END) + len(END)
        if end >= len(END):
            mesh.add(_corners(rest[:end]))
            rest = rest[end:]
        if len(rest) > LONGEST_FACET:
            raise Unreadable(DAMAGED)
        told(file.tell())
    if FACET.search(rest):
        raise Unreadable(CUT)


def _corners(text: bytes) -> array:
    try:
        corners = array("d", map(float, chain.from_iterable(VERTEX.findall(text))))
    except ValueError:
        raise Unreadable(DAMAGED) from None
    if len(corners) != 9 * len(FACET.findall(text)):
        raise Unreadable(DAMAGED)
    return corners

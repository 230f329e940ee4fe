"""Writes the copy of a model that the viewer in the page reads: nothing to parse, nothing foreign in it.

Little-endian throughout: "GOB3", version (uint16), flags (uint16; 1 = colours follow), number of triangles
(uint32), four bytes of nothing; then nine int16 for each triangle, z up, the longest side of the model from
-32767 to 32767; then, from the next multiple of four, red, green, blue and 255 for each triangle.
"""

from __future__ import annotations

import struct
import sys
from array import array
from pathlib import Path

from goblin.media import File
from goblin.media.mesh.soup import Shape

MAGIC, VERSION, COLOURS = b"GOB3", 1, 1
FULL = 32767


def write(shape: Shape, out: Path) -> File:
    """Write the copy into `out`."""
    places = array("h", [min(max(round(value * FULL), -FULL), FULL) for value in shape.corners])
    tints = array("I", [_bytes(colour) for colour in shape.colours]) if shape.coloured else array("I")
    if sys.byteorder == "big":
        places.byteswap()
        tints.byteswap()
    with (out / "mesh.bin").open("wb") as file:
        flags = COLOURS if shape.coloured else 0
        file.write(struct.pack("<4sHHI4x", MAGIC, VERSION, flags, len(shape.colours)))
        file.write(places)
        file.write(bytes(len(places) * 2 % 4))
        file.write(tints)
    return File("mesh.bin", "application/octet-stream")


def _bytes(colour: int) -> int:
    return 0xFF000000 | (colour & 255) << 16 | colour & 0xFF00 | colour >> 16

"""Reads Wavefront OBJ (Alias|Wavefront, "Advanced Visualizer Manual", appendix B1): points and faces.

Materials lie in files of their own, of which those count that are beside the model. Colours behind the coordinates
of points, which some programs write, come before theirs.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import BinaryIO

from goblin.media import Unreadable
from goblin.media.mesh.lines import blocks
from goblin.media.mesh.materials import Materials
from goblin.media.mesh.soup import DAMAGED, MOST_POINTS, TOO_MANY, Batch, Mesh, colour_of

TOLD = {b"v", b"f", b"usemtl", b"mtllib"}


def read(file: BinaryIO, size: int, mesh: Mesh, told: Callable[[int], None]) -> None:
    """Fill the mesh. Raises Unreadable for faces with corners that are not there."""
    mesh.up = "y"
    points, tints = array("d"), array("I")
    batch, materials, colour = Batch(mesh, points), Materials(mesh.beside), None
    try:
        for words in _statements(file, told):
            if words[0] == b"v":
                _point(words, points, tints)
            elif words[0] == b"f":
                # Colours count when every point has one.
                batch.tints = tints if len(tints) * 3 == len(points) else None
                batch.fan(_numbers(words, len(points) // 3), None if batch.tints else colour)
            elif words[0] == b"usemtl":
                colour = materials.colour(words[1:])
            else:
                materials.read_from(words[1:])
    except (ValueError, OverflowError):
        raise Unreadable(DAMAGED) from None
    batch.flush()


def _statements(file: BinaryIO, told: Callable[[int], None]) -> Iterator[list[bytes]]:
    """The words of each line about points, faces or materials; a backslash at its end continues a line."""
    begun = b""
    for lines in blocks(file, told):
        for line in lines:
            if begun or line.endswith(b"\\"):
                begun = _continued(begun, line)
                if line.endswith(b"\\"):
                    continue
                line, begun = begun, b""
            words = line.split()
            if words and words[0] in TOLD:
                yield words


def _continued(begun: bytes, line: bytes) -> bytes:
    if len(begun) > 1 << 20:
        raise Unreadable(DAMAGED)
    return begun + b" " + line.removesuffix(b"\\")


def _point(words: list[bytes], points: array, tints: array) -> None:
    x, y, z = map(float, words[1:4])
    points.extend((x, y, z))
    if len(points) > 3 * MOST_POINTS:
        raise Unreadable(TOO_MANY.format(most=MOST_POINTS))
    if len(words) >= 7:
        parts = [float(word) for word in words[4:7]]
        if max(parts) > 1:
            parts = [part / 255 for part in parts]
        tints.append(colour_of(*parts))


def _numbers(words: list[bytes], total: int) -> list[int]:
    """The corners of a face, counted from 0; negative ones count from the newest point."""
    numbers = [int(word.partition(b"/")[0]) for word in words[1:]]
    return [number - 1 if number > 0 else number + total if number else -1 for number in numbers]

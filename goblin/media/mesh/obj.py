"""Reads Wavefront OBJ (Alias|Wavefront, "Advanced Visualizer Manual", appendix B1): points and faces.

Materials and their pictures lie in files of their own, of which those count that are beside the model. Colours behind
the coordinates of points, which some programs write, come before those of materials without a picture.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator
from typing import BinaryIO

from goblin.media import Unreadable
from goblin.media.mesh.lines import blocks
from goblin.media.mesh.materials import Materials
from goblin.media.mesh.soup import DAMAGED, MOST_POINTS, TOO_MANY, Batch, Mesh, colour_of
from goblin.media.mesh.texture import Brush

TOLD = {b"v", b"f", b"usemtl", b"mtllib"}


def read(file: BinaryIO, size: int, mesh: Mesh, told: Callable[[int], None]) -> None:
    """Fill the mesh. Raises Unreadable for faces with corners that are not there."""
    mesh.up = "y"
    reader = Reader(mesh)
    try:
        for words in _statements(file, told, TOLD | {b"vt"} if mesh.beside else TOLD):
            reader.take(words)
    except (ValueError, OverflowError):
        raise Unreadable(DAMAGED) from None
    reader.batch.flush()


class Reader:
    """Takes the statements of a model, one after the other."""

    def __init__(self, mesh: Mesh) -> None:
        self.points, self.tints, self.where = array("d"), array("I"), array("d")
        self.batch, self.brush = Batch(mesh, self.points), Brush()
        self.materials = Materials(mesh.beside, self.where)
        self.colours = self.materials.colours([])

    def take(self, words: list[bytes]) -> None:
        """A line; the most frequent ones first."""
        if words[0] == b"f":
            self._face(words[1:])
        elif words[0] == b"v":
            _point(words, self.points, self.tints)
        elif words[0] == b"vt":
            _place(words, self.where)
        elif words[0] == b"usemtl":
            self.colours = self.materials.colours(words[1:])
        else:
            self.materials.read_from(words[1:])

    def _face(self, words: list[bytes]) -> None:
        corners = _numbers([word.partition(b"/")[0] for word in words], len(self.points) // 3)
        if self.colours.picture and (places := self._places(words)):
            self.batch.check(corners)
            for at in range(1, len(corners) - 1):
                three = corners[0], corners[at], corners[at + 1]
                self.brush.triangle(self.batch, three, self.colours, (places[0], places[at], places[at + 1]))
            return
        # Colours count when every point has one.
        self.batch.tints = self.tints if len(self.tints) * 3 == len(self.points) else None
        self.batch.fan(corners, None if self.batch.tints else self.colours.factor)

    def _places(self, words: list[bytes]) -> list[int]:
        """Where in their picture the corners of a face are; empty where it does not say."""
        total = len(self.where) // 2
        said = [word.split(b"/")[1:2] for word in words]
        places = _numbers([each[0] for each in said], total) if all(each and each[0] for each in said) else []
        return places if all(0 <= place < total for place in places) else []


def _statements(
    file: BinaryIO, told: Callable[[int], None], wanted: Collection[bytes]
) -> Iterator[list[bytes]]:
    """The words of each line that begins as wanted; a backslash at its end continues a line."""
    begun = b""
    for lines in blocks(file, told):
        for line in lines:
            if begun or line.endswith(b"\\"):
                begun = _continued(begun, line)
                if line.endswith(b"\\"):
                    continue
                line, begun = begun, b""
            words = line.split()
            if words and words[0] in wanted:
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


def _place(words: list[bytes], where: array) -> None:
    across, up = (*map(float, words[1:3]), 0.0)[:2]
    where.extend((across, up))
    if len(where) > 2 * MOST_POINTS:
        raise Unreadable(TOO_MANY.format(most=MOST_POINTS))


def _numbers(words: list[bytes], total: int) -> list[int]:
    """Numbers counted from 0; negative ones count from the newest of `total`."""
    numbers = [*map(int, words)]
    return [number - 1 if number > 0 else number + total if number else -1 for number in numbers]

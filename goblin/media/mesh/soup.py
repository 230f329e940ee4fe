"""The triangles of a model as they come: counted and measured all, kept only as many as memory allows."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from goblin.media import Unreadable
from goblin.media.mesh.coarsen import Grid

DAMAGED = "This model could not be read. It may be damaged; try exporting it again."
NOTHING = "There is no surface in this file that we could show. Try exporting the model again."
TOO_MANY = "This model has more than {most:,} triangles, which is more than the gallery can show."
PLAIN = 0x93B280  # goblin green, for what brings no colour of its own: red, green and blue in a byte each
FARTHEST = 1e60  # coordinates beyond are of no thing; their squares still fit a float
MOST_KEPT = 1_000_000
MOST_POINTS = 4_000_000
BATCH = 4096  # triangles that readers hand over at once
Weights = tuple[float, float, float]


@dataclass
class Shape:
    """What is drawn: nine numbers for each triangle, z up, the longest side from -1 to 1; and its colours."""

    corners: array
    colours: array
    coloured: bool


@dataclass
class Mesh:
    """Takes triangles in batches; `beside` are files that a model may speak of, by name.

    `count`, `low` and `high` are of the whole file, in its units and axes.
    """

    most: int
    beside: Mapping[str, Path] = field(default_factory=dict)
    up: str = "z"
    unit: str = ""
    title: str = ""
    count: int = 0
    low: list[float] = field(default_factory=lambda: [math.inf] * 3)
    high: list[float] = field(default_factory=lambda: [-math.inf] * 3)
    coloured: bool = False
    seen: int = 0
    corners: array = field(default_factory=lambda: array("d"))
    colours: array = field(default_factory=lambda: array("I"))
    grid: Grid = field(default_factory=Grid)

    def add(self, corners: array, colours: array | None = None, counted: int | None = None) -> None:
        """Take some triangles: nine numbers each, a colour each. `counted` says how many the file has of them.

        Triangles with coordinates that are no numbers are counted, but not kept. Raises Unreadable when
        there are too many.
        """
        new = len(corners) // 9
        self.seen += new
        self.count += new if counted is None else counted
        if self.seen > self.most:
            raise Unreadable(TOO_MANY.format(most=self.most))
        self.coloured |= colours is not None
        corners, colours = _sound(corners, colours or array("I", [PLAIN]) * new)
        if corners:
            for axis in range(3):
                self.low[axis] = min(self.low[axis], min(corners[axis::3]))
                self.high[axis] = max(self.high[axis], max(corners[axis::3]))
        self.corners += corners
        self.colours += colours
        if len(self.colours) > MOST_KEPT:
            self._coarsen(self.grid.while_growing, MOST_KEPT * 6 // 10)

    def size(self) -> list[float]:
        """Length, depth and height of the whole, along the file's own x, y and z."""
        return [high - low for low, high in zip(self.low, self.high, strict=True)]

    def shape(self, most: int) -> Shape:
        """The model ready to be drawn, of not more than `most` triangles. Raises Unreadable if it is empty."""
        if not self.colours or max(self.size()) <= 0:
            raise Unreadable(NOTHING)
        self._coarsen(self.grid.at_the_end, most)
        if not self.colours:
            raise Unreadable(NOTHING)
        half = max(self.size()) / 2
        x, y, z = (
            array("d", [(value - (low + high) / 2) / half for value in self.corners[axis::3]])
            for axis, (low, high) in enumerate(zip(self.low, self.high, strict=True))
        )
        if self.up == "y":
            y, z = array("d", [-value for value in z]), y
        self.corners[0::3], self.corners[1::3], self.corners[2::3] = x, y, z
        return Shape(self.corners, self.colours, self.coloured)

    def _coarsen(self, way: Callable, most: int) -> None:
        if longest := max(self.size()):
            self.corners, self.colours = way(self.corners, self.colours, self.low, longest, most)


def _sound(corners: array, colours: array) -> tuple[array, array]:
    """The triangles all of whose coordinates are sensible numbers."""
    if math.isfinite(sum(corners)) and (not corners or max(max(corners), -min(corners)) <= FARTHEST):
        return corners, colours
    kept, their = array("d"), array("I")
    for number, colour in enumerate(colours):
        triangle = corners[number * 9 : number * 9 + 9]
        if all(abs(value) <= FARTHEST for value in triangle):
            kept += triangle
            their.append(colour)
    return kept, their


class Batch:
    """Collects triangles by the numbers of their corners and hands them to a mesh.

    `counted` is False for what the file has once and shows again.
    """

    def __init__(self, mesh: Mesh, points: array, tints: array | None = None, counted: bool = True) -> None:
        self.mesh, self.points, self.tints, self.counted = mesh, points, tints, counted
        self._clear()

    def triangle(self, a: int, b: int, c: int, colour: int | None = None) -> None:
        """One triangle of points that exist; its colour, or else the mean of its points'."""
        if colour is None and self.tints:
            colour = mean(self.tints[a], self.tints[b], self.tints[c])
        self._count += 1
        self._add(self._point(a) + self._point(b) + self._point(c), colour)

    def mosaic(self, a: int, b: int, c: int, steps: int, colour: Callable[[Weights], int]) -> None:
        """One triangle as steps x steps small ones, each with the colour of its middle."""
        corners = [self._point(each) for each in (a, b, c)]
        self._count += 1
        for weights in _pieces(steps):
            piece = array("d")
            for weight in weights:
                piece.extend(_mixed(weight, numbers) for numbers in zip(*corners, strict=True))
            self._add(piece, colour(tuple(sum(each) / 3 for each in zip(*weights, strict=True))))

    def fan(self, corners: Sequence[int], colour: int | None = None) -> None:
        """A face of any number of corners, its colour as of a triangle. Raises Unreadable for one that is not there."""
        self.check(corners)
        for second, third in zip(corners[1:], corners[2:], strict=False):
            self.triangle(corners[0], second, third, colour)

    def check(self, corners: Sequence[int]) -> None:
        """Raises Unreadable for a corner that is not there."""
        if corners and (min(corners) < 0 or max(corners) >= len(self.points) // 3):
            raise Unreadable(DAMAGED)

    def flush(self) -> None:
        """Hand over what is left."""
        colours = self._colours if self._coloured else None
        self.mesh.add(self._corners, colours, self._count if self.counted else 0)
        self._clear()

    def _clear(self) -> None:
        self._corners, self._colours = array("d"), array("I")
        self._coloured, self._count = False, 0

    def _point(self, number: int) -> array:
        return self.points[number * 3 : number * 3 + 3]

    def _add(self, corners: array, colour: int | None) -> None:
        self._corners += corners
        self._coloured |= colour is not None
        self._colours.append(PLAIN if colour is None else colour)
        if len(self._colours) >= BATCH:
            self.flush()


def _pieces(steps: int) -> Iterator[tuple[Weights, Weights, Weights]]:
    """The corners of the small triangles that a triangle is cut into, as parts of its own corners."""

    def at(row: int, column: int) -> Weights:
        return (steps - row) / steps, (row - column) / steps, column / steps

    for row in range(steps):
        for column in range(row + 1):
            yield at(row, column), at(row + 1, column), at(row + 1, column + 1)
            if column < row:
                yield at(row, column), at(row + 1, column + 1), at(row, column + 1)


def _mixed(weights: Weights, values: Sequence[float]) -> float:
    return weights[0] * values[0] + weights[1] * values[1] + weights[2] * values[2]


def mean(a: int, b: int, c: int) -> int:
    """The colour between three."""
    if a == b == c:
        return a
    red = ((a >> 16) + (b >> 16) + (c >> 16)) // 3
    green = ((a >> 8 & 255) + (b >> 8 & 255) + (c >> 8 & 255)) // 3
    return red << 16 | green << 8 | ((a & 255) + (b & 255) + (c & 255)) // 3


def colour_of(red: float, green: float, blue: float) -> int:
    """A colour from three parts of one; what is out of range or no number is brought into it."""
    parts = (min(max(part, 0.0), 1.0) if part == part else 0.0 for part in (red, green, blue))
    red, green, blue = (round(part * 255) for part in parts)
    return red << 16 | green << 8 | blue

"""Makes a shape of fewer triangles by drawing corners that are near each other together."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

FINEST = 1024  # cells along the longest side
MOST_CELLS = 16 * FINEST  # along the longest side, when a shape has grown
SMALLEST = 1e-200  # of a cell, so that one can be divided by it
CHUNK = 32768  # triangles looked at together: what is made of them on the way is larger than they are
ROOM = 256  # times the size of what comes first, below it
BITS = 40  # of a cell's number along one axis
WORTH = 0.7  # of the triangles: with more left, the next round begins with the finer shape again
STEADY = 0.9  # a little less than asked, so that another round is seldom needed


class Grid:
    """Cells that corners fall into. They only ever grow, so nothing that was too fine is tried again.

    After Rossignac and Borrel, "Multi-resolution 3D approximations", 1993: corners in one cell become one,
    and triangles with two corners in a cell go. Holes do not open, unlike when triangles are left out.
    """

    def __init__(self) -> None:
        self.origin: list[float] = []
        self.size = 0.0

    def while_growing(self, corners: array, colours: array, low: Sequence[float], longest: float, most: int):
        """Corners and colours of at most `most` triangles of a shape of which more will come.

        `low` and `longest` say where the shape lies so far. Cells become exactly twice as large, so that a
        corner that was moved within its cell meets its neighbours, which come later, in the larger cell.
        """
        self._begin(low, longest)
        while self.size < longest / MOST_CELLS:
            self.size *= 2
        while True:
            corners, colours = _joined(corners, colours, self.origin, 1 / self.size)
            if len(colours) <= most:
                return corners, colours
            self.size *= 2

    def at_the_end(self, corners: array, colours: array, low: Sequence[float], longest: float, most: int):
        """The same when all of the shape is there: a little less than `most`, with cells of any size."""
        if self.size:
            # What came last meets what was moved before.
            corners, colours = _joined(corners, colours, self.origin, 1 / self.size)
        elif len(colours) > most:
            self._begin(low, longest)
        while len(colours) > most:
            fewer, theirs = _joined(corners, colours, self.origin, 1 / self.size)
            if len(theirs) > most:
                # The number of triangles of a surface falls with the square of the size of cells.
                self.size *= (len(theirs) / most) ** 0.5 / STEADY
                if len(theirs) > WORTH * len(colours):
                    continue
            corners, colours = fewer, theirs
        return corners, colours

    def _begin(self, low: Sequence[float], longest: float) -> None:
        if not self.size:
            # Room below, in case the shape grows there: cells are counted from 0.
            self.origin = [value - ROOM * longest for value in low]
            self.size = max(longest / FINEST, SMALLEST)


def _joined(corners: array, colours: array, low: Sequence[float], scale: float) -> tuple[array, array]:
    cells = Cells()
    kept, theirs = array("I"), array("I")
    for start in range(0, len(colours), CHUNK):
        part = corners[start * 9 : (start + CHUNK) * 9]
        keys = _cells(part, low, scale)
        numbers = zip(keys[0::3], keys[1::3], keys[2::3], strict=True)
        for number, (a, b, c) in enumerate(numbers):
            if a != b and b != c and a != c:
                at = number * 9
                kept.append(cells.put(a, *part[at : at + 3]))
                kept.append(cells.put(b, *part[at + 3 : at + 6]))
                kept.append(cells.put(c, *part[at + 6 : at + 9]))
                theirs.append(colours[start + number])
    return cells.corners(kept), theirs


class Cells:
    """The mean of the corners in each cell."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._sums = [array("d"), array("d"), array("d")]
        self._counts = array("I")

    def put(self, key: int, x: float, y: float, z: float) -> int:
        """Take a corner; returns the number of its cell."""
        number = self._numbers.setdefault(key, len(self._counts))
        if number == len(self._counts):
            self._counts.append(0)
            for sums in self._sums:
                sums.append(0.0)
        xs, ys, zs = self._sums
        xs[number] += x
        ys[number] += y
        zs[number] += z
        self._counts[number] += 1
        return number

    def corners(self, numbers: array) -> array:
        """Three numbers for each of these cells."""
        result = array("d", bytes(24 * len(numbers)))
        for axis, sums in enumerate(self._sums):
            means = array("d", [total / count for total, count in zip(sums, self._counts, strict=True)])
            result[axis::3] = array("d", map(means.__getitem__, numbers))
        return result


def _cells(corners: array, low: Sequence[float], scale: float) -> list[int]:
    """The number of the cell of each corner."""
    left, front, bottom = low
    return [
        int((x - left) * scale) << 2 * BITS | int((y - front) * scale) << BITS | int((z - bottom) * scale)
        for x, y, z in zip(corners[0::3], corners[1::3], corners[2::3], strict=True)
    ]

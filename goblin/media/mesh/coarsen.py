"""Makes a shape of fewer triangles by drawing corners that are near each other together."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

FINEST = 1024  # cells along the longest side
CHUNK = 32768  # triangles looked at together: what is made of them on the way is larger than they are
BITS = 21  # of a cell's number along one axis
WORTH = 0.7  # of the triangles: with more left, the next round begins with the finer shape again
STEADY = 0.9  # a little less than asked, so that another round is seldom needed


class Grid:
    """Coarsens a shape, again and again if it grows: what was too fine once is not tried another time."""

    def __init__(self) -> None:
        self.cells = float(FINEST)

    def coarsen(
        self, corners: array, colours: array, low: Sequence[float], longest: float, most: int
    ) -> tuple[array, array]:
        """Corners and colours of at most `most` triangles. `low` and `longest` say where the shape lies.

        After Rossignac and Borrel, "Multi-resolution 3D approximations", 1993: corners in one cell of a grid
        become one; triangles with two corners in a cell go. Holes do not open, unlike when some are left out.
        """
        while len(colours) > most and longest > 0:
            fewer, theirs = _joined(corners, colours, low, self.cells / longest)
            if len(theirs) > most:
                # The number of triangles of a surface grows with the square of the number of cells.
                self.cells *= STEADY * (most / len(theirs)) ** 0.5
                if len(theirs) > WORTH * len(colours):
                    continue
            corners, colours = fewer, theirs
        return corners, colours


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

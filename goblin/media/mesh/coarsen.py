"""Makes a shape of fewer triangles by drawing corners that are near each other together."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

FINEST = 1024  # cells along the longest side
CHUNK = 32768  # triangles looked at together: what is made of them on the way is larger than they are
BITS = 21  # of a cell's number along one axis
STEADY = 0.95  # a little less than asked, so that another round is seldom needed


def coarsen(
    corners: array, colours: array, low: Sequence[float], longest: float, most: int
) -> tuple[array, array]:
    """Corners and colours of at most `most` triangles. `low` and `longest` say where the shape lies.

    After Rossignac and Borrel, "Multi-resolution 3D approximations", 1993: corners in one cell of a grid
    become one; triangles with two corners in a cell go. Holes do not open, unlike when triangles are left out.
    """
    cells = float(FINEST)
    while len(colours) > most and longest > 0:
        fewer, theirs = _joined(corners, colours, low, cells / longest)
        if len(theirs) > most:
            # The number of triangles of a surface grows with the square of the number of cells.
            cells *= STEADY * (most / len(theirs)) ** 0.5
            if len(theirs) > 0.7 * len(colours):
                continue
        corners, colours = fewer, theirs
    return corners, colours


def _joined(corners: array, colours: array, low: Sequence[float], scale: float) -> tuple[array, array]:
    first: dict[int, int] = {}  # the place in `corners` of what stands for a cell
    kept, theirs = array("d"), array("I")
    for start in range(0, len(colours), CHUNK):
        cells = _cells(corners[start * 9 : (start + CHUNK) * 9], low, scale)
        numbers = zip(cells[0::3], cells[1::3], cells[2::3], strict=True)
        for number, (a, b, c) in enumerate(numbers, start):
            if a != b and b != c and a != c:
                at = number * 9
                for place in (
                    first.setdefault(a, at),
                    first.setdefault(b, at + 3),
                    first.setdefault(c, at + 6),
                ):
                    kept += corners[place : place + 3]
                theirs.append(colours[number])
    return kept, theirs


def _cells(corners: array, low: Sequence[float], scale: float) -> list[int]:
    """The number of the cell of each corner."""
    left, front, bottom = low
    return [
        int((x - left) * scale) << 2 * BITS | int((y - front) * scale) << BITS | int((z - bottom) * scale)
        for x, y, z in zip(corners[0::3], corners[1::3], corners[2::3], strict=True)
    ]

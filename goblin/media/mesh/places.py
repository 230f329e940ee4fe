"""Where the parts of a model stand: matrices, and the tree of nodes of a glTF scene (section 3.5)."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from typing import Any

from goblin.media import Unreadable
from goblin.media.mesh.buffers import listed, whole
from goblin.media.mesh.soup import DAMAGED

# Twelve numbers: the images of x, y and z, then where the origin goes.
Matrix = tuple[float, ...]
SAME: Matrix = (1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)
MOST_NODES = 100_000


def times(outer: Matrix, inner: Matrix) -> Matrix:
    """Both after each other, the inner one first."""
    a, b, c, d, e, f, g, h, i, x, y, z = outer
    rows = [
        (p * a + q * d + r * g, p * b + q * e + r * h, p * c + q * f + r * i) for p, q, r in _threes(inner)
    ]
    last = rows[3]
    return (*rows[0], *rows[1], *rows[2], last[0] + x, last[1] + y, last[2] + z)


def moved(points: array, matrix: Matrix) -> array:
    """Points, three numbers each, put where the matrix says."""
    if matrix == SAME:
        return array("d", points)
    a, b, c, d, e, f, g, h, i, p, q, r = matrix
    result = array("d", bytes(8 * (len(points) // 3 * 3)))
    xs, ys, zs = points[0::3], points[1::3], points[2::3]
    result[0::3] = array("d", [a * x + d * y + g * z + p for x, y, z in zip(xs, ys, zs, strict=True)])
    result[1::3] = array("d", [b * x + e * y + h * z + q for x, y, z in zip(xs, ys, zs, strict=True)])
    result[2::3] = array("d", [c * x + f * y + i * z + r for x, y, z in zip(xs, ys, zs, strict=True)])
    return result


def _threes(numbers: Matrix) -> Iterator[tuple[float, float, float]]:
    return zip(numbers[0::3], numbers[1::3], numbers[2::3], strict=True)


def of(document: dict) -> Iterator[tuple[Matrix, int]]:
    """(matrix, number of the mesh) for each node of the first scene that shows one.

    A node that is met again is passed over: by the specification each has one parent, and none is its own.
    """
    nodes = listed(document, "nodes")
    if not nodes:
        yield from ((SAME, number) for number in range(len(listed(document, "meshes"))))
        return
    waiting = [(SAME, whole(root)) for root in reversed(_roots(document, nodes))]
    met: set[int] = set()
    while waiting:
        matrix, number = waiting.pop()
        if number in met:
            continue
        met.add(number)
        if len(met) > MOST_NODES:
            raise Unreadable(DAMAGED)
        node = nodes[number]
        matrix = times(matrix, _matrix(node))
        if "mesh" in node:
            yield matrix, whole(node["mesh"])
        waiting += [(matrix, whole(child)) for child in reversed(listed(node, "children"))]


def _roots(document: dict, nodes: list) -> list:
    if scenes := listed(document, "scenes"):
        return listed(scenes[whole(document.get("scene", 0))], "nodes")
    children = {whole(child) for node in nodes for child in listed(node, "children")}
    return [number for number in range(len(nodes)) if number not in children]


def _matrix(node: dict) -> Matrix:
    """A node's own place, given as a matrix or as translation, rotation and scale (section 3.5.2)."""
    if "matrix" in node:
        given = _numbers(node["matrix"], 16)
        return (*given[0:3], *given[4:7], *given[8:11], *given[12:15])
    x, y, z, w = _numbers(node.get("rotation", (0, 0, 0, 1)), 4)
    a, b, c = _numbers(node.get("scale", (1, 1, 1)), 3)
    return (
        *((1 - 2 * (y * y + z * z)) * a, 2 * (x * y + z * w) * a, 2 * (x * z - y * w) * a),
        *(2 * (x * y - z * w) * b, (1 - 2 * (x * x + z * z)) * b, 2 * (y * z + x * w) * b),
        *(2 * (x * z + y * w) * c, 2 * (y * z - x * w) * c, (1 - 2 * (x * x + y * y)) * c),
        *_numbers(node.get("translation", (0, 0, 0)), 3),
    )


def _numbers(values: Any, many: int) -> tuple[float, ...]:
    numbers = tuple(float(value) for value in values)
    if len(numbers) != many or not all(math.isfinite(number) for number in numbers):
        raise Unreadable(DAMAGED)
    return numbers


def written(text: str) -> Matrix:
    """A matrix as 3MF writes it: twelve numbers, row by row (3MF Core Specification, 3.3)."""
    return _numbers(text.split(), 12)

"""Draws a shape from a side: shaded triangles with a depth for every pixel, in plain Python."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from math import ceil

from PIL import Image

from goblin.media.mesh.soup import Shape

SMOOTH = 1.5  # drawn so much larger, then scaled down
FILL = 0.88  # of the picture that the model takes
NEAR = 1 << 29  # the depths of a model lie from here to twice as much; 0 is where nothing is
OPAQUE = 0xFF000000
THIN = 1e-9  # of a pixel: triangles with less area are seen from their edge
FEW = 6  # pixels of a row up to which a loop is faster
# Where light comes from: right, up and toward the eye; and how strong it is.
LIGHTS = (((-0.45, 0.62, 0.64), 0.52), ((0.80, 0.10, 0.59), 0.24))
AMBIENT, SKY = 0.30, 0.10
SHEEN = 16  # of 255: what is black stands out from a dark page, too
Vector = tuple[float, float, float]
Told = Callable[[float], None]


@dataclass(frozen=True)
class Camera:
    """Looks at the middle. Directions of length 1; `distance` of the eye, or 0 for a view without depth."""

    right: Vector
    up: Vector
    toward: Vector
    distance: float = 0.0


def around(turn: float, tilt: float, distance: float) -> Camera:
    """From so many degrees to the right of the front, and above it."""
    turn, tilt = math.radians(turn), math.radians(tilt)
    sine, cosine, height, flat = math.sin(turn), math.cos(turn), math.sin(tilt), math.cos(tilt)
    return Camera(
        (cosine, sine, 0.0),
        (-sine * height, cosine * height, flat),
        (sine * flat, -cosine * flat, height),
        distance,
    )


# Drawings of things show them so: the front from where y is least, z up.
CAMERAS = {
    "perspective": around(35, 26, 4.5),
    "front": around(0, 0, 0),
    "side": around(90, 0, 0),
    "top": around(0, 90, 0),
}


def picture(shape: Shape, camera: Camera, side: int, told: Told = lambda part: None) -> Image.Image:
    """A square picture on a transparent ground; `told` hears how much of it is done, up to 1."""
    size = round(side * SMOOTH)
    across, down, depths = _seen(shape.corners, camera, size)
    colours = lit(shape, camera)
    canvas = Canvas(size)
    # The nearest first, so that most of what they hide need only be looked at, not drawn.
    order = sorted(range(len(colours)), key=depths[0::3].__getitem__, reverse=True)
    step = len(order) // 50 + 1
    for start in range(0, len(order), step):
        told(start / len(order))
        for number in order[start : start + step]:
            at = 3 * number
            canvas.triangle(across[at : at + 3], down[at : at + 3], depths[at : at + 3], colours[number])
    return canvas.image().resize((side, side), Image.Resampling.LANCZOS)


def _seen(corners: array, camera: Camera, size: int) -> tuple[list[float], list[float], list[float]]:
    """Corners as pixels across and down, and depths that are flat on flat surfaces, larger nearer."""
    xs, ys, zs = corners[0::3], corners[1::3], corners[2::3]
    across, up, depths = (_along(axis, xs, ys, zs) for axis in (camera.right, camera.up, camera.toward))
    if camera.distance:
        far = camera.distance
        depths = [1 / (far - depth) for depth in depths]
        across = [value * depth for value, depth in zip(across, depths, strict=True)]
        up = [value * depth for value, depth in zip(up, depths, strict=True)]
    wide, high = (min(across), max(across)), (min(up), max(up))
    scale = FILL * size / max(wide[1] - wide[0], high[1] - high[0], 1e-12)
    left, top = size / 2 - scale * sum(wide) / 2, size / 2 + scale * sum(high) / 2
    nearest, farthest = max(depths), min(depths)
    deep = (NEAR - 1) / max(nearest - farthest, 1e-12)
    return (
        [left + scale * value for value in across],
        [top - scale * value for value in up],
        [NEAR + deep * (value - farthest) for value in depths],
    )


def _along(axis: Vector, xs: array, ys: array, zs: array) -> list[float]:
    a, b, c = axis
    return [a * x + b * y + c * z for x, y, z in zip(xs, ys, zs, strict=True)]


def lit(shape: Shape, camera: Camera) -> array:
    """The colour of each triangle in the light, as the bytes of a pixel: red is the lowest."""
    corners = shape.corners
    eye = tuple(part * (camera.distance or 1000.0) for part in camera.toward)
    lights = [
        (
            *(
                sum(p * axis[i] for p, axis in zip(to, (camera.right, camera.up, camera.toward), strict=True))
                for i in range(3)
            ),
            power,
        )
        for to, power in LIGHTS
    ]
    parts = (corners[i::9] for i in range(9))
    shades = map(_shade, repeat(eye), repeat(lights), *parts)
    return array("I", map(_pixel, shape.colours, shades))


def _shade(eye, lights, ax, ay, az, bx, by, bz, cx, cy, cz) -> float:
    """How bright a triangle is, both of whose sides look the same."""
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
    x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    length = math.sqrt(x * x + y * y + z * z) or 1.0
    if x * (eye[0] - ax) + y * (eye[1] - ay) + z * (eye[2] - az) < 0:
        length = -length
    x, y, z = x / length, y / length, z / length
    shade = AMBIENT + SKY * (z + 1) / 2
    for right, back, high, power in lights:
        if (toward := x * right + y * back + z * high) > 0:
            shade += power * toward
    return shade


def _pixel(colour: int, shade: float) -> int:
    red = min(255, int(((colour >> 16) + SHEEN) * shade))
    green = min(255, int(((colour >> 8 & 255) + SHEEN) * shade))
    return OPAQUE | min(255, int(((colour & 255) + SHEEN) * shade)) << 16 | green << 8 | red


class Canvas:
    """Pixels with depths: the colour in the lower four bytes of each number, the depth above.

    So the nearer of two pixels is the larger number, and a row of a triangle is an even series of them.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.pixels = array("q", bytes(8 * size * size))

    def image(self) -> Image.Image:
        """What was drawn."""
        colours = array("I", self.pixels.tobytes())[::2]
        return Image.frombytes("RGBA", (self.size, self.size), colours.tobytes())

    def triangle(self, across: list[float], down: list[float], depths: list[float], colour: int) -> None:
        """Draw a triangle, given by three corners."""
        (x0, x1, x2), (y0, y1, y2), (z0, z1, z2) = across, down, depths
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        top, bottom = max(0, ceil(min(down) - 0.5)), min(self.size, ceil(max(down) - 0.5))
        if -THIN < area < THIN or top >= bottom:
            return
        # How the depth changes by a pixel to the right, and by one down.
        right = ((z1 - z0) * (y2 - y0) - (z2 - z0) * (y1 - y0)) / area
        below = ((z2 - z0) * (x1 - x0) - (z1 - z0) * (x2 - x0)) / area
        span = min(depths), max(depths)
        edges = ((x0, y0, x1, y1), (x1, y1, x2, y2), (x2, y2, x0, y0))
        for row in range(top, bottom):
            middle = row + 0.5
            ends = [
                xa + (middle - ya) * (xb - xa) / (yb - ya)
                for xa, ya, xb, yb in edges
                if ya <= middle < yb or yb <= middle < ya
            ]
            if len(ends) == 2:
                left, end = ceil(min(ends) - 0.5), ceil(max(ends) - 0.5)
                if left < end:
                    depth = z0 + right * (left + 0.5 - x0) + below * (middle - y0)
                    self._row(row * self.size + left, end - left, depth, right, span, colour)

    def _row(self, at: int, many: int, depth: float, right: float, span: tuple, colour: int) -> None:
        """Part of a row of pixels, where they are nearer than what is there."""
        low, high = span
        first = min(max(depth, low), high)
        last = min(max(first + right * (many - 1), low), high)
        step = int((last - first) / (many - 1)) << 32 if many > 1 else 0
        value, pixels = int(first) << 32 | colour, self.pixels
        if many <= FEW:
            for place in range(at, at + many):
                if pixels[place] < value:
                    pixels[place] = value
                value += step
            return
        there = pixels[at : at + many]
        nearest, farthest = max(value, value + step * (many - 1)), min(value, value + step * (many - 1))
        if min(there) >= nearest:
            return
        series = range(value, value + many * step, step) if step else repeat(value, many)
        pixels[at : at + many] = array("q", series if max(there) < farthest else map(max, there, series))

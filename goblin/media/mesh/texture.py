"""Pictures that the surfaces of a model show, and the colours its triangles take from them."""

from __future__ import annotations

import io
import math
from array import array
from collections.abc import Callable

from PIL import Image

from goblin.media import Unreadable
from goblin.media.mesh.soup import Batch, mean

SIDE = 512  # more detail of a picture would be lost on triangles of one colour
MOST_PICTURES = 16
PICTURES = {"image/png", "image/jpeg", "image/webp"}
OPENING = {"pixels": 40_000_000, "frames": 1}
MIDDLE = (1 / 3, 1 / 3, 1 / 3)
# Where in a triangle its picture is looked at: the middle, and half-way from there to each corner.
SPOTS = (MIDDLE, (2 / 3, 1 / 6, 1 / 6), (1 / 6, 2 / 3, 1 / 6), (1 / 6, 1 / 6, 2 / 3))
PIECE = 8  # pixels of a picture that a piece of a triangle is wide
MOST_STEPS = 48  # pieces along the side of one triangle
MOST_PIECES = 80_000  # that triangles of one file are cut into for the sake of their pictures
Three = tuple[int, int, int]


class Brush:
    """Puts triangles in their colours: those with a picture cut into pieces, as long as there are not too many."""

    def __init__(self) -> None:
        self._pieces = 0

    def triangle(self, batch: Batch, corners: Three, colours: Colours, numbers: Three) -> None:
        """One triangle; `numbers` are those of its corners as the colours know them."""
        steps = colours.steps(*numbers)
        if steps > 1 and self._pieces + steps * steps < MOST_PIECES:
            self._pieces += steps * steps
            batch.mosaic(*corners, steps, colours.within(*numbers))
        else:
            batch.triangle(*corners, colours.of(*numbers))


class Colours:
    """The colours of some triangles: of the whole surface, of its points, of a picture."""

    def __init__(
        self, factor: int | None, tints: array | None, picture: Picture | None, where: array
    ) -> None:
        self.factor, self.tints, self.picture, self.where = factor, tints, picture, where

    def of(self, a: int, b: int, c: int) -> int | None:
        """The one colour of a triangle, None if it has none of its own."""
        if self.picture:
            return dyed(self.picture.around(self._corners(a, b, c)), self.factor)
        if self.tints:
            return dyed(mean(self.tints[a], self.tints[b], self.tints[c]), self.factor)
        return self.factor

    def steps(self, a: int, b: int, c: int) -> int:
        """Into how many pieces a side of the triangle should be cut to look like its picture."""
        if not self.picture:
            return 1
        (u1, v1), (u2, v2), (u3, v3) = self._corners(a, b, c)
        wide = max(u1, u2, u3) - min(u1, u2, u3), max(v1, v2, v3) - min(v1, v2, v3)
        pixels = max(wide[0] * self.picture.width, wide[1] * self.picture.height)
        return min(int(pixels / PIECE) + 1, MOST_STEPS) if pixels < math.inf else 1

    def within(self, a: int, b: int, c: int) -> Callable[[tuple], int]:
        """A function that says the colour at a place in a triangle, given by the weights of its corners."""
        corners = self._corners(a, b, c)
        return lambda weights: dyed(self.picture.at(corners, weights), self.factor)

    def _corners(self, a: int, b: int, c: int) -> list[array]:
        return [self.where[2 * each : 2 * each + 2] for each in (a, b, c)]


class Picture:
    """A picture that triangles take their colours from; its places are counted downward, or `upward`.

    Raises Unreadable.
    """

    def __init__(self, data: bytes, upward: bool = False) -> None:
        from goblin.media import image
        from goblin.media.picture.opening import Picture as Opened

        mime = image.Image().sniff(data[:4096], "")
        if mime not in PICTURES:
            raise Unreadable("The picture on this model is of a kind that it may not have.")
        opened = Opened(io.BytesIO(data), mime, OPENING).decode(SIDE).convert("RGB")
        opened.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
        if upward:
            opened = opened.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        self.width, self.height = opened.size
        self.pixels = opened.load()

    def around(self, corners: list[array]) -> int:
        """The mean colour of a triangle."""
        found = [self.at(corners, spot) for spot in SPOTS]
        red, green, blue = (sum(each >> shift & 255 for each in found) // 4 for shift in (16, 8, 0))
        return red << 16 | green << 8 | blue

    def at(self, corners: list[array], weights: tuple[float, float, float]) -> int:
        """The colour between three places; beyond 0 and 1 the picture repeats itself."""
        across, down = (sum(w * c[i] for w, c in zip(weights, corners, strict=True)) % 1.0 for i in (0, 1))
        if across != across or down != down:
            return 0xFFFFFF
        x, y = int(across * self.width), int(down * self.height)
        red, green, blue = self.pixels[min(x, self.width - 1), min(y, self.height - 1)]
        return red << 16 | green << 8 | blue


def dyed(colour: int, factor: int | None) -> int:
    """A colour under another one."""
    if factor is None or factor == 0xFFFFFF:
        return colour
    red = (colour >> 16) * (factor >> 16) // 255
    green = (colour >> 8 & 255) * (factor >> 8 & 255) // 255
    return red << 16 | green << 8 | (colour & 255) * (factor & 255) // 255

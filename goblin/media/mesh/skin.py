"""The colours of a glTF document's surfaces: factors, colours of points, pictures inside the file."""

from __future__ import annotations

import io
import math
from array import array
from collections.abc import Callable

from PIL import Image

from goblin.media import Unreadable
from goblin.media.mesh.buffers import Buffers, entry, inside, listed, whole
from goblin.media.mesh.soup import colour_of, mean

SIDE = 512  # more detail of a picture would be lost on triangles of one colour
MOST_PICTURES = 16
PICTURES = {"image/png", "image/jpeg", "image/webp"}
OPENING = {"pixels": 40_000_000, "frames": 1}
MIDDLE = (1 / 3, 1 / 3, 1 / 3)
# Where in a triangle its picture is looked at: the middle, and half-way from there to each corner.
SPOTS = (MIDDLE, (2 / 3, 1 / 6, 1 / 6), (1 / 6, 2 / 3, 1 / 6), (1 / 6, 1 / 6, 2 / 3))
DENSER = 1 / 2.2  # from light to sRGB, nearly

PIECE = 8  # pixels of a picture that a piece of a triangle is wide
MOST_STEPS = 48  # pieces along the side of one triangle
MOST_PIECES = 80_000  # that triangles of one file are cut into for the sake of their pictures


class Colours:
    """The colours of one primitive's triangles: of the whole surface, of its points, of a picture."""

    def __init__(
        self, factor: int | None, tints: array | None, picture: Picture | None, where: array
    ) -> None:
        self.factor, self.tints, self.picture, self.where = factor, tints, picture, where

    def of(self, a: int, b: int, c: int) -> int | None:
        """The one colour of a triangle, None if it has none of its own."""
        if self.picture:
            return _dyed(self.picture.around(self._corners(a, b, c)), self.factor)
        if self.tints:
            return _dyed(mean(self.tints[a], self.tints[b], self.tints[c]), self.factor)
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
        return lambda weights: _dyed(self.picture.at(corners, weights), self.factor)

    def _corners(self, a: int, b: int, c: int) -> list[array]:
        return [self.where[2 * each : 2 * each + 2] for each in (a, b, c)]


class Materials:
    """Says which colours the triangles of a primitive have."""

    def __init__(self, document: dict, buffers: Buffers) -> None:
        self.materials, self.textures = listed(document, "materials"), listed(document, "textures")
        self.images, self.buffers = listed(document, "images"), buffers
        self._pictures: dict[int, Picture | None] = {}

    def of(self, primitive: dict, attributes: dict, total: int) -> Colours:
        """The colours of a primitive that has `total` points."""
        material = self.materials[whole(primitive["material"])] if "material" in primitive else {}
        surface = entry(material, "pbrMetallicRoughness")
        if not surface:
            old = entry(entry(material, "extensions"), "KHR_materials_pbrSpecularGlossiness")
            surface = {
                "baseColorTexture": old.get("diffuseTexture"),
                "baseColorFactor": old.get("diffuseFactor"),
            }
        factor = _factor(surface.get("baseColorFactor"))
        picture, where = self._drawn(surface.get("baseColorTexture"), attributes, total)
        return Colours(factor, self._tints(attributes, total), picture, where)

    def _tints(self, attributes: dict, total: int) -> array | None:
        """Colours of points, packed."""
        if "COLOR_0" not in attributes:
            return None
        kind = self.buffers.accessors[whole(attributes["COLOR_0"])].get("type")
        parts = 4 if kind == "VEC4" else 3
        values = self.buffers.vectors(attributes["COLOR_0"], parts)
        if len(values) != parts * total:
            return None
        reds, greens, blues = values[0::parts], values[1::parts], values[2::parts]
        return array("I", map(_shown, reds, greens, blues))

    def _drawn(self, texture: object, attributes: dict, total: int) -> tuple[Picture | None, array]:
        """A picture and where in it the points are; None when there is none that we can read."""
        nothing = None, array("d")
        if not isinstance(texture, dict):
            return nothing
        name = f"TEXCOORD_{whole(texture.get('texCoord', 0))}"
        picture = self._picture(self.textures[whole(texture["index"])])
        if name not in attributes or picture is None:
            return nothing
        where = self.buffers.vectors(attributes[name], 2)
        return (picture, where) if len(where) == 2 * total else nothing

    def _picture(self, texture: dict) -> Picture | None:
        webp = entry(entry(texture, "extensions"), "EXT_texture_webp")
        number = webp.get("source", texture.get("source"))
        if number is None:
            return None
        if whole(number) not in self._pictures and len(self._pictures) < MOST_PICTURES:
            image = self.images[number]
            try:
                data = (
                    self.buffers.view(image["bufferView"])
                    if "bufferView" in image
                    else inside(image.get("uri"))
                )
                self._pictures[number] = Picture(data)
            except Unreadable:
                # One that lies elsewhere or is damaged: the shape is worth showing without it.
                self._pictures[number] = None
        return self._pictures.get(number)


class Picture:
    """A picture that triangles take their colours from. Raises Unreadable."""

    def __init__(self, data: bytes) -> None:
        from goblin.media import image
        from goblin.media.picture.opening import Picture as Opened

        mime = image.Image().sniff(data[:4096], "")
        if mime not in PICTURES:
            raise Unreadable("The picture on this model is of a kind that it may not have.")
        opened = Opened(io.BytesIO(data), mime, OPENING).decode(SIDE).convert("RGB")
        opened.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
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


def _factor(given: object) -> int | None:
    if not isinstance(given, list) or len(given) < 3:
        return None
    return _shown(*(float(part) for part in given[:3]))


def _shown(red: float, green: float, blue: float) -> int:
    """An amount of light as a colour of the screen."""
    return colour_of(*(part**DENSER if part > 0 else 0.0 for part in (red, green, blue)))


def _dyed(colour: int, factor: int | None) -> int:
    if factor is None or factor == 0xFFFFFF:
        return colour
    red = (colour >> 16) * (factor >> 16) // 255
    green = (colour >> 8 & 255) * (factor >> 8 & 255) // 255
    return red << 16 | green << 8 | (colour & 255) * (factor & 255) // 255

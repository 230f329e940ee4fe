"""The colours of a glTF document's surfaces: factors, colours of points, pictures inside the file."""

from __future__ import annotations

import io
from array import array
from collections.abc import Callable

from PIL import Image

from goblin.media import Unreadable
from goblin.media.mesh.buffers import Buffers, entry, inside, listed, whole
from goblin.media.mesh.soup import colour_of, mean

SIDE = 512  # a triangle gets one colour: more detail of a picture would be lost
MOST_PICTURES = 16
PICTURES = {"image/png", "image/jpeg", "image/webp"}
OPENING = {"pixels": 40_000_000, "frames": 1}
# Where in a triangle its picture is looked at: the middle, and half-way from there to each corner.
SPOTS = ((1 / 3, 1 / 3, 1 / 3), (2 / 3, 1 / 6, 1 / 6), (1 / 6, 2 / 3, 1 / 6), (1 / 6, 1 / 6, 2 / 3))
DENSER = 1 / 2.2  # from light to sRGB, nearly

Colour = Callable[[int, int, int], int | None]


class Materials:
    """Says which colour the triangles of a primitive have."""

    def __init__(self, document: dict, buffers: Buffers) -> None:
        self.materials, self.textures = listed(document, "materials"), listed(document, "textures")
        self.images, self.buffers = listed(document, "images"), buffers
        self._pictures: dict[int, Picture | None] = {}

    def of(self, primitive: dict, attributes: dict, total: int) -> Colour:
        """A function from three of `total` points to their triangle's colour, or to None for no own one."""
        material = self.materials[whole(primitive["material"])] if "material" in primitive else {}
        surface = entry(material, "pbrMetallicRoughness")
        if not surface:
            surface = entry(entry(material, "extensions"), "KHR_materials_pbrSpecularGlossiness")
            surface = {
                "baseColorTexture": surface.get("diffuseTexture"),
                "baseColorFactor": surface.get("diffuseFactor"),
            }
        factor = _factor(surface.get("baseColorFactor"))
        tints = self._tints(attributes, total)
        if drawn := self._drawn(surface.get("baseColorTexture"), attributes, total):
            return lambda a, b, c: _dyed(drawn(a, b, c), factor)
        if tints:
            return lambda a, b, c: _dyed(mean(tints[a], tints[b], tints[c]), factor)
        return lambda a, b, c: factor

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

    def _drawn(self, texture: object, attributes: dict, total: int) -> Colour | None:
        """Colours from a picture; None when there is none that we can read."""
        if not isinstance(texture, dict):
            return None
        name = f"TEXCOORD_{whole(texture.get('texCoord', 0))}"
        picture = self._picture(self.textures[whole(texture["index"])])
        if name not in attributes or picture is None:
            return None
        where = self.buffers.vectors(attributes[name], 2)
        if len(where) != 2 * total:
            return None
        return lambda a, b, c: picture.colour(
            where[2 * a : 2 * a + 2], where[2 * b : 2 * b + 2], where[2 * c : 2 * c + 2]
        )

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

    def colour(self, a: array, b: array, c: array) -> int:
        """The mean colour of the triangle between three places, which repeat beyond 0 and 1."""
        red = green = blue = 0
        for one, two, three in SPOTS:
            across = (a[0] * one + b[0] * two + c[0] * three) % 1.0
            down = (a[1] * one + b[1] * two + c[1] * three) % 1.0
            if across != across or down != down:
                return 0xFFFFFF
            x, y = int(across * self.width), int(down * self.height)
            pixel = self.pixels[min(x, self.width - 1), min(y, self.height - 1)]
            red, green, blue = red + pixel[0], green + pixel[1], blue + pixel[2]
        return red // 4 << 16 | green // 4 << 8 | blue // 4


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

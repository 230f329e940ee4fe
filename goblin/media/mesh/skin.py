"""The colours of a glTF document's surfaces: factors, colours of points, pictures inside the file."""

from __future__ import annotations

from array import array

from goblin.media import Unreadable
from goblin.media.mesh.buffers import Buffers, entry, inside, listed, whole
from goblin.media.mesh.soup import colour_of
from goblin.media.mesh.texture import MOST_PICTURES, Colours, Picture

DENSER = 1 / 2.2  # from light to sRGB, nearly


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


def _factor(given: object) -> int | None:
    if not isinstance(given, list) or len(given) < 3:
        return None
    return _shown(*(float(part) for part in given[:3]))


def _shown(red: float, green: float, blue: float) -> int:
    """An amount of light as a colour of the screen."""
    return colour_of(*(part**DENSER if part > 0 else 0.0 for part in (red, green, blue)))

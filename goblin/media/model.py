"""The kind model: things in three dimensions, drawn from four sides, and a copy that can be turned in the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goblin.media import Limits, MediaType, Progress, Result, Step, register, wants
from goblin.media.mesh import formats

# Parts of the work, in per cent, as progress shows them.
READ, PACKED = 45, 55
PICTURES = ("thumb", "thumb2", "view", "perspective", "front", "side", "top")
NEUTRAL = "#c9c4ba"  # the pictures let it show through: neither paper nor coal


@register
class Model(MediaType):
    """STL, OBJ, glTF and GLB, PLY and 3MF, by their first bytes."""

    kind = "model"
    facts = {"triangles": int, "size_x": float, "size_y": float, "size_z": float}
    options = {
        "sizes": ("320 640 1280", "longest sides in pixels of the two thumbnails and the view"),
        "triangles": (200_000, "most triangles of the pictures and of the copy that turns in the page"),
        "most": (5_000_000, "most triangles of a model that is shown at all"),
    }
    steps = {
        "facts": Step("triangles, size and title"),
        "thumbs": Step("pictures from four sides", PICTURES, ("sizes", "triangles"), beside=True),
        "mesh": Step("the copy that turns in the page", ("mesh",), ("triangles",), beside=True),
    }
    beside = (".mtl",)
    pictures = (".png", ".jpg", ".jpeg", ".webp")
    limits = Limits(memory=256 << 20, most=640 << 20, seconds=600, bytes=64 << 20)

    def sniff(self, head: bytes, name: str) -> str | None:
        return formats.sniff(head, name)

    def process(self, source: Path, out: Path, options: Mapping[str, Any], progress: Progress) -> Result:
        """Measure and draw a model. Sizes are in the file's own units, along its own axes."""
        from goblin.media.mesh import packed, reading, views
        from goblin.media.picture import copies

        options = self.filled(options)
        beside = {name: Path(path) for name, path in (options.get("beside") or {}).items()}
        mesh = reading.read(source, options["most"], lambda part: progress(READ * part), beside)
        result = Result(_columns(mesh), _data(mesh))
        if not (wants(options, "thumbs") or wants(options, "mesh")):
            return result
        shape = mesh.shape(options["triangles"])
        result.data["shown"] = len(shape.colours)
        if wants(options, "mesh"):
            result.files["mesh"] = packed.write(shape, out)
        progress(PACKED)
        if wants(options, "thumbs"):
            sides = copies.sides(options)
            result.files |= views.draw(
                shape, out, sides, lambda part: progress(PACKED + (100 - PACKED) * part)
            )
        return result


def _columns(mesh) -> dict[str, Any]:
    x, y, z = mesh.size()
    columns = {"triangles": mesh.count, "size_x": x, "size_y": y, "size_z": z, "placeholder": NEUTRAL}
    return columns | ({"title": mesh.title} if mesh.title else {})


def _data(mesh) -> dict[str, Any]:
    sides = " × ".join(f"{length:.4g}" for length in mesh.size())
    return {"dimensions": f"{sides} {mesh.unit}".strip(), "unit": mesh.unit}

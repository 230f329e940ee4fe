"""Drawings in SVG and SVGZ, shown as pictures rendered by us; the file itself is only ever a download."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goblin.media import Limits, MediaType, Progress, Result, Step, register, wants
from goblin.media.drawing.unpack import LARGEST, is_svg, unpack


@register
class Svg(MediaType):
    kind = "svg"
    options = {
        "sizes": ("320 640 1280", "longest sides in pixels of the two thumbnails and the view"),
        "large": (2560, "longest side of the large view"),
        "quality": (88, "quality of copies, from 1 to 95"),
    }
    steps = {
        "facts": Step("title, description and size", version=2),
        "thumbs": Step(
            "pictures for the screen", ("thumb", "thumb2", "view", "large"), ("sizes", "large", "quality")
        ),
    }
    limits = Limits(memory=256 << 20, most=640 << 20, seconds=60, bytes=64 << 20)

    def sniff(self, head: bytes, name: str) -> str | None:
        """SVG by its first element, plain or in gzip; the name does not count."""
        return "image/svg+xml" if is_svg(head) else None

    def process(self, source: Path, out: Path, options: Mapping[str, Any], progress: Progress) -> Result:
        """Tame, render once, make the copies. Raises Unreadable for what is damaged or means harm."""
        from goblin.media.drawing import hiding
        from goblin.media.drawing.tame import Drawing

        with source.open("rb") as file:
            drawing = Drawing(unpack(file.read(LARGEST + 1)))
        progress(20)
        hide = hiding.find(source)
        result = Result(_said(drawing), {"type": "image/svg+xml", **hide.data}, {}, hide.patches)
        if wants(options, "thumbs"):
            _draw(drawing, out, options, result)
        return result


def _said(drawing) -> dict[str, Any]:
    """Title, description, and the size where the drawing says it; else only its picture tells."""
    from goblin.media.av.tags import clean
    from goblin.media.drawing.render import size, whole_pixels

    said = {"title": clean(drawing.said["title"], 300), "description": clean(drawing.said["desc"])}
    columns: dict[str, Any] = {name: words for name, words in said.items() if words}
    if found := size(drawing.root):
        columns["width"], columns["height"] = whole_pixels(found)
    return columns


def _draw(drawing, out: Path, options: Mapping[str, Any], result: Result) -> None:
    from goblin.media.drawing.render import on_paper, render
    from goblin.media.picture import copies

    roles = copies.sides(options)
    roles["large"] = max(options["large"], roles["view"])
    image, (width, height) = render(drawing, out, roles["large"])
    image = on_paper(image)
    result.files = copies.still(image, out, roles, options["quality"], image.size)
    result.columns |= {"width": width, "height": height, "placeholder": copies.average(image)}

"""Chooses the picture that stands for a RAW file: its largest preview, or one developed where that is small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from PIL import Image

from goblin.media import Unreadable
from goblin.media.camera import develop, jpegs, mosaic
from goblin.media.camera.raw import Raw
from goblin.media.picture.opening import Picture

SMALL = 1000  # pixels of the longest side of a preview that is not good enough
MOST_TRIED = 4  # previews that are opened, the largest first
SAMPLE, EVEN = 64, 3  # pixels of a side that are looked at; steps of 256 that JPEG may add to one colour
DAMAGED = "This RAW file is damaged or of a kind the gallery cannot read."
NO_PICTURE = "This RAW file holds no picture that can be shown. Its original is kept as it is."


def picture(file: BinaryIO, raw: Raw, options: Mapping[str, Any]) -> Picture | None:
    """The picture to make copies of, turned as the RAW file says; None when there is none at all."""
    preview, side = _preview(file, raw, options)
    found = (_developed(file, raw, side, options) if side < SMALL else None) or preview
    if found and raw.orientation:
        found.turn(raw.orientation)
    return found


def _preview(file: BinaryIO, raw: Raw, options: Mapping[str, Any]) -> tuple[Picture | None, int]:
    """The largest preview that opens and shows something, and its longest side: 0 if all are of one colour."""
    even = None
    for jpeg in sorted(raw.previews, key=lambda each: -each.pixels)[:MOST_TRIED]:
        window = jpegs.Window(file, jpeg.offset, jpeg.length)
        try:
            found = Picture(window, "image/jpeg", options)
            if not _even(Picture(window, "image/jpeg", options)):
                return found, max(found.width, found.height)
            even = even or found
        except Unreadable:
            continue
    return even, 0


def _even(preview: Picture) -> bool:
    """Whether it is of one colour, as some converters write it in the place of a picture."""
    colours = preview.decode(SAMPLE).convert("RGB").getextrema()
    return all(most - least <= EVEN for least, most in colours)


def _developed(file: BinaryIO, raw: Raw, side: int, options: Mapping[str, Any]) -> Picture | None:
    try:
        data = mosaic.simple(raw.tiffs[0][1]) if raw.tiffs else None
        worth = data and max(data.size) // 2 > side
        image = develop.develop(file, data, _largest(options)) if worth else None
        return Picture(develop.as_file(image), "image/bmp", options) if image else None
    except (ArithmeticError, ValueError, TypeError, IndexError, TimeoutError):
        return None  # sizes, levels, colours or codes that cannot be; or too much for this machine
    except (MemoryError, Image.DecompressionBombError, Unreadable):
        return None  # larger than we may open


def _largest(options: Mapping[str, Any]) -> int:
    """The longest side of any copy."""
    return max(int(options["large"]), *map(int, str(options["sizes"]).split()))


def size(raw: Raw, found: Picture | None) -> dict[str, int]:
    """Columns width and height as shown: of the RAW picture, or of the one in it where that is as large."""
    own = raw.size or (0, 0)
    turned = (raw.orientation or 1) >= 5
    width, height = (own[1], own[0]) if turned else own
    if found and found.width * found.height >= width * height:
        width, height = found.width, found.height
    return {"width": width, "height": height} if width and height else {}

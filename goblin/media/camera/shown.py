"""Chooses the picture that stands for a RAW file: its largest preview, or one developed where that is small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from PIL import Image

from goblin.media import Unreadable
from goblin.media.camera import develop, jpegs
from goblin.media.camera.raw import Raw
from goblin.media.picture.opening import Picture

SMALL = 1000  # pixels of the longest side of a preview that is not good enough
DAMAGED = "This RAW file is damaged or of a kind the gallery cannot read."
NO_PICTURE = "This RAW file holds no picture that can be shown. Its original is kept as it is."


def picture(file: BinaryIO, raw: Raw, options: Mapping[str, Any]) -> Picture | None:
    """The picture to make copies of, turned as the RAW file says; None when there is none at all."""
    preview = _preview(file, raw, options)
    side = max(preview.width, preview.height) if preview else 0
    found = (_developed(file, raw, side, options) if side < SMALL else None) or preview
    if found and raw.orientation:
        found.turn(raw.orientation)
    return found


def _preview(file: BinaryIO, raw: Raw, options: Mapping[str, Any]) -> Picture | None:
    """The largest preview that opens."""
    for jpeg in sorted(raw.previews, key=lambda each: -each.pixels):
        try:
            return Picture(jpegs.Window(file, jpeg.offset, jpeg.length), "image/jpeg", options)
        except Unreadable:
            continue
    return None


def _developed(file: BinaryIO, raw: Raw, side: int, options: Mapping[str, Any]) -> Picture | None:
    try:
        mosaic = develop.simple(raw.tiffs[0][1]) if raw.tiffs else None
        worth = mosaic and max(mosaic.size) // 2 > side
        image = develop.develop(file, mosaic, _largest(options)) if worth else None
        return Picture(develop.as_file(image), "image/bmp", options) if image else None
    except (ArithmeticError, ValueError, TypeError, IndexError):
        return None  # sizes, levels or colours that cannot be
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

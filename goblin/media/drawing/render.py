"""How large a drawing is, and its picture on paper it can be seen on."""

from __future__ import annotations

import contextlib
import io
import math
import re
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageFont, ImageStat

from goblin.media import Unreadable, parts
from goblin.media.drawing.tame import Drawing

# CSS Values and Units 3, section 6.2, in pixels; em and ex as SVG renderers take them by default.
UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
UNITS |= {"em": 16.0, "ex": 8.0, "q": 96 / 101.6}
DPI = 96
LENGTH = re.compile(r"\s*([+]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)
LARGEST = 200_000  # pixels of a side
THINNEST = 1000  # times longer than wide
NARROW = 16  # pixels; how wide to draw what says no size, only to see how high it becomes
WHITE, DARK = (255, 255, 255), (38, 38, 38)
BRIGHT = 200  # of 255: a drawing brighter than this on average is not seen on white
EMPTY = "This drawing is damaged or has nothing in it that can be drawn."
TOO_LARGE = "This drawing says it is {} x {} pixels large, more than the gallery can draw."
LETTERS = "Aileron"  # the letters that come with Pillow


def size(root: Mapping[str, str]) -> tuple[float, float] | None:
    """Width and height in pixels from the root's attributes (SVG 2, 8.2); None if only its content says."""
    width, height = _length(root.get("width", "")), _length(root.get("height", ""))
    box = _box(root.get("viewBox", ""))
    if box:
        ratio = box[0] / box[1]
        width, height = (
            width or (height * ratio if height else box[0]),
            height or (width / ratio if width else box[1]),
        )
    if not width or not height:
        return None
    if max(width, height) > LARGEST:
        raise Unreadable(TOO_LARGE.format(round(width), round(height)))
    if max(width, height) > min(width, height) * THINNEST:
        raise Unreadable(EMPTY)
    return width, height


def _length(text: str) -> float | None:
    found = LENGTH.fullmatch(text[:64])
    if not found or found[2].lower() not in UNITS:
        return None
    value = float(found[1]) * UNITS[found[2].lower()]
    return value if math.isfinite(value) and value > 0 else None


def _box(text: str) -> tuple[float, float] | None:
    numbers = re.split(r"[\s,]+", text.strip()[:200])
    try:
        width, height = float(numbers[2]), float(numbers[3])
    except (ValueError, IndexError):
        return None
    good = len(numbers) == 4 and math.isfinite(width * height) and width > 0 and height > 0
    return (width, height) if good else None


def render(drawing: Drawing, out: Path, side: int) -> tuple[Image.Image, tuple[int, int]]:
    """The drawing with its longest side of `side` pixels, and the size in pixels that it says it has.

    Raises Unreadable for what cannot be drawn, Missing without the renderer.
    """
    whole = size(drawing.root)
    with _letters(out, drawing.has_words) as fonts:
        if not whole:
            whole = _draw(drawing.text, {**fonts, "width": NARROW}).size
        longest = {"width": side} if whole[0] >= whole[1] else {"height": side}
        image = _draw(drawing.text, {**fonts, **longest})
    return image, whole_pixels(size(drawing.root) or image.size)


def whole_pixels(sides: tuple[float, float]) -> tuple[int, int]:
    return max(1, round(sides[0])), max(1, round(sides[1]))


def _draw(text: str, how: Mapping) -> Image.Image:
    try:
        import resvg_py
    except ImportError as error:
        raise parts.missing("resvg-py") from error
    try:
        data = resvg_py.svg_to_bytes(svg_string=text, dpi=DPI, languages=["en"], **how)
        image = Image.open(io.BytesIO(data), formats=["PNG"])
        image.load()
    except (ValueError, OSError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable(EMPTY) from error
    return image


@contextlib.contextmanager
def _letters(out: Path, wanted: bool):
    """The fonts to draw words with: the machine's, and one that is there on a bare machine too."""
    if not wanted:
        yield {"skip_system_fonts": True}
        return
    path = out / "letters.ttf"
    path.write_bytes(ImageFont.load_default(16).path.getvalue())
    families = ("font_family", "serif_family", "sans_serif_family", "cursive_family", "fantasy_family")
    try:
        yield {"font_files": [str(path)], **dict.fromkeys(families, LETTERS)}
    finally:
        path.unlink()


def on_paper(image: Image.Image) -> Image.Image:
    """A drawing with nothing behind it, on white; one in white ink, on dark."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    alpha = image.getchannel("A")
    bright = ImageStat.Stat(image.convert("L"), alpha.point(lambda a: 255 if a > 32 else 0))
    is_white = bright.count[0] and bright.mean[0] > BRIGHT and alpha.getextrema()[0] == 0
    paper = Image.new("RGB", image.size, DARK if is_white else WHITE)
    paper.paste(image, mask=alpha)
    return paper

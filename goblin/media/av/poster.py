"""Finds a frame worth showing and writes still pictures in the gallery's sizes."""

from __future__ import annotations

import io
import time
from pathlib import Path

from PIL import Image, ImageStat

from goblin.media import File, Missing, Unreadable, ffmpeg
from goblin.media.av import filters
from goblin.media.av.facts import Facts
from goblin.media.av.formats import Format

SIZES = {"view": 1280, "thumb2": 640, "thumb": 320}
QUALITY = 82
FRAME_SECONDS = 60  # for one frame: a slow box may need long to reach one in a large video
ALL_SECONDS = 90
RAW = ("-c:v", "rawvideo", "-f", "rawvideo")
# Where to look, as parts of the duration: keyframes first as they cost nothing to reach.
PLACES = ((0.1, True), (0.35, True), (0.65, True), (0.3, False), (0.7, False), (0.0, False))
DARK, FLAT = 20, 6  # mean and standard deviation of brightness (0-255) below which a frame says nothing

COVER_PIXELS = 50_000_000
COVER_BYTES = 16 << 20
COVER_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")


def fit(width: int, height: int, most: int) -> tuple[int, int]:
    """The size that fits a square of `most` pixels; never larger than it is."""
    scale = min(1.0, most / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def find(program: str, source: Path, form: Format, facts: Facts, threads: int = 1) -> Image.Image | None:
    """A frame that is neither black nor blank if there is one, else the liveliest; None if none decodes."""
    best, most, end = None, -1.0, time.monotonic() + ALL_SECONDS
    for part, nearest in PLACES:
        image = _frame(program, source, form, facts, part, nearest, threads)
        if image:
            mean, spread = _brightness(image)
            if mean >= DARK and spread >= FLAT:
                return image
            if spread > most:
                best, most = image, spread
        if time.monotonic() > end:
            break
    return best


def _frame(
    program: str, source: Path, form: Format, facts: Facts, part: float, nearest: bool, threads: int
) -> Image.Image | None:
    """The picture at a part (0 to 1) of a film, or None where there is none."""
    size = fit(*facts.video.shown, SIZES["view"])
    seek = ["-ss", f"{part * (facts.duration or 10):.3f}"] if part else []
    opened = ffmpeg.reading(source, form.demuxer, *["-noaccurate_seek"] * nearest, *seek, threads=threads)
    chosen = ["-map", f"0:{facts.video.index}", "-frames:v", "1", "-filter_threads", "1"]
    drawn = ["-vf", filters.shown(facts.video, *size, "rgb24"), *RAW, "pipe:1"]
    try:
        pixels = ffmpeg.call(program, ["-v", "error", *opened, *chosen, *drawn], FRAME_SECONDS).output
    except Missing:
        raise
    except Unreadable:
        return None
    wanted = size[0] * size[1] * 3
    return Image.frombytes("RGB", size, pixels[:wanted]) if len(pixels) >= wanted else None


def _brightness(image: Image.Image) -> tuple[float, float]:
    grey = ImageStat.Stat(image.convert("L").resize(fit(*image.size, 128)))
    return grey.mean[0], grey.stddev[0]


def cover(data: bytes) -> Image.Image | None:
    """A cover from a sound file's tags, or None: only pictures by their own first bytes, none huge."""
    try:
        with Image.open(io.BytesIO(data), formats=COVER_FORMATS) as image:
            if image.width * image.height > COVER_PIXELS or min(image.size) < 1:
                return None
            image.draft("RGB", (SIZES["view"], SIZES["view"]))
            return _flat(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


def _flat(image: Image.Image) -> Image.Image:
    """RGB, with what was transparent on white."""
    image.load()
    if image.has_transparency_data:
        image = image.convert("RGBA")
        below = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(below, image)
    return image.convert("RGB")


def write(image: Image.Image, out: Path) -> dict[str, File]:
    """JPEG copies of an RGB picture in all sizes, by role."""
    files, whole = {}, image.size
    for role, most in SIZES.items():
        size = fit(*whole, most)
        if size != image.size:
            image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        image.save(out / f"{role}.jpg", "JPEG", quality=QUALITY, optimize=True, progressive=True)
        files[role] = File(f"{role}.jpg", "image/jpeg", *size)
    return files


def average(image: Image.Image) -> str:
    """The average colour as "#rrggbb"."""
    return "#{:02x}{:02x}{:02x}".format(*image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)))

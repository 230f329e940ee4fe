"""Finds a frame worth showing and writes still pictures in the gallery's sizes."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageStat

from goblin.media import File, Missing, Unreadable, ffmpeg
from goblin.media.av import filters
from goblin.media.av.facts import Facts
from goblin.media.av.formats import Format
from goblin.media.picture import opening
from goblin.media.picture.opening import fit

QUALITY = 82
FRAME_SECONDS = 60  # for one frame: a slow box may need long to reach one in a large video
ALL_SECONDS = 90
RAW = ("-c:v", "rawvideo", "-f", "rawvideo")
# Where to look, as parts of the duration: keyframes first as they cost nothing to reach.
PLACES = ((0.1, True), (0.35, True), (0.65, True), (0.3, False), (0.7, False), (0.0, False))
DARK, FLAT = 20, 6  # mean and standard deviation of brightness (0-255) below which a frame says nothing

COVER_PIXELS = 50_000_000
COVER_BYTES = 16 << 20


def find(
    program: str, source: Path, form: Format, facts: Facts, side: int, threads: int = 1
) -> Image.Image | None:
    """A frame that is neither black nor blank if there is one, else the liveliest; None if none decodes.

    It fits a square of `side` pixels.
    """
    size = fit(facts.video.shown, side)
    best, most, end = None, -1.0, time.monotonic() + ALL_SECONDS
    for part, nearest in PLACES:
        image = _frame(program, source, form, facts, part, nearest, size, threads)
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
    program: str,
    source: Path,
    form: Format,
    facts: Facts,
    part: float,
    nearest: bool,
    size: tuple[int, int],
    threads: int,
) -> Image.Image | None:
    """The picture at a part (0 to 1) of a film, or None where there is none."""
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
    grey = ImageStat.Stat(image.convert("L").resize(fit(image.size, 128)))
    return grey.mean[0], grey.stddev[0]


def cover(data: bytes, side: int) -> Image.Image | None:
    """A cover from a sound file's tags, or None: only a picture that is what its first bytes say, none huge.

    It may be larger than `side` pixels, but no more than it must.
    """
    form = opening.simple(data)
    if not form:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=[form]) as image:
            if image.width * image.height > COVER_PIXELS or min(image.size) < 1:
                return None
            image.draft("RGB", (side, side))
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


def write(image: Image.Image, out: Path, sides: Mapping[str, int]) -> dict[str, File]:
    """JPEG copies of an RGB picture, by role, each with the longest side (pixels) that `sides` says."""
    files, whole = {}, image.size
    for role, side in sorted(sides.items(), key=lambda each: -each[1]):
        size = fit(whole, side)
        if size != image.size:
            image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        image.save(out / f"{role}.jpg", "JPEG", quality=QUALITY, optimize=True, progressive=True)
        files[role] = File(f"{role}.jpg", "image/jpeg", *size)
    return files

"""Develops RAW data: each 2 x 2 cells of the filter make one pixel, or each pixel that has all colours.

DNG 1.4, chapters 4 to 6: levels, white balance, the camera's colours to XYZ; then sRGB (IEC 61966-2-1). No lens
corrections, no local tones.
"""

from __future__ import annotations

import array
import functools
import io
import itertools
from collections.abc import Callable, Iterator
from typing import BinaryIO

from PIL import Image, ImageMath

from goblin.media.camera import cells
from goblin.media.camera.mosaic import BLACK, CROP_AT, CROP_SIZE, Mosaic
from goblin.media.picture import exif

COLOURS_2, COLOURS_1, NEUTRAL = 50722, 50721, 50728
BAND = 32  # rows of the picture that are worked out at once, in numbers of four bytes
EVERY = 8  # of so many bands one is looked at for its mean
TO_SRGB = ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))
DEEP = 4095  # steps of the tone curve's table
Matrix = list[list[float]]


def develop(file: BinaryIO, mosaic: Mosaic, side: int) -> Image.Image:
    """The picture in sRGB, not turned. Raises ValueError when data are missing, TimeoutError for too many.

    One that is several times as long as `side` pixels is made that much smaller on the way.
    """
    left, top, right, bottom = mosaic.active
    step = 1 if mosaic.linear else 2
    size = ((right - left) // step, (bottom - top) // step)
    scale, colours = max(1, max(size) // max(side, 1)), _camera_to_srgb(mosaic, _white(file, mosaic, size))
    whole, done = Image.new("RGB", tuple(-(-length // scale) for length in size)), 0
    for planes in _bands(file, mosaic, size, BAND * scale):
        band = _coloured(_levelled(mosaic, planes), colours)
        whole.paste(band.reduce(scale), (0, done // scale))
        done += band.height
    return whole.crop(tuple(edge // scale for edge in _crop(mosaic, *size, step)))


def _bands(file: BinaryIO, mosaic: Mosaic, size: tuple[int, int], rows: int) -> Iterator[list[Image.Image]]:
    """The cells of the filter, or the samples of a pixel, as pictures, so many rows at a time, from the top."""
    (left, top, _, _), (width, height) = mosaic.active, size
    step = 1 if mosaic.linear else 2
    across = step * mosaic.samples  # from a sample to the next of its colour
    lines = itertools.islice(cells.rows(file, mosaic), top, top + height * step)
    while band := list(itertools.islice(lines, rows * step)):
        starts = [(y, left * mosaic.samples + x) for y in range(step) for x in range(across)]
        yield [_plane(band[y::step], x, across, width) for y, x in starts]


def _plane(rows: list[array.array], start: int, step: int, width: int) -> Image.Image:
    samples = b"".join(row[start::step][:width].tobytes() for row in rows)
    return Image.frombytes("I;16", (width, len(rows)), samples).convert("I")


def _crop(mosaic: Mosaic, width: int, height: int, step: int) -> tuple[int, int, int, int]:
    """What is to be shown of the part that sees (DNG 1.4, DefaultCropSize), in pixels of so many cells."""
    across, down = (int(n or 0) // step for n in mosaic.numbers(CROP_AT, (0, 0)))
    wide, high = (int(n or 0) // step for n in mosaic.numbers(CROP_SIZE, (0, 0)))
    inside = wide and high and across + wide <= width and down + high <= height
    return (across, down, across + wide, down + high) if inside else (0, 0, width, height)


def _levelled(mosaic: Mosaic, planes: list[Image.Image]) -> list[Image.Image]:
    """Red, green and blue from 0 to about 1, white where the camera saw white."""
    black = ((mosaic.numbers(BLACK, (0,)) or [0]) * 4)[: len(planes)]
    by_colour: dict[int, list[Image.Image]] = {0: [], 1: [], 2: []}
    for colour, plane, dark in zip(mosaic.planes, planes, black, strict=True):
        by_colour[colour].append(_scaled(plane, dark or 0, max(1, mosaic.white - (dark or 0))))
    return [_mean(*by_colour[colour]) for colour in range(3)]


def _mean(first: Image.Image, second: Image.Image | None = None) -> Image.Image:
    if not second:
        return first
    return _computed(lambda of: (of["a"] + of["b"]) / 2, a=first, b=second)


def _scaled(plane: Image.Image, dark: float, span: float) -> Image.Image:
    def level(of):
        return of["max"]((of["float"](of["plane"]) - dark) / span, 0.0)

    return _computed(level, plane=plane)


def _computed(function: Callable[[dict], object], **images: Image.Image) -> Image.Image:
    return ImageMath.lambda_eval(function, **images)


def _white(file: BinaryIO, mosaic: Mosaic, size: tuple[int, int]) -> list[float]:
    """What the camera saw of white: as DNG says it, else the mean of all, as most of the world is about grey."""
    if mosaic.tells_white:
        told = _numbers(mosaic.source, NEUTRAL, 3)
        return told if told and all(told) else [1.0, 1.0, 1.0]
    sums = [0.0, 0.0, 0.0]
    for planes in itertools.islice(_bands(file, mosaic, size, BAND), 0, None, EVERY):
        for colour, plane in enumerate(_levelled(mosaic, planes)):
            sums[colour] += plane.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return [each / sums[1] for each in sums] if all(sums) else [1.0, 1.0, 1.0]


def _camera_to_srgb(mosaic: Mosaic, neutral: list[float]) -> Matrix:
    """DNG 1.4, chapter 6: XYZ to the camera's colours, inverted; each row so scaled that white stays white."""
    source = mosaic.source
    given = _numbers(source, COLOURS_2, 9) or _numbers(source, COLOURS_1, 9)
    balance = [1 / value for value in neutral]
    if not given:
        return [[balance[row] if row == column else 0.0 for column in range(3)] for row in range(3)]
    srgb_to_camera = _times([given[0:3], given[3:6], given[6:9]], _inverse([list(r) for r in TO_SRGB]))
    even = [[value / sum(row) for value in row] for row in srgb_to_camera]
    return [[value * balance[at] for at, value in enumerate(row)] for row in _inverse(even)]


def _numbers(source: exif.Exif, tag: int, count: int) -> list[float] | None:
    entry = source.first_of("main", tag)
    found = source.numbers(entry) if entry else []
    return found if len(found) == count and None not in found else None


def _times(left: Matrix, right: Matrix) -> Matrix:
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*right, strict=True)]
            for row in left]  # fmt: skip


def _inverse(m: Matrix) -> Matrix:
    """Of three by three, by its minors. Raises ZeroDivisionError when there is none."""
    minors = [
        [
            m[(c + 1) % 3][(r + 1) % 3] * m[(c + 2) % 3][(r + 2) % 3]
            - m[(c + 1) % 3][(r + 2) % 3] * m[(c + 2) % 3][(r + 1) % 3]
            for c in range(3)
        ]
        for r in range(3)
    ]
    whole = sum(m[0][at] * minors[at][0] for at in range(3))
    return [[value / whole for value in row] for row in minors]


def _coloured(planes: list[Image.Image], matrix: Matrix) -> Image.Image:
    return Image.merge("RGB", [_band(planes, row).point(_tones(), "L") for row in matrix])


@functools.cache
def _tones() -> list[int]:
    """The curve as a table of 65536, which Pillow takes for deep pictures."""
    tones = [_tone(step / DEEP) for step in range(DEEP + 1)]
    return tones + [tones[-1]] * (0x10000 - len(tones))


def _band(planes: list[Image.Image], row: list[float]) -> Image.Image:
    def mixed(of):
        sum_of = of["r"] * row[0] + of["g"] * row[1] + of["b"] * row[2]
        return of["int"](of["max"](of["min"](sum_of, 1.0), 0.0) * DEEP + 0.5)

    return _computed(mixed, r=planes[0], g=planes[1], b=planes[2])


def _tone(linear: float) -> int:
    value = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(255 * value)


def as_file(image: Image.Image) -> io.BytesIO:
    """The picture as a file that the rest of the gallery opens like any other."""
    out = io.BytesIO()
    image.save(out, "BMP")
    return out

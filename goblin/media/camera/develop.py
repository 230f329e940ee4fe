"""Develops the simple RAW data of a DNG, half as large: each 2 x 2 cells of the filter make one pixel.

DNG 1.4, chapters 4 to 6: levels, white balance, the camera's colours to XYZ; then sRGB (IEC 61966-2-1). Only
data without compression, of 16 bits or packed to 10, 12 or 14: phones' and many converters'. No lens corrections,
no local tones.
"""

from __future__ import annotations

import array
import functools
import io
import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageMath

from goblin.media.camera import formats, packed
from goblin.media.picture import blocks, exif

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 0x0100, 0x0101, 0x0102, 0x0103, 0x0106
STRIPS, ROWS, STRIP_BYTES, PATTERN_SIZE, PATTERN = 0x0111, 0x0116, 0x0117, 33421, 33422
BLACK, WHITE, COLOURS_2, COLOURS_1, NEUTRAL = 50714, 50717, 50722, 50721, 50728
CROP_AT, CROP_SIZE, ACTIVE = 50719, 50720, 50829
PLAIN = 1
MOST_PIXELS = 60_000_000
LONGEST = 20_000  # cells of a side; each row costs some work, however narrow it is
BAND = 32  # rows of the picture that are worked out at once, in numbers of four bytes
TO_SRGB = ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))
DEEP = 4095  # steps of the tone curve's table
Matrix = list[list[float]]


@dataclass
class Mosaic:
    """The directory of the RAW data, by tag."""

    source: exif.Exif
    tags: dict[int, exif.Entry]

    def numbers(self, tag: int, default: tuple = ()) -> list[float]:
        return self.source.numbers(self.tags[tag]) if tag in self.tags else list(default)

    def number(self, tag: int) -> int:
        return int((self.numbers(tag) or [0])[0] or 0)

    @functools.cached_property
    def size(self) -> tuple[int, int]:
        return self.number(WIDTH), self.number(HEIGHT)

    @functools.cached_property
    def rows(self) -> int:
        """Rows of a strip."""
        return min(self.number(ROWS) or self.size[1], self.size[1])

    @functools.cached_property
    def bits(self) -> int:
        return self.number(BITS)

    @functools.cached_property
    def offsets(self) -> list[float]:
        """Where each strip begins."""
        return self.numbers(STRIPS)

    @property
    def active(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the part that sees, where pattern and levels begin."""
        width, height = self.size
        top, left, bottom, right = (int(n) for n in self.numbers(ACTIVE, (0, 0, height, width)))
        return (
            (left, top, right, bottom)
            if left < right <= width and top < bottom <= height
            else (0, 0, width, height)
        )


def simple(source: exif.Exif) -> Mosaic | None:
    """The RAW data, if they are of the simple kind: not compressed, in strips, red, green and blue in 2 x 2."""
    for tags in source.homes().values():
        mosaic = Mosaic(source, tags)
        plain = mosaic.number(COMPRESSION) == PLAIN and mosaic.bits in (16, *packed.WIDTHS)
        if plain and mosaic.number(PHOTOMETRIC) == formats.CFA and _fits(mosaic):
            return mosaic
    return None


def _fits(mosaic: Mosaic) -> bool:
    width, height = mosaic.size
    cells = sorted(mosaic.numbers(PATTERN))
    known = mosaic.numbers(PATTERN_SIZE) == [2, 2] and cells == [0, 1, 1, 2] and STRIPS in mosaic.tags
    sound = min(width, height) >= 2 and max(width, height) <= LONGEST and width * height <= MOST_PIXELS
    return known and sound


def develop(file: BinaryIO, mosaic: Mosaic, side: int) -> Image.Image | None:
    """The picture in sRGB, not turned; None when data are missing.

    One that is several times as long as `side` pixels is made that much smaller on the way.
    """
    left, top, right, bottom = mosaic.active
    size = ((right - left) // 2, (bottom - top) // 2)
    scale, colours = max(1, max(size) // max(side, 1)), _camera_to_srgb(mosaic)
    whole, done = Image.new("RGB", tuple(-(-length // scale) for length in size)), 0
    for planes in _bands(file, mosaic, size[0], BAND * scale):
        band = _coloured(_levelled(mosaic, planes), colours)
        whole.paste(band.reduce(scale), (0, done // scale))
        done += band.height
    if done < size[1]:
        return None
    return whole.crop(tuple(edge // scale for edge in _crop(mosaic, *size)))


def _bands(file: BinaryIO, mosaic: Mosaic, width: int, rows: int) -> Iterator[list[Image.Image]]:
    """The four cells of the filter as pictures, so many rows at a time, from the top."""
    pairs = _pairs(file, mosaic)
    while band := list(itertools.islice(pairs, rows)):
        cells = [bytearray() for _ in range(4)]
        for upper, lower in band:
            for cell, samples in zip(cells, (upper[::2], upper[1::2], lower[::2], lower[1::2]), strict=True):
                cell += samples[:width].tobytes()
        yield [Image.frombytes("I;16", (width, len(band)), bytes(cell)).convert("I") for cell in cells]


def _crop(mosaic: Mosaic, width: int, height: int) -> tuple[int, int, int, int]:
    """What is to be shown of the part that sees (DNG 1.4, DefaultCropSize), in half pixels."""
    across, down = (int(n or 0) // 2 for n in mosaic.numbers(CROP_AT, (0, 0)))
    wide, high = (int(n or 0) // 2 for n in mosaic.numbers(CROP_SIZE, (0, 0)))
    inside = wide and high and across + wide <= width and down + high <= height
    return (across, down, across + wide, down + high) if inside else (0, 0, width, height)


def _pairs(file: BinaryIO, mosaic: Mosaic) -> Iterator[tuple[array.array, array.array]]:
    """Two rows of samples at a time, from the top."""
    left, top, right, bottom = mosaic.active
    for row in range(top, bottom - 1, 2):
        upper, lower = (_row(file, mosaic, number) for number in (row, row + 1))
        if upper is None or lower is None:
            return
        yield upper[left:right], lower[left:right]


def _row(file: BinaryIO, mosaic: Mosaic, number: int) -> array.array | None:
    """One row of samples, None when it is missing."""
    width = mosaic.size[0]
    offsets, rows, bits = mosaic.offsets, mosaic.rows, mosaic.bits
    if number // rows >= len(offsets):
        return None
    length = (width * bits + 7) // 8
    data = blocks.at(file, int(offsets[number // rows]) + number % rows * length, length)
    if len(data) < length:
        return None
    if bits != 16:
        return packed.apart(data, bits, width)
    samples = array.array("H", data)
    if (mosaic.source.order == ">") != (sys.byteorder == "big"):
        samples.byteswap()
    return samples


def _levelled(mosaic: Mosaic, planes: list[Image.Image]) -> list[Image.Image]:
    """Red, green and blue from 0 to about 1, white where the camera saw white."""
    white = mosaic.number(WHITE) or (1 << mosaic.bits) - 1
    black = ((mosaic.numbers(BLACK, (0,)) or [0]) * 4)[:4]
    by_colour: dict[int, list[Image.Image]] = {0: [], 1: [], 2: []}
    for colour, plane, dark in zip(mosaic.numbers(PATTERN), planes, black, strict=True):
        by_colour[int(colour)].append(_scaled(plane, dark or 0, max(1, white - (dark or 0))))
    first, second = by_colour[1]
    green = _computed(lambda of: (of["a"] + of["b"]) / 2, a=first, b=second)
    return [by_colour[0][0], green, by_colour[2][0]]


def _scaled(plane: Image.Image, dark: float, span: float) -> Image.Image:
    def level(of):
        return of["max"]((of["float"](of["plane"]) - dark) / span, 0.0)

    return _computed(level, plane=plane)


def _computed(function: Callable[[dict], object], **images: Image.Image) -> Image.Image:
    return ImageMath.lambda_eval(function, **images)


def _camera_to_srgb(mosaic: Mosaic) -> Matrix:
    """DNG 1.4, chapter 6: XYZ to the camera's colours, inverted; each row so scaled that white stays white."""
    source = mosaic.source
    neutral = _numbers(source, NEUTRAL, 3)
    if not neutral or not all(neutral):
        neutral = [1.0, 1.0, 1.0]
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

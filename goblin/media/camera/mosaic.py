"""What a RAW file says of its data: where they lie and how, their size, levels and colours (TIFF 6.0, DNG 1.4)."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from goblin.media.camera import formats, packed
from goblin.media.picture import exif

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 0x0100, 0x0101, 0x0102, 0x0103, 0x0106
STRIPS, SAMPLES, ROWS, STRIP_BYTES, PLANAR = 0x0111, 0x0115, 0x0116, 0x0117, 0x011C
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 0x0142, 0x0143, 0x0144, 0x0145
PATTERN_SIZE, PATTERN, CURVE, BLACK, WHITE = 33421, 33422, 50712, 50714, 50717
CROP_AT, CROP_SIZE, ACTIVE = 50719, 50720, 50829
PLAIN, JPEG, INTERLEAVED = 1, 7, 1
MOST_SAMPLES = 64_000_000
LONGEST = 20_000  # cells of a side; each row costs some work, however narrow it is


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
    def bits(self) -> int:
        return self.number(BITS)

    @functools.cached_property
    def samples(self) -> int:
        """Of each pixel: 1 behind a filter, 3 where each has all colours."""
        return self.number(SAMPLES) or 1

    @functools.cached_property
    def compression(self) -> int:
        return self.number(COMPRESSION)

    @property
    def linear(self) -> bool:
        """Whether each pixel has all colours."""
        return self.number(PHOTOMETRIC) == formats.LINEAR

    @functools.cached_property
    def piece(self) -> tuple[int, int]:
        """Columns and rows of a strip or tile."""
        if TILES in self.tags:
            return self.number(TILE_WIDTH), self.number(TILE_HEIGHT)
        width, height = self.size
        return width, min(self.number(ROWS) or height, height)

    @functools.cached_property
    def offsets(self) -> list[float]:
        """Where each strip or tile begins."""
        return self.numbers(TILES if TILES in self.tags else STRIPS)

    @functools.cached_property
    def lengths(self) -> list[float]:
        """Bytes of each strip or tile."""
        return self.numbers(TILE_BYTES if TILES in self.tags else STRIP_BYTES)

    @functools.cached_property
    def stored(self) -> int:
        """Bits that a cell takes up in the file where it is not compressed: makers may give each two bytes."""
        (wide, high), height = self.piece, self.size[1]
        bytes_of_all = 2 * wide * min(high, height) * self.samples
        roomy = self.bits < 16 and bool(self.lengths) and int(self.lengths[0] or 0) >= bytes_of_all
        return 16 if roomy else self.bits

    @property
    def tells_white(self) -> bool:
        """Whether the file may say what white is, in a way that is known: DNG does."""
        return bool(self.source.first_of("main", formats.DNG_VERSION))

    @functools.cached_property
    def curve(self) -> list[float]:
        """DNG 1.4, LinearizationTable: what each number stands for, the last for all above; empty for none."""
        return self.numbers(CURVE)

    @property
    def white(self) -> int:
        """The number of what is as bright as can be."""
        return self.number(WHITE) or int(self.curve[-1] if self.curve else (1 << self.bits) - 1)

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

    @property
    def planes(self) -> list[int]:
        """Which colour (0 red, 1 green, 2 blue) each cell of 2 x 2, or each sample of a pixel, is of."""
        return [0, 1, 2] if self.linear else [int(colour) for colour in self.numbers(PATTERN)]


def simple(source: exif.Exif) -> Mosaic | None:
    """The largest RAW data of a kind that can be developed: red, green and blue in 2 x 2 cells or in each pixel."""
    found = (Mosaic(source, tags) for tags in source.homes().values())
    return max(filter(_known, found), key=lambda mosaic: mosaic.size, default=None)


def _known(mosaic: Mosaic) -> bool:
    if mosaic.linear:
        filtered = mosaic.samples == 3 and mosaic.number(PLANAR) in (0, INTERLEAVED)
    else:
        cells = mosaic.samples == 1 and sorted(mosaic.numbers(PATTERN)) == [0, 1, 1, 2]
        filtered = (
            mosaic.number(PHOTOMETRIC) == formats.CFA and cells and mosaic.numbers(PATTERN_SIZE) == [2, 2]
        )
    if mosaic.compression == PLAIN:
        return filtered and mosaic.bits in (8, 16, *packed.WIDTHS) and _fits(mosaic)
    return filtered and mosaic.compression == JPEG and 8 <= mosaic.bits <= 16 and _fits(mosaic)


def _fits(mosaic: Mosaic) -> bool:
    """Whether the size can be, with what tiles have beyond the picture's right edge."""
    (width, height), (wide, high) = mosaic.size, mosaic.piece
    if min(width, height) < 2 or max(width, height) > LONGEST or min(wide, high) < 1:
        return False
    return -(-width // wide) * wide * height * mosaic.samples <= MOST_SAMPLES

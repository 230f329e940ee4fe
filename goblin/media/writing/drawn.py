"""Draws rows of cells: letters in any font that is there, blocks and frames by hand so that they join."""

from __future__ import annotations

import functools
import unicodedata

from PIL import Image, ImageDraw, ImageFont

from goblin.media.writing.screen import EMPTY, Cell

# The 16 colours of VGA text, in the order of ECMA-48; the stylesheet has the same.
PALETTE = [(170 * (n & 1), 170 * (n >> 1 & 1), 170 * (n >> 2)) for n in range(8)]
PALETTE[3] = (170, 85, 0)
PALETTE += [(85 + 170 * (n & 1), 85 + 170 * (n >> 1 & 1), 85 + 170 * (n >> 2)) for n in range(8)]
INK, PAPER = (35, 32, 28), (250, 248, 245)
SIDE = 1280  # pixels of the longest side
NARROWEST, WIDEST = 8, 32  # pixels of a cell, which is twice as high
MOST_COLUMNS = 160
FLATTEST = 4  # times wider than high
FONTS = ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf")
# Quarters of a block by character: upper left, upper right, lower left, lower right.
QUARTERS = {"▖": 4, "▗": 8, "▘": 1, "▙": 13, "▚": 9, "▛": 7, "▜": 11, "▝": 2, "▞": 6, "▟": 14}
SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}


def draw(rows: list[list[Cell]], coloured: bool) -> Image.Image:
    """The beginning of a text as a picture: ink on paper, or on a black screen if it is coloured."""
    columns = min(max((len(row) for row in rows), default=1) or 1, MOST_COLUMNS)
    fits = min(SIDE // columns, SIDE // (2 * max(1, len(rows))))
    cell = min(max(fits, NARROWEST), WIDEST)
    rows = rows[: SIDE // (2 * cell)]
    return _Picture(columns, rows, cell, coloured).image


class _Picture:
    def __init__(self, columns: int, rows: list[list[Cell]], cell: int, coloured: bool) -> None:
        self.wide, self.high, self.coloured = cell, 2 * cell, coloured
        edge = cell
        across, down = columns * cell + 2 * edge, max(1, len(rows)) * 2 * cell + 2 * edge
        size = across, max(down, across // FLATTEST)
        self.image = Image.new("RGB", size, self._colour(EMPTY)[1])
        self.pen = ImageDraw.Draw(self.image)
        self.font = _font(round(self.high * 0.75))
        for y, row in enumerate(rows):
            for x, each in enumerate(row[:columns]):
                if each != EMPTY:
                    self._cell(edge + x * cell, edge + y * 2 * cell, each)

    def _colour(self, cell: Cell) -> tuple:
        return (PALETTE[cell.ink], PALETTE[cell.ground]) if self.coloured else (INK, PAPER)

    def _cell(self, x: int, y: int, cell: Cell) -> None:
        ink, ground = self._colour(cell)
        right, low = x + self.wide - 1, y + self.high - 1
        if cell.ground:
            self.pen.rectangle((x, y, right, low), ground)
        character = cell.character
        if "▀" <= character <= "▟":
            self._block(x, y, character, ink, ground)
        elif "─" <= character <= "╿":
            self._frame(x, y, character, ink)
        elif character.strip():
            self._letter(x, y, character, ink)

    def _block(self, x: int, y: int, character: str, ink: tuple, ground: tuple) -> None:
        """Block elements (Unicode U+2580 to U+259F)."""
        if character in SHADES:
            part = SHADES[character]
            mixed = tuple(round(a * part + b * (1 - part)) for a, b in zip(ink, ground, strict=True))
            self._fill(x, y, (0, 0, 1, 1), mixed)
        elif character in QUARTERS:
            for quarter in range(4):
                if QUARTERS[character] >> quarter & 1:
                    left, top = quarter % 2 / 2, quarter // 2 / 2
                    self._fill(x, y, (left, top, left + 0.5, top + 0.5), ink)
        else:
            self._fill(x, y, _eighths(ord(character) - 0x2580), ink)

    def _fill(self, x: int, y: int, part: tuple, ink: tuple) -> None:
        left, top, right, low = part
        box = (x + round(left * self.wide), y + round(top * self.high))
        end = (x + max(round(right * self.wide) - 1, 0), y + max(round(low * self.high) - 1, 0))
        if end[0] >= box[0] and end[1] >= box[1]:
            self.pen.rectangle((box, end), ink)

    def _frame(self, x: int, y: int, character: str, ink: tuple) -> None:
        """Box drawing (Unicode U+2500 to U+257F): lines from the middle to the sides that its name tells."""
        ways, weight = _arms(character)
        thick = max(1, self.wide // 8) * weight
        left, top = x + (self.wide - thick) // 2, y + (self.high - thick) // 2
        ends = {
            "LEFT": (x, top, left + thick - 1, top + thick - 1),
            "RIGHT": (left, top, x + self.wide - 1, top + thick - 1),
            "UP": (left, y, left + thick - 1, top + thick - 1),
            "DOWN": (left, top, left + thick - 1, y + self.high - 1),
        }
        for way in ways:
            self.pen.rectangle(ends[way], ink)

    def _letter(self, x: int, y: int, character: str, ink: tuple) -> None:
        if not _has(self.font, character):
            character = unicodedata.normalize("NFKD", character)[0]  # é without its accent is still an e
        if not _has(self.font, character):
            self._fill(x, y, (0.2, 0.3, 0.8, 0.8), ink)
            return
        at = (x + self.wide / 2, y + round(self.high * 0.78))
        self.pen.text(at, character, ink, self.font, anchor="ms")


def _eighths(number: int) -> tuple[float, float, float, float]:
    """The part of the cell that a half or eighth block covers: left, top, right, bottom."""
    if number == 0:
        return 0, 0, 1, 0.5
    if number <= 8:
        return 0, 1 - number / 8, 1, 1
    if number <= 15:
        return 0, 0, (16 - number) / 8, 1
    return {16: (0.5, 0, 1, 1), 20: (0, 0, 1, 1 / 8)}.get(number, (7 / 8, 0, 1, 1))


@functools.cache
def _arms(character: str) -> tuple[tuple[str, ...], int]:
    """Which sides a frame's lines reach, and how thick they are; slanting and round ones likewise."""
    name = unicodedata.name(character)
    ways = {way for way in ("LEFT", "RIGHT", "UP", "DOWN") if way in name}
    ways |= {"LEFT", "RIGHT"} if "HORIZONTAL" in name else set()
    ways |= {"UP", "DOWN"} if "VERTICAL" in name else set()
    return tuple(sorted(ways)), 2 if "HEAVY" in name or "DOUBLE" in name else 1


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """A font of even letters if the machine has one, else the letters that come with Pillow."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


@functools.cache
def _has(font: ImageFont.FreeTypeFont, character: str) -> bool:
    """Whether a font has a letter; those it has not look alike."""
    return character.isascii() or bytes(font.getmask(character)) != bytes(font.getmask("\U0010fffe"))

"""A text screen that follows ANSI escapes (ECMA-48) as DOS terminals did, within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from goblin.media.writing.encoding import UNSEEN, width

GREY, BLACK = 7, 0
MOST_LINES = 2000
MOST_STEPS = 1_000_000  # escapes and stretches of text
PIECE = re.compile(
    r"\x1b\[([\d;?=<>]{0,64})[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"
    r"|\x1b[ -/]*.?|[\r\n\t]|[^\x1b\r\n\t]+",
    re.DOTALL,
)
# ECMA-48 numbers colours red, green, blue from the lowest bit up; so does the palette of the stylesheet.
LEVELS = (0, 95, 135, 175, 215, 255)


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of the screen: a character (none in the second half of a wide one) and its two colours."""

    character: str = " "
    ink: int = GREY
    ground: int = BLACK


EMPTY = Cell()


class Screen:
    """`columns` wide; lines grow as they are needed. `bright` means that blinking stands for bright grounds."""

    def __init__(self, columns: int = 80, bright: bool = False) -> None:
        self.columns, self.bright = columns, bright
        self.rows: list[list[Cell]] = []
        self.cut = False
        self._x = self._y = 0
        self._saved = (0, 0)
        self._reset()

    def _reset(self, *_: int) -> None:
        self._ink, self._ground, self._bold, self._blink, self._turned = GREY, BLACK, False, False, False

    def feed(self, text: str) -> None:
        """Show text with its escapes."""
        for steps, piece in enumerate(PIECE.finditer(text)):
            if steps > MOST_STEPS or self._y >= MOST_LINES:
                self.cut = True
                return
            if piece[2]:
                self._obey(piece[2], [int(n) if n.isdigit() else None for n in piece[1].split(";")])
            elif piece[0] in "\r\n\t":
                self._move(piece[0])
            elif not piece[0].startswith("\x1b"):
                for character in UNSEEN.sub("", piece[0]):
                    self._put(character)

    def _move(self, control: str) -> None:
        if control == "\t":
            self._x = min(self._x // 8 * 8 + 8, self.columns - 1)
        else:
            self._x, self._y = 0, self._y + (control == "\n")

    def _put(self, character: str) -> None:
        takes = width(character)
        if self._x + takes > self.columns:
            self._x, self._y = 0, self._y + 1
        if not takes or self._y >= MOST_LINES:
            return
        row = self._row()
        row.extend([EMPTY] * (self._x + takes - len(row)))
        ink, ground = self._colours()
        row[self._x] = Cell(character, ink, ground)
        if takes == 2:
            row[self._x + 1] = Cell("", ink, ground)
        self._x += takes

    def _row(self) -> list[Cell]:
        while len(self.rows) <= self._y:
            self.rows.append([])
        return self.rows[self._y]

    def _colours(self) -> tuple[int, int]:
        ink = self._ink | 8 if self._bold else self._ink
        ground = self._ground | 8 if self._blink and self.bright else self._ground
        return (ground, ink) if self._turned else (ink, ground)

    def _obey(self, order: str, numbers: list[int | None]) -> None:
        """Cursor, erasing and colours (ECMA-48, 8.3); everything else is passed over."""
        by = max(1, min(numbers[0] or 1, MOST_LINES))
        if order in "ABCD":
            self._y = max(0, self._y + {"A": -by, "B": by}.get(order, 0))
            self._x = max(0, min(self._x + {"C": by, "D": -by}.get(order, 0), self.columns - 1))
        elif order in "Hf":
            across = numbers[1] if len(numbers) > 1 else 1
            self._y, self._x = by - 1, min(max(1, across or 1), self.columns) - 1
        elif order == "m":
            self._colour([number or 0 for number in numbers])
        elif order in "JK":
            self._erase(order, numbers[0])
        elif order == "s":
            self._saved = (self._x, self._y)
        elif order == "u":
            self._x, self._y = self._saved

    def _erase(self, order: str, what: int | None) -> None:
        if order == "J" and what == 2:
            self.rows, self._x, self._y = [], 0, 0
        elif order == "K" and not what and self._y < MOST_LINES:
            del self._row()[self._x :]

    def _colour(self, numbers: list[int]) -> None:
        """SGR (ECMA-48, 8.3.117), with the larger palettes of newer terminals brought down to 16."""
        while numbers:
            number = numbers.pop(0)
            if number in (38, 48):
                self._set(number, _nearest(numbers))
            elif number in (39, 49):
                self._set(number - 1, GREY if number == 39 else BLACK)
            elif 30 <= number % 60 <= 47 and number < 108:
                bright = 8 if number >= 90 else 0
                self._set(38 if number % 60 < 40 else 48, number % 10 | bright)
            else:
                self._style(number)

    def _style(self, number: int) -> None:
        if number == 0:
            self._reset()
        elif number in (1, 22):
            self._bold = number == 1
        elif number in (5, 6, 25):
            self._blink = number != 25
        elif number in (7, 27):
            self._turned = number == 7

    def _set(self, which: int, colour: int) -> None:
        if which == 38:
            self._ink = colour
        else:
            self._ground = colour

    def lines(self) -> Iterator[list[Cell]]:
        """The rows without the emptiness at their ends."""
        for row in self.rows:
            length = len(row)
            while length and row[length - 1] == EMPTY:
                length -= 1
            yield row[:length]


def plain(lines: list[str]) -> list[list[Cell]]:
    """Lines without colours as rows of cells."""
    rows = []
    for line in lines:
        row: list[Cell] = []
        for character in line.expandtabs(8):
            takes = width(character)
            if takes:
                row.extend((Cell(character), Cell(""))[:takes])
        rows.append(row)
    return rows


def _nearest(numbers: list[int]) -> int:
    """The colour of 16 nearest to an indexed (5;n) or direct (2;r;g;b) one; takes its numbers off the list."""
    how = numbers.pop(0) if numbers else 0
    if how == 2:
        red, green, blue = ([*numbers, 0, 0, 0])[:3]
        del numbers[:3]
    else:
        index = numbers.pop(0) if numbers else GREY
        if index < 16:
            return index
        level = 8 + 10 * (index - 232)
        cube = tuple(LEVELS[(index - 16) // step % 6] for step in (36, 6, 1))
        red, green, blue = (level,) * 3 if index >= 232 else cube
    high = max(red, green, blue)
    if high < 43:
        return BLACK
    bits = sum(bit for bit, part in ((1, red), (2, green), (4, blue)) if part > high / 2)
    return bits | (8 if high > 200 else 0)

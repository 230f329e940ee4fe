"""Text as it stands: plain, art of letters, NFO files and coloured ANSI screens."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goblin.media import Limits, MediaType, Progress, Result, Step, Unreadable, register, wants
from goblin.media.writing import encoding

HEAD = 4096  # bytes that are enough to tell text from other files
LARGEST = 4 << 20  # bytes that are read; the lines of the rest are only counted
LONGEST_LINE = 2000  # characters of a line on the page
MOST_RUNS = 5000  # stretches of one colour on the page; a full screen of art has some hundred
DRAWN_LINES, DRAWN_COLUMNS = 80, 160
CHUNK = 1 << 20
BLANK = base64.b64encode(b" ").decode()
NOT_TEXT = "This file begins like text but cannot be read as such."


@register
class Text(MediaType):
    kind = "text"
    facts = {"lines": int, "columns": int}
    options = {
        "sizes": ("320 640 1280", "longest sides in pixels of the two thumbnails and the view"),
        "quality": (85, "quality of copies, from 1 to 95"),
        "characters": (100_000, "most characters on the page; the rest is in the file only"),
    }
    steps = {
        "facts": Step("lines, columns, title and the words on the page", options=("characters",), version=2),
        "thumbs": Step("its beginning as a picture", ("thumb", "thumb2", "view"), ("sizes", "quality")),
    }
    limits = Limits(memory=256 << 20, most=512 << 20, seconds=60, bytes=64 << 20)

    def sniff(self, head: bytes, name: str) -> str | None:
        """Bytes that can be read as text, under a name that does not say something else."""
        return "text/plain" if encoding.guess(head, name) else None

    def process(self, source: Path, out: Path, options: Mapping[str, Any], progress: Progress) -> Result:
        """What is shown on the page, and its beginning as a picture."""
        page = Page(source, options["characters"])
        progress(50)
        result = Result(page.columns, page.data, {}, {"facts": page.hidden} if page.hidden else {})
        if wants(options, "thumbs"):
            _draw(page, out, options, result)
        return result


def _draw(page: Page, out: Path, options: Mapping[str, Any], result: Result) -> None:
    from goblin.media.picture import copies
    from goblin.media.writing import drawn

    image = drawn.draw(page.rows, page.data["screen"])
    roles = copies.sides(options)
    result.files = copies.still(image, out, roles, options["quality"], image.size)
    shown = {"width": image.width, "height": image.height, "placeholder": copies.average(image)}
    result.columns = shown | page.columns


class Page:
    """A text as the page shows it: `columns`, `data`, and the first `rows` of cells to draw."""

    def __init__(self, source: Path, characters: int) -> None:
        from goblin.media.writing import sauce

        with source.open("rb") as file:
            data = file.read(LARGEST)
            rest = self._uncounted(file, data)
            file.seek(-min(sauce.SIZE, file.tell()), 2)
            tail = file.read()
            self.sauce = sauce.read(tail)
            # Blanks of the record: applied to the downloads of others while its owner hides facts.
            ends = ((file.tell() - before, length) for before, length in sauce.people(tail))
            self.hidden = [[at, length, BLANK] for at, length in ends if at >= 0]
        codec = encoding.guess(data, source.name, rest is None) or encoding.guess(data[:HEAD], source.name)
        if not codec:
            raise Unreadable(NOT_TEXT)
        self.characters, self.cut = characters, rest is not None
        text = encoding.decode(data, codec)
        coloured = "\x1b[" in text
        self.columns = self._screen(text, codec) if coloured else self._plain(text)
        self.columns["lines"] += rest or 0
        self.data = {
            **{"type": "text/plain", "encoding": encoding.SAID.get(codec, "CP437 (DOS)"), "cut": self.cut},
            **{"text": self.text, "runs": self.runs, "screen": coloured or codec == "cp437"},
        }
        self._signed()

    @staticmethod
    def _uncounted(file, before: bytes) -> int | None:
        """Lines in what follows `before` in the file, without the one that goes on there; None at its end."""
        ends, last = 0, b""
        for chunk in iter(lambda: file.read(CHUNK), b""):
            ends, last = ends + chunk.count(b"\n"), chunk[-1:]
        if not last:
            return None
        return ends - (before[-1:] != b"\n") + (last != b"\n")

    def _signed(self) -> None:
        """What the artist says at the end of the file."""
        from goblin.media.av.tags import clean

        if title := clean(self.sauce.title):
            self.columns["title"] = title
        if author := clean(self.sauce.author):
            self.data["artist"] = author

    def _plain(self, text: str) -> dict[str, Any]:
        from goblin.media.writing.screen import plain

        lines = encoding.tidy(text).removesuffix("\n").split("\n")
        self.rows = plain([line[:DRAWN_COLUMNS] for line in lines[:DRAWN_LINES]])
        self.text, self.runs = self._shown(lines), []
        return {"lines": len(lines), "columns": max(map(encoding.cells, lines))}

    def _shown(self, lines: list[str]) -> str:
        """The lines that have room on the page, each not too long."""
        shown, left = [], self.characters
        for line in lines:
            if left <= 0:
                self.cut = True
                break
            most = min(left, LONGEST_LINE)
            self.cut |= len(line) > most
            shown.append(line[:most] + "…" if len(line) > most else line)
            left -= len(shown[-1]) + 1
        return "\n".join(shown)

    def _screen(self, text: str, codec: str) -> dict[str, Any]:
        from goblin.media.writing.screen import Screen

        screen = Screen(self.sauce.columns or (80 if codec == "cp437" else DRAWN_COLUMNS), self.sauce.bright)
        screen.feed(text)
        rows = list(screen.lines())
        while rows and not rows[-1]:
            rows.pop()
        self.rows, self.runs, self.cut = rows[:DRAWN_LINES], self._runs(rows), self.cut or screen.cut
        self.text = "".join(words for _, words in self.runs)
        return {"lines": len(rows), "columns": max(map(len, rows), default=0)}

    def _runs(self, rows: list) -> list[tuple[str, str]]:
        """Stretches of the same colours: the classes of the stylesheet, and the characters."""
        runs: list[list[str]] = []
        left = self.characters
        for row in rows:
            if left <= 0 or len(runs) >= MOST_RUNS:
                self.cut = True
                break
            for cell in row:
                look = f"f{cell.ink} b{cell.ground}" if cell.ground else f"f{cell.ink}"
                if not runs or runs[-1][0] != look:
                    runs.append([look, ""])
                runs[-1][1] += cell.character
            left -= len(row) + 1
            runs = runs or [["f7", ""]]
            runs[-1][1] += "\n"
        return [(look, words) for look, words in runs]

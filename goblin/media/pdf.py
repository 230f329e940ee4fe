"""PDF documents: a series of pictures of their pages, and their words to be found by."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goblin.media import File, Limits, MediaType, Progress, Result, Step, Unreadable, register, wants

MAGIC = b"%PDF-"
WORDS_SECONDS = 20  # of work; a long document without words in it is shown no later for that
MAGIC_WITHIN = 1024  # ISO 32000-1, annex H, note 13: viewers take a header that begins so late


@register
class Pdf(MediaType):
    kind = "pdf"
    facts = {"pages": int, "author": str}
    options = {
        "sizes": (
            "320 640 1280",
            "longest sides in pixels of the two thumbnails and the view of the first page",
        ),
        "page": (1600, "longest side in pixels of the pictures of pages"),
        "ahead": (30, "pages drawn before anybody opens them; further ones as many at a time, once opened"),
        "pages": (2000, "most pages that are shown"),
        "quality": (80, "quality of copies, from 1 to 95"),
        "patience": (600, "seconds of work after which the rest of the pages is left out"),
    }
    steps = {
        "facts": Step("pages, title, author and words", version=2),
        "thumbs": Step(
            "the first page in all sizes", ("thumb", "thumb2", "view", "page-1"), ("sizes", "page", "quality")
        ),
        "pages": Step(
            "pictures of the first pages", ("page-*",), ("page", "ahead", "pages", "quality"), after=True
        ),
        "more": Step("pictures of further pages that somebody opened", after=True, spare=True),
    }
    limits = Limits(memory=256 << 20, most=768 << 20, seconds=900, bytes=64 << 20)

    def sniff(self, head: bytes, name: str) -> str | None:
        """The header near the beginning, with nothing before it that another kind of file begins with."""
        at = head.find(MAGIC, 0, MAGIC_WITHIN)
        return (
            "application/pdf" if at == 0 or at > 0 and not head[:at].strip(b"\xef\xbb\xbf\0\r\n\t ") else None
        )

    def process(self, source: Path, out: Path, options: Mapping[str, Any], progress: Progress) -> Result:
        """Facts, words, and pages as pictures; a locked one is kept and says so. Raises Unreadable, Missing."""
        from goblin.media.paper import hiding, locked
        from goblin.media.paper.document import Document, Locked

        try:
            document = Document(source)
        except Locked:
            said = {"type": "application/pdf", "locked": True, "facts_stay": True}
            return Result({"pages": locked.pages(source)}, said, needless=["pages", "more"])
        result, hide = Work(document, out, options, progress).result(), hiding.find(source)
        result.data |= hide.data
        result.patches = hide.patches
        return result


class Work:
    """One document being prepared."""

    def __init__(self, document, out: Path, options: Mapping[str, Any], progress: Progress) -> None:
        self.document, self.out, self.options, self.progress = document, out, options, progress
        self.files: dict[str, File] = {}

    def result(self) -> Result:
        """The steps asked for. Raises Unreadable when the first page is to be drawn and cannot be."""
        columns = {"pages": self.document.pages} | self.document.said()
        data: dict[str, Any] = {"type": "application/pdf", "pages": self.document.pages}
        group = max(self.options["ahead"], 1)
        if wants(self.options, "thumbs"):
            columns |= self._first()
            data["group"] = group
        if wants(self.options, "facts"):
            data["text"] = self._words()
        last = data["shown"] = min(self.document.pages, self.options["pages"])
        asked = self.options.get("asked")
        if wants(self.options, "pages"):
            data |= self._many(range(1, min(last, group) + 1), []) | {"group": group}
        elif asked and wants(self.options, "more"):
            start, end, *drawn = asked
            data |= self._many(range(start, min(last, end) + 1), drawn)
        return Result(columns, data, self.files, needless=["more"] if last > 1 else ["pages", "more"])

    def _first(self) -> dict[str, Any]:
        from goblin.media.paper.document import DAMAGED
        from goblin.media.picture import copies

        image = self.document.draw(0, self.options["page"])
        if image is None:
            raise Unreadable(DAMAGED)
        roles = copies.sides(self.options)
        self.files = copies.still(image, self.out, roles, self.options["quality"], image.size)
        self.files |= self._keep(1, image)
        return {"width": image.width, "height": image.height, "placeholder": copies.average(image)}

    def _many(self, numbers: range, drawn: list[int]) -> dict[str, Any]:
        """Draw these pages; `drawn` are the first ones of the groups that are drawn already."""
        from goblin.media.child import apart

        wanted = [number for number in numbers if f"page-{number}" not in self.files]
        self.files |= apart.each(wanted, self._leaf, self._left, self.progress)
        return {"drawn": sorted({*drawn, *numbers[:1]}), "asked": None}

    def _left(self) -> float:
        """Seconds of work that are still allowed, whoever did what was done."""
        return self.options["patience"] - sum(os.times()[:4])

    def _leaf(self, number: int) -> dict[str, File]:
        image = self.document.draw(number - 1, self.options["page"])
        return self._keep(number, image) if image else {}

    def _keep(self, number: int, image) -> dict[str, File]:
        name = f"page-{number}.webp"
        image.save(self.out / name, "WEBP", quality=self.options["quality"], method=2)
        return {f"page-{number}": File(name, "image/webp", *image.size)}

    def _words(self) -> str:
        from goblin.media.paper.document import LONGEST_TEXT

        found, left, begun = [], LONGEST_TEXT, time.process_time()
        for number in range(self.document.pages):
            if left <= 0 or time.process_time() - begun > WORDS_SECONDS:
                break
            found.append(self.document.words(number, left))
            left -= len(found[-1]) + 1
        return "\n".join(filter(None, found))

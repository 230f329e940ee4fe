"""PDF documents: a series of pictures of their pages, and their words to be found by."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goblin.media import File, Limits, MediaType, Progress, Result, Unreadable, register

MAGIC = b"%PDF-"
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
        "pages": (300, "most pages that are shown"),
        "quality": (80, "quality of copies, from 1 to 95"),
        "patience": (600, "seconds of work after which the rest of the pages is left out"),
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
        from goblin.media.paper import locked
        from goblin.media.paper.document import Document, Locked

        try:
            document = Document(source)
        except Locked:
            return Result({"pages": locked.pages(source)}, {"type": "application/pdf", "locked": True})
        return Work(document, out, options, progress).result()


class Work:
    """One document being prepared."""

    def __init__(self, document, out: Path, options: Mapping[str, Any], progress: Progress) -> None:
        self.document, self.out, self.options, self.progress = document, out, options, progress
        self.files: dict[str, File] = {}

    def result(self) -> Result:
        """The first page in all sizes, then the others. Raises Unreadable when the first cannot be drawn."""
        columns = self._first() | {"pages": self.document.pages} | self.document.said()
        words = self._words()
        self._others()
        data = {"type": "application/pdf", "text": words, "shown": self._shown()}
        return Result(columns, data, self.files)

    def _first(self) -> dict[str, Any]:
        from goblin.media.paper.document import DAMAGED
        from goblin.media.picture import copies

        image = self.document.draw(0, self.options["page"])
        if image is None:
            raise Unreadable(DAMAGED)
        roles = dict(zip(copies.ROLES, map(int, str(self.options["sizes"]).split()), strict=True))
        self.files = copies.still(image, self.out, roles, self.options["quality"], image.size)
        self._keep(1, image)
        return {"width": image.width, "height": image.height, "placeholder": copies.average(image)}

    def _others(self) -> None:
        count = min(self.document.pages, self.options["pages"])
        for number in range(2, count + 1):
            if time.process_time() > self.options["patience"]:
                return
            self.progress(100 * (number - 1) / count)
            if image := self.document.draw(number - 1, self.options["page"]):
                self._keep(number, image)

    def _keep(self, number: int, image) -> None:
        name = f"page-{number}.webp"
        image.save(self.out / name, "WEBP", quality=self.options["quality"], method=2)
        self.files[f"page-{number}"] = File(name, "image/webp", *image.size)

    def _words(self) -> str:
        from goblin.media.paper.document import LONGEST_TEXT

        found, left = [], LONGEST_TEXT
        for number in range(self.document.pages):
            if left <= 0 or time.process_time() > self.options["patience"] / 2:
                break
            found.append(self.document.words(number, left))
            left -= len(found[-1]) + 1
        return "\n".join(filter(None, found))

    def _shown(self) -> int:
        return sum(role.startswith("page-") for role in self.files)

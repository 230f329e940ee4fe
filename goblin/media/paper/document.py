"""A PDF opened by PDFium, which runs no scripts and follows no actions: how many pages, words, pictures."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from goblin.media import Unreadable, parts
from goblin.media.av.tags import clean

LONGEST_TEXT = 50_000  # characters kept for searching
MOST_PAGES = 100_000
WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD of public/fpdfview.h
DAMAGED = "This PDF is damaged or incomplete: none of its pages can be read."
NO_PAGES = "This PDF has no page that can be shown."


class Locked(Exception):
    """The document opens with a password only."""


class Document:
    """An open document. Raises Locked, Missing, or Unreadable for what is damaged."""

    def __init__(self, source: Path) -> None:
        try:
            import pypdfium2
        except ImportError as error:
            raise parts.missing("pypdfium2") from error
        self._wrong = pypdfium2.PdfiumError
        try:
            self._pdf = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) == WRONG_PASSWORD:
                raise Locked from error
            raise Unreadable(DAMAGED) from error
        self.pages = self._count()
        self._show_forms()

    def _count(self) -> int:
        """Pages that are really there, whatever the file claims; those of damaged ends do not count."""
        last = min(len(self._pdf), MOST_PAGES)
        if not last:
            raise Unreadable(NO_PAGES)
        if self._is_there(last - 1):
            return last
        first = 0
        while last - first > 1:
            middle = (first + last) // 2
            first, last = (middle, last) if self._is_there(middle) else (first, middle)
        if not self._is_there(first):
            raise Unreadable(NO_PAGES)
        return first + 1

    def _is_there(self, number: int) -> bool:
        try:
            self._pdf.get_page_size(number)
        except self._wrong:
            return False
        return True

    def _show_forms(self) -> None:
        """What was filled in is drawn; this PDFium has no JavaScript, and no action is ever carried out."""
        try:
            if self._pdf.get_formtype():
                self._pdf.init_forms()
        except self._wrong:
            pass

    def said(self) -> dict[str, str]:
        """Title and author, clean and on one line, where the document has them."""
        known = self._pdf.get_metadata_dict(skip_empty=True)
        lines = {name: " ".join(clean(known.get(name, ""), 300).split()) for name in ("Title", "Author")}
        return {name.lower(): line for name, line in lines.items() if line}

    def draw(self, number: int, side: int) -> Image.Image | None:
        """A page, counted from 0, with its longest side of `side` pixels; None when it is damaged."""
        try:
            page = self._pdf[number]
            scale = side / max(page.get_size())
            image = page.render(scale=scale).to_pil().convert("RGB")
            page.close()
        except (self._wrong, ValueError, ArithmeticError):
            return None
        if max(image.size) > side:  # a page's size is not whole, and is rounded up
            image = image.crop((0, 0, min(side, image.width), min(side, image.height)))
        return image

    def words(self, number: int, longest: int) -> str:
        """The text of a page for searching, not more than `longest` characters."""
        try:
            page = self._pdf[number]
            text = page.get_textpage()
            words = text.get_text_range(0, min(text.count_chars(), longest))
            text.close()
            page.close()
        except (self._wrong, ValueError):
            return ""
        return clean(words.replace("\r\n", "\n").replace("\ufffe", ""), longest)

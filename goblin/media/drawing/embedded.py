"""Pictures inside a drawing: only those that are in the file itself, small enough, and what they say they are."""

from __future__ import annotations

import base64
import binascii
import io
import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from PIL import Image

from goblin.media import Unreadable
from goblin.media.drawing import unpack
from goblin.media.picture import opening

MOST_PIXELS = 25_000_000  # of all pictures inside a drawing
DEEPEST = 2  # drawings within drawings
MOST_WORDED, WORDED_SIDE = 8, 1000  # drawings with words within one, and pixels of the longest side of each
DATA = re.compile(r"data:image/[\w.+-]+((?:;[\w.+=-]*)*),", re.IGNORECASE)


class Budget:
    """What the pictures inside one drawing may take together."""

    def __init__(self) -> None:
        self.pixels, self.bytes, self.depth = MOST_PIXELS, unpack.LARGEST, 0
        self.worded = MOST_WORDED

    def take(self, pixels: int, size: int) -> bool:
        """Whether there is room for one more picture of so many pixels and bytes."""
        self.pixels, self.bytes = self.pixels - pixels, self.bytes - size
        return self.pixels >= 0 and self.bytes >= 0


def safe(address: str, budget: Budget) -> str | None:
    """The address (RFC 2397) of a picture inside the file, written anew; None for anything else."""
    found = DATA.match(address)
    if not found:
        return None
    data = _decoded(address[found.end() :], ";base64" in found[1].lower())
    if unpack.is_svg(data[: unpack.HEAD]):
        return _drawing(data, budget)
    if mime := _picture(data, budget):
        return f"data:{mime};base64,{_letters(data)}"
    return None


def _decoded(text: str, is_base64: bool) -> bytes:
    data = unquote_to_bytes(text)
    if not is_base64:
        return data
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return base64.b64decode(letters[: len(letters) & ~3] + _rest(letters))
    except binascii.Error:
        return b""


def _rest(letters: bytes) -> bytes:
    """The last letters of base64 with the padding that many programs forget."""
    rest = letters[len(letters) & ~3 :]
    return rest.ljust(4, b"=") if len(rest) > 1 else b""


def _picture(data: bytes, budget: Budget) -> str | None:
    """The mime type of a picture that may be decoded; its header is read, nothing else."""
    form = opening.simple(data)
    if not form:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=[form]) as image:
            width, height = image.size
            return opening.MIMES[form] if budget.take(width * height, len(data)) else None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


def _drawing(data: bytes, budget: Budget) -> str | None:
    """A drawing within a drawing, tamed in the same way."""
    from goblin.media.drawing.tame import Drawing

    if budget.depth >= DEEPEST or not budget.take(0, len(data)):
        return None
    budget.depth += 1
    try:
        inner = Drawing(unpack.unpack(data), budget)
        if inner.has_words and budget.worded and budget.take(WORDED_SIDE**2, 0):
            return _worded(inner, budget)
    except Unreadable:
        return None
    finally:
        budget.depth -= 1
    text = inner.text.encode()
    return f"data:image/svg+xml;base64,{_letters(text)}" if budget.take(0, len(text)) else None


def _worded(drawing: Any, budget: Budget) -> str:
    """A drawing as a picture: the renderer has letters for the outermost one only."""
    from goblin.media.drawing.render import render

    budget.worded -= 1
    with tempfile.TemporaryDirectory() as folder:
        image, _ = render(drawing, Path(folder), WORDED_SIDE)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return f"data:image/png;base64,{_letters(out.getvalue())}"


def _letters(data: bytes) -> str:
    return base64.b64encode(data).decode()

"""Takes SVG out of its gzip, within bounds, and tells SVG from other text by its first element."""

from __future__ import annotations

import re
import zlib

from goblin.media import Unreadable

GZIP = b"\x1f\x8b"
HEAD = 4096  # bytes
LARGEST = 32 << 20  # bytes of a drawing, unpacked
TOO_LARGE = "This drawing is larger than the gallery can take in."
DAMAGED = "This drawing is damaged or incomplete: its XML cannot be read."
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# XML 1.0, 2.8: what may stand before the first element.
PROLOG = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]+)[^\[>]*(?:\[[^\]]*\]\s*)?(>)?", re.DOTALL)
ELEMENT = re.compile(r"<(?:[\w.-]+:)?svg[\s/>]")


def unpack(data: bytes) -> bytes:
    """The XML of an SVG or SVGZ. Raises Unreadable for what is too large or damaged."""
    if len(data) > LARGEST:
        raise Unreadable(TOO_LARGE)
    if not data.startswith(GZIP):
        return data
    inflater = zlib.decompressobj(31)
    try:
        plain = inflater.decompress(data, LARGEST)
    except zlib.error as error:
        raise Unreadable(DAMAGED) from error
    if inflater.unconsumed_tail or not inflater.eof and len(plain) >= LARGEST:
        raise Unreadable(TOO_LARGE)
    return plain


def is_svg(head: bytes) -> bool:
    """Whether a file that begins like this is an SVG or SVGZ, whatever its name says."""
    if head.startswith(GZIP):
        head = _begun(head)
    mark = next((mark for mark in MARKS if head.startswith(mark)), b"")
    text = head[:HEAD].decode(MARKS.get(mark, "utf-8"), "replace")
    text = text[PROLOG.match(text).end() :]
    if found := DOCTYPE.match(text):
        if not found[2]:  # the declaration goes on beyond what we see
            return found[1].rpartition(":")[2] == "svg"
        text = text[found.end() :]
        text = text[PROLOG.match(text).end() :]
    return bool(ELEMENT.match(text))


def _begun(head: bytes) -> bytes:
    """The first bytes inside a gzip file; nothing when it is none."""
    try:
        return zlib.decompressobj(31).decompress(head, HEAD)
    except zlib.error:
        return b""

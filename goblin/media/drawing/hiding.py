"""Overwrites in place that take a drawing's facts out of a download: metadata, remarks, names of files."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from xml.parsers import expat

from goblin.media.drawing import unpack
from goblin.media.drawing.tame import local
from goblin.media.picture.patches import Hidden, Overwrites

LARGEST_ANEW = 1 << 16  # bytes of a compressed drawing that is written anew: the row of the medium holds them
TELLING = {"metadata", "RDF"}  # elements (SVG 2, 5.10; RDF/XML)
# What drawing programs note of where a file was kept.
NOTED = re.compile(
    rb"""(?s)\s[\w.-]+:(?:docname|docbase|export-filename|absref)\s*=\s*(?:"([^"]*)"|'([^']*)')"""
)
TAG = re.compile(rb"""(?s)<(?:[^>"']|"[^"]*+"|'[^']*+')*+>""")
HEADER, EXTRA, LONGEST_EXTRA = 10, 4, 0xFFFF  # bytes of the head of gzip; its flag FEXTRA (RFC 1952, 2.3.1)


def find(source: Path) -> Hidden:
    """The overwrites for an SVG or SVGZ; one that cannot be written anew keeps its facts."""
    data = source.read_bytes()
    plain, found = unpack.unpack(data), Overwrites(len(data))
    try:
        spans = Spans(plain).found
    except (expat.ExpatError, ValueError, LookupError):
        spans = None
    if spans is None:
        found.facts_stay = True
    elif not data.startswith(unpack.GZIP):
        for start, end in spans:
            found.add("facts", start, end - start, b" ")
    elif spans:
        _anew(found, data, _blanked(plain, spans))
    return found.hidden()


class Spans:
    """Where a drawing tells facts: places in its bytes, found by the parser and so never within anything else.

    Raises ExpatError, and ValueError for an encoding in which a blank is not one byte, and for what entities tell.
    """

    def __init__(self, plain: bytes) -> None:
        self.plain, self.found = plain, []
        self._depth = self._from = 0
        if plain.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in plain[:4]:
            raise ValueError("not of bytes")
        self.parser = parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CommentHandler = self._remark
        parser.Parse(plain, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        at = self.parser.CurrentByteIndex
        if self._depth:
            self._depth += 1
        elif local(name) in TELLING:
            self._from, self._depth = self._here(b"<"), 1
        elif attributes and (tag := TAG.match(self.plain, at)):
            groups = ((told, 1 if told[1] is not None else 2) for told in NOTED.finditer(tag[0]))
            self.found += [(at + told.start(group), at + told.end(group)) for told, group in groups]

    def _end(self, name: str) -> None:
        if self._depth:
            self._depth -= 1
            if not self._depth and (tag := TAG.match(self.plain, self.parser.CurrentByteIndex)):
                self.found.append((self._from, tag.end()))

    def _remark(self, text: str) -> None:
        if self._depth:
            return
        start = self._here(b"<!--") + len("<!--")
        end = self.plain.find(b"-->", start)
        if end > start:
            self.found.append((start, end))

    def _here(self, begins: bytes) -> int:
        """Where the parser is; what an entity tells is not there. Raises ValueError."""
        if not self.plain.startswith(begins, at := self.parser.CurrentByteIndex):
            raise ValueError("told by an entity")
        return at


def _blanked(plain: bytes, spans: list[tuple[int, int]]) -> bytes:
    changed = bytearray(plain)
    for start, end in spans:
        changed[start:end] = b" " * (end - start)
    return bytes(changed)


def _anew(found: Overwrites, data: bytes, plain: bytes) -> None:
    """Compress it again, at the length it had: what is left goes into a field of the head that nobody reads."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(plain) + packer.flush()
    packed += zlib.crc32(plain).to_bytes(4, "little") + (len(plain) & 0xFFFFFFFF).to_bytes(4, "little")
    room = len(data) - HEADER - 2 - len(packed)
    if len(data) > LARGEST_ANEW or not 0 <= room <= LONGEST_EXTRA:
        found.facts_stay = True
        return
    head = unpack.GZIP + bytes((8, EXTRA, 0, 0, 0, 0, 0, 255)) + room.to_bytes(2, "little") + bytes(room)
    found.add("facts", 0, len(data), head + packed)

"""Walks the elements of Matroska and WebM files (RFC 9559, EBML: RFC 8794) for what an owner may hide."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MOST_ELEMENTS = 200_000
SEGMENT, CLUSTER, INFO, TAGS = 0x18538067, 0x1F43B675, 0x1549A966, 0x1254C367
TAG, SIMPLE, TAG_NAME, TAG_STRING, TAG_BINARY = 0x7373, 0x67C8, 0x45A3, 0x4487, 0x4485
DATE, MUXER, WRITER, CRC = 0x4461, 0x4D80, 0x5741, 0xBF
PARENTS = {SEGMENT, INFO, TAGS, TAG, SIMPLE}
PLACES = (b"LOCATION", b"GPS", b"LATITUDE", b"LONGITUDE", b"GEO", b"ISO6709", b"XYZ")
FACTS = (b"DATE", b"ENCODE", b"ENCODER", b"MAKE", b"MODEL", b"ANDROID", b"CREATION", b"SOFTWARE", b"SERIAL")
FACTS += (b"MANUFACTURER", b"DEVICE", b"CAMERA", b"QUICKTIME", b"AUTHOR", b"OWNER")
FACTS += (
    b"ARTIST",
    b"PERFORMER",
    b"COMPOSER",
    b"LYRICIST",
    b"COPYRIGHT",
    b"COMMENT",
    b"PRODUCER",
    b"PUBLISHER",
)
SPACE = base64.b64encode(b" ").decode()
VOID = 0xEC
MANY = 500  # overwrites; a file that needs more of them loses its tags as a whole


@dataclass(frozen=True)
class Element:
    """An element: its id, where it begins and where its content is (bytes from the file's start)."""

    id: int
    head: int
    start: int
    end: int
    known: bool = True  # False: its size is not written, `end` is the end of what is around it


class Elements:
    """The elements outside the clusters, in order; bounded however the file lies."""

    def __init__(self, source: Path) -> None:
        self.size, self.left, self.whole = os.stat(source).st_size, MOST_ELEMENTS, True
        with source.open("rb") as file:
            self.found = list(self._walk(file, 0, self.size))

    def _walk(self, file: BinaryIO, at: int, end: int) -> Iterator[Element]:
        while at < end and self.left:
            self.left -= 1
            file.seek(at)
            element = _element(file.read(12), at, end)
            if not element:
                return
            known = element.known
            self.whole = self.whole and (not known or element.end <= self.size)
            yield element
            # A live recording's segment and clusters have no size: what follows lies in them.
            if element.id in PARENTS or not known:
                stop = min(element.end, end)
                yield from self._walk(file, element.start, stop) if known else ()
            at = element.end if known else element.start


def _element(head: bytes, at: int, end: int) -> Element | None:
    """The element that `head` begins."""
    wide = 9 - head[0].bit_length() if head and head[0] else 9
    if wide > 4 or len(head) <= wide:
        return None
    first = head[wide]
    count = 9 - first.bit_length() if first else 9
    if count > 8 or len(head) < wide + count:
        return None
    size = int.from_bytes(head[wide : wide + count], "big") & (1 << 7 * count) - 1
    known = size != (1 << 7 * count) - 1
    start = at + wide + count
    return Element(int.from_bytes(head[:wide], "big"), at, start, start + size if known else end, known)


def patches(source: Path) -> tuple[dict[str, list], bool, bool]:
    """Overwrites that hide the place and the facts; whether a place may stay; whether the file is whole."""
    elements = Elements(source)
    hidden = _hidden(source, elements.found)
    if sum(map(len, hidden.values())) > MANY:
        gone, rest = _without_tags(elements.found)
        hidden = {what: gone + found for what, found in _hidden(source, rest).items()}
    return {what: found for what, found in hidden.items() if found}, not elements.left, elements.whole


def _hidden(source: Path, found: list[Element]) -> dict[str, list]:
    hidden: dict[str, list] = {"place": [], "facts": []}
    sums = []
    with source.open("rb") as file:
        name = b""
        for element in found:
            if element.id == TAG_NAME:
                name = _read(file, element, 200).upper()
            elif element.id in (TAG_STRING, TAG_BINARY):
                _hide_tag(element, name, hidden)
            elif element.id == DATE:
                hidden["facts"] += _void(element)
            elif element.id in (MUXER, WRITER):
                hidden["facts"] += _spaces(element)
            elif element.id == CRC:  # it would no longer be true
                sums.append([element.head, 1, base64.b64encode(bytes([VOID])).decode()])
    return {what: places + sums if places else [] for what, places in hidden.items()}


def _hide_tag(element: Element, name: bytes, hidden: dict[str, list]) -> None:
    if any(word in name for word in PLACES):
        hidden["place"] += _spaces(element)
    elif any(word in name for word in FACTS):
        hidden["facts"] += _spaces(element)


def _spaces(element: Element) -> list:
    length = element.end - element.start
    return [[element.start, length, SPACE]] if length else []


def _without_tags(found: list[Element]) -> tuple[list, list[Element]]:
    """Overwrites of all tags at once, and the elements outside of them."""
    gone, rest, end = [], [], 0
    for element in found:
        if element.head < end:
            continue
        if element.id == TAGS and element.known:
            gone += _gone(element)
            end = element.end
        else:
            rest.append(element)
    return gone, rest


def _gone(element: Element) -> list:
    """Make a whole element free space, with eight bytes for its size."""
    rest = element.end - element.head - 9
    if rest < 0:
        return []
    head = bytes([VOID]) + (1 << 56 | rest).to_bytes(8, "big")
    zeros = [[element.head + 9, rest, base64.b64encode(b"\0").decode()]] if rest else []
    return [[element.head, 9, base64.b64encode(head).decode()], *zeros]


def _void(element: Element) -> list:
    """Make an element with a two-byte id free space of the same size."""
    rest = element.end - element.head - 2
    if element.start - element.head != 3 or rest > 126:
        return []
    return [[element.head, rest + 2, base64.b64encode(bytes([VOID, 0x80 | rest]) + bytes(rest)).decode()]]


def _read(file: BinaryIO, element: Element, most: int) -> bytes:
    file.seek(element.start)
    return file.read(min(most, element.end - element.start))

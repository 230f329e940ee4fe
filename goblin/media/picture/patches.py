"""Overwrites in place that take a picture's place and facts out of a download, and leave its pixels alone.

They are applied in this order: place, then facts. Every overwrite keeps the length of the file.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from goblin.media.picture import blocks, exif, iptc
from goblin.media.picture.blocks import Block

MOST = 5000  # overwrites of one file; an honest one needs some hundred
PADDING = 0xEA1C  # a tag that means nothing, Windows uses it to leave room
PRIVATE_CHUNK = b"prVt"  # PNG 5.4: not critical, private, may be copied
APPLE_MAKER = b"Apple iOS\0"  # a maker's note known to hold no place

GPS_POINTER, EXIF_POINTER, MAKER_NOTE, XMP_TAG, IPTC_TAG, PHOTOSHOP_TAG = (
    0x8825,
    0x8769,
    0x927C,
    700,
    33723,
    34377,
)
GEOTIFF = {33550, 33920, 33922, 34264, 34735, 34736, 34737}
GPS_TIMES = {7, 29}
# What decoding or colours depend on; everything else in these directories tells of people and machines.
REMOVED_BELOW_700 = {269, 270, 271, 272, 285, 305, 306, 315, 316}
KEPT_ABOVE_700 = {
    GPS_POINTER,
    EXIF_POINTER,
    0x8773,
    *GEOTIFF,
    33421,
    33422,
    32995,
    32996,
    32997,
    32998,
    PADDING,
}
# DNG 1.4: without these RAW data cannot be developed. The others of its tags name cameras, people, programs.
DNG_TELLS = {50708, 50709, 50735, 50736, 50740, 50827, 50828, 50936, 50942, 50966, 50967, 50971, 51105}
KEPT_ABOVE_700 |= set(range(50706, 51200)) - DNG_TELLS
KEPT_EXIF = {0x9000, 0x9101, 0xA000, 0xA001, 0xA002, 0xA003, 0xA005, 0xA500, PADDING}

# IIM 4.2: content location, city, sublocation, province, country code and name.
IPTC_PLACES = {(2, 26), (2, 27), (2, 90), (2, 92), (2, 95), (2, 100), (2, 101)}
IPTC_NOTHING = 0xFE  # a dataset number that IIM leaves unused
IPTC_COPIES = {0x0422, 0x0423, 0x0424}  # Exif and XMP inside Photoshop's resources

PLACE_NAME = (
    rb"[\w.-]+:(?:gps\w*|(?:abs\w*|rel\w*)altitude|latitude|longitude|altitude|city|state|country\w*|location\w*"
    rb"|sublocation|provincestate|worldregion|geo\w*|place\w*)"
)
PLACE_ATTRIBUTE = re.compile(rb"(?is)\s(" + PLACE_NAME + rb")\s*=\s*(?:\"[^\"]*\"|'[^']*')")
PLACE_ELEMENT = re.compile(
    rb"(?is)<(" + PLACE_NAME + rb")(?:\s(?:[^>\"']|\"[^\"]*\"|'[^']*')*)?(?:/>|>.*?</\1\s*>)"
)
PLACE_BEGUN = re.compile(rb"(?i)<" + PLACE_NAME)
MOST_STEPS = 20_000_000  # of looking for the ends of elements: as many begun as there are, times the bytes
PLACE_LEFT = re.compile(rb"(?i)gps|latitude|longitude|:city\b|:\w*location|:country|:state\b")
XMP_ORIENTATION = re.compile(rb"tiff:Orientation\s*(?:=\s*[\"']|>)\s*([1-8])")
XMP_BARE = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="%s"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
XMP_EMPTY = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
RESOURCE = struct.pack(">4sHH", b"8BIM", 4000, 0)  # one for the use of plug-ins, without a name


@dataclass
class Hidden:
    """Overwrites by what they hide, as in goblin.media.Result, and `place_stays` or `facts_stay` if some cannot be."""

    patches: dict[str, list] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


class Overwrites:
    """Collects (offset, length, filling) for place and facts, clipped to the file."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.found: dict[str, list[tuple[int, int, bytes]]] = {"place": [], "facts": []}
        self.stays = self.facts_stay = False

    def add(self, what: str, offset: int, length: int, filling: bytes = b"\0") -> None:
        length = min(length, self.size - offset)
        if length > 0 and offset >= 0:
            self.found[what].append((offset, length, filling[:length]))

    def both(self, offset: int, length: int, filling: bytes = b"\0") -> None:
        for what in self.found:
            self.add(what, offset, length, filling)

    def hidden(self) -> Hidden:
        if sum(map(len, self.found.values())) > MOST:
            return Hidden({}, {"place_stays": True, "facts_stay": True})
        patches = {what: [_written(*each) for each in found] for what, found in self.found.items() if found}
        stays = {"place_stays": self.stays, "facts_stay": self.facts_stay}
        return Hidden(patches, {name: True for name, told in stays.items() if told})

    def take(self, inner: Overwrites, base: int) -> None:
        """Take over what was found in a part of the file that begins at `base`."""
        for what, found in inner.found.items():
            self.found[what] += [(base + offset, length, filling) for offset, length, filling in found]
        self.stays, self.facts_stay = self.stays or inner.stays, self.facts_stay or inner.facts_stay


def _written(offset: int, length: int, filling: bytes) -> list:
    return [offset, length, base64.b64encode(filling).decode()]


def find(file: BinaryIO, mime: str) -> Hidden:
    """The overwrites for a picture file."""
    found = Overwrites(file.seek(0, 2))
    for block in blocks.find(file, mime):
        if block.png:
            _png(found, block)
        elif block.kind == "tiff":
            tiff_file(found, file)
        else:
            hide(found, block)
    return found.hidden()


def hide(found: Overwrites, block: Block) -> None:
    """Hide what a block of details tells."""
    offset, data = block.offset, block.data
    if len(data) >= blocks.LARGEST or block.kind == "lost":
        found.stays = found.facts_stay = True
    elif block.kind == "exif":
        structure(found, exif.of_block(data), offset)
    elif block.kind == "xmp":
        packet(found, offset, data)
    elif block.kind == "xmp-more":
        found.add("facts", offset + 40, len(data) - 40, b" ")
        if PLACE_LEFT.search(data):
            found.add("place", offset + 40, len(data) - 40, b" ")
    elif block.kind == "iptc":
        _iptc(found, offset, data)
    elif block.kind == "text":
        found.add("facts", offset, len(data), b" ")
    elif block.kind in ("other", "trailer"):
        found.both(offset, block.length)


def structure(found: Overwrites, source: exif.Exif, base: int) -> None:
    """Hide what a TIFF structure that begins at `base` tells."""
    for entry in source.entries:
        if _tells_place(source, entry):
            erase(found, "place", source, entry, base)
        if _tells_facts(entry):
            erase(found, "facts", source, entry, base)


def _tells_place(source: exif.Exif, entry: exif.Entry) -> bool:
    if entry.tag == MAKER_NOTE:
        return not source.raw(entry).startswith(APPLE_MAKER)
    return entry.directory == "gps" or entry.tag == GPS_POINTER or entry.tag in GEOTIFF


def _tells_facts(entry: exif.Entry) -> bool:
    if entry.directory == "gps":
        return entry.tag in GPS_TIMES
    if entry.directory == "exif":
        return entry.tag not in KEPT_EXIF
    if entry.directory == "interop":
        return False
    return entry.tag in REMOVED_BELOW_700 if entry.tag < 700 else entry.tag not in KEPT_ABOVE_700


def erase(found: Overwrites, what: str, source: exif.Exif, entry: exif.Entry, base: int) -> None:
    """Empty a value and turn its entry into one that means nothing; all others stay in place."""
    if entry.size > 4:
        found.add(what, base + entry.place, entry.size)
    nothing = struct.pack(f"{source.order}HHI4s", PADDING, 7, 4, bytes(4))
    found.add(what, base + entry.position, 12, nothing)


def tiff_file(found: Overwrites, file: BinaryIO) -> None:
    """Hide what a file made of TIFF directories tells."""
    source = exif.Exif(lambda offset, length: blocks.at(file, offset, length))
    structure(found, source, 0)
    for entry in source.entries:
        data = blocks.at(file, entry.place, entry.size)
        if entry.tag == XMP_TAG:
            _xmp_place(found, entry.place, data)
        elif entry.tag == IPTC_TAG:
            _iptc_places(found, entry.place, data, iptc.records(data, 0, len(data)))
        elif entry.tag == PHOTOSHOP_TAG:
            erase(found, "place", source, entry, 0)


def packet(found: Overwrites, offset: int, data: bytes) -> None:
    """Hide what an XMP packet tells."""
    _xmp_place(found, offset, data)
    orientation = XMP_ORIENTATION.search(data)
    bare = XMP_BARE % orientation[1] if orientation else XMP_EMPTY
    fill(found, "facts", offset, len(data), bare)


def fill(found: Overwrites, what: str, offset: int, length: int, packet: bytes = XMP_EMPTY) -> None:
    """Put another packet of XMP in the place of one, or nothing where it does not fit."""
    if len(packet) > length:
        packet = b""
    found.add(what, offset, len(packet), packet)
    found.add(what, offset + len(packet), length - len(packet), b" ")


def _xmp_place(found: Overwrites, offset: int, data: bytes) -> None:
    """Blank the properties that tell a place; the whole packet where that is not certain."""
    if len(PLACE_BEGUN.findall(data)) * len(data) > MOST_STEPS:
        fill(found, "place", offset, len(data))
        return
    spans = [each.span() for pattern in (PLACE_ATTRIBUTE, PLACE_ELEMENT) for each in pattern.finditer(data)]
    if b"\0" in data.rstrip(b"\0") or b"<!" in data or PLACE_LEFT.search(_blanked(data, spans)):
        fill(found, "place", offset, len(data))
        return
    for start, end in spans:
        found.add("place", offset + start, end - start, b" ")


def _blanked(data: bytes, spans: list[tuple[int, int]]) -> bytes:
    left = bytearray(data)
    for start, end in spans:
        left[start:end] = b" " * (end - start)
    return bytes(left)


def _iptc(found: Overwrites, offset: int, data: bytes) -> None:
    empty = RESOURCE + struct.pack(">I", max(0, len(data) - 12))
    found.add("facts", offset, len(empty), empty)
    found.add("facts", offset + len(empty), len(data) - len(empty))
    _iptc_places(found, offset, data, iptc.datasets(data))
    for number, start, length in iptc.resources(data):
        if number in IPTC_COPIES:
            found.add("place", offset + start, length)


def _iptc_places(found: Overwrites, offset: int, data: bytes, datasets: Any) -> None:
    for name, start, length in datasets:
        if name in IPTC_PLACES:
            found.add("place", offset + start - 3, 1, bytes([IPTC_NOTHING]))
            found.add("place", offset + start, length, b" ")


def _png(found: Overwrites, block: Block) -> None:
    """A chunk's check sum has to follow its changes, so facts, applied last, take the place along."""
    inner = Overwrites(block.offset + len(block.data))
    if block.kind == "trailer":
        found.both(block.offset, block.length)
    elif block.kind == "exif":
        structure(inner, exif.of_block(block.data), block.offset)
        _chunk(found, block, "place", inner.found["place"])
        _chunk(found, block, "facts", inner.found["place"] + inner.found["facts"])
    elif block.kind == "xmp":
        start = max(0, block.data.find(b"<"))
        packet(inner, block.offset + start, block.data[start:])
        _chunk(found, block, "place", inner.found["place"])
        _chunk(found, block, "facts", inner.found["place"] + inner.found["facts"])
    else:
        _no_chunk(found, block, "facts")
        if block.kind == "other" or _may_tell_place(block):
            _no_chunk(found, block, "place")


def _may_tell_place(block: Block) -> bool:
    keyword = block.data[:79].partition(b"\0")[0].lower()
    return any(word in keyword for word in (b"raw profile", b"exif", b"gps", b"location", b"xmp", b"geo"))


def _chunk(found: Overwrites, block: Block, what: str, changes: list[tuple[int, int, bytes]]) -> None:
    """Change parts of a chunk and correct its check sum."""
    if not changes:
        return
    data = bytearray(block.data)
    for offset, length, filling in changes:
        found.add(what, offset, length, filling)
        start = offset - block.offset
        data[start : start + length] = (filling * (length // len(filling) + 1))[:length]
    sum_of = struct.pack(">I", zlib.crc32(block.png + data))
    found.add(what, block.offset + len(data), 4, sum_of)


def _no_chunk(found: Overwrites, block: Block, what: str) -> None:
    """Turn a chunk into an empty one of no meaning."""
    length = len(block.data)
    found.add(what, block.offset - 4, 4, PRIVATE_CHUNK)
    found.add(what, block.offset, length)
    sum_of = struct.pack(">I", zlib.crc32(PRIVATE_CHUNK + bytes(length)))
    found.add(what, block.offset + length, 4, sum_of)

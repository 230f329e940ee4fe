"""Walks the boxes of MP4 and QuickTime files: what plays early, what tells a place or a camera.

Boxes: ISO/IEC 14496-12 section 4.2; user data and metadata keys: QuickTime File Format, chapter 2.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from goblin.media.boxes import heads

MOST_BOXES = 20_000
DEEPEST = 8
MOST_KEYS = 2_000

PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"edts", b"dinf"}
DATED = {b"mvhd", b"tkhd", b"mdhd"}
PLACE = {b"\xa9xyz", b"loci", b"\xa9gps", b"GPS ", b"\xa9loc"}
# Tags that say what was seen and heard, not by whom, with what or where: these stay as they are.
HARMLESS = {
    *(b"\xa9" + tag for tag in (b"nam", b"alb", b"gen", b"des", b"lyr", b"grp")),
    *b"covr trkn disk gnre tmpo cpil pgap stik desc ldes rtng titl dscp albm kywd".split(),
    *b"free skip name hnti hinf WLOC LOOP SelO AllF hdlr meta".split(),
}
SPHERICAL = bytes.fromhex("ffcc8263f8554a938814587a02521fdd")  # says that one may look around
# Key names of QuickTime metadata that only say what the picture is about.
PLAIN_KEYS = (b"title", b"displayname", b"description", b"keywords", b"genre", b"live-photo")
# Tracks of measurements that hold a place: GoPro, Android's camera motion, Sony, DJI and others.
TELEMETRY = {b"gpmd", b"camm", b"rtmd", b"djmd", b"dbgi", b"fdsc", b"nmea", b"priv", b"mett", b"metx"}
WORDS = {b"text", b"tx3g", b"sbtl"}
# What drones write into their subtitles, either as words or as degrees.
SAYS_PLACE = re.compile(rb"gps|latitude|longitude|-?\d{1,3}\.\d{4,}[, ]+-?\d{1,3}\.\d{4,}", re.IGNORECASE)
SPACES, ZEROS = base64.b64encode(b" ").decode(), base64.b64encode(b"\0").decode()
FREE = base64.b64encode(b"free").decode()


@dataclass(frozen=True)
class Box:
    """A box: its type, the boxes around it, where its content is (bytes from the file's start)."""

    name: bytes
    above: tuple[bytes, ...]
    head: int  # where the type is written
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


class Boxes:
    """A file's boxes, read by their headers only; however the file lies, the walk is short."""

    def __init__(self, source: Path) -> None:
        self.size = os.stat(source).st_size
        self.left = MOST_BOXES
        self.whole = True
        with source.open("rb") as file:
            self.found = list(self._walk(file, 0, self.size, ()))

    def _walk(self, file: BinaryIO, at: int, end: int, above: tuple[bytes, ...]) -> Iterator[Box]:
        with contextlib.suppress(ValueError):  # what follows damage is not looked at
            for name, head, start, told in heads(file, at, end):
                if not self.left:
                    return
                self.left -= 1
                self.whole = self.whole and told <= self.size
                box = Box(name, above, head + 4, start, min(told, end))
                yield box
                yield from self._inside(file, box)

    def _inside(self, file: BinaryIO, box: Box) -> Iterator[Box]:
        above = (*box.above, box.name)
        if box.name in PARENTS and len(above) <= DEEPEST:
            yield from self._walk(file, box.start, box.end, above)
        elif box.name in (b"meta", b"ilst"):
            yield from self._walk(file, *self._meta(file, box), box.end, above)

    @staticmethod
    def _meta(file: BinaryIO, box: Box) -> tuple[int]:
        """Where the boxes in it begin: ISO's meta has four bytes of version before, QuickTime's has not."""
        if box.name != b"meta":
            return (box.start,)
        file.seek(box.start)
        return (box.start if file.read(8)[4:] == b"hdlr" else box.start + 4,)

    def starts_early(self) -> bool:
        """True when the index comes before the pictures, so that playing can begin at once."""
        order = [box.name for box in self.found if not box.above and box.name in (b"moov", b"mdat")]
        return order[:1] == [b"moov"]


def patches(source: Path, boxes: Boxes) -> tuple[dict[str, list], bool]:
    """Overwrites that hide the place and the facts, and whether a place may stay that they cannot reach."""
    hidden: dict[str, list] = {"place": [], "facts": []}
    with source.open("rb") as file:
        for box in boxes.found:
            _hide(file, box, hidden)
        _hide_keys(file, boxes.found, hidden)
        stays = not boxes.left or _measures(file, boxes.found)
    return {what: found for what, found in hidden.items() if found}, stays


def _hide(file: BinaryIO, box: Box, hidden: dict[str, list]) -> None:
    parent = box.above[-1] if box.above else b""
    if box.name in DATED and parent in (b"moov", b"trak", b"mdia"):
        wide = 8 if _read(file, box.start, 1) == b"\1" else 4
        if box.size >= 4 + 2 * wide:
            hidden["facts"].append([box.start + 4, 2 * wide, ZEROS])
    elif box.name == b"hdlr" and parent == b"mdia" and box.size > 27:  # names the camera's maker
        hidden["facts"].append([box.start + 25, box.size - 26, SPACES])
    elif box.name == b"uuid" and _read(file, box.start, 16) != SPHERICAL:  # XMP or a maker's own
        for what in hidden:
            hidden[what] += blank(box)
    elif parent in (b"udta", b"ilst") and box.name not in HARMLESS and not box.name.startswith(b"\0"):
        for what in _tells(box, parent):
            hidden[what] += blank(box)


def _tells(box: Box, parent: bytes) -> list[str]:
    """What a tag may tell; makers' own boxes may hold anything."""
    if box.name in PLACE:
        return ["place"]
    private = not box.name.startswith(b"\xa9") if parent == b"udta" else box.name == b"----"
    return ["place", "facts"] if private else ["facts"]


def blank(box: Box) -> list:
    """Turns a box into free space of zeros, which every reader skips."""
    return [[box.head, 4, FREE], [box.start, box.size, ZEROS]] if box.size else []


def _hide_keys(file: BinaryIO, found: list[Box], hidden: dict[str, list]) -> None:
    """QuickTime metadata: a list of key names, and values that point to it by number (from 1)."""
    keys: dict[tuple[bytes, ...], list[bytes]] = {}
    for box in found:
        if box.name == b"keys" and box.above[-1:] == (b"meta",):
            keys[box.above] = _keys(file, box)
    for box in found:
        names = keys.get(box.above[:-1], []) if box.above[-1:] == (b"ilst",) else []
        number = int.from_bytes(box.name, "big")
        if 0 < number <= len(names) and box.size > 16:
            _hide_value(file, box, names[number - 1], hidden)


def _hide_value(file: BinaryIO, box: Box, name: bytes, hidden: dict[str, list]) -> None:
    """The value is a data box: size, "data", type (1 is text), locale, then the content."""
    lower = name.lower()
    if any(lower.rpartition(b".")[2] == plain or plain in lower for plain in PLAIN_KEYS):
        return
    text = _read(file, box.start + 8, 4) == b"\0\0\0\1"
    what = "place" if b"location" in lower or b"gps" in lower else "facts"
    hidden[what].append([box.start + 16, box.size - 16, SPACES if text else ZEROS])


def _keys(file: BinaryIO, box: Box) -> list[bytes]:
    names, at = [], box.start + 8
    while at + 8 <= box.end and len(names) < MOST_KEYS:
        size = int.from_bytes(_read(file, at, 4), "big")
        if size < 8:
            break
        names.append(_read(file, at + 8, min(size - 8, 200)))
        at += size
    return names


def _measures(file: BinaryIO, found: list[Box]) -> bool:
    """True if samples of a track, which lie all over the file, may tell a place."""
    written = False
    for box in found:
        if box.name == b"trak":
            written = False
        elif box.name == b"gps " and box.above == (b"moov",):  # dashcams: points into the pictures
            return True
        elif box.name == b"stsd":
            entry = _read(file, box.start + 8, min(box.size, 4096))
            if entry[4:8] in TELEMETRY or (entry[4:8] == b"mebx" and b"location" in entry.lower()):
                return True
            written = entry[4:8] in WORDS
        elif written and box.name in (b"stco", b"co64") and _says_place(file, box):
            return True
    return False


def _says_place(file: BinaryIO, offsets: Box) -> bool:
    """Whether the first words of a written track speak of a place."""
    wide = 4 if offsets.name == b"stco" else 8
    table = _read(file, offsets.start + 8, min(offsets.size, 8 * wide))
    places = (int.from_bytes(table[at : at + wide], "big") for at in range(0, len(table), wide))
    return any(SAYS_PLACE.search(_read(file, place, 400)) for place in places)


def _read(file: BinaryIO, at: int, count: int) -> bytes:
    file.seek(min(at, 1 << 62))
    return file.read(count)

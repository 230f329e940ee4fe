"""Overwrites in place that take a PDF's facts out of a download: its Info dictionary, its XMP, details of photos.

ISO 32000-1: 7.3 (objects), 7.5.7 (streams of objects), 14.3 (metadata). What is drawn stays as it is.
"""

from __future__ import annotations

import io
import mmap
import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from goblin.media.picture import blocks, patches
from goblin.media.picture.patches import Hidden, Overwrites

LARGEST = 1 << 29  # bytes of a document that is looked through
LARGEST_ANEW = 1 << 16  # bytes of a compressed stream that is written anew: the row of the medium holds them
LARGEST_PLAIN, LARGEST_PACKED = 8 << 20, 1 << 29  # bytes of a stream, unpacked, and of all streams of objects
PLACES_COST = 30  # times as long as unpacking it takes to read where the objects are
HEAD, BODY = 2048, 1 << 16  # bytes before a stream, and of an object, that are looked at
MOST, MOST_TELLING = 200_000, 2000  # streams of a document, and those that tell something
MOST_INFOS, MOST_WORDS = 100, 1000  # dictionaries, and words in objects of their own
LOCKED = re.compile(rb"/Encrypt\s*(?:\d{1,10}\s+\d{1,5}\s+R\b|<<)")
INFO = re.compile(rb"/Info\s*(?:(\d{1,10})\s+\d{1,5}\s+R\b|(<<))")
OBJECT = re.compile(rb"(?<!\d)(\d{1,10}+)\s{1,99}+\d{1,5}+\s{1,99}+obj\b")
REFERENCE = re.compile(rb"(\d{1,10})\s+\d{1,5}\s+R\b")
STREAM = re.compile(rb"\bstream\r?\n")
LENGTH = re.compile(rb"/Length\s+(\d{1,10})\b(?!\s+\d+\s+R)")
FILTER = re.compile(rb"/(?:Filter|DecodeParms)\s*(?:/\w+|\[[^\]]*\]|<<[^>]*>>|null|(\d+\s+\d+\s+R))")
PACKET = re.compile(rb"/Subtype\s*/XML\b|/Type\s*/Metadata\b")
PACKED = re.compile(rb"/Type\s*/ObjStm\b")
PHOTO = re.compile(rb"/Filter\s*(?:\[\s*)?/DCTDecode\b")
FIRST, FLATE = (
    re.compile(rb"/First\s+(\d{1,8})\b"),
    re.compile(rb"/Filter\s*(?:\[\s*)?/FlateDecode\s*[\]/>\s]"),
)
HEX = re.compile(rb"[0-9A-Fa-f\s]*>")


@dataclass
class Stream:
    """A stream: what its dictionary says, where that begins, where what it holds begins and ends."""

    head: bytes
    at: int
    start: int
    end: int


def find(source: Path) -> Hidden:
    """The overwrites for a document, and what stays in spite of them."""
    with source.open("rb") as file:
        size = file.seek(0, 2)
        found = Overwrites(size)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if size > LARGEST or LOCKED.search(data):
                found.facts_stay, found.stays = True, size > LARGEST
            else:
                Document(data, found).hide()
    return found.hidden()


class Document:
    """Looks through an open document for what tells facts."""

    def __init__(self, data: mmap.mmap, found: Overwrites) -> None:
        self.data, self.found = data, found
        self.packed: list[Stream] = []

    def hide(self) -> None:
        """Collect the overwrites."""
        telling = 0
        for number, stream in enumerate(self._streams()):
            if number > MOST or telling > MOST_TELLING:
                self._give_up()
                break
            telling += self._look(stream)
        numbers = {int(told[1]) if told[1] else -1 for told in INFO.finditer(self.data)}
        # One that stands in the trailer itself is none that any program writes.
        self.found.facts_stay |= -1 in numbers or len(numbers) > MOST_INFOS
        self._info(set(sorted(numbers - {-1})[:MOST_INFOS]))

    def _give_up(self) -> None:
        self.found.facts_stay = self.found.stays = True

    def _look(self, stream: Stream) -> bool:
        """Hide what a stream tells; whether it may tell anything."""
        if PACKED.search(stream.head):
            self.packed.append(stream)
        elif PACKET.search(stream.head):
            self._packet(stream)
        elif PHOTO.search(stream.head):
            self._photo(stream)
        else:
            return False
        return True

    def _streams(self) -> Iterator[Stream]:
        at = 0
        while told := STREAM.search(self.data, at):
            least = max(0, told.start() - HEAD)
            begin = max(self.data.rfind(b"obj", least, told.start()), least)
            head, start = self.data[begin : told.start()], told.end()
            end = self._end(head, start)
            yield Stream(head, begin, start, end)
            at = max(end, start)

    def _end(self, head: bytes, start: int) -> int:
        """As the length says, where that is true; else as the word does that ends it."""
        said = LENGTH.search(head)
        end = start + int(said[1]) if said else 0
        if said and b"endstream" in self.data[end : end + 16]:
            return end
        end = self.data.find(b"endstream", start)
        return len(self.data) if end < 0 else end

    def _packet(self, stream: Stream) -> None:
        """XMP, which may be compressed: then its filter goes as well, and an empty one takes its place."""
        raw = self.data[stream.start : min(stream.end, stream.start + blocks.LARGEST)]
        filters = [*FILTER.finditer(stream.head)]
        if any(each[1] for each in filters):
            self._give_up()
        elif not any(each[0].startswith(b"/Filter") for each in filters):
            patches.hide(self.found, blocks.Block("xmp", stream.start, raw))
        else:
            plain = _unpacked(raw) if FLATE.search(stream.head) else None
            for what in (
                ("facts", "place") if plain is None or patches.PLACE_LEFT.search(plain) else ("facts",)
            ):
                for each in filters:
                    self.found.add(what, stream.at + each.start(), len(each[0]), b" ")
                patches.fill(self.found, what, stream.start, stream.end - stream.start)

    def _photo(self, stream: Stream) -> None:
        """A JPEG keeps its own details in a document."""
        if stream.end - stream.start > blocks.LARGEST * 8:
            self._give_up()
            return
        inner = Overwrites(stream.end - stream.start)
        for block in blocks.find(io.BytesIO(self.data[stream.start : stream.end]), "image/jpeg"):
            if block.kind != "trailer":  # the line's end before the word that ends the stream
                patches.hide(inner, block)
        self.found.take(inner, stream.start)

    def _info(self, numbers: set[int]) -> None:
        """Blank the words of the dictionaries of these numbers, and those they refer to."""
        referred = set()
        for start, body in self._defined(numbers):
            self._blank(start, body)
            referred |= {int(told[1]) for told in REFERENCE.finditer(body)}
        self.found.facts_stay |= len(referred) > MOST_WORDS
        for start, body in self._defined(set(sorted(referred)[:MOST_WORDS])):
            if re.match(rb"\s*(?:\(|<(?!<))", body):
                self._blank(start, body)
        if numbers:  # a document that grew may have them in both ways
            self._unpack(numbers, referred)

    def _defined(self, numbers: set[int]) -> Iterator[tuple[int, bytes]]:
        """Place and text of each object of these numbers; later ones take the place of earlier ones."""
        end = 0  # none is within another
        for told in OBJECT.finditer(self.data) if numbers else ():
            if len(self.found.found["facts"]) > patches.MOST:  # then none of them is kept
                return
            if told.start() >= end and int(told[1]) in numbers:
                end = self.data.find(b"endobj", told.end(), told.end() + BODY)
                end = told.end() + BODY if end < 0 else end
                yield told.end(), self.data[told.end() : end]

    def _blank(self, start: int, body: bytes) -> None:
        for at, length, filling in words(body):
            self.found.add("facts", start + at, length, filling)

    def _unpack(self, numbers: set[int], referred: set[int]) -> None:
        """Write streams of objects anew in which there is one of these numbers; words they refer to stay in theirs."""
        room = LARGEST_PACKED
        for stream in self.packed:
            raw = self.data[stream.start : min(stream.end, stream.start + LARGEST_PLAIN)]
            first, plain = FIRST.search(stream.head), _unpacked(raw) if FLATE.search(stream.head) else None
            if plain is None or not first:
                self.found.facts_stay = True
                continue
            room -= len(plain) + PLACES_COST * min(int(first[1]), len(plain))
            if room < 0:
                self.found.facts_stay = True
                return
            here = _places(plain, int(first[1]))
            self.found.facts_stay |= not referred.isdisjoint(here)
            if told := numbers & here.keys():
                self._anew(stream, plain, [here[number] for number in told])
        # What is nowhere is told by nobody.

    def _anew(self, stream: Stream, plain: bytes, spans: list[tuple[int, int]]) -> None:
        changed = bytearray(plain)
        for start, end in spans:
            body = plain[start:end]
            if REFERENCE.search(body):
                self.found.facts_stay = True
            for at, length, filling in words(body):
                changed[start + at : start + at + length] = (filling * length)[:length]
        packed, room = zlib.compress(bytes(changed), 9), stream.end - stream.start
        if len(packed) > room or room > LARGEST_ANEW:
            self.found.facts_stay = True
        else:  # what follows the end of what is compressed is passed over
            self.found.add("facts", stream.start, room, packed.ljust(room, b"\n"))


def words(body: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Where the words in an object are (7.3.4), without their brackets, and what to fill them with."""
    at = 0
    while told := re.compile(rb"\(|<<|<|%[^\r\n]*").search(body, at):
        at = told.end()
        if told[0] == b"(":
            end = _closed(body, at)
            yield at, end - at, b" "
            at = end + 1
        elif told[0] == b"<" and (inside := HEX.match(body, at)):
            yield at, inside.end() - 1 - at, b"20"
            at = inside.end()


def _closed(body: bytes, at: int) -> int:
    depth = 1
    for told in re.compile(rb"\\.|[()]", re.DOTALL).finditer(body, at):
        depth += {b"(": 1, b")": -1}.get(told[0], 0)
        if not depth:
            return told.start()
    return len(body)


def _unpacked(raw: bytes) -> bytes | None:
    """What is compressed, None where it is damaged or grows beyond bounds."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(raw, LARGEST_PLAIN)
    except zlib.error:
        return None
    return None if inflater.unconsumed_tail else plain


def _places(plain: bytes, first: int) -> dict[int, tuple[int, int]]:
    """Number -> start and end of each object in a stream of them."""
    head = [*map(int, re.findall(rb"\d{1,10}", plain[:first]))]
    starts = [first + offset for offset in head[1::2]]
    ends = sorted([*starts, len(plain)])
    return {
        number: (start, ends[min(bisect_right(ends, start), len(ends) - 1)])
        for number, start in zip(head[::2], starts, strict=False)
    }

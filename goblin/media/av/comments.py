"""Where the comments of FLAC, Vorbis, Opus, Speex and Theora tell who made them, when and with what.

xiph.org: Vorbis I, section 5; Opus, RFC 7845, 5.2; FLAC, RFC 9639, 8; Ogg, RFC 3533, 6 (the page and its checksum).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from goblin.media.av.id3 import KEYS, MOST, Span

MOST_PAGES = 2000
LARGEST = 8 << 20  # bytes of pages with comments, covers in them included
FIRST_PAGE, CHUNK = b"OggS\0\2", 1 << 20
POLYNOMIAL = 0x04C11DB7
# What the second packet of a stream begins with before its comments, by how the first one begins.
BEFORE = {b"\x01vorbis": 7, b"OpusHead": 8, b"\x80theora": 7, b"Speex   ": 0, b"\x7fFLAC": 4}


def of_flac(file: BinaryIO, at: int) -> list[Span]:
    """What is to be overwritten of a FLAC file whose mark is at `at`."""
    found, at = [], at + 4
    for _ in range(MOST):
        file.seek(at)
        head = file.read(4)
        size = int.from_bytes(head[1:4], "big")
        if len(head) < 4:
            break
        if head[0] & 0x7F == 4:
            found += [(at + 4 + place, length, b" ") for place, length in _told(file.read(size))]
        elif head[0] & 0x7F == 2 and size > 4:  # of an application: its name stays
            found.append((at + 8, size - 4, b"\0"))
        at += 4 + size
        if head[0] & 0x80:
            break
    return found


def _told(data: bytes) -> Iterator[tuple[int, int]]:
    """(where, how long) of the maker's name and of every comment that does not stay; its key does."""
    length = int.from_bytes(data[:4], "little")
    yield 4, min(length, max(0, len(data) - 4))
    at = 8 + length
    for number in range(int.from_bytes(data[at - 4 : at], "little")):
        length = int.from_bytes(data[at : at + 4], "little")
        key, equals, value = data[at + 4 : at + 4 + length].partition(b"=")
        if number == MOST or len(data) < at + 4 + length:  # what cannot be read goes as a whole
            yield at, max(0, len(data) - at)
            return
        if value and not KEYS.fullmatch(key):
            yield at + 4 + len(key) + len(equals), len(value)
        at += 4 + length


@dataclass
class _Track:
    """A stream in an Ogg file: its second packet, as it comes together, and where its pieces are."""

    before: int | None = None
    packets: int = 0
    data: bytearray = field(default_factory=bytearray)
    pieces: list[tuple[int, int]] = field(default_factory=list)

    def add(self, at: int, size: int) -> None:
        """A piece of the second packet lies there."""
        if self.pieces and sum(self.pieces[-1]) == at:
            at, size = self.pieces[-1][0], self.pieces.pop()[1] + size
        self.pieces.append((at, size))

    def places(self) -> Iterator[tuple[int, int]]:
        """Where in the file the comments tell something."""
        for begin, length in _told(bytes(self.data[self.before :])):
            begin, at = begin + self.before, 0
            for place, size in self.pieces:
                first, last = max(begin, at), min(begin + length, at + size)
                if first < last:
                    yield place + first - at, last - first
                at += size


def of_ogg(file: BinaryIO) -> list[Span] | None:
    """The same of an Ogg file; each page that is changed gets a new checksum. None where there is too much."""
    tracks: dict[bytes, _Track] = {}
    pages: list[tuple[int, int]] = []
    at = taken = 0
    while len(pages) < MOST_PAGES and taken < LARGEST:
        file.seek(at)
        head = file.read(27)
        if head[:4] != b"OggS" or len(head) < 27:
            break
        table = file.read(head[26])
        body = file.read(sum(table))
        pages.append((at, 27 + len(table) + len(body)))
        track = tracks.setdefault(head[14:18], _Track())
        if _collect(track, table, body, at + 27 + len(table)):
            taken += len(body)
        elif not any(each.packets < 2 for each in tracks.values()):
            break
        at = sum(pages[-1])
    if any(track.before is not None and track.packets < 2 for track in tracks.values()):
        return None
    blanks = [place for track in tracks.values() if track.before is not None for place in track.places()]
    if len(blanks) > MOST or _begins_again(file, at):
        return None
    return [(*blank, b" ") for blank in blanks] + _sums(file, pages, blanks)


def _begins_again(file: BinaryIO, at: int) -> bool:
    """Whether another sound with comments of its own follows (RFC 3533, 4: chained)."""
    file.seek(at)
    end = b""
    while piece := file.read(CHUNK):
        if FIRST_PAGE in end + piece:
            return True
        end = piece[1 - len(FIRST_PAGE) :]
    return False


def _collect(track: _Track, table: bytes, body: bytes, at: int) -> bool:
    """Take in what a page holds of the first two packets; whether it held anything of them."""
    if track.packets > 1:
        return False
    if not track.packets and track.before is None:
        track.before = next((size for mark, size in BEFORE.items() if body.startswith(mark)), None)
    place = 0
    for size in table:
        if track.packets == 1:
            track.data += body[place : place + size]
            track.add(at + place, size)
        place += size
        track.packets += size < 255
    return True


def _sums(file: BinaryIO, pages: list[tuple[int, int]], blanks: list[tuple[int, int]]) -> list[Span]:
    found = []
    for at, size in pages:
        inside = [(place - at, length) for place, length in blanks if at <= place < at + size]
        if inside:
            file.seek(at)
            page = bytearray(file.read(size))
            page[22:26] = bytes(4)
            for place, length in inside:
                page[place : place + length] = b" " * length
            found.append((at + 22, 4, _checksum(page).to_bytes(4, "little")))
    return found


def _row(byte: int) -> int:
    value = byte << 24
    for _ in range(8):
        value = (value << 1 ^ POLYNOMIAL if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


TABLE = tuple(map(_row, range(256)))


def _checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ TABLE[value >> 24 ^ byte]
    return value

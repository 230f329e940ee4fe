"""Where tags of sounds tell who made them, when and with what: ID3v2, ID3v1 and APEv2.

id3.org/id3v2.4.0-structure, id3v2.3.0, id3v2-00 and ID3v1; wiki.hydrogenaud.io/index.php?title=APEv2_specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

Span = tuple[
    int, int, bytes
]  # where (bytes from the file's start), how many bytes, what is written over them
MOST = 2000  # frames or items of one tag
LARGEST = 64 << 20  # bytes of one
# What stays: what a page says anyway, pictures, and what players need to play.
FRAMES = frozenset(
    re.findall(
        r"\w+",
        "TIT1 TIT2 TIT3 TALB TRCK TPOS TCON TBPM TLAN TLEN TCMP APIC USLT SYLT RVA2 RVAD MLLT ETCO SYTC CHAP CTOC "
        "TT1 TT2 TT3 TAL TRK TPA TCO TBP TLA TLE TCP PIC ULT SLT RVA",
    )
)
KEYS = re.compile(
    rb"title|subtitle|album|track(number|total|s)?|totaltracks|disc(number|total)?|totaldiscs|genre|lyrics|bpm"
    rb"|unsyncedlyrics|description|compilation|replaygain_.*|r128_.*|mp3gain_.*|cover ?art.*|metadata_block_picture"
    rb"|language|chapter\d.*",
    re.I | re.S,
)


def spans(file: BinaryIO, size: int) -> list[Span]:
    """What is to be overwritten of the tags at the beginning and the end of a file."""
    found = [span for at in tags(file) for span in of_id3v2(file, at, size)]
    end = size
    if size >= 128 and (old := _read(file, size - 128, 128))[:3] == b"TAG":
        end = size - 128
        found += [(end + 33, 30, b"\0"), (end + 93, 4, b"\0"), (end + 97, 28, b"\0")]
        if old[:4] != b"TAG+" and _read(file, end - 227, 4) == b"TAG+":
            found.append((end - 227 + 64, 60, b"\0"))
            end -= 227
    found += _of_ape(file, end - 32)
    return [span for span in found if span[1] > 0]


def tags(file: BinaryIO) -> Iterator[int]:
    """Where the ID3v2 tags are, one behind the other at the beginning of a file, or where a DSF file says."""
    head = _read(file, 0, 28)
    if head[:4] == b"DSD ":
        yield int.from_bytes(head[20:], "little")
        return
    at = 0
    for _ in range(MOST):
        if (after := _after(file, at)) == at:
            return
        yield at
        at = after


def end(file: BinaryIO) -> int:
    """Where the ID3v2 tags at the beginning end; 0 without one."""
    return max((_after(file, at) for at in tags(file)), default=0)


def _after(file: BinaryIO, at: int) -> int:
    """Where an ID3v2 tag ends; where it was to begin, if there is none."""
    head = _read(file, at, 10)
    if head[:3] != b"ID3" or len(head) < 10:
        return at
    return at + 10 + _seven(head[6:10]) + (10 if head[5] & 0x10 else 0)


def of_id3v2(file: BinaryIO, at: int, end: int) -> Iterator[Span]:
    """The same of an ID3v2 tag; one that cannot be walked goes as a whole."""
    head = _read(file, at, 10)
    if head[:3] != b"ID3" or len(head) < 10:
        return
    begin, size = at + 10, min(_seven(head[6:10]), end - at - 10)
    frames = (
        None
        if head[5] & 0xC0 or head[3] not in (2, 3, 4)
        else _frames(_read(file, begin, min(size, LARGEST)), head[3])
    )
    if frames is None:
        yield from ((at + 5, 1, b"\0"), (begin, size, b"\0"))
        return
    yield from ((begin + place, length, b"\0") for place, length in frames)


def _frames(data: bytes, version: int) -> list[tuple[int, int]] | None:
    """(where, how long) of what is in the frames that tell something; None where they make no sense."""
    wide, found, at = (3 if version == 2 else 4), [], 0
    head = 6 if version == 2 else 10
    while at + head <= len(data) and data[at]:
        name, size = data[at : at + wide], data[at + wide : at + 2 * wide]
        length = _seven(size) if version == 4 and max(size) < 0x80 else int.from_bytes(size, "big")
        if not re.fullmatch(rb"[A-Z0-9 ]+", name) or at + head + length > len(data) or len(found) > MOST:
            return None
        if name.decode() not in FRAMES:
            found.append((at + head, length))
        at += head + length
    return found


def _of_ape(file: BinaryIO, footer: int) -> Iterator[Span]:
    head = _read(file, footer, 32) if footer >= 0 else b""
    if head[:8] != b"APETAGEX":
        return
    size = int.from_bytes(head[12:16], "little")
    begin = footer + 32 - size
    if size <= 32 or begin < 0:
        return
    data = _read(file, begin, min(size - 32, LARGEST))
    at = 0
    for number in range(int.from_bytes(head[16:20], "little")):
        length, flags = (int.from_bytes(data[at + n : at + n + 4], "little") for n in (0, 4))
        stop = data.find(b"\0", at + 8, at + 8 + 256)
        if (
            number == MOST or stop < 0 or stop + 1 + length > len(data)
        ):  # what cannot be walked goes as a whole
            yield begin + at, size - 32 - at, b"\0"
            return
        if not KEYS.fullmatch(data[at + 8 : stop]):
            yield begin + stop + 1, length, b"\0" if flags & 6 else b" "
        at = stop + 1 + length


def _seven(size: bytes) -> int:
    """A number in seven bits a byte."""
    number = 0
    for byte in size:
        number = number << 7 | byte & 0x7F
    return number


def _read(file: BinaryIO, at: int, count: int) -> bytes:
    if at < 0 or count <= 0:
        return b""
    file.seek(at)
    return file.read(count)

"""Finds the blocks of details (Exif, XMP, IPTC, remarks) in a picture file, and where each one lies."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from goblin.media.boxes import heads
from goblin.media.picture import exif

NO_FILL = re.compile(rb"[^\xff]")  # T.81 B.1.1.2: any number of FF may come before a marker
LARGEST = 8 << 20  # bytes of one block that are looked at
MOST = 2000  # blocks in one file
XMP = b"http://ns.adobe.com/xap/1.0/\0"
XMP_MORE = b"http://ns.adobe.com/xmp/extension/\0"
PREFIXES = (
    (0xE1, "exif", b"Exif\0\0"),
    (0xE1, "xmp", XMP),
    (0xE1, "xmp-more", XMP_MORE),
    (0xE2, "index", b"MPF\0"),
    (0xED, "iptc", b"Photoshop 3.0\0"),
)
HEIF_NEEDED = {b"ftyp", b"mdat", b"moov", b"idat", b"free", b"skip", b"wide"}
EXTENTS = 1000  # pieces of one item
PNG_MOVING = {b"acTL", b"fcTL", b"fdAT"}


@dataclass
class Block:
    """`data` lies at `offset` of the file.

    kind: exif (a TIFF structure), xmp, xmp-more (the continuation of a long packet), iptc (Photoshop's
    resources), text (remarks in words), other (may hold anything, is not needed to see the picture), trailer
    (`length` bytes after the picture's end, not read), tiff (the whole file), lost (some cannot be found).
    `png` is the name of a PNG chunk, whose check sum follows it.
    """

    kind: str
    offset: int
    data: bytes = b""
    png: bytes = b""
    length: int = 0

    def __post_init__(self) -> None:
        self.length = self.length or len(self.data)


def find(file: BinaryIO, mime: str) -> Iterator[Block]:
    """The blocks of a picture. Where it is damaged or absurdly many, a block `lost` is the last."""
    finder = FINDERS.get(mime)
    if not finder:
        return
    try:
        for number, block in enumerate(finder(file)):
            if number >= MOST:
                raise ValueError("too many blocks")
            yield block
    except (struct.error, IndexError, ValueError, EOFError):
        yield Block("lost", 0)


def at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(max(0, min(length, LARGEST)))


def _size(file: BinaryIO) -> int:
    return file.seek(0, 2)


def jpeg(file: BinaryIO) -> Iterator[Block]:
    """ITU-T T.81 B.1: segments, then coded data; then further pictures (CIPA DC-007) and whatever else."""
    position, size = 0, _size(file)
    starts: list[int] = []
    while position < size:
        if position and position not in starts:
            following = min((start for start in starts if start > position), default=size)
            yield Block("trailer", position, length=following - position)
            position = following
            continue
        for block in _segments(file, position + 2):
            if block.kind == "end":
                position = block.offset
            elif block.kind == "index":
                starts = starts or list(_pictures(block))
            else:
                yield block


def _pictures(index: Block) -> Iterator[int]:
    """Where the further pictures of a JPEG start (CIPA DC-007, 5.2.3.3), from its index."""
    source = exif.of_block(index.data)
    if entry := source.first_of("main", 0xB002):
        raw = source.raw(entry)
        for start in range(16, len(raw) - 15, 16):
            yield index.offset + struct.unpack(f"{source.order}I", raw[start + 8 : start + 12])[0]


def _segments(file: BinaryIO, position: int) -> Iterator[Block]:
    while True:
        head = at(file, position, 4)
        if len(head) < 2 or head[0] != 0xFF:
            break
        if head[1] == 0xFF:
            position = _scan(file, position, NO_FILL, _size(file)) - 1
            continue
        if head[1] == 0xD9:
            position += 2
            break
        length = struct.unpack(">H", head[2:4])[0]
        if 0xE0 <= head[1] <= 0xEF or head[1] == 0xFE:
            yield from _segment(head[1], position + 4, at(file, position + 4, length - 2))
        position += 2 + length
        if head[1] == 0xDA:
            position = _scan(file, position, re.compile(rb"\xff[^\x00\xd0-\xd7\xff]"), _size(file))
    yield Block("end", position)


def _segment(marker: int, offset: int, data: bytes) -> Iterator[Block]:
    for name, kind, prefix in PREFIXES:
        if marker == name and data.startswith(prefix):
            yield Block(kind, offset + len(prefix), data[len(prefix) :])
            return
    if marker == 0xFE:
        yield Block("text", offset, data)
    elif not _needed(marker, data):
        yield Block("other", offset, data)


def _needed(marker: int, data: bytes) -> bool:
    """Segments that say how to show the pixels: JFIF, colour profile, further pictures, Adobe's transform."""
    return (
        (marker == 0xE0 and data[:4] in (b"JFIF", b"JFXX"))
        or (marker == 0xE2 and data[:4] in (b"ICC_", b"urn:"))
        or (marker == 0xEE and data[:5] == b"Adobe")
    )


def _scan(file: BinaryIO, position: int, pattern: re.Pattern, size: int) -> int:
    """Where `pattern` (at most four bytes) comes next, or the end of the file."""
    while position < size:
        chunk = at(file, position, 1 << 20)
        if found := pattern.search(chunk):
            return position + found.start()
        if len(chunk) < 4:
            break
        position += len(chunk) - 3
    return size


def png(file: BinaryIO) -> Iterator[Block]:
    """PNG specification, third edition, 5.3: length, type, data, check sum."""
    kinds = {b"eXIf": "exif", b"tEXt": "text", b"zTXt": "text", b"iTXt": "text", b"tIME": "text"}
    position = 8
    while len(head := at(file, position, 8)) == 8:
        length, name = struct.unpack(">I4s", head)
        if name in kinds and length <= LARGEST:
            data = at(file, position + 8, length)
            kind = "xmp" if data.startswith(b"XML:com.adobe.xmp\0\0\0") else kinds[name]
            yield Block(kind, position + 8, data, name)
        elif name[0] & 32 and name[1] & 32 and name not in PNG_MOVING:
            yield Block("other", position + 8, at(file, position + 8, length), name)
        if name == b"IEND":
            end = position + 12
            if (rest := _size(file) - end) > 0:
                yield Block("trailer", end, png=name, length=rest)
            return
        position += 12 + length


def webp(file: BinaryIO) -> Iterator[Block]:
    """RFC 9649, 2.3: RIFF chunks, padded to even length."""
    kinds = {b"EXIF": "exif", b"XMP ": "xmp"}
    position = 12
    while len(head := at(file, position, 8)) == 8:
        name, length = struct.unpack("<4sI", head)
        if name in kinds:
            data = at(file, position + 8, length)
            skip = 6 if data.startswith(b"Exif\0\0") else 0
            yield Block(kinds[name], position + 8 + skip, data[skip:])
        position += 8 + length + length % 2


def gif(file: BinaryIO) -> Iterator[Block]:
    """GIF89a, 24 and 26: comments and application extensions; XMP as of its specification, part 3, 1.1.2."""
    head = at(file, 0, 13)
    position = 13 + (3 << (head[10] & 7) + 1 if head[10] & 0x80 else 0)
    while (mark := at(file, position, 2)) and mark[0] != 0x3B:
        if mark[0] == 0x2C:
            flags = at(file, position + 9, 1)[0]
            position += 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
        elif mark == b"\x21\xff" and at(file, position + 2, 12) == b"\x0bXMP DataXMP":
            data = at(file, position + 14, LARGEST).partition(b"\x01\xff\xfe\xfd")[0]
            yield Block("xmp", position + 14, data)
            position += 14 + len(data)
        else:
            position += 2
        while length := at(file, position, 1)[0]:
            if mark == b"\x21\xfe":
                yield Block("text", position + 1, at(file, position + 1, length))
            position += 1 + length
        position += 1


def tiff(file: BinaryIO) -> Iterator[Block]:
    """A TIFF file is one Exif structure as a whole; its data are read from the file, not into memory."""
    yield Block("tiff", 0)


def jp2(file: BinaryIO) -> Iterator[Block]:
    """ISO/IEC 15444-1, I.7: boxes for anything at all."""
    for name, position, length in boxes(file, 0, _size(file)):
        if name in (b"uuid", b"xml "):
            yield Block("other", position, at(file, position, length))


def boxes(file: BinaryIO, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, position and length of the content of each box (ISO/IEC 14496-12, 4.2)."""
    for name, _, start, told in heads(file, position, end):
        yield name, start, min(told, end) - start


def heif(file: BinaryIO) -> Iterator[Block]:
    """ISO/IEC 23008-12, annex A: items of type Exif, or of type mime with XMP, in the meta box."""
    for name, position, length in boxes(file, 0, _size(file)):
        if name == b"meta":
            yield from _items(file, position + 4, position + length)
        elif name not in HEIF_NEEDED:
            # Phones put films of the moment and notes of their own here.
            yield Block("other", position, length=length)


def _items(file: BinaryIO, position: int, end: int) -> Iterator[Block]:
    inside = {name: (start, length) for name, start, length in boxes(file, position, end)}
    if b"iinf" not in inside or b"iloc" not in inside:
        return
    kinds = _item_kinds(file, *inside[b"iinf"])
    data_at = inside.get(b"idat", (0, 0))[0]
    for item, (method, extents) in _locations(at(file, *inside[b"iloc"])).items():
        if item not in kinds or method > 1 or not extents:
            continue
        offset, length = extents[0]
        offset += data_at if method == 1 else 0
        # Details in several pieces are not read, only known to be there.
        data = at(file, offset, length) if len(extents) == 1 else b""
        if kinds[item] == "exif" and data:
            skip = 4 + struct.unpack(">I", data[:4])[0]
            offset, data = offset + skip, data[skip:]
        yield Block(kinds[item] if data else "lost", offset, data)


def _item_kinds(file: BinaryIO, position: int, length: int) -> dict[int, str]:
    """ISO/IEC 14496-12, 8.11.6."""
    first = position + (6 if at(file, position, 1) == b"\0" else 8)
    kinds = {}
    for name, start, size in boxes(file, first, position + length):
        data = at(file, start, size)
        if name != b"infe" or data[0] < 2:
            continue
        wide = data[0] > 2
        number = struct.unpack(">I" if wide else ">H", data[4 : 8 if wide else 6])[0]
        rest = data[10 if wide else 8 :]
        if rest[:4] == b"Exif":
            kinds[number] = "exif"
        elif rest[:4] == b"mime" and b"application/rdf+xml" in rest:
            kinds[number] = "xmp"
    return kinds


class _Numbers:
    """Reads numbers of any length from the front of some bytes. Raises EOFError past their end."""

    def __init__(self, data: bytes, position: int) -> None:
        self.data, self.position = data, position

    def next(self, size: int) -> int:
        self.position += size
        if self.position > len(self.data):
            raise EOFError
        return int.from_bytes(self.data[self.position - size : self.position], "big")


def _locations(data: bytes) -> dict[int, tuple[int, list[tuple[int, int]]]]:
    """Item -> construction method and extents (ISO/IEC 14496-12, 8.11.3)."""
    version, wide = data[0], 4 if data[0] == 2 else 2
    sizes = (data[4] >> 4, data[4] & 15, data[5] >> 4, data[5] & 15 if version else 0)
    numbers = _Numbers(data, 6)
    found = {}
    for _ in range(numbers.next(wide)):
        item = numbers.next(wide)
        method = numbers.next(2) & 15 if version else 0
        numbers.next(2)  # which file the data are in: 0 is this one, and no other is ever opened
        found[item] = method, _extents(numbers, *sizes)
    return found


def _extents(numbers: _Numbers, offset_size: int, length_size: int, base_size: int, index_size: int) -> list:
    """Offset and length of each piece of an item."""
    base, count = numbers.next(base_size), numbers.next(2)
    if count > EXTENTS:
        raise ValueError("too many pieces")
    extents = []
    for _ in range(count):
        numbers.next(index_size)
        offset = base + numbers.next(offset_size)
        extents.append((offset, numbers.next(length_size)))
    return extents


FINDERS = {
    "image/jpeg": jpeg,
    "image/png": png,
    "image/webp": webp,
    "image/gif": gif,
    "image/tiff": tiff,
    "image/jp2": jp2,
    "image/heic": heif,
    "image/heif": heif,
    "image/avif": heif,
}

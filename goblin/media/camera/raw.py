"""Looks through a RAW file: its largest preview, its facts, its size. A bounded walk; nothing is decoded."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from goblin.media.camera import canon, formats, jpegs
from goblin.media.camera.jpegs import Jpeg
from goblin.media.picture import blocks, exif

MOST_PREVIEWS = 40

# TIFF 6.0 and TIFF/EP; JpgFromRaw is Panasonic's own.
WIDTH, HEIGHT, COMPRESSION, PHOTOMETRIC, ORIENTATION = 0x0100, 0x0101, 0x0103, 0x0106, 0x0112
STRIPS, STRIP_BYTES, JPEG_AT, JPEG_BYTES, JPEG_FROM_RAW = 0x0111, 0x0117, 0x0201, 0x0202, 0x002E
MAKER_NOTE = 0x927C
JPEG_COMPRESSIONS = {6, 7, 99}
# Panasonic's own tags: the sensor's lines, and the borders of the part that sees.
SENSOR_HEIGHT, LEFT_BORDER, RIGHT_BORDER = 3, 5, 7
NIKON_PREVIEW, OLYMPUS_SETTINGS, OLYMPUS_AT, OLYMPUS_BYTES = 0x0011, 0x2020, 0x0101, 0x0102


@dataclass
class Raw:
    """What a RAW file holds. `size` is that of its own pixels as stored, where it says so.

    `tiffs` are its TIFF structures by where they begin, for what an owner may hide; `directories` are the tags
    of the first one's directories.
    """

    mime: str
    facts: exif.Exif
    previews: list[Jpeg] = field(default_factory=list)
    size: tuple[int, int] | None = None
    orientation: int | None = None
    tiffs: list[tuple[int, exif.Exif]] = field(default_factory=list)
    boxes: canon.Boxes | None = None

    @property
    def preview(self) -> Jpeg | None:
        """The largest picture that is in it."""
        return max(self.previews, key=lambda jpeg: jpeg.pixels, default=None)


def look(file: BinaryIO, mime: str) -> Raw:
    """All that is needed of a RAW file. What is damaged or missing is left out."""
    look_at = {formats.CR3: _canon, "image/x-fuji-raf": _fuji}.get(mime, _tiff)
    try:
        raw = look_at(file, mime)
    except (struct.error, IndexError, ValueError, EOFError):
        raw = Raw(mime, exif.of_block(b""))
    inside = [found for jpeg in raw.previews if (found := _exif_of(file, jpeg)).entries]
    raw.facts = exif.Several([raw.facts, *inside])
    return raw


def _exif_of(file: BinaryIO, jpeg: Jpeg) -> exif.Exif:
    window = jpegs.Window(file, jpeg.offset, jpeg.length)
    found = next((b for b in blocks.find(window, "image/jpeg") if b.kind in ("exif", "trailer")), None)
    return exif.of_block(found.data if found and found.kind == "exif" else b"")


def _tiff(file: BinaryIO, mime: str) -> Raw:
    """Files made of TIFF directories, which most makers' are."""
    source = exif.Exif(lambda offset, length: blocks.at(file, offset, length))
    homes = source.homes()
    spans = [span for tags in homes.values() for span in _spans(source, tags)]
    spans += _in_maker_note(file, source)
    orientation = source.number("main", ORIENTATION)
    raw = Raw(mime, source, _pictures(file, spans), _size(source, homes), tiffs=[(0, source)])
    raw.orientation = int(orientation) if orientation in range(1, 9) else None
    return raw


def _pictures(file: BinaryIO, spans: list[tuple[int, int]]) -> list[Jpeg]:
    found = {span: jpegs.at(file, *span) for span in spans[:MOST_PREVIEWS]}
    return [jpeg for jpeg in found.values() if jpeg]


def _spans(source: exif.Exif, tags: dict[int, exif.Entry]) -> Iterator[tuple[int, int]]:
    """Where a directory says that a JPEG lies: offset and length."""
    if JPEG_FROM_RAW in tags:
        yield tags[JPEG_FROM_RAW].place, tags[JPEG_FROM_RAW].size
    for where, length in ((JPEG_AT, JPEG_BYTES), (STRIPS, STRIP_BYTES)):
        if where not in tags or length not in tags:
            continue
        if where == STRIPS and _first(source, tags, COMPRESSION) not in JPEG_COMPRESSIONS:
            continue
        offsets, lengths = source.numbers(tags[where]), source.numbers(tags[length])
        if len(offsets) == len(lengths) == 1:
            yield int(offsets[0] or 0), int(lengths[0] or 0)


def _first(source: exif.Exif, tags: dict[int, exif.Entry], tag: int) -> Any:
    numbers = source.numbers(tags[tag]) if tag in tags else []
    return numbers[0] if numbers else None


def _size(source: exif.Exif, homes: dict[int, dict[int, exif.Entry]]) -> tuple[int, int] | None:
    """The size of the sensor's picture, else of the largest that is described."""
    lines, left, right = (source.number("main", tag) for tag in (SENSOR_HEIGHT, LEFT_BORDER, RIGHT_BORDER))
    if lines and left and right:
        # All lines, and the columns up to a border on the right like that on the left, as dcraw develops it.
        return int(left + right), int(lines)
    sizes = []
    for tags in homes.values():
        width, height = _first(source, tags, WIDTH), _first(source, tags, HEIGHT)
        if width and height and max(width, height) < 1 << 16:
            mosaic = _first(source, tags, PHOTOMETRIC) in (formats.CFA, formats.LINEAR)
            sizes.append((mosaic, int(width) * int(height), int(width), int(height)))
    return max(sizes)[2:] if sizes else None


def _in_maker_note(file: BinaryIO, source: exif.Exif) -> list[tuple[int, int]]:
    """Previews that only the maker's note tells of: Nikon's and Olympus's, as exiftool describes them."""
    entry = source.first_of("exif", MAKER_NOTE)
    head = source.fetch(entry.place, 12) if entry else b""
    if head.startswith(b"Nikon\0\2"):
        return _nested(file, entry.place + 10, "main", NIKON_PREVIEW, (JPEG_AT, JPEG_BYTES))
    if head.startswith((b"OLYMPUS\0", b"OM SYSTEM\0")):
        skip = 12 if head.startswith(b"OLYMPUS") else 16
        return _nested(file, entry.place, skip, OLYMPUS_SETTINGS, (OLYMPUS_AT, OLYMPUS_BYTES))
    return []


def _nested(file: BinaryIO, base: int, start: int | str, pointer: int, pair: tuple[int, int]) -> list:
    """A span told by a directory that a directory at `base` points to."""
    source = exif.Exif(lambda offset, length: blocks.at(file, base + offset, length))
    if isinstance(start, int):
        source.order = {b"II": "<", b"MM": ">"}[blocks.at(file, base + start - 4, 2)]
        source.entries = source.directory("main", start)[0]
    where = source.number("main", pointer)
    tags = {entry.tag: entry for entry in source.directory("sub", int(where))[0]} if where else {}
    offset, length = (_first(source, tags, tag) for tag in pair)
    return [(base + int(offset), int(length))] if offset and length else []


def _canon(file: BinaryIO, mime: str) -> Raw:
    boxes = canon.read(file)
    previews = _pictures(file, boxes.spans)
    raw = Raw(mime, exif.Several([source for _, source in boxes.tiffs]), previews, boxes.size)
    orientation = raw.facts.number("main", ORIENTATION)
    raw.orientation = int(orientation) if orientation in range(1, 9) else None
    raw.tiffs, raw.boxes = boxes.tiffs, boxes
    return raw


def _fuji(file: BinaryIO, mime: str) -> Raw:
    """RAF, as exiftool describes it: a head that says where the JPEG is; all facts are in that one."""
    offset, length = struct.unpack(">II", blocks.at(file, 84, 8))
    return Raw(mime, exif.of_block(b""), _pictures(file, [(offset, length)]))

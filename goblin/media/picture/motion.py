"""Photos that move: where the film is in one, and a copy of it, or of the film beside it, that browsers play."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from goblin.media import File, Missing, Unreadable, ffmpeg
from goblin.media.av import copies, facts, formats
from goblin.media.picture import blocks, xmp

LARGEST = 60 << 20  # bytes of a film
LONGEST = 20.0  # seconds; phones film two or three
CHUNK = 1 << 20
MOST_ENTRIES = 100
HOW = {"height": 720, "crf": 26, "preset": "veryfast", "threads": 1, "audio_bitrate": 96, "patience": 20}
Span = tuple[int, int]


def find(file: BinaryIO, mime: str) -> Span | None:
    """Offset and length of the film that is in a picture file, or None."""
    size = file.seek(0, 2)
    try:
        for offset, length in _candidates(file, mime, size):
            inside = offset > 0 and 0 < length <= LARGEST and offset + length <= size
            if inside and blocks.at(file, offset + 4, 4) == b"ftyp":
                return offset, length
    except (struct.error, ValueError):
        pass  # damage behind the picture is not the picture's
    return None


def _candidates(file: BinaryIO, mime: str, size: int) -> Iterator[Span]:
    for block in blocks.find(file, mime):
        if block.kind == "xmp":
            yield from _told(block.data, size)
        elif block.kind == "trailer":
            yield block.offset, block.length
    if mime in ("image/heic", "image/heif", "image/avif"):
        found = blocks.boxes(file, 0, size)
        yield from ((start, length) for name, start, length in found if name == b"mpvd")
    yield from _samsung(file, size)


def _told(packet: bytes, size: int) -> Iterator[Span]:
    """Motion photo format 1.0 (Android), "Container item elements"; before that, MicroVideo of one number."""
    known = xmp.read(packet[packet.find(b"<") :])
    kinds, lengths = known.get("Item:Semantic", []), [_number(n) for n in known.get("Item:Length", [])]
    # The picture itself, which comes first, need not say how long it is.
    kinds = kinds[len(kinds) - len(lengths) :] if len(lengths) <= len(kinds) else []
    for at, kind in enumerate(kinds):
        if kind == "MotionPhoto":
            yield size - sum(lengths[at:]), lengths[at]
    for text in known.get("GCamera:MicroVideoOffset", []):
        yield size - _number(text), _number(text)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else 0


def _samsung(file: BinaryIO, size: int) -> Iterator[Span]:
    """Samsung's trailer as exiftool describes it: named pieces, a list of them, its length, "SEFT"."""
    end = blocks.at(file, max(0, size - 8), 8)
    if len(end) < 8 or end[4:] != b"SEFT":
        return
    start = size - 8 - struct.unpack("<I", end[:4])[0]
    head = blocks.at(file, max(0, start), 12)
    if head[:4] != b"SEFH":
        return
    for number in range(min(struct.unpack("<I", head[8:12])[0], MOST_ENTRIES)):
        back, length = struct.unpack("<4x2I", blocks.at(file, start + 12 + 12 * number, 12))
        piece = blocks.at(file, max(0, start - back), 64)
        name = 8 + struct.unpack("<I", piece[4:8])[0]
        if piece[8:name] == b"MotionPhoto_Data":
            yield start - back + name, length - name


def make(file: BinaryIO, span: Span | None, out: Path, options: Mapping[str, Any]) -> File | None:
    """Write the film of a picture as role `motion`, without metadata; None when there is none that plays.

    `options["film"]` is the path of a film that lies beside the picture. Raises Missing without ffmpeg.
    """
    if options.get("film"):
        return _playable(Path(options["film"]), out, options)
    if not span:
        return None
    part = out / "film"
    try:
        _cut(file, span, part)
        return _playable(part, out, options)
    finally:
        part.unlink(missing_ok=True)


def _cut(file: BinaryIO, span: Span, part: Path) -> None:
    offset, left = span
    file.seek(offset)
    with part.open("wb") as target:
        while left and (chunk := file.read(min(left, CHUNK))):
            target.write(chunk)
            left -= len(chunk)


def _playable(source: Path, out: Path, options: Mapping[str, Any]) -> File | None:
    program, form = ffmpeg.find(options.get("ffmpeg", "")), formats.of(source)
    if not form or form.demuxer != "mov" or source.stat().st_size > LARGEST:
        return None
    try:
        known = facts.probe(program, source, form)
        if not known.video or not 0 < (known.duration or 0) <= LONGEST:
            return None
        plan = copies.plan(form, known, early=False, keep=False) or copies.Plan()
        made = copies.make(copies.Job(program, source, out, form, known, HOW), plan, lambda part: None)
    except Missing:
        raise
    except Unreadable:
        return None  # the picture is there all the same
    target = out / made.name.replace("play", "motion")
    (out / made.name).rename(target)
    return File(target.name, made.type, made.width, made.height)

"""Photos and other pictures, still or moving: what is known of them, and their copies."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from goblin.media import Limits, MediaType, Progress, Result, Step, Unreadable, register, wants

# ISO/IEC 14496-12, 4.3: the brands of a file say what may be inside.
BRANDS = {
    "image/avif": {b"avif", b"avis"},
    "image/heic": {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"},
    "image/heif": {b"mif1", b"msf1", b"mif2"},
}
MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/jp2"),
)
BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}  # sizes in bytes of the known kinds


@register
class Image(MediaType):
    kind = "image"
    facts = {"camera": str, "lens": str, "iso": int, "aperture": float, "exposure": float, "focal": float}
    options = {
        "sizes": ("320 640 1280", "longest sides in pixels of the two thumbnails and the view"),
        "large": (2560, "longest side of the large view; 0 for none"),
        "quality": (82, "quality of copies, from 1 to 95"),
        "pixels": (120_000_000, "most pixels of a picture that is opened at its full size"),
        "frames": (1000, "most frames of a moving picture whose copy moves, too"),
    }
    steps = {
        "facts": Step("date, place, camera and words", version=2),
        "thumbs": Step(
            "copies for the screen",
            ("thumb", "thumb2", "view", "large"),
            ("sizes", "large", "quality", "pixels", "frames"),
        ),
        "motion": Step("the film of a photo that moves", ("motion",), slow=True, spare=True),
    }
    limits = Limits(memory=256 << 20, most=768 << 20, seconds=60, bytes=64 << 20)

    def sniff(self, head: bytes, name: str) -> str | None:
        from goblin.media.camera import formats

        if found := formats.sniff(head, name):
            return found
        for magic, mime in MAGIC:
            if head.startswith(magic):
                return mime
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return "image/webp"
        return _by_brand(head) or _by_header(head)

    def process(self, source: Path, out: Path, options: Mapping[str, Any], progress: Progress) -> Result:
        with source.open("rb") as file:
            mime = self.sniff(file.read(4096), "")
            raw = _raw(file, mime)
            result = _of_raw(file, raw, out, options) if raw else _of_picture(file, mime, out, options)
            _move(file, mime, result, out, options)
        return result


def _of_picture(file: BinaryIO, mime: str, out: Path, options: Mapping[str, Any]) -> Result:
    from goblin.media.picture import copies, details, opening, patches

    known, hide = details.read(file, mime), patches.find(file, mime)
    result = Result(known.columns, {"type": mime, **known.data, **hide.data}, {}, hide.patches)
    if wants(options, "thumbs"):
        picture = opening.Picture(file, mime, options)
        columns, result.files = copies.make(picture, out, options)
        result.columns = {**known.columns, **columns}
        if picture.frames > 1:
            result.data["frames"] = picture.frames
    return result


def _move(file: BinaryIO, mime: str, result: Result, out: Path, options: Mapping[str, Any]) -> None:
    """Add the film of a photo that moves, whether it is in the file or beside it."""
    from goblin.media.picture import motion

    span = motion.find(file, mime)
    if span or options.get("film"):
        result.data["film"] = "inside" if span else "beside"
    if not (span or options.get("film")):
        result.needless = ["motion"]
    elif wants(options, "motion") and (film := motion.make(file, span, out, options)):
        result.files["motion"] = film


def _raw(file: BinaryIO, mime: str) -> Any:
    """What a RAW file holds; None for other pictures, whatever their name says."""
    from goblin.media.camera import formats, raw

    mime = formats.whole(file) if mime == "image/tiff" else mime
    return raw.look(file, mime) if mime in formats.MIMES else None


def _of_raw(file: BinaryIO, raw: Any, out: Path, options: Mapping[str, Any]) -> Result:
    """A RAW file is shown by a picture that is in it, or one developed; without any, only its facts are."""
    from goblin.media.camera import hiding, shown
    from goblin.media.picture import copies, details

    known, hide = details.read(file, raw.mime, raw.facts), hiding.find(file, raw)
    picture = shown.picture(file, raw, options)
    if not (picture or known.columns):
        raise Unreadable(shown.DAMAGED)
    result = Result(known.columns, {"type": raw.mime, **known.data, **hide.data}, {}, hide.patches)
    if not picture:
        result.data["note"] = shown.NO_PICTURE
    elif wants(options, "thumbs"):
        columns, result.files = copies.make(picture, out, options)
        result.columns |= columns
    result.columns |= shown.size(raw, picture)
    return result


def _by_brand(head: bytes) -> str | None:
    if head[4:8] != b"ftyp":
        return None
    length = min(struct.unpack(">I", head[:4])[0], len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))}
    if not any(head[8:12] in known for known in BRANDS.values()):
        return None
    return next(mime for mime, known in BRANDS.items() if brands & known)


def _by_header(head: bytes) -> str | None:
    """Pictures whose magic is too short to trust alone."""
    if head[:2] == b"BM" and len(head) >= 26 and struct.unpack("<I", head[14:18])[0] in BMP_HEADERS:
        return "image/bmp"
    if head[:4] == b"\0\0\1\0" and len(head) >= 22 and head[4] > 0 and head[5] == 0 and head[9] == 0:
        return "image/x-icon"
    return None

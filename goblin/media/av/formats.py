"""Tells video and sound files apart by their first bytes, and names the demuxer that may open each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HEAD = 4096  # bytes that are enough to tell


@dataclass(frozen=True)
class Format:
    """How ffmpeg calls the format, and its mime type."""

    demuxer: str
    mime: str

    @property
    def kind(self) -> str:
        return self.mime.partition("/")[0]


# Brands of pictures in the same boxes: HEIF, AVIF and their sequences, Canon's raw.
PICTURES = {b"mif1", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"avif", b"avis", b"crx "}
SOUNDS = {b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "}
# QuickTime files older than the ftyp box begin with one of these.
QUICKTIME = {b"moov", b"mdat", b"wide", b"skip", b"pnot", b"free"}

MAGIC = [
    (b"fLaC", Format("flac", "audio/flac")),
    (b"MAC ", Format("ape", "audio/x-ape")),
    (b"wvpk", Format("wv", "audio/x-wavpack")),
    (b"#!AMR-WB\n", Format("amr", "audio/amr-wb")),
    (b"#!AMR\n", Format("amr", "audio/amr")),
    (b"TTA1", Format("tta", "audio/x-tta")),
    (b"MPCK", Format("mpc8", "audio/x-musepack")),
    (b"MP+", Format("mpc", "audio/x-musepack")),
    (b".snd", Format("au", "audio/basic")),
    (b"caff", Format("caf", "audio/x-caf")),
    (b"DSD ", Format("dsf", "audio/x-dsf")),
    (b"tBaK", Format("tak", "audio/x-tak")),
    (b"\x0b\x77", Format("ac3", "audio/ac3")),
    (b"\x7f\xfe\x80\x01", Format("dts", "audio/vnd.dts")),
    (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb", Format("w64", "audio/x-w64")),
    (b"FLV\x01", Format("flv", "video/x-flv")),
    (b"\x00\x00\x01\xba", Format("mpeg", "video/mpeg")),
    (b"\x00\x00\x01\xb3", Format("mpegvideo", "video/mpeg")),
    (b".RMF", Format("rm", "video/vnd.rn-realvideo")),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01", Format("mxf", "video/mxf")),
]
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
MP3 = Format("mp3", "audio/mpeg")


def sniff(head: bytes) -> Format | None:
    """The format of a file that begins with `head`, or None. Playlists have no magic: never them."""
    for magic, found in MAGIC:
        if head.startswith(magic):
            return found
    return _boxes(head) or _riff(head) or _tagged(head) or _mpeg(head)


def of(source: Path) -> Format | None:
    """The format of a whole file: looks behind an ID3 tag of any size, which the first bytes may not show."""
    with source.open("rb") as file:
        head = file.read(HEAD)
        if head[:3] == b"ID3" and len(head) > 9:
            file.seek(_id3_end(head))
            return sniff(file.read(HEAD)) or MP3
    return sniff(head)


def _boxes(head: bytes) -> Format | None:
    """ISO base media (ISO/IEC 14496-12) and QuickTime: a size, then a type of four letters."""
    name, brand = head[4:8], head[8:12]
    if name in QUICKTIME:
        return Format("mov", "video/quicktime")
    if name != b"ftyp" or brand in PICTURES:
        return None
    if brand in SOUNDS:
        return Format("mov", "audio/mp4")
    if brand == b"qt  ":
        return Format("mov", "video/quicktime")
    return Format("mov", "video/3gpp" if brand[:2] == b"3g" else "video/mp4")


def _riff(head: bytes) -> Format | None:
    name, form = head[:4], head[8:12]
    if name in (b"RIFF", b"RF64") and form == b"WAVE":
        return Format("wav", "audio/wav")
    if name == b"RIFF" and form in (b"AVI ", b"AVIX"):
        return Format("avi", "video/x-msvideo")
    if name == b"FORM" and form in (b"AIFF", b"AIFC"):
        return Format("aiff", "audio/aiff")
    return None


def _tagged(head: bytes) -> Format | None:
    """Containers of many tracks, where the first 4 KiB usually tell whether there are pictures in it."""
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        webm = re.search(rb"\x42\x82.{1,8}?webm", head[:64], re.DOTALL)
        return Format("matroska", "video/webm" if webm else "video/x-matroska")
    if head.startswith(ASF):
        return Format("asf", "video/x-ms-wmv" if ASF_VIDEO in head else "audio/x-ms-wma")
    if head.startswith(b"OggS"):
        moving = any(codec in head for codec in (b"\x80theora", b"\x4fVP80", b"\x01video", b"BBCD"))
        return Format("ogg", "video/ogg" if moving else "audio/ogg")
    return None


def _mpeg(head: bytes) -> Format | None:
    """Streams without a header of their own: a sync word that comes back where it must."""
    if head[:3] == b"ID3":
        return sniff(head[_id3_end(head) :]) or MP3
    for start, packet in ((0, 188), (4, 192)):
        if len(head) > start + 4 * packet and all(head[start + n * packet] == 0x47 for n in range(5)):
            return Format("mpegts", "video/mp2t")
    if re.match(rb"\xff[\xf0\xf1\xf8\xf9]", head):
        return Format("aac", "audio/aac")
    return MP3 if _mp3_frame(head) else None


def _id3_end(head: bytes) -> int:
    """Where the tag ends (ID3v2.4 structure, section 3.1: seven bits a byte; a footer of ten more)."""
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if len(head) > 5 and head[5] & 0x10 else 0)


BITRATES = {  # kbit/s by (MPEG version is 1, layer), ISO/IEC 11172-3 2.4.2.3 and 13818-3
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def _mp3_frame(head: bytes) -> bool:
    """True when a valid frame header is followed by another one, or is all there is room for.

    FF FE begins texts in UTF-16, too, so one such header alone says nothing.
    """
    length = _frame_length(head[:4])
    if length and len(head) < length + 4:
        return not head.startswith(b"\xff\xfe")
    return bool(length) and bool(_frame_length(head[length : length + 4]))


def _frame_length(header: bytes) -> int:
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    index, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer == 4 or index in (0, 15) or rate == 3:
        return 0
    first = version == 3
    bits = BITRATES[first, layer if first else min(layer, 2)][index - 1] * 1000
    hertz = (44100, 48000, 32000)[rate] // {3: 1, 2: 2, 0: 4}[version]
    padding = header[2] >> 1 & 1
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    return (144 if first or layer == 2 else 72) * bits // hertz + padding

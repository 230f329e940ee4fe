"""RAW files and photos that move, made by hand: directories of TIFF, boxes of Canon, films behind pictures."""

import io
import struct

from PIL import Image

EXIF, GPS, SUB, MAKER_NOTE, XMP = 0x8769, 0x8825, 0x014A, 0x927C, 700
PLACE = {1: "N", 2: (54.0, 19.0, 30.0), 3: "E", 4: (10.0, 8.0, 15.0)}
SHOT = {0x9003: "2024:07:04 21:45:43", 0x9011: "+02:00", 0xA434: "Lens Y", 0x829D: (1.9,), 0xA431: "SERIAL-9"}


class Blob(bytes):
    """Bytes that lie elsewhere in the file; their place is the value of the tag."""


def tiff(main: dict, magic: bytes = b"II*\0", pad: int = 0) -> bytes:
    """A TIFF structure of tags: text, numbers, bytes, blobs, directories in directories."""
    out = bytearray(magic + struct.pack("<I", 8 + pad) + bytes(pad))
    _directory(out, main)
    return bytes(out)


def _directory(out: bytearray, tags: dict) -> int:
    start = len(out)
    out += struct.pack("<H", len(tags)) + bytes(12 * len(tags) + 4)
    for number, (tag, value) in enumerate(sorted(tags.items())):
        kind, count, data = _value(out, value)
        if len(data) > 4:
            data = struct.pack("<I", _put(out, data))
        entry = struct.pack("<HHI4s", tag, kind, count, data.ljust(4, b"\0"))
        out[start + 2 + 12 * number : start + 14 + 12 * number] = entry
    return start


def _put(out: bytearray, data: bytes) -> int:
    out += data
    return len(out) - len(data)


def _value(out: bytearray, value):
    if isinstance(value, dict):
        return 4, 1, struct.pack("<I", _directory(out, value))
    if isinstance(value, Blob):
        return 4, 1, struct.pack("<I", _put(out, value))
    if isinstance(value, str):
        return 2, len(value) + 1, value.encode() + b"\0"
    if isinstance(value, bytes):
        return 1, len(value), value
    if isinstance(value, tuple):
        kind = 10 if min(value) < 0 else 5
        return kind, len(value), b"".join(struct.pack("<2i", round(n * 10000), 10000) for n in value)
    numbers = value if isinstance(value, list) else [value]
    return 4, len(numbers), struct.pack(f"<{len(numbers)}I", *numbers)


def jpeg(width: int, height: int, exif: bytes = b"") -> bytes:
    """A picture whose upper left corner is red, on blue."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 4, height // 4))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


def dng(preview: bytes, orientation: int = 1, pad: int = 0) -> bytes:
    """A DNG with a small preview in front, a larger one beside the pixels, and everything it should not tell."""
    small = jpeg(64, 48)
    return tiff(
        {
            **{0x00FE: 1, 0x0100: 64, 0x0101: 48, 0x0103: 7, 0x0106: 6, 0x010F: "Maker", 0x0110: "Model X"},
            **{0x0111: Blob(small), 0x0117: len(small), 0x0112: orientation, 50706: bytes([1, 4, 0, 0])},
            EXIF: {**SHOT, MAKER_NOTE: b"a note of 54.325 and more"},
            GPS: PLACE,
            SUB: {0x00FE: 1, 0x0103: 7, 0x0106: 6, 0x0111: Blob(preview), 0x0117: len(preview)},
            50740: b"private 54.325 and more",
            50708: "Maker Model X",
        },
        pad=pad,
    )


def mosaic(width, height, pattern: bytes, colours, black=512, white=15872, more=None, bits=16) -> bytes:
    """A DNG of so many bits a cell: `colours(x, y)` gives red, green and blue from 0 to 1, linear."""
    cells = bytearray()
    for y in range(height):
        values = (colours(x, y)[pattern[y % 2 * 2 + x % 2]] for x in range(width))
        cells += row([round(black + value * (white - black)) for value in values], bits)
    main = {
        **{0x00FE: 0, 0x0100: width, 0x0101: height, 0x0102: bits, 0x0103: 1, 0x0106: 32803},
        **{0x010F: "Maker", 0x0110: "Model X", 0x0111: Blob(bytes(cells)), 0x0116: height},
        **{0x0117: len(cells), 33421: [2, 2], 33422: pattern, 50706: bytes([1, 4, 0, 0])},
        **{50714: black, 50717: white, 50728: (1.0, 1.0, 1.0)},
    }
    return tiff(main | (more or {}))


def row(values, bits) -> bytes:
    """Cells of a row: two bytes each, or so many bits each from the highest on, to the end of a byte."""
    if bits == 16:
        return struct.pack(f"<{len(values)}H", *values)
    text = "".join(f"{value:0{bits}b}" for value in values)
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")


def nef(preview: bytes) -> bytes:
    """Nikon's: the preview is told of by a TIFF structure in the maker's note."""
    note = b"Nikon\0\2\x10\0\0" + tiff({0x0011: {0x0201: Blob(preview), 0x0202: len(preview)}})
    sub = {0x0100: 4000, 0x0101: 3000, 0x0103: 34713, 0x0106: 32803}
    return tiff(
        {0x00FE: 1, 0x010F: "NIKON CORPORATION", 0x0110: "D1", EXIF: {**SHOT, MAKER_NOTE: note}, SUB: sub}
    )


def orf(preview: bytes) -> bytes:
    """Olympus's: the same, by a directory of settings, counted from the note."""
    note = bytearray(b"OLYMPUS\0II\3\0")
    _directory(note, {0x2020: {0x0101: Blob(preview), 0x0102: len(preview)}})
    return tiff({0x010F: "OLYMPUS", 0x0110: "E1", EXIF: {**SHOT, MAKER_NOTE: bytes(note)}}, magic=b"IIRS")


def rw2(preview: bytes) -> bytes:
    """Panasonic's: the preview is the value of a tag, and it has the facts."""
    borders = {3: 3000, 5: 8, 6: 2990, 7: 3992}
    return tiff({**borders, 0x002E: preview, 0x0112: 6, 0x010F: "Panasonic", 0x0110: "P1"}, magic=b"IIU\0")


def raf(preview: bytes) -> bytes:
    """Fuji's: a head, then the preview."""
    head = b"FUJIFILMCCD-RAW 0201FF000001" + b"X-Model".ljust(32, b"\0")
    return head.ljust(84, b"\0") + struct.pack(">II", 160, len(preview)) + bytes(68) + preview


def box(name: bytes, *content: bytes) -> bytes:
    whole = b"".join(content)
    return struct.pack(">I4s", 8 + len(whole), name) + whole


def cr3(preview: bytes) -> bytes:
    """Canon's third: facts in four structures, the preview as the sample of a track, notes of another."""
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    facts = [
        box(b"CMT1", tiff({0x010F: "Canon", 0x0110: "Canon EOS R9", 0x0112: 6})),
        box(b"CMT2", tiff(SHOT)),
        box(b"CMT3", tiff({0x0096: "INNER-SERIAL"})),
        box(b"CMT4", tiff(PLACE)),
    ]
    notes = b"notes of 54.325"
    start = box(b"ftyp", b"crx \0\0\0\1crx isom")

    def moov(at: int) -> bytes:
        craw = struct.pack(">I4s", 90, b"CRAW") + bytes(24) + struct.pack(">HH", 6000, 4000) + bytes(54)
        ctmd = struct.pack(">I4s", 16, b"CTMD") + bytes(8)
        tracks = [_track(craw, at, len(preview)), _track(ctmd, at + len(preview), len(notes))]
        return box(b"moov", box(b"uuid", canon, *facts), *tracks)

    at = len(start) + len(moov(0)) + 8
    return start + moov(at) + box(b"mdat", preview, notes)


def _track(entry: bytes, at: int, length: int) -> bytes:
    tables = [
        box(b"stsd", bytes(7) + b"\1", entry),
        box(b"stsz", struct.pack(">III", 0, length, 1)),
        box(b"co64", struct.pack(">IIQ", 0, 1, at)),
    ]
    return box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", *tables))))


def said(make_and_model: str) -> str:
    """A camera as the gallery says it, of "Canon | Canon EOS 600D": the maker is not named twice."""
    make, _, model = make_and_model.rpartition(" | ")
    return model if model.lower().startswith(make.split(" ")[0].lower()) else f"{make} {model}"

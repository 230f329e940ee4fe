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


# Bits of the code that says how many bits a difference has, for 0 to 16: none of them may be all ones.
CODES = [2, 3, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
# What each of the seven predicts of the samples left, above and left above (ITU-T T.81, table H.1).
PREDICTED = {
    1: lambda left, above, corner: left,
    2: lambda left, above, corner: above,
    3: lambda left, above, corner: corner,
    4: lambda left, above, corner: left + above - corner,
    5: lambda left, above, corner: left + (above - corner >> 1),
    6: lambda left, above, corner: above + (left - corner >> 1),
    7: lambda left, above, corner: left + above >> 1,
}


def lossless(rows, components=1, bits=16, predictor=1, restart=0) -> bytes:
    """Rows of samples as lossless JPEG; with `restart`, a marker after so many rows."""
    width, step = len(rows[0]) // components, restart or len(rows)
    parts = [rows[start : start + step] for start in range(0, len(rows), step)]
    scans = [_stuffed(_differences(part, components, bits, predictor)) for part in parts]
    data = (
        b"".join(scan + bytes([0xFF, 0xD0 + number % 8]) for number, scan in enumerate(scans[:-1]))
        + scans[-1]
    )
    numbers = range(1, components + 1)
    frame = struct.pack(">BHHB", bits, len(rows), width, components)
    counts = bytes(CODES.count(length) for length in range(1, 17))
    segments = [
        _segment(0xC3, frame + b"".join(bytes([number, 0x11, 0]) for number in numbers)),
        _segment(0xC4, b"\0" + counts + bytes(range(17))),
        _segment(0xDD, struct.pack(">H", restart * width)) if restart else b"",
        _segment(0xDA, bytes([components, *(b for n in numbers for b in (n, 0)), predictor, 0, 0])),
    ]
    return b"\xff\xd8" + b"".join(segments) + data + b"\xff\xd9"


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content


def _differences(rows, components, bits, predictor):
    for y, line in enumerate(rows):
        for x, value in enumerate(line):
            left = line[x - components] if x >= components else None
            above = rows[y - 1][x] if y else None
            if left is None:
                predicted = 1 << bits - 1 if above is None else above
            elif above is None:
                predicted = left
            else:
                predicted = PREDICTED[predictor](left, above, rows[y - 1][x - components])
            yield (value - predicted + 32767) % 65536 - 32767


def _stuffed(differences) -> bytes:
    """The coded differences, filled up with ones, a nought after each byte of ones."""
    out, code = [], 0
    codes = {}
    for size, length in enumerate(CODES):
        codes[size] = f"{code >> 16 - length:0{length}b}"
        code += 1 << 16 - length
    for value in differences:
        size = abs(value).bit_length()
        out.append(codes[size])
        if 0 < size < 16:
            out.append(f"{value if value > 0 else value + (1 << size) - 1:0{size}b}")
    text = "".join(out)
    text += "1" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0")


def tiled(rows, tile: tuple[int, int], samples=1, more=None, **coded) -> bytes:
    """A DNG of rows of samples in tiles of lossless JPEG; tiles at the edges are filled up with noughts."""
    width, (wide, high) = len(rows[0]) // samples, tile
    tiles = []
    for top in range(0, len(rows), high):
        for left in range(0, width, wide):
            part = [row[left * samples : (left + wide) * samples] for row in rows[top : top + high]]
            part = [[*row, *[0] * (wide * samples - len(row))] for row in part]
            tiles.append(lossless(part + [[0] * wide * samples] * (high - len(part)), **coded))
    return _lossless_dng(width, len(rows), samples, coded.get("bits", 16), tile, tiles, more or {})


def _lossless_dng(width, height, samples, bits, tile, tiles, more) -> bytes:
    main = {
        **{0x00FE: 0, 0x0100: width, 0x0101: height, 0x0102: [bits] * samples, 0x0103: 7, 0x0115: samples},
        **{0x0106: 34892 if samples == 3 else 32803, 0x0142: tile[0], 0x0143: tile[1]},
        **{0x010F: "Maker", 0x0110: "Model X", 50706: bytes([1, 4, 0, 0]), 50728: (1.0, 1.0, 1.0)},
        **({33421: [2, 2], 33422: bytes([0, 1, 1, 2])} if samples == 1 else {}),
    }
    start = len(tiff(main | {0x0144: [0] * len(tiles), 0x0145: [0] * len(tiles)} | more))
    places = [start + sum(map(len, tiles[:number])) for number in range(len(tiles))]
    return tiff(main | {0x0144: places, 0x0145: [len(each) for each in tiles]} | more) + b"".join(tiles)


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

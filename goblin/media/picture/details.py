"""What a picture says about itself: when, where, with what, and in whose words."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from goblin.media.picture import blocks, exif, iptc, xmp

TITLE, DESCRIPTION, NAME, TAG, TAGS = 200, 5000, 100, 60, 50  # most characters; most tags
OLDEST = 1800
DATE = re.compile(
    r"\s*(\d{4})[:-](\d\d)[:-](\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?"
)
OFFSET = re.compile(r"\s*([+-])(\d\d):?(\d\d)\s*")
GPS_TEXT = re.compile(r"(\d+),(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?([NSEW])")
# Exif 2.32, 4.6.5: date, its zone, in the order they are believed.
DATES = ((0x9003, 0x9011), (0x9004, 0x9012))
ZONE, CHANGED = 0x9010, 0x0132
MAKER_NOTE, APPLE_PAIR, APPLE_NOTE = 0x927C, 0x0011, b"Apple iOS\0"
PAIR = re.compile(r"[0-9A-F-]{32,40}")
XMP_DATES = ("exif:DateTimeOriginal", "photoshop:DateCreated", "exif:DateTimeDigitized")
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")


@dataclass
class Details:
    """Columns and data as in goblin.media.Result."""

    columns: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Sources:
    """The parsed blocks of the main picture."""

    exif: exif.Exif
    xmp: dict[str, list[str]]
    iptc: dict[tuple[int, int], list[str]]

    def word(self, *names: str | tuple[int, int]) -> str:
        """The first value of the first of these properties that has one."""
        for name in names:
            found = (self.xmp if isinstance(name, str) else self.iptc).get(name)
            if found and clean(found[0], 1):
                return found[0]
        return ""


def read(file: BinaryIO, mime: str, facts: exif.Exif | None = None) -> Details:
    """All details of an opened picture file; those that make no sense are left out.

    `facts` are those of a RAW file, which knows best where its own lie.
    """
    sources = _sources(file, mime) if facts is None else _of_raw(facts)
    columns = {**_taken(sources), **_place(sources), **_words(sources), **_pair(sources.exif)}
    facts = _facts(sources.exif)
    data = _shown(facts, sources.exif)
    if tags := _tags(sources):
        data["tags"] = tags
    return Details({**columns, **facts}, data)


def _sources(file: BinaryIO, mime: str) -> Sources:
    found = Sources(exif.of_block(b""), {}, {})
    for block in blocks.find(file, mime):
        if block.kind == "trailer":
            break  # what follows belongs to other pictures
        if block.kind == "exif" and not found.exif.entries:
            found.exif = exif.of_block(block.data)
        elif block.kind == "tiff":
            _from_tiff(file, found)
        elif block.kind == "xmp" and not found.xmp:
            found.xmp = xmp.read(block.data[block.data.find(b"<") :])
        elif block.kind == "iptc" and not found.iptc:
            found.iptc = iptc.read(block.data)
    return found


def _from_tiff(file: BinaryIO, found: Sources) -> None:
    """In a TIFF file the other blocks are values of tags (XMP part 3, 1.1.3)."""
    found.exif = exif.Exif(lambda offset, length: blocks.at(file, offset, length))
    found.xmp = _packet(found.exif)


def _of_raw(facts: exif.Exif) -> Sources:
    return Sources(facts, _packet(facts), {})


def _packet(source: exif.Exif) -> dict[str, list[str]]:
    packet = source.first_of("main", 700)
    return xmp.read(source.raw(packet)) if packet else {}


def _taken(sources: Sources) -> dict[str, Any]:
    source = sources.exif
    found = [(source.text("exif", date), source.text("exif", zone)) for date, zone in DATES]
    found += [(sources.word(name), "") for name in XMP_DATES]
    found.append((_iptc_date(sources), ""))
    # Editors write this one, too; it tells when the picture was taken only where a camera wrote it.
    if source.text("main", 0x0110):
        found += [(source.text("main", CHANGED), ""), (sources.word("xmp:CreateDate"), "")]
    for text, zone in found:
        if moment := _moment(text):
            offset = moment[1] or _offset(zone) or _offset(source.text("exif", ZONE))
            return {"taken": moment[0], "taken_offset": offset}
    return {}


def _iptc_date(sources: Sources) -> str:
    """IIM 4.2, 2:55 and 2:60: CCYYMMDD and HHMMSS+HHMM."""
    day, time = sources.word((2, 55)), sources.word((2, 60))
    return f"{day[:4]}-{day[4:6]}-{day[6:8]}T{time[:2]}:{time[2:4]}:{time[4:6]}{time[6:]}" if time else ""


def _moment(text: str) -> tuple[str, str | None] | None:
    """Local time in ISO form and its zone, if it has one; None for no or an impossible date."""
    if not (found := DATE.match(text)):
        return None
    try:
        moment = datetime(*(int(part or 0) for part in found.groups()[:6]))
    except ValueError:
        return None
    if not OLDEST <= moment.year <= datetime.now().year + 1:
        return None
    return moment.isoformat(), _offset(found[7] or "")


def _offset(text: str) -> str | None:
    if text == "Z":
        return "+00:00"
    if not (found := OFFSET.fullmatch(text)):
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return f"{found[1]}{found[2]}:{found[3]}" if minutes <= 14 * 60 and int(found[3]) < 60 else None


def _place(sources: Sources) -> dict[str, float]:
    lat = _degrees(sources.exif, 1, 2, "NS")
    lon = _degrees(sources.exif, 3, 4, "EW")
    if lat is None or lon is None:
        lat = _written_degrees(sources.word("exif:GPSLatitude"), "NS")
        lon = _written_degrees(sources.word("exif:GPSLongitude"), "EW")
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:
        return {}
    return {"lat": lat, "lon": lon}


def _degrees(source: exif.Exif, reference: int, tag: int, letters: str) -> float | None:
    """Degrees from degrees, minutes and seconds; negative for the second of `letters`."""
    letter = source.text("gps", reference).strip().upper()
    entry = source.first_of("gps", tag)
    parts = source.numbers(entry)[:3] if entry else []
    if letter not in tuple(letters) or not parts or parts[0] is None:
        return None
    value = sum((part or 0) / 60**power for power, part in enumerate(parts))
    return None if not math.isfinite(value) else -value if letter == letters[1] else value


def _written_degrees(text: str, letters: str) -> float | None:
    """XMP part 2, 1.2.7.3: "47,13.633N" or "47,13,38N"."""
    found = GPS_TEXT.fullmatch(text.strip())
    if not found or found[4] not in letters:
        return None
    value = int(found[1]) + float(found[2]) / 60 + float(found[3] or 0) / 3600
    return -value if found[4] == letters[1] else value


def _pair(source: exif.Exif) -> dict[str, str]:
    """What a photo and its film have in common: tag 17 of Apple's note, a directory 14 bytes into it."""
    entry = source.first_of("exif", MAKER_NOTE)
    note = source.raw(entry) if entry else b""
    if not note.startswith(APPLE_NOTE):
        return {}
    inside = exif.of_note(note, 14, ">")
    name = inside.text("maker", APPLE_PAIR)
    return {"pair": name} if PAIR.fullmatch(name) else {}


def _words(sources: Sources) -> dict[str, str]:
    source = sources.exif
    titles = (sources.word("dc:title", (2, 5)), _wide(source, 0x9C9B))
    texts = (source.text("main", 0x010E), sources.word("dc:description", (2, 120)), _wide(source, 0x9C9C))
    title = next((words for text in titles if (words := clean(text, TITLE))), None)
    description = next((words for text in texts if (words := clean(text, DESCRIPTION))), None)
    found = {"title": title, "description": description if description != title else None}
    return {name: words for name, words in found.items() if words}


def _wide(source: exif.Exif, tag: int) -> str:
    """A text as Windows writes it: UTF-16, little endian."""
    entry = source.first_of("main", tag)
    return source.raw(entry).decode("utf-16-le", "replace").partition("\0")[0] if entry else ""


def _tags(sources: Sources) -> list[str]:
    given = [*sources.xmp.get("dc:subject", []), *sources.iptc.get((2, 25), [])]
    given = given or _wide(sources.exif, 0x9C9E).split(";")
    tags = {tag.casefold(): tag for tag in reversed([clean(words, TAG) for words in given]) if tag}
    return list(reversed(tags.values()))[:TAGS]


def _facts(source: exif.Exif) -> dict[str, Any]:
    found = {
        "camera": _camera(*(clean(source.text("main", tag), NAME) for tag in (0x010F, 0x0110))),
        "lens": clean(source.text("exif", 0xA434), NAME),
        "iso": _sensible(source.number("exif", 0x8827), 1, 10_000_000),
        "aperture": _sensible(source.number("exif", 0x829D), 0.1, 1000),
        "exposure": _sensible(source.number("exif", 0x829A), 1e-7, 1e6),
        "focal": _sensible(source.number("exif", 0x920A), 0.01, 1e5),
    }
    if found["iso"]:
        found["iso"] = int(found["iso"])
    return {name: value for name, value in found.items() if value}


def _camera(make: str, model: str) -> str:
    """As people write it, on the page and in a filter: without the maker twice."""
    same = bool(make) and model.casefold().startswith(make.split(" ")[0].casefold())
    return model if same else f"{make} {model}".strip()


def _sensible(value: float | None, low: float, high: float) -> float | None:
    return round(float(value), 9) if value is not None and low <= value <= high else None


def _shown(facts: dict[str, Any], source: exif.Exif) -> dict[str, str]:
    """The facts as photographers write them."""
    shown = {}
    if "camera" in facts:
        shown["camera"] = facts["camera"]
    if "lens" in facts:
        shown["lens"] = facts["lens"]
    if "exposure" in facts:
        time = facts["exposure"]
        shown["exposure"] = f"1/{round(1 / time)} s" if time < 0.4 else f"{time:g} s"
    if "aperture" in facts:
        shown["aperture"] = f"f/{facts['aperture']:.3g}"
    if "iso" in facts:
        shown["iso"] = f"ISO {facts['iso']}"
    if "focal" in facts:
        shown["focal"] = f"{facts['focal']:.3g} mm"
    return shown


def clean(text: str, most: int) -> str:
    """Words without control and direction characters, at most so many characters."""
    kept = [
        c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co") else " "
        for c in text[: most * 4]
    ]
    words = "".join(c for c in kept if c not in BIDI).strip()
    return words[:most].strip()

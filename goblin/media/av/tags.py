"""Reads tags: clean text of bounded length, when and where something was taken, and by what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

LONGEST_TEXT = 2000  # characters; descriptions may be long, names are cut further where they are used
MOST_TAGS = 200
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"  # would turn the text after it
WHEN = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)? ?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
PLACE = re.compile(r"([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)(?:[+-]\d+(?:\.\d+)?)?(?:CRS\w*)?/?", re.ASCII)
APPLE = "com.apple.quicktime."
PLACES = (APPLE + "location.iso6709", "location", "location-eng", "com.android.location")
MAKES = (APPLE + "make", "make", "com.android.manufacturer", "manufacturer")
MODELS = (APPLE + "model", "model", "com.android.model")


def parse(text: bytes) -> dict[str, str]:
    """Tags by lower-case name from ffmpeg's own format ("Metadata" in ffmpeg-formats): first one wins."""
    found: dict[str, str] = {}
    for line in re.split(rb"(?<!\\)\n", text)[: MOST_TAGS * 4]:
        name, equals, value = re.sub(rb"\\([=;#\\\n])", rb"\1", line).partition(b"=")
        if equals and not line.startswith((b";", b"#", b"[")) and len(found) < MOST_TAGS:
            found.setdefault(clean(name)[:100].lower(), clean(value))
    found.pop("encoder", None) if found.get("encoder", "").startswith("Lavf") else None
    return {name: value for name, value in found.items() if name and value}


def clean(text: bytes | str, longest: int = LONGEST_TEXT) -> str:
    """Text for people: UTF-8, composed, without control and bidirectional-override characters, not longer."""
    if isinstance(text, bytes):
        text = _decode(text)[: longest * 2]
    kept = (c for c in unicodedata.normalize("NFC", text) if c == "\n" or not _unseen(c))
    return "".join(kept).strip()[:longest].strip()


def _decode(text: bytes) -> str:
    """UTF-8, or what ID3v1 tags of the last century hold; a character cut at the end is left out."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.end >= len(text) and error.reason == "unexpected end of data"
        return text.decode("utf-8", "ignore") if cut else text.decode("cp1252", "replace")


def _unseen(character: str) -> bool:
    return character in TURNING or unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn")


def line(tags: Mapping[str, str], *names: str, longest: int = 300) -> str:
    """The first of these tags that is there, on one line."""
    value = next((tags[name] for name in names if tags.get(name)), "")
    return " ".join(value.split())[:longest]


def words(tags: Mapping[str, str]) -> dict[str, str]:
    """Columns title and description, where the file has them."""
    found = {"title": line(tags, "title", APPLE + "title")}
    texts = (tags.get(name) for name in ("description", APPLE + "description", "synopsis"))
    found["description"] = next(filter(None, texts), "")
    return {name: value for name, value in found.items() if value}


def taken(tags: Mapping[str, str]) -> dict[str, str | None]:
    """Columns taken and taken_offset. A phone's own local time is preferred to the container's UTC."""
    for name in (APPLE + "creationdate", "creation_time", "date_recorded", "date_time_original", "date"):
        if (found := WHEN.match(tags.get(name, ""))) and (when := _moment(found)):
            return when
    return {}


def _moment(found: re.Match) -> dict[str, str | None] | None:
    try:
        when = datetime(*(int(part) for part in found.groups()[:6]))
    except ValueError:
        return None
    if not 1971 <= when.year <= 2200:  # clocks that were never set say 1904 or 1970
        return None
    zone = found[7]
    offset = None if zone is None else "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[-2:]}"
    return {"taken": when.isoformat(), "taken_offset": offset}


def place(tags: Mapping[str, str]) -> dict[str, float]:
    """Columns lat and lon (degrees) from an ISO 6709 string such as +49.1989+016.6071/ (annex H)."""
    for name in PLACES:
        if found := PLACE.match(tags.get(name, "")):
            lat, lon = _degrees(found[1], 2), _degrees(found[2], 3)
            if abs(lat) <= 90 and abs(lon) <= 180 and (lat or lon):
                return {"lat": lat, "lon": lon}
    return {}


def _degrees(text: str, digits: int) -> float:
    """Degrees from ±DD.d, ±DDMM.m or ±DDMMSS.s; longitudes have three digits for the degrees."""
    sign, whole = (-1 if text[0] == "-" else 1), text[1:].partition(".")[0]
    number = text[1:]
    if len(whole) <= digits + 1:
        return round(sign * float(number), 7)
    value = float(number[:digits])
    if len(whole) <= digits + 3:
        return round(sign * (value + float(number[digits:]) / 60), 7)
    minutes, seconds = float(number[digits : digits + 2]), float(number[digits + 2 :])
    return round(sign * (value + minutes / 60 + seconds / 3600), 7)


def pair(tags: Mapping[str, str]) -> dict[str, str]:
    """Column pair: what a film has in common with the photo it belongs to (QuickTime's metadata keys)."""
    name = line(tags, APPLE + "content.identifier", longest=41)
    return {"pair": name} if re.fullmatch(r"[0-9A-F-]{32,40}", name) else {}


def camera(tags: Mapping[str, str]) -> str:
    """Make and model in one line, without the make twice."""
    make, model = line(tags, *MAKES, longest=60), line(tags, *MODELS, longest=60)
    return model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()

"""What an owner may hide in a video or sound file, and whether its index is where players want it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path

from goblin.media.av import chunks, comments, id3, matroska, mp4, tags
from goblin.media.av.facts import Facts
from goblin.media.av.formats import Format

MOST = 5000  # overwrites of one file, which every download looks through; an honest one needs some dozen
AVCHD_PACKET = 192  # camcorders' transport streams: place and time lie in every picture group

# ID3 or APE around them
TAGGED = {"mp3", "aac", "tta", "ape", "wv", "mpc", "mpc8", "tak", "dsf", "ac3", "dts"}
CHUNKED = {"wav", "avi", "aiff"}
# Of formats in which nothing is overwritten: who, when, with what, as ffmpeg calls it.
TELLING = {
    *("artist", "album_artist", "author", "composer", "performer", "lyricist", "conductor", "engineer"),
    *("producer", "director", "publisher", "originator", "encoded_by", "copyright", "comment", "contact"),
    *("date", "year", "creation_time", "creationdate", "date_recorded", "date_time_original"),
    *("modification_date", "software", "company_name", "product_name", *tags.MAKES, *tags.MODELS),
}


@dataclass
class Hidden:
    """Overwrites of the original, whether a place or facts stay in spite of them, index first, nothing cut off."""

    patches: dict[str, list] = field(default_factory=dict)
    stays: bool = False
    facts_stay: bool = False
    early: bool = True
    whole: bool = True


def look(source: Path, form: Format, facts: Facts) -> Hidden:
    """Look through the file's structure for what tells a place, a camera or a time."""
    hidden = Hidden()
    if form.demuxer == "mov":
        boxes = mp4.Boxes(source)
        hidden.patches, hidden.stays = mp4.patches(source, boxes)
        hidden.early, hidden.whole = boxes.starts_early(), boxes.whole
    elif form.demuxer == "matroska":
        hidden.patches, hidden.stays, hidden.whole = matroska.patches(source)
    elif form.demuxer in TAGGED | CHUNKED | {"flac", "ogg"}:
        spans = _told(source, form)
        hidden.patches, hidden.facts_stay = {"facts": spans} if spans else {}, spans is None
    else:
        hidden.stays = form.demuxer == "mpegts" and _camcorder(source)
        hidden.facts_stay = not TELLING.isdisjoint(facts.tags)
    if sum(map(len, hidden.patches.values())) > MOST:
        hidden.patches, hidden.stays, hidden.facts_stay = {}, True, True
    if tags.place(facts.tags) and not hidden.patches.get("place"):
        hidden.stays = True
    return hidden


def _told(source: Path, form: Format) -> list | None:
    """Overwrites of what tells who made a sound, when and with what; None where there is too much of it."""
    size = source.stat().st_size
    with source.open("rb") as file:
        if form.demuxer in CHUNKED:
            spans = chunks.spans(file, size)
        elif form.demuxer == "ogg":
            spans = comments.of_ogg(file)
        else:
            spans = id3.spans(file, size)
            spans += comments.of_flac(file, id3.end(file)) if form.demuxer == "flac" else []
    if spans is None:
        return None
    inside = ((at, min(length, size - at), fill) for at, length, fill in spans)  # a length may lie
    return [[at, length, base64.b64encode(fill).decode()] for at, length, fill in inside if length > 0]


def _camcorder(source: Path) -> bool:
    with source.open("rb") as file:
        head = file.read(4 + AVCHD_PACKET + 1)
    return head[0] != 0x47 and head[4] == 0x47 and head[4 + AVCHD_PACKET] == 0x47

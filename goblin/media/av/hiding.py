"""What an owner may hide in a video or sound file, and whether its index is where players want it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from goblin.media.av import matroska, mp4, tags
from goblin.media.av.facts import Facts
from goblin.media.av.formats import Format

MOST = 5000  # overwrites of one file, which every download looks through; an honest one needs some dozen
AVCHD_PACKET = 192  # camcorders' transport streams: place and time lie in every picture group


@dataclass
class Hidden:
    """Overwrites of the original, whether a place stays in spite of them, index first, nothing cut off."""

    patches: dict[str, list] = field(default_factory=dict)
    stays: bool = False
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
    elif form.demuxer == "mpegts":
        hidden.stays = _camcorder(source)
    if sum(map(len, hidden.patches.values())) > MOST:
        hidden.patches, hidden.stays = {}, True
    if tags.place(facts.tags) and not hidden.patches.get("place"):
        hidden.stays = True
    return hidden


def _camcorder(source: Path) -> bool:
    with source.open("rb") as file:
        head = file.read(4 + AVCHD_PACKET + 1)
    return head[0] != 0x47 and head[4] == 0x47 and head[4 + AVCHD_PACKET] == 0x47

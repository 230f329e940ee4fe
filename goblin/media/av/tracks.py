"""Takes the subtitles that are inside a film out of it, as WebVTT."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from goblin.media import File, Unreadable, ffmpeg
from goblin.media.av import copies
from goblin.media.av.facts import Facts, Stream
from goblin.media.av.formats import Format
from goblin.media.writing import languages, subtitles

MOST = 32  # tracks of one film
LARGEST_ALL = 8 << 20  # bytes of all its subtitles together
ROLE = "track-"  # and the number of the track
# What ffmpeg says of a track (the dispositions of libavformat/avformat.h), and what we call it.
SAID = {"default": "default", "forced": "forced", "hearing impaired": "sdh", "captions": "sdh"}
NAMED = (
    ("forced", re.compile(r"\bforced\b", re.I)),
    ("sdh", re.compile(r"\b(?:sdh|cc|hard of hearing)\b", re.I)),
)


def wanted(facts: Facts) -> list[Stream]:
    """The tracks that are taken out."""
    return facts.texts[:MOST]


def take(
    program: str, source: Path, out: Path, form: Format, facts: Facts
) -> tuple[dict[str, File], list[dict[str, Any]]]:
    """Write the subtitles into `out`: (files by role, what is known of each). What cannot be read is left out."""
    args = ["-v", "error", "-y", *ffmpeg.reading(source, form.demuxer)]
    for stream in wanted(facts):
        codec = "copy" if stream.codec == "webvtt" else "webvtt"
        args += ["-map", f"0:{stream.index}", "-c:s", codec, "-map_metadata", "-1", "-map_chapters", "-1"]
        args += ["-fs", str(subtitles.LARGEST + 1), "-f", "webvtt", f"file:{out / _raw(stream)}"]
    ended = ffmpeg.call(program, args, copies.reading_seconds(source))
    files, known, left = {}, [], LARGEST_ALL
    for stream in wanted(facts):
        if (text := _text(out / _raw(stream))) and len(text) <= left:
            left -= len(text)
            role = f"{ROLE}{stream.index}"
            (out / f"{role}.vtt").write_bytes(text)
            files[role] = File(f"{role}.vtt", "text/vtt")
            known.append(_known(stream, text))
    if not files and ended.code:
        raise ended.unreadable("The subtitles inside this film could not be read.")
    return files, known


def _raw(stream: Stream) -> str:
    return f"raw-{stream.index}.vtt"


def _text(path: Path) -> bytes:
    """What players get of a track; empty for one with nothing to show, or with too much."""
    if not path.exists():
        return b""
    with path.open("rb") as file:
        data = file.read(subtitles.LARGEST + 1)
    path.unlink()
    if len(data) > subtitles.LARGEST:  # then it was cut off
        return b""
    try:
        return subtitles.write(subtitles.parse(data.decode("utf-8", "replace"))).encode()
    except Unreadable:
        return b""


def _known(stream: Stream, text: bytes) -> dict[str, Any]:
    said = {SAID[word] for word in re.findall(r"\(([a-z ]+)\)", stream.words) if word in SAID}
    said |= {trait for trait, named in NAMED if named.search(stream.title)}
    return {
        "track": stream.index,
        "language": stream.language or languages.UNKNOWN,
        "title": stream.title,
        "traits": " ".join(trait for trait in languages.TRAITS if trait in said),
        "tells_place": subtitles.SAYS_PLACE.search(text.decode()) is not None,
    }

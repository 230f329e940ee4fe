"""Reads what is in a file from what `ffmpeg -i` says, as not every machine has ffprobe."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from goblin.media import Unreadable, ffmpeg
from goblin.media.av import tags
from goblin.media.av.formats import Format
from goblin.media.writing import languages

DAMAGED = "This file could not be read as video or sound. It may be damaged; try exporting it again."
PROBE_SECONDS = 60
LONGEST = 30 * 86400  # seconds; a file that claims more is not believed

STREAM = re.compile(
    r"^ {2,4}Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\(([^)]*)\))?: (Video|Audio|Subtitle|Data|Attachment): (.*)$"
)
DURATION = re.compile(r"^  Duration: (?:N/A|(\d+):(\d\d):(\d\d(?:\.\d+)?))")
BITRATE = re.compile(r"^  Duration: .*bitrate: (\d+) kb/s")
ROTATION = re.compile(r"^ +(?:displaymatrix|Display Matrix): rotation of (-?\d+(?:\.\d+)?) degrees")
WRITTEN = {"subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text"}  # as ffmpeg calls them
BRIGHT = ("smpte2084", "arib-std-b67")  # perceptual quantiser, hybrid log-gamma
# Tracks for some, which not everybody wants to hear (the dispositions of libavformat/avformat.h).
ASIDE = re.compile(r"\((comment|visual impaired|hearing impaired|karaoke)\)")
TITLE = re.compile(r"^ {6}title +: (.*)$")
SPLIT = re.compile(r", (?![^(\[]*[)\]])")  # commas outside brackets


@dataclass
class Stream:
    """One track. `rotation` is clockwise degrees to turn the stored frame for showing; `bright` names the
    transfer function of a picture with more brightness than a common screen, if this ffmpeg can tame it.
    """

    index: int
    type: str
    codec: str
    profile: str = ""
    pixels: str = ""
    colour: str = ""
    width: int = 0
    height: int = 0
    aspect: Fraction = Fraction(1)
    fps: float | None = None
    rotation: int = 0
    rate: int = 0
    channels: str = ""
    cover: bool = False
    words: str = ""
    bright: str = ""
    language: str = ""
    title: str = ""

    @property
    def interlaced(self) -> bool:
        """True when a frame holds two moments, as "top first" in ffmpeg's words."""
        return "first" in self.colour

    @property
    def turned(self) -> tuple[int, int]:
        """Width and height in stored pixels, after rotation."""
        return (self.height, self.width) if self.rotation % 180 == 90 else (self.width, self.height)

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height after rotation, in square pixels."""
        wide = max(1, round(self.width * self.aspect))
        return (self.height, wide) if self.rotation % 180 == 90 else (wide, self.height)


@dataclass
class Facts:
    """What a file holds: duration in seconds (`guessed` when it does not say), kbit/s, streams, tags."""

    duration: float | None = None
    guessed: bool = False
    bitrate: int | None = None
    streams: list[Stream] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def video(self) -> Stream | None:
        """The moving picture: the first that is not a cover and that ffmpeg knows."""
        moving = [s for s in self.streams if s.type == "Video" and not s.cover and s.width and s.height]
        return next((s for s in moving if s.codec != "none"), None)

    @property
    def sounds(self) -> list[Stream]:
        """The tracks of sound that can be played: the one its maker set as default first, comments last."""
        found = [s for s in self.streams if s.type == "Audio" and s.codec != "none" and s.rate]
        return sorted(found, key=lambda s: (bool(ASIDE.search(s.words)), "(default)" not in s.words))

    @property
    def audio(self) -> Stream | None:
        """The track that is played."""
        return next(iter(self.sounds), None)

    @property
    def texts(self) -> list[Stream]:
        """The tracks of subtitles that are written; those of pictures cannot be shown as text."""
        return [s for s in self.streams if s.type == "Subtitle" and s.codec in WRITTEN]

    @property
    def covers(self) -> list[Stream]:
        return [s for s in self.streams if s.type == "Video" and s.cover]


def probe(program: str, source: Path, form: Format) -> Facts:
    """The facts of `source`. Raises Unreadable when ffmpeg cannot open it as what its first bytes say."""
    args = ["-v", "info", *ffmpeg.reading(source, form.demuxer)]
    args += ["-map_metadata", "0", "-map_chapters", "-1", "-f", "ffmetadata", "pipe:1"]
    if form.demuxer == "ogg":  # there the tags belong to the first stream
        args += ["-map_metadata", "0:s:0", "-map_chapters", "-1", "-f", "ffmetadata", "pipe:1"]
    try:
        ended = ffmpeg.call(program, args, PROBE_SECONDS)
    except ffmpeg.Greedy as error:  # what ffmpeg says of sizes that cannot be true
        raise Unreadable(DAMAGED) from error
    facts = read(ended.log)
    if not facts.streams:
        raise ended.unreadable(DAMAGED)
    _see_brightness(program, facts.video)
    facts.guessed = facts.guessed or facts.duration is None
    facts.tags = tags.parse(ended.output)
    return facts


def _see_brightness(program: str, video: Stream | None) -> None:
    found = next((name for name in BRIGHT if video and name in video.colour), "")
    if found and ffmpeg.has_filter(program, "zscale"):
        video.bright = found


def read(log: str) -> Facts:
    """Facts from the words of `ffmpeg -i` (versions 4 to 9); tags are not read from here."""
    facts = Facts(guessed="Estimating duration from bitrate" in log)
    opened = log.partition("\nStream mapping:")[0].partition("\nOutput #0")[0]
    for line in opened.splitlines():
        if found := STREAM.match(line):
            facts.streams.append(_stream(int(found[1]), found[3], found[4]))
            facts.streams[-1].language = languages.checked(found[2] or "") or ""
        elif found := DURATION.match(line):
            facts.duration = _seconds(*found.groups())
            facts.bitrate = int(rate[1]) if (rate := BITRATE.match(line)) else None
        elif facts.streams and (found := ROTATION.match(line)):
            facts.streams[-1].rotation = round(-float(found[1]) / 90) * 90 % 360
        elif facts.streams and (found := TITLE.match(line)):
            facts.streams[-1].title = tags.clean(found[1], 100)
    return facts


def _seconds(hours: str | None, minutes: str | None, seconds: str | None) -> float | None:
    if hours is None:
        return None
    total = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return total if 0 < total < LONGEST else None


def _stream(index: int, kind: str, words: str) -> Stream:
    parts = SPLIT.split(words)
    codec = re.match(r"(\w+)(?: \(([^/)]*)\))?", parts[0])
    names = codec.groups("") if codec else ("none", "")
    stream = Stream(index, kind, *names, words=words)
    if kind == "Video":
        _picture(stream, parts)
    elif kind == "Audio":
        _sound(stream, parts)
    return stream


def _picture(stream: Stream, parts: list[str]) -> None:
    stream.cover = "(attached pic)" in stream.words or "(still image)" in stream.words
    if len(parts) > 1:
        stream.pixels, _, stream.colour = parts[1].partition("(")
    if size := re.search(r", (\d+)x(\d+)\b", stream.words):
        stream.width, stream.height = int(size[1]), int(size[2])
    if aspect := re.search(r"\bSAR (\d+):(\d+)", stream.words):
        ratio = Fraction(int(aspect[1]), int(aspect[2]) or 1)
        stream.aspect = ratio if Fraction(1, 8) <= ratio <= 8 else Fraction(1)
    if fps := re.search(r", (\d+(?:\.\d+)?)(k?) fps\b", stream.words):
        stream.fps = float(fps[1]) * (1000 if fps[2] else 1)


def _sound(stream: Stream, parts: list[str]) -> None:
    for place, part in enumerate(parts[1:], 1):
        if rate := re.fullmatch(r"(\d+) Hz", part):
            stream.rate = int(rate[1])
            stream.channels = parts[place + 1] if place + 1 < len(parts) else ""

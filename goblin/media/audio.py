"""The kind audio: plays as it is where browsers can, else one copy; tags, cover, waveform."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goblin.media import File, Limits, MediaType, Progress, Result, Step, Unreadable, ffmpeg, register, wants
from goblin.media.av import copies, hiding, poster, tags, waveform
from goblin.media.av import facts as stream_facts
from goblin.media.av.facts import DAMAGED, Facts
from goblin.media.av.formats import Format, of, sniff
from goblin.media.picture import copies as pictures

NO_SOUND = "There is no sound in this file that we can read. It may be damaged or of a rare kind."
HEARD = 0.6  # part of the work, as progress shows it
COVER_SECONDS = 30
LONGEST_SECONDS = 2 * 3600  # for one step: a day of sound on a slow box
LONG_SECONDS = 15 * 60  # what is longer is listened to here and there, so that others need not wait for it
LONG_BYTES = 24 << 20  # the same of a file that does not say how long it is
DIFFERENCE = 0.5  # seconds; if what was heard differs more from what the file says, what was heard counts
PLAYABLE_PCM = {"pcm_s16le", "pcm_u8", "pcm_s24le"}
OGG_SOUND = {"vorbis", "opus", "flac"}


@register
class Audio(MediaType):
    """MP3, FLAC, Ogg, Opus, M4A, WAV, AIFF, APE, WavPack, WMA, AMR and more, by their first bytes."""

    kind = "audio"
    facts = {"artist": str, "album": str, "track": int, "year": int, "genre": str, "codec": str}
    options = {
        "sizes": ("320 640 1280", "longest sides in pixels of the two thumbnails and the view"),
        "audio_bitrate": (128, "kilobits a second of a copy that browsers play"),
        "ogg_copy": (True, "make a copy of Ogg sounds too, which Safari plays only since version 18.4"),
        "patience": (2.0, "seconds of work allowed for each second of sound, before giving up"),
        "threads": (1, "processor cores that one sound may use"),
    }
    steps = {
        "facts": Step("length, artist, title and words", version=2),
        "thumbs": Step("cover or waveform", ("thumb", "thumb2", "view", "waveform"), ("sizes",)),
        "transcode": Step("a copy that browsers play", ("play",), ("audio_bitrate", "ogg_copy"), slow=True),
    }
    limits = Limits(memory=256 << 20, most=512 << 20, seconds=5 * 3600, bytes=4 << 30)

    def sniff(self, head: bytes, name: str) -> str | None:
        """The mime type by the first bytes; the name does not count."""
        form = sniff(head)
        return form.mime if form and form.kind == "audio" else None

    def process(self, source: Path, out: Path, options: Mapping[str, Any], progress: Progress) -> Result:
        """Tags, cover or waveform, a playable copy if one is needed. Moving pictures make it kind video."""
        options = self.filled(options)
        program = ffmpeg.find(options.get("ffmpeg", ""))
        form = of(source)
        if not form:
            raise Unreadable(DAMAGED)
        facts = stream_facts.probe(program, source, form)
        if facts.video and facts.audio:
            return self._moving(source, out, options, progress)
        if not facts.audio:
            raise Unreadable(NO_SOUND)
        return Work(program, source, out, form, facts, options, progress).result()

    def _moving(self, source: Path, out: Path, options: dict, progress: Progress) -> Result:
        from goblin.media.video import Video

        its = {name: options[name] for name in ("ffmpeg", "steps", "sizes") if name in options}
        result = Video().process(source, out, its, progress)
        result.columns["kind"] = "video"
        return result


class Work:
    """One sound being prepared."""

    def __init__(self, program, source, out, form: Format, facts: Facts, options, progress) -> None:
        self.program, self.source, self.out, self.form = program, source, out, form
        self.facts, self.options = facts, options
        self.progress = lambda part, step="": progress(100 * part, step)
        self.opened = ffmpeg.reading(source, form.demuxer, threads=options["threads"])
        self.hidden = hiding.look(source, form, facts)

    def result(self) -> Result:
        """All that is asked of a sound. Raises Unreadable when not one sample can be decoded."""
        sound = self._glance() if self._is_long() else self._listen()
        if not sound.peaks:
            raise Unreadable(DAMAGED)
        columns, files, picture = self._columns(), {}, self._cover()
        if wants(self.options, "thumbs"):
            files = self._draw(sound, picture)
            columns |= {"placeholder": pictures.average(picture)} if picture else {}
        plays = self._plays()
        needless = ["transcode"] if plays and not self._wants_copy() else []
        if not needless and wants(self.options, "transcode"):
            files["play"] = self._copy()
        self.progress(1.0)
        return Result(columns, self._data(plays, bool(picture)), files, self.hidden.patches, needless)

    def _draw(self, sound, picture) -> dict[str, File]:
        sides = pictures.sides(self.options)
        bars = waveform.band(sound.peaks, self.out, max(sides.values()))
        if picture:
            return bars | poster.write(picture, self.out, sides)
        return bars | waveform.stills(sound.peaks, self.out, sides)

    def _is_long(self) -> bool:
        """Whether decoding all of it would take long; how long it is is counted where the file does not say."""
        facts = self.facts
        if (facts.duration is None or facts.guessed) and self.source.stat().st_size > LONG_BYTES:
            facts.duration, facts.guessed = self._count(), False
        return not facts.guessed and (facts.duration or 0) > LONG_SECONDS

    def _count(self) -> float | None:
        """Seconds there are, by reading all packets."""
        most = copies.reading_seconds(self.source)
        return ffmpeg.measure(self.program, self.opened, self.facts.audio.index, most)

    def _glance(self) -> waveform.Sound:
        def told(part: float) -> None:
            self.progress(HEARD * part, "thumbs")

        length = self.facts.duration
        sound, whole = waveform.glance(self.program, self.opened, self.facts.audio.index, length, told)
        if not whole:  # it is shorter than it says, or has gaps
            self.facts.duration = self._count() or length
        return sound

    def _listen(self) -> waveform.Sound:
        sound, said = self._hear(), self.facts.duration
        if said is None or self.facts.guessed or abs(said - sound.seconds) > DIFFERENCE:
            self.facts.duration = sound.seconds
        return sound

    def _hear(self) -> waveform.Sound:
        length = self.facts.duration

        def told(heard: float) -> None:
            self.progress(HEARD * min(heard / length, 1.0) if length else 0.0, "thumbs")

        return waveform.listen(self.program, self.opened, self.facts.audio.index, self._seconds(), told)

    def _seconds(self) -> float:
        length = self.facts.duration or 3600
        return min(copies.reading_seconds(self.source) + length * self.options["patience"], LONGEST_SECONDS)

    def _cover(self):
        """The first cover that is a picture; the bytes come as they are stored, ffmpeg decodes none."""
        side = max(pictures.sides(self.options).values())
        for stream in self.facts.covers[:4]:
            args = ["-v", "error", *self.opened, "-map", f"0:{stream.index}", "-frames:v", "1"]
            args += ["-c", "copy", "-f", "rawvideo", "pipe:1"]
            data = ffmpeg.call(self.program, args, COVER_SECONDS, keep=poster.COVER_BYTES).output
            if picture := poster.cover(data, side):
                return picture
        return None

    def _plays(self) -> bool:
        """True when today's browsers play the original as it is."""
        codec, form = self.facts.audio.codec, self.form
        if self.hidden.stays or self.hidden.facts_stay:
            return False
        if form.demuxer == "mov":
            return codec == "aac" and form.mime != "video/quicktime"
        if form.demuxer == "matroska":
            return form.mime == "video/webm" and codec in copies.WEBM_SOUND
        return {
            "mp3": codec == "mp3",
            "flac": codec == "flac",
            "wav": codec in PLAYABLE_PCM,
            "ogg": codec in OGG_SOUND,
        }.get(form.demuxer, False)

    def _wants_copy(self) -> bool:
        return self.options["ogg_copy"] and self.form.demuxer in ("ogg", "matroska")

    def _copy(self) -> File:
        """A copy in AAC (or the MP3 track as it is), without any metadata."""
        codec = self.facts.audio.codec
        target, kind = ("play.mp3", "audio/mpeg") if codec == "mp3" else ("play.m4a", "audio/mp4")
        args = ["-v", "error", "-y", *self.opened, "-map", f"0:{self.facts.audio.index}", "-vn", "-sn", "-dn"]
        args += ["-map_metadata", "-1", "-map_chapters", "-1", *self._codec(codec)]
        args += ["-f", "mp3", "-id3v2_version", "0"] if codec == "mp3" else copies.FAST_START

        def told(part: float) -> None:
            self.progress(HEARD + part * (1 - HEARD), "transcode")

        args.append(f"file:{self.out / target}")
        ended = ffmpeg.convert(self.program, args, self._seconds(), self.facts.duration, told)
        if ended.code or not ended.reached:
            raise ended.unreadable(DAMAGED)
        return File(target, kind)

    def _codec(self, codec: str) -> list[str]:
        if codec in copies.MP4_SOUND:
            return ["-c:a", "copy"]
        return copies.aac(self.facts.audio, self.options["audio_bitrate"])

    def _columns(self) -> dict[str, Any]:
        found = self.facts.tags
        columns = {"duration": self.facts.duration, "codec": self.facts.audio.codec}
        columns |= tags.words(found) | tags.taken(found) | tags.place(found)
        for fact, names in {
            "artist": ("artist", "album_artist", "author"),
            "album": ("album",),
            "genre": ("genre",),
        }.items():
            columns[fact] = tags.line(found, *names) or None
        columns["track"] = _number(tags.line(found, "track", "tracknumber"), r"\d{1,5}")
        columns["year"] = _number(tags.line(found, "date", "year", "originaldate"), r"[12]\d{3}")
        return columns

    def _data(self, plays: bool, cover: bool) -> dict[str, Any]:
        audio = self.facts.audio
        data = {"plays": plays, "codecs": copies.name(audio), "bitrate": self.facts.bitrate, "cover": cover}
        data |= {"rate": audio.rate, "channels": audio.channels, "sound": True, "container": self.form.mime}
        if camera := tags.camera(self.facts.tags):
            data["camera"] = camera
        if self.hidden.stays:
            data["place_stays"] = True
        if self.hidden.facts_stay:
            data["facts_stay"] = True
        return data


def _number(text: str, pattern: str) -> int | None:
    found = re.match(pattern, text, re.ASCII)
    return int(found[0]) if found else None

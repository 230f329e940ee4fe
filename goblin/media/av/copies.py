"""Decides whether browsers play a video as it is, and makes the copy that they can play if not."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from goblin.media import File, Unreadable, ffmpeg
from goblin.media.av import encoders, filters
from goblin.media.av.facts import DAMAGED, Facts, Stream
from goblin.media.av.formats import Format
from goblin.media.writing import languages

H264_PROFILES = {"Baseline", "Constrained Baseline", "Main", "High", "Progressive High", ""}
EIGHT_BIT = {"yuv420p", "yuvj420p"}
MP4_SOUND, WEBM_SOUND = {"aac", "mp3"}, {"vorbis", "opus"}
# Boxes whose time stamps can be copied as they are; AVI and MPEG programmes have none for each frame.
COPYABLE = {"mov", "matroska", "flv", "mpegts"}
LONGEST_SECONDS = 12 * 3600
SLOWEST_DISK = 2 << 20  # bytes a second
FAST_START = ["-movflags", "+faststart", "-f", "mp4"]
RENDITIONS = (1080, 720, 480, 360, 240, 144)  # pixels of the shorter side, as people know them
LESS = 0.8  # of the main copy: what is hardly smaller is not worth its bytes
TYPES = {"mp4": "video/mp4", "webm": "video/webm"}
NAMES = {"h264": "H.264", "hevc": "H.265", "opus": "Opus", "vorbis": "Vorbis", "theora": "Theora"}
NAMES |= {"mpeg1video": "MPEG-1", "mpeg2video": "MPEG-2", "mpeg4": "MPEG-4", "mjpeg": "MJPEG", "ac3": "AC-3"}
NAMES |= {"eac3": "E-AC-3", "prores": "ProRes", "wavpack": "WavPack", "wmav2": "WMA"}


@dataclass(frozen=True)
class Plan:
    """The copy to make: its container, and which tracks are copied instead of encoded."""

    box: str = "mp4"
    copy_video: bool = False
    copy_audio: bool = False


def name(stream: Stream) -> str:
    """The codec as people write it."""
    return "PCM" if stream.codec.startswith("pcm_") else NAMES.get(stream.codec, stream.codec.upper())


def tracks(facts: Facts) -> str:
    """The languages of several tracks of sound, the played one first; how many, if no language is named."""
    if len(facts.sounds) < 2:
        return ""
    named = [languages.name_of(s.language) for s in facts.sounds if s.language not in ("", languages.UNKNOWN)]
    return ", ".join(dict.fromkeys(named)) or str(len(facts.sounds))


def reading_seconds(source: Path) -> float:
    """Wall time that reading the whole file may take."""
    return 60 + os.stat(source).st_size / SLOWEST_DISK


def plan(form: Format, facts: Facts, early: bool, keep: bool) -> Plan | None:
    """What to make, or None when browsers play the original. `keep`: others may have the original at all."""
    video, audio = facts.video, facts.audio
    box = _box(video, audio)
    if not box:
        return Plan(copy_audio=bool(audio) and audio.codec == "aac" and form.demuxer in COPYABLE)
    timed = early if box == "mp4" else not facts.guessed
    if form.mime == TYPES[box] and timed and keep and _fits(box, audio):
        return None
    # Fields of two moments make combs on a screen; a camcorder hides the place in the picture's own stream.
    if form.demuxer not in COPYABLE or video.interlaced or (form.demuxer == "mpegts" and not keep):
        return Plan()
    return Plan(box, copy_video=True, copy_audio=_fits(box, audio))


def _box(video: Stream, audio: Stream | None) -> str | None:
    """The container in which browsers play this picture, or None."""
    if video.codec == "h264":
        return "mp4" if video.pixels in EIGHT_BIT and video.profile in H264_PROFILES else None
    if video.codec in ("vp8", "vp9", "av1"):
        webm = audio is None or audio.codec in WEBM_SOUND
        return "webm" if webm and video.codec != "av1" else "mp4" if video.codec != "vp8" else None
    return None


def _fits(box: str, audio: Stream | None) -> bool:
    return not audio or audio.codec in (WEBM_SOUND if box == "webm" else MP4_SOUND | {"opus"})


@dataclass(frozen=True)
class Job:
    """What is copied, where to and how: the options are those of the kind video.

    `said` gets `encoder`, the one that made the copy, and `trouble` of one in hardware that could not.
    """

    program: str
    source: Path
    out: Path
    form: Format
    facts: Facts
    options: Mapping[str, Any]
    said: dict[str, str] = field(default_factory=dict)


def sides(text: str) -> list[int]:
    """The renditions an option asks for, the largest first. Raises ValueError for one there is not."""
    words = text.replace(",", " ").split()
    if wrong := [word for word in words if word not in map(str, RENDITIONS)]:
        raise ValueError(f"renditions must be some of {' '.join(map(str, RENDITIONS))}, not {wrong[0]!r}")
    return sorted({int(word) for word in words}, reverse=True)


def renditions(video: Stream, main: Plan | None, options: Mapping[str, Any]) -> list[int]:
    """Shorter sides of the smaller copies to make of a video whose main copy is made by that plan."""
    encoded = main is not None and not main.copy_video
    shown = scaled(video, options["height"]) if encoded else video.shown
    return [side for side in sides(options["renditions"]) if side <= LESS * min(shown)]


def make(job: Job, wanted: Plan, progress: Callable[[float], None], role: str = "play") -> File:
    """Write the playable copy, without any metadata. Raises Unreadable when nothing comes of it."""
    if not wanted.copy_video and encoders.chosen(job.options) in encoders.HARDWARE:
        return _in_hardware(job, wanted, progress, role)
    return _made(job, wanted, progress, role)


def _in_hardware(job: Job, wanted: Plan, progress: Callable[[float], None], role: str) -> File:
    """The same, and by the processor after all when the hardware cannot, for whatever reason."""
    try:
        return _made(job, wanted, progress, role)
    except (Unreadable, MemoryError) as error:
        why = " ".join(str(error.__cause__ or error).split())
        job.said["trouble"] = f"{encoders.chosen(job.options)} could not: {why}"
        (job.out / f"{role}.{wanted.box}").unlink(missing_ok=True)
        return _made(replace(job, options={**job.options, "encoder": "software"}), wanted, progress, role)


def _made(job: Job, wanted: Plan, progress: Callable[[float], None], role: str) -> File:
    target = job.out / f"{role}.{wanted.box}"
    encoder = "" if wanted.copy_video else encoders.chosen(job.options)
    silence = encoders.SILENT_SECONDS if encoder in encoders.HARDWARE else None
    opened = ffmpeg.reading(job.source, job.form.demuxer, threads=job.options["threads"])
    args = ["-v", "error", "-y", *encoders.before(encoder), *opened, *_tracks(job.facts)]
    args += [*_video(job, encoder), *_audio(job.facts, wanted, job.options), *_container(wanted)]
    args.append(f"file:{target}")
    ended = ffmpeg.convert(job.program, args, _seconds(job, wanted), job.facts.duration, progress, silence)
    if ended.code == 0 and ended.reached:
        job.said.update({"encoder": encoder} if encoder else {})
        video = job.facts.video
        size = video.turned if wanted.copy_video else scaled(video, job.options["height"])
        return File(target.name, TYPES[wanted.box], *size)
    target.unlink(missing_ok=True)
    if not wanted.copy_video and not wanted.copy_audio:
        raise ended.unreadable(DAMAGED)
    return make(job, Plan(), progress, role)


def _seconds(job: Job, wanted: Plan) -> float:
    reading = reading_seconds(job.source)
    if wanted.copy_video:
        return reading
    return min(reading + (job.facts.duration or 600) * job.options["patience"], LONGEST_SECONDS)


def scaled(video: Stream, most: int) -> tuple[int, int]:
    """Size of an encoded copy: square pixels, even, its shorter side at most `most`."""
    width, height = video.shown
    scale = min(1.0, most / min(width, height), 4096 / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _tracks(facts: Facts) -> list[str]:
    found = ["-map", f"0:{facts.video.index}"]
    if facts.audio:
        found += ["-map", f"0:{facts.audio.index}"]
    return [*found, "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]


def _video(job: Job, encoder: str) -> list[str]:
    if not encoder:
        return ["-c:v", "copy"]
    video = job.facts.video
    size = scaled(video, job.options["height"])
    steps = filters.shown(video, *size, "yuv420p")
    even = ffmpeg.as_recorded(job.program)
    return [*even, *encoders.arguments(encoder, job.options, steps, size, video.fps)]


def _audio(facts: Facts, wanted: Plan, options: Mapping[str, Any]) -> list[str]:
    if not facts.audio:
        return ["-an"]
    if wanted.copy_audio:
        return ["-c:a", "copy"]
    return aac(facts.audio, options["audio_bitrate"])


def aac(audio: Stream, bitrate: int) -> list[str]:
    """Arguments that encode sound as every browser plays it; one channel needs half of `bitrate` (kbit/s)."""
    rate = ["-ar", "48000"] if audio.rate > 48000 else []
    mono = audio.channels == "mono"
    size = ["-b:a", f"{bitrate // 2 if mono else bitrate}k", "-ac", "1" if mono else "2"]
    return ["-c:a", "aac", *size, *rate]


def _container(wanted: Plan) -> list[str]:
    if wanted.box == "webm":
        return ["-f", "webm"]
    return ["-max_muxing_queue_size", "4096", *FAST_START]

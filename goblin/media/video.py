"""The kind video: plays as it is where browsers can, else one copy that they can; a poster; its facts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goblin.media import File, Limits, MediaType, Progress, Result, Step, Unreadable, ffmpeg, register, wants
from goblin.media.av import copies, encoders, hiding, poster, tags, tracks
from goblin.media.av import facts as stream_facts
from goblin.media.av.facts import DAMAGED, Facts
from goblin.media.av.formats import Format, of, sniff
from goblin.media.child import box
from goblin.media.picture import copies as pictures

NO_PICTURE = (
    "There are no moving pictures in this file that we can read. It may be damaged or of a rare kind."
)
SMALL_SOUND = 96  # kilobits a second
LOOKED, POSTED = 0.02, 0.08  # parts of the work, as progress shows them; a copy alone begins at the first


@register
class Video(MediaType):
    """MP4, MOV, WebM, MKV, AVI, MPEG, WMV, OGV, FLV and more, by their first bytes."""

    kind = "video"
    facts = {"codec": str, "audio_codec": str, "fps": float, "rotation": int}
    options = {
        "sizes": ("320 640 1280", "longest sides in pixels of the two thumbnails and the view"),
        "height": (720, "the most pixels of a copy's shorter side (its height, for a video that is wide)"),
        "crf": (23, "quality of a copy: 18 is very good and large, 28 poor and small"),
        "preset": ("veryfast", "how hard to try to make a copy small: ultrafast, veryfast, medium, slow"),
        "renditions": (
            "",
            "shorter sides of smaller copies for slow lines, such as 480 240; empty for none",
        ),
        "encoder": (
            "auto",
            "auto for one in hardware that doctor saw working, software, h264_v4l2m2m or h264_vaapi",
        ),
        "threads": (0, "processor cores that one video may use; 0 for half of them, fewer on little memory"),
        "audio_bitrate": (128, "kilobits a second for the sound of a copy"),
        "patience": (40, "seconds of work allowed for each second of video, before giving up"),
    }
    steps = {
        "facts": Step("length, size, date, place and words", version=2),
        "thumbs": Step("the picture that stands for it", ("thumb", "thumb2", "view"), ("sizes",)),
        "subtitles": Step("the subtitles inside it", (f"{tracks.ROLE}*",), slow=True, spare=True),
        "transcode": Step(
            "a copy that browsers play", ("play",), ("height", "crf", "preset", "audio_bitrate"), slow=True
        ),
        "renditions": Step(
            "smaller copies for slow lines",
            tuple(f"play-{side}" for side in copies.RENDITIONS),
            ("renditions", "height", "crf", "preset"),
            slow=True,
            spare=True,
        ),
    }
    limits = Limits(memory=400 << 20, most=1536 << 20, seconds=24 * 3600, bytes=32 << 30)

    def sniff(self, head: bytes, name: str) -> str | None:
        """The mime type by the first bytes; the name does not count."""
        form = sniff(head)
        return form.mime if form and form.kind == "video" else None

    def check(self, options: Mapping[str, Any]) -> None:
        """Raises ValueError for renditions of sizes, and encoders, that there are not."""
        copies.sides(options["renditions"])
        encoders.check(options)

    def devices(self, options: Mapping[str, Any]) -> list[str]:
        """Those of the encoder in hardware that is to be used."""
        return encoders.devices(encoders.chosen(options))

    def process(self, source: Path, out: Path, options: Mapping[str, Any], progress: Progress) -> Result:
        """Poster, facts, and a playable copy if one is needed. A file with sound only becomes kind audio."""
        options = self.filled(options)
        options["threads"] = box.threads(options["threads"])
        program = ffmpeg.find(options.get("ffmpeg", ""))
        form = of(source)
        if not form:
            raise Unreadable(DAMAGED)
        facts = stream_facts.probe(program, source, form)
        if not facts.video:
            return self._sound(source, out, options, progress, facts)
        progress(100 * LOOKED)
        return Work(program, source, out, form, facts, options, progress).result()

    def _sound(self, source: Path, out: Path, options: dict, progress: Progress, facts: Facts) -> Result:
        if not facts.audio:
            raise Unreadable(NO_PICTURE)
        from goblin.media.audio import Audio

        result = Audio().process(source, out, options, progress)
        result.columns["kind"] = "audio"
        result.needless += ["subtitles", "renditions"]
        return result


class Work:
    """One video being prepared."""

    def __init__(self, program, source, out, form: Format, facts: Facts, options, progress) -> None:
        self.program, self.source, self.out, self.form = program, source, out, form
        self.facts, self.options = facts, options
        self.progress = lambda part, step="": progress(100 * part, step)
        self.hidden = hiding.look(source, form, facts)
        self.encoded: dict[str, str] = {}  # see copies.Job.said

    def result(self) -> Result:
        """All that is asked of a video. Raises Unreadable when not one frame can be decoded."""
        self._check_duration()
        columns, files = self._columns(), {}
        if wants(self.options, "thumbs"):
            files, columns["placeholder"] = self._poster()
            self.progress(POSTED, "thumbs")
        data = self._take_subtitles(files)
        plan = copies.plan(self.form, self.facts, early=self.hidden.early, keep=not self.hidden.stays)
        if plan and wants(self.options, "transcode"):
            files["play"] = self._copy(plan)
        smaller = copies.renditions(self.facts.video, plan, self.options)
        if smaller and wants(self.options, "renditions"):
            files |= self._smaller(smaller)
        self.progress(1.0)
        needed = {"subtitles": tracks.wanted(self.facts), "transcode": plan, "renditions": smaller}
        needless = [step for step, there in needed.items() if not there]
        return Result(columns, self._data(plays=not plan) | data, files, self.hidden.patches, needless)

    def _take_subtitles(self, files: dict[str, File]) -> dict[str, Any]:
        """Those inside join `files`; what is known of them is to be said."""
        if not (wants(self.options, "subtitles") and tracks.wanted(self.facts)):
            return {}
        found, known = tracks.take(self.program, self.source, self.out, self.form, self.facts)
        files |= found
        # Only in some formats were they looked at before, see av/mp4.py.
        tell = any(each["tells_place"] for each in known)
        return {"inside": known} | ({"place_stays": True} if tell else {})

    def _poster(self) -> tuple[dict[str, File], str]:
        sides = pictures.sides(self.options)
        opened = (self.program, self.source, self.form, self.facts)
        frame = poster.find(*opened, max(sides.values()), self.options["threads"])
        if not frame:
            raise Unreadable(DAMAGED)
        return poster.write(frame, self.out, sides), pictures.average(frame)

    def _check_duration(self) -> None:
        """Read all packets where the file does not say how long it is, or cannot be believed."""
        facts = self.facts
        if facts.guessed or not self.hidden.whole:
            opened = ffmpeg.reading(self.source, self.form.demuxer)
            seconds = copies.reading_seconds(self.source)
            there = ffmpeg.measure(self.program, opened, facts.video.index, seconds)
            facts.duration = there or facts.duration

    def _copy(self, plan: copies.Plan) -> File:
        begun = POSTED if wants(self.options, "thumbs") else LOOKED

        def told(part: float) -> None:
            self.progress(begun + part * (1 - begun), "transcode")

        job = copies.Job(
            *(self.program, self.source, self.out, self.form, self.facts, self.options), self.encoded
        )
        return copies.make(job, plan, told)

    def _smaller(self, sides: list[int]) -> dict[str, File]:
        """Copies for slow lines, by role; sound takes less of the line, too."""
        made = {}
        for done, side in enumerate(sides):

            def told(part: float, done: int = done) -> None:
                self.progress((done + part) / len(sides), "renditions")

            sound = min(self.options["audio_bitrate"], SMALL_SOUND)
            options = self.options | {"height": side, "audio_bitrate": sound}
            job = copies.Job(
                *(self.program, self.source, self.out, self.form, self.facts, options), self.encoded
            )
            made[f"play-{side}"] = copies.make(job, copies.Plan(), told, f"play-{side}")
        return made

    def _columns(self) -> dict[str, Any]:
        facts, video = self.facts, self.facts.video
        width, height = video.turned
        columns = {"width": width, "height": height, "duration": facts.duration}
        columns |= tags.taken(facts.tags) | tags.place(facts.tags) | tags.words(facts.tags)
        columns |= tags.pair(facts.tags)
        columns |= {"codec": video.codec, "audio_codec": facts.audio.codec if facts.audio else None}
        return columns | {"fps": video.fps, "rotation": video.rotation}

    def _data(self, plays: bool) -> dict[str, Any]:
        facts = self.facts
        streams = [facts.video, *([facts.audio] if facts.audio else [])]
        data = {"plays": plays, "codecs": ", ".join(copies.name(stream) for stream in streams)}
        data |= {"sound": bool(facts.audio), "bitrate": facts.bitrate, "container": self.form.mime}
        data |= {"shown": list(facts.video.shown)} | self.encoded
        if tracks := copies.tracks(facts):
            data["tracks"] = tracks
        if camera := tags.camera(facts.tags):
            data["camera"] = camera
        if self.hidden.stays:
            data["place_stays"] = True
        if self.hidden.facts_stay:
            data["facts_stay"] = True
        return data

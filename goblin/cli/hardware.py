"""Encoders in hardware: proved by encoding a film just as the gallery would, and remembered for it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from goblin import jobs
from goblin.checkup import NOTE, OK, Finding
from goblin.media import Missing, Unreadable, ffmpeg
from goblin.media.av import encoders
from goblin.media.sandbox import Failed
from goblin.models import Setting

FILM = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=1")
SECONDS = 60
SIDE = 16  # pixels of the pictures that are compared
ALIKE = 24  # of 255, on average; a picture that is green or torn differs more


def check_encoders() -> Iterator[Finding]:
    """What works here is used from now on by [media:video] encoder = auto; needs a booted gallery."""
    options = jobs.workshop.options["video"]
    proven = ""
    for name, (words, _, _) in encoders.HARDWARE.items():
        if not encoders.devices(name):
            continue
        if why := prove(name, options):
            yield Finding(NOTE, f"{name} ({words}) does not work here, so it is not used: {why}")
            continue
        proven = proven or name
        yield Finding(OK, f"{name} ({words}) encodes films.")
    if Setting.read(jobs.PROVEN, "") != proven:
        Setting.write(jobs.PROVEN, proven)
    yield Finding(OK, _used(options["encoder"], proven))


def _used(wanted: str, proven: str) -> str:
    if wanted != "auto":
        return f"Films are encoded by {wanted}, as the options say."
    return f"Films are encoded by {proven or 'the processor: no encoder in hardware was seen working here'}."


def prove(name: str, options: dict) -> str:
    """Have a small film encoded in the child that prepares media; why that went wrong, or empty."""
    with tempfile.TemporaryDirectory(prefix="proof-") as folder:
        source, out = Path(folder, "film.avi"), Path(folder, "out")
        out.mkdir()
        try:
            program = ffmpeg.find(options["ffmpeg"])
            ffmpeg.call(program, ["-y", *FILM, "-c:v", "mpeg4", "-q:v", "3", f"file:{source}"], SECONDS)
            told = {**options, "encoder": name, "renditions": "", "steps": ["transcode"]}
            result = jobs.workshop.sandbox.run("video", source, out, told)
            if result.data.get("encoder") != name:
                return result.data.get("trouble", "another one was taken")[:300]
            alike = _differ(_picture(program, source), _picture(program, out / result.files["play"].name))
        except (Missing, Unreadable, Failed) as error:
            return str(error)
    return "" if alike < ALIKE else "its pictures are not those of the film."


def _picture(program: str, film: Path) -> bytes:
    """A frame as a few grey pixels."""
    args = ["-v", "error", "-ss", "0.5", "-i", f"file:{film}", "-frames:v", "1"]
    args += ["-vf", f"scale={SIDE}:{SIDE}:flags=area,format=gray", "-f", "rawvideo", "pipe:1"]
    return ffmpeg.call(program, args, SECONDS).output


def _differ(one: bytes, other: bytes) -> float:
    if not len(one) == len(other) == SIDE * SIDE:
        return 255.0
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)

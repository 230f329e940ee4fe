"""Listens to a sound, to moments of a long one, and draws its waveform."""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw

from goblin.media import File, Missing, Unreadable, ffmpeg

MOMENTS, MOMENT = 32, 0.4  # how many are listened to of a long sound, and how many seconds each is
MOMENTS_SECONDS = 15.0  # of wall time for all of them: others wait for their pictures
RATE = 8000  # samples a second: enough to see loudness, little to count
BLOCK = 200  # samples: 25 ms
STILL, BAND = (
    1 / 2,
    3 / 16,
)  # how high, in parts of the width: what stands for a sound, and what it plays along
BARS = ((960, 10), (480, 8), (0, 5))  # from such a width on, pixels from bar to bar
SMOOTH = 2  # drawn so much larger, then scaled down
# Mid tones of goblin green: seen on white and on black.
PEAK, BODY = (137, 178, 120, 255), (84, 142, 66, 255)


@dataclass
class Sound:
    """The loudest sample of each 25 ms, 0 to 1, and how many seconds there are."""

    peaks: array = field(default_factory=lambda: array("f"))
    seconds: float = 0.0


def listen(program: str, opened: list[str], stream: int, seconds: float, told=lambda heard: None) -> Sound:
    """Decode the whole sound. `told` hears the seconds done so far; `seconds` is the most wall time."""
    sound, rest, count = Sound(), b"", 0

    def feed(chunk: bytes) -> None:
        nonlocal rest, count
        data = rest + chunk
        whole = len(data) // (BLOCK * 2) * BLOCK * 2
        rest = data[whole:]
        _measure(data[:whole], sound.peaks)
        count += len(chunk)
        told(count / 2 / RATE)

    args = ["-v", "error", *opened, "-map", f"0:{stream}", "-vn", "-sn", "-dn", "-filter_threads", "1"]
    args += ["-ac", "1", "-ar", str(RATE), "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"]
    ffmpeg.call(program, args, seconds, feed)
    _measure(rest[: len(rest) // 2 * 2], sound.peaks)
    sound.seconds = count / 2 / RATE
    return sound


def glance(
    program: str, opened: list[str], stream: int, length: float, told=lambda part: None
) -> tuple[Sound, bool]:
    """Decode moments all over a sound of `length` seconds: (what was heard, whether there was something everywhere).

    `opened` opens it where its last arguments are its format and name. Where time runs out the picture is coarser.
    """
    heard: dict[int, array] = {}
    until = time.monotonic() + MOMENTS_SECONDS
    for done, number in enumerate(sorted(range(MOMENTS), key=_spread)):
        if (left := until - time.monotonic()) <= 0:
            break
        begin = number * (length - MOMENT) / (MOMENTS - 1)
        try:
            heard[number] = listen(program, _at(opened, begin), stream, left).peaks
        except Missing:
            raise
        except Unreadable:  # it took too long to get there
            break
        told(done / MOMENTS)
    whole = all(heard.values())
    peaks = array("f", (peak for number in sorted(heard) for peak in heard[number]))
    return Sound(peaks, length), whole


def _spread(number: int) -> int:
    """Halves first, then quarters and so on: its bits the other way round."""
    return int(f"{number:0{MOMENTS.bit_length() - 1}b}"[::-1], 2)


def _at(opened: list[str], begin: float) -> list[str]:
    """The same input from a moment on, sought without reading what comes before where the format can do that."""
    return [*opened[:-4], "-fflags", "+fastseek", "-ss", f"{begin:.3f}", "-t", str(MOMENT), *opened[-4:]]


def _measure(data: bytes, peaks: array) -> None:
    samples = array("h")
    samples.frombytes(data)
    if sys.byteorder == "big":
        samples.byteswap()
    for start in range(0, len(samples), BLOCK):
        block = samples[start : start + BLOCK]
        peaks.append(max(max(block), -min(block)) / 32768)


def stills(peaks: array, out: Path, sides: Mapping[str, int]) -> dict[str, File]:
    """Waveforms on a transparent ground that stand for a sound, by role, each as wide (pixels) as `sides` says."""
    return {role: _write(peaks, out / f"wave_{role}.png", side, STILL) for role, side in sides.items()}


def band(peaks: array, out: Path, width: int) -> dict[str, File]:
    """The waveform that a sound plays along, so wide (pixels)."""
    return {"waveform": _write(peaks, out / "waveform.png", width, BAND)}


def _write(peaks: array, path: Path, width: int, high: float) -> File:
    size = width, max(1, round(width * high))
    picture(peaks, *size).save(path, "PNG")
    return File(path.name, "image/png", *size)


def picture(peaks: array, width: int, height: int) -> Image.Image:
    """Rounded bars around a middle line: light up to the loudest, dark up to the usual loudness."""
    step = next(step for least, step in BARS if width >= least)
    count = width // step
    image = Image.new("RGBA", (width * SMOOTH, height * SMOOTH), PEAK[:3] + (0,))
    pencil = ImageDraw.Draw(image)
    left = (width - count * step) / 2
    for number, (loudest, usual) in enumerate(bars(peaks, count)):
        x = (left + (number + 0.15) * step) * SMOOTH
        for part, colour in ((loudest, PEAK), (usual, BODY)):
            _bar(pencil, x, step * 0.7 * SMOOTH, part, height * SMOOTH, colour)
    return image.resize((width, height), Image.Resampling.BOX)


def _bar(pencil: ImageDraw.ImageDraw, x: float, wide: float, part: float, height: int, colour: tuple) -> None:
    half = max(wide / 2, part * height * 0.46)
    pencil.rounded_rectangle((x, height / 2 - half, x + wide, height / 2 + half), wide / 2, colour)


def bars(peaks: array, count: int) -> list[tuple[float, float]]:
    """(loudest, usual) of `count` equal parts, scaled so that the loudest of all is 1; silence stays flat."""
    total, highest = len(peaks), max(peaks, default=0.0)
    scale = 1 / highest if highest > 0.002 else 0.0
    found = []
    for number in range(count):
        start = number * total // count
        part = peaks[start : max(start + 1, (number + 1) * total // count)] or array("f", [0.0])
        found.append((max(part) * scale, sum(part) / len(part) * scale * 0.8))
    return found

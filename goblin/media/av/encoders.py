"""The encoders of H.264: the processor's, and those that some machines have in hardware."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

SOFTWARE = "libx264"
# What ffmpeg calls them, what people do, and the devices they are reached by. The first that works is used.
HARDWARE = {
    "h264_v4l2m2m": ("the video core of a Raspberry Pi", "/dev", "video1[0-9]"),
    "h264_vaapi": ("the graphics of the processor", "/dev/dri", "renderD*"),
}
CHOICES = ("auto", "software", *HARDWARE)
# How hard libx264 tries (x264 --fullhelp, Presets); "placebo" is no use to anybody.
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
SILENT_SECONDS = 45.0  # without a word of ffmpeg: hardware that hangs never comes back
BITS_A_PIXEL = 0.1  # of H.264 that looks good, where an encoder is told a size and not a quality
LEAST_BITS, MOST_BITS = 300_000, 20_000_000  # a second
RATE = 30.0  # pictures a second, where a file does not say


def check(options: Mapping[str, Any]) -> None:
    """Raises ValueError for an encoder, or a preset, that there is not."""
    for option, known in (("encoder", CHOICES), ("preset", PRESETS)):
        if options[option] not in known:
            raise ValueError(f"{option} must be one of {', '.join(known)}, not {options[option]!r}")


def chosen(options: Mapping[str, Any]) -> str:
    """The encoder to try: the one wanted, or on "auto" the one that doctor saw working (`proven`)."""
    wanted = options.get("encoder", "software")
    if wanted == "auto":
        wanted = options.get("proven") or "software"
    return wanted if wanted in HARDWARE else SOFTWARE


def devices(encoder: str) -> list[str]:
    """The devices of an encoder that are there."""
    if encoder not in HARDWARE:
        return []
    _, folder, pattern = HARDWARE[encoder]
    return sorted(map(str, Path(folder).glob(pattern)))


def before(encoder: str) -> list[str]:
    """What ffmpeg must be told ahead of the file."""
    if encoder == "h264_vaapi":
        return ["-vaapi_device", next(iter(devices(encoder)), "/dev/dri/renderD128")]
    return []


def arguments(
    encoder: str, options: Mapping[str, Any], steps: str, size: tuple[int, int], fps: float | None
) -> list[str]:
    """The filters, ending in `steps`, and the encoder with its quality for frames of `size` pixels."""
    quality = int(options["crf"])
    if encoder == "h264_vaapi":
        steps += ",format=nv12,hwupload"
        coding = ["-c:v", encoder, "-profile:v", "high", "-rc_mode", "CQP", "-qp", str(quality)]
    elif encoder == "h264_v4l2m2m":
        coding = ["-c:v", encoder, "-b:v", str(bits(size, fps, quality)), "-num_capture_buffers", "16"]
    else:
        coding = ["-c:v", SOFTWARE, "-profile:v", "high", "-preset", str(options["preset"])]
        coding += ["-crf", str(quality), "-threads", str(options["threads"])]
    return ["-filter_threads", "1", "-vf", steps, *coding]


def bits(size: tuple[int, int], fps: float | None, quality: int) -> int:
    """Bits a second for a quality as libx264 counts it: six steps halve them."""
    wanted = size[0] * size[1] * min(fps or RATE, 2 * RATE) * BITS_A_PIXEL * 2 ** ((23 - quality) / 6)
    return round(min(max(wanted, LEAST_BITS), MOST_BITS))

"""Turns a decoded frame into what is shown: its size, square pixels, no combs, a screen's brightness."""

from __future__ import annotations

from goblin.media.av.facts import Stream

# From a brighter world than most screens' (ITU-R BT.2100) to theirs (BT.709), scene by scene.
TONES = (
    # Said aloud, as many a file names only its transfer function, and zscale finds no way from the unknown.
    "setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc",
    "zscale=t=linear:npl=100",
    "format=gbrpf32le",
    "zscale=p=bt709",
    "tonemap=hable:desat=0",
    "zscale=t=bt709:m=bt709:r=tv",
)


def shown(video: Stream, width: int, height: int, pixels: str) -> str:
    """The filters that make a frame `width` x `height` in the pixel format `pixels`."""
    steps = ["yadif=deint=interlaced"] if video.interlaced else []
    steps.append(f"scale={width}:{height}:flags=bicubic")
    if video.bright:
        steps += [step.format(transfer=video.bright) for step in TONES] + ["format=yuv420p"]
    return ",".join([*steps, "setsar=1", f"format={pixels}"])

"""Reads a file of subtitles in a decoding child: whatever it holds, whoever waits for a page waits no longer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goblin.media import File, Limits, MediaType, Progress, Result, register
from goblin.media.writing import subtitles

KIND = "subtitles"
LIMITS = Limits(seconds=20, bytes=4 * subtitles.LARGEST)


@register
class Subtitles(MediaType):
    """No kind of medium, and known to the children only: no file is of it by itself."""

    kind = KIND
    limits = LIMITS

    def sniff(self, head: bytes, name: str) -> None:
        """Subtitles are asked for, never found."""
        return None

    def process(self, source: Path, out: Path, options: Mapping[str, Any], progress: Progress) -> Result:
        """Write what players get of `source`; `edited`: it is a text of ours that its owner changed."""
        if options.get("edited"):
            cues = subtitles.parse(source.read_text(encoding="utf-8"))
        else:
            cues = subtitles.read(source.read_bytes(), options["language"])
        (out / "shown.vtt").write_text(subtitles.write(cues), encoding="utf-8")
        return Result(
            data={"tells_place": subtitles.tells_place(cues)}, files={"vtt": File("shown.vtt", "text/vtt")}
        )

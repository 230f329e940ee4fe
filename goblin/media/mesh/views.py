"""The pictures of a model: in perspective in all sizes, and from the front, the side and above."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from goblin.media import File
from goblin.media.mesh.draw import CAMERAS, picture
from goblin.media.mesh.soup import Shape
from goblin.media.picture.copies import save

VIEW, SMALLER, SIDES = 1280, {"thumb2": 640, "thumb": 320}, 480
QUALITY = 84
SHARE = {"perspective": 0.55, "front": 0.15, "side": 0.15, "top": 0.15}  # of the time


def draw(shape: Shape, out: Path, told: Callable[[float], None]) -> dict[str, File]:
    """Write all pictures into `out`; `told` hears how much is done, up to 1. Returns files by role."""
    files: dict[str, File] = {}
    done = 0.0
    for role, camera in CAMERAS.items():
        side = VIEW if role == "perspective" else SIDES

        def part(drawn: float, role: str = role, before: float = done) -> None:
            told(before + SHARE[role] * drawn)

        drawn = picture(shape, camera, side, part)
        files[role] = save(drawn, out / role, QUALITY)
        if role == "perspective":
            files |= _copies(drawn, files[role], out)
        done += SHARE[role]
    return files


def _copies(drawn: Image.Image, whole: File, out: Path) -> dict[str, File]:
    files = {"view": whole}
    for role, side in SMALLER.items():
        small = drawn.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        files[role] = save(small, out / role, QUALITY)
    return files

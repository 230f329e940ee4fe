"""The pictures of a model: in perspective in all sizes, and from the front, the side and above."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from goblin.media import File
from goblin.media.mesh.draw import CAMERAS, picture
from goblin.media.mesh.soup import Shape
from goblin.media.picture.copies import save

SIDES = 480  # pixels of the pictures that are not in perspective
QUALITY = 84
SHARE = {"perspective": 0.55, "front": 0.15, "side": 0.15, "top": 0.15}  # of the time


def draw(shape: Shape, out: Path, sides: Mapping[str, int], told: Callable[[float], None]) -> dict[str, File]:
    """Write all pictures into `out`; `told` hears how much is done, up to 1. Returns files by role.

    `sides` are those (pixels) of the view in perspective and its smaller copies, by role.
    """
    files: dict[str, File] = {}
    done = 0.0
    for role, camera in CAMERAS.items():
        side = sides["view"] if role == "perspective" else SIDES

        def part(drawn: float, role: str = role, before: float = done) -> None:
            told(before + SHARE[role] * drawn)

        drawn = picture(shape, camera, side, part)
        files[role] = save(drawn, out / role, QUALITY)
        if role == "perspective":
            files |= _copies(drawn, files[role], out, sides)
        done += SHARE[role]
    return files


def _copies(drawn: Image.Image, whole: File, out: Path, sides: Mapping[str, int]) -> dict[str, File]:
    files = {"view": whole}
    for role in ("thumb2", "thumb"):
        side = sides[role]
        small = drawn.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        files[role] = save(small, out / role, QUALITY)
    return files

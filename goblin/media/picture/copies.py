"""Makes the copies of a picture in all sizes from one decode, and its average colour."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from goblin.media import File
from goblin.media.picture import colour
from goblin.media.picture.opening import Picture, fit

ROLES = ("thumb", "thumb2", "view")
GAIN = 1.25  # a large copy that is hardly larger than the view is not worth its bytes
PHOTO, LONG = 1.5, 3  # width to height of most photos, and of panoramas at least
LONGER = 6  # times the length of an ordinary copy, at most
LONGEST = 16_000  # pixels of a panorama's large copy; more than this the browsers of phones do not show
MOVING_PIXELS = 250_000_000  # of all frames of a moving copy together: about half a minute of work
MOVING_QUALITY = 75


def make(picture: Picture, out: Path, options: Mapping[str, Any]) -> tuple[dict, dict[str, File]]:
    """Write all copies of a picture into `out`. Returns columns and files by role."""
    roles = sizes(picture.width, picture.height, options)
    image = picture.decode(max(roles.values()))
    if max(image.size) < roles["view"]:
        roles.pop("large", None)  # only a small preview could be decoded
    # Smaller first, colours next, turned last: each step has less to do than the one before.
    image = _smaller(_resizable(image), max(roles.values()))
    image = picture.upright(colour.plain(image))
    columns = {"width": picture.width, "height": picture.height, "placeholder": average(image)}
    files = still(image, out, roles, options["quality"], (picture.width, picture.height))
    if picture.frames > 1 and (moving := _moving(picture, out, roles, options)):
        files["view"] = moving
        columns["animated"] = True
    return columns, files


def sizes(width: int, height: int, options: Mapping[str, Any]) -> dict[str, int]:
    """Longest side by role, for a picture of so many pixels: `large` first, if there is one.

    Those of a panorama, but the view, are as long as it takes to have as many pixels as those of a photo: it is
    looked at close by, and a list shows the middle of it.
    """
    side, roles = max(width, height), sides(options)
    ratio = side / max(min(width, height), 1)
    large = min(options["large"], side // 2)
    if ratio >= LONG:
        longer = min(math.sqrt(ratio / PHOTO), LONGER)
        large = min(round(options["large"] * longer), LONGEST, side)
        roles |= {role: min(round(roles[role] * longer), side) for role in ("thumb", "thumb2")}
    return {"large": large, **roles} if large >= GAIN * roles["view"] else roles


def sides(options: Mapping[str, Any]) -> dict[str, int]:
    """Longest side in pixels by role, as the option `sizes` says."""
    return dict(zip(ROLES, map(int, str(options["sizes"]).split()), strict=True))


def still(
    image: Image.Image, out: Path, roles: Mapping[str, int], quality: int, whole: tuple[int, int]
) -> dict[str, File]:
    """Write a plain picture (see colour.plain) in every size, each made from the next larger one.

    `whole` is the size of the picture that `image` is a copy of: proportions are taken from there.
    """
    files = {}
    for role, side in sorted(roles.items(), key=lambda each: -each[1]):
        image = _resized(image, fit(whole, side))
        files[role] = save(image, out / role, quality)
    return files


def save(image: Image.Image, path: Path, quality: int) -> File:
    """Write one copy: JPEG, or WebP where something shows through."""
    if image.mode == "RGBA":
        image.save(path.with_suffix(".webp"), "WEBP", quality=quality, method=2)
        return File(f"{path.name}.webp", "image/webp", *image.size)
    image.save(path.with_suffix(".jpg"), "JPEG", quality=quality)
    return File(f"{path.name}.jpg", "image/jpeg", *image.size)


def average(image: Image.Image) -> str:
    """The average colour of a plain picture as #rrggbb."""
    # In two steps: reduced at once, a sum over millions of pixels loses up to a quarter of its brightness.
    small = image.resize((32, 32), Image.Resampling.BOX, reducing_gap=1.0)
    pixel = small.resize((1, 1), Image.Resampling.BOX).convert("RGB").getpixel((0, 0))
    return "#{:02x}{:02x}{:02x}".format(*pixel)


def _smaller(image: Image.Image, side: int) -> Image.Image:
    return _resized(image, fit(image.size, side))


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    # A decoder's own scaling rounds up; a pixel more or less is not worth another pass.
    if max(image.size) - max(size) <= 1:
        return image
    # As sharp as bicubic where a picture becomes smaller, at two thirds of its cost: pillow, "Concepts", Filters.
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def _resizable(image: Image.Image) -> Image.Image:
    """Modes that cannot be resized smoothly are made plain before instead of after."""
    if image.mode in ("L", "RGB", "CMYK", "LAB", "YCbCr") and "transparency" not in image.info:
        return image
    profile = image.info.get("icc_profile")
    if image.mode == "RGBA" and profile:
        return image
    return colour.plain(image)


def _moving(picture: Picture, out: Path, roles: Mapping[str, int], options: Mapping) -> File | None:
    """Write a view that moves, smaller if there are many frames; None if it would be too much work."""
    if picture.frames > options["frames"]:
        return None
    for side in sorted((roles[role] for role in ROLES), reverse=True):
        width, height = fit(picture.image.size, side)
        if width * height * picture.frames <= MOVING_PIXELS:
            return _write_moving(picture, out / "view-moving.webp", side)
    return None


def _write_moving(picture: Picture, path: Path, side: int) -> File:
    frames = _Frames(picture, side)
    frames.save(
        path,
        "WEBP",
        save_all=True,
        duration=frames.durations,
        loop=picture.plays,
        quality=MOVING_QUALITY,
        method=0,
    )
    return File(path.name, "image/webp", *frames.size)


class _Frames(Image.Image):
    """A moving picture as Pillow's writer wants it, of which only one frame at a time is in memory."""

    def __init__(self, picture: Picture, side: int) -> None:
        super().__init__()
        self.n_frames = picture.frames
        self.durations: list[int] = []
        self._picture, self._side = picture, side
        self._coming = picture.each_frame()
        self.seek(0)

    def seek(self, frame: int) -> None:
        """Go on to a frame; never back, which nobody needs."""
        if frame != len(self.durations):
            return
        image, shown = next(self._coming)
        whole = _smaller(colour.plain(image).convert("RGBA"), self._side)
        whole = self._picture.upright(whole)
        self._im, self._mode, self._size = whole.im, whole.mode, whole.size
        # The writer reads this list as it goes.
        self.durations.append(shown)

"""The decoders goblin can do without: what each is for, whether it is here, how a keeper gets it."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import sys
from dataclasses import dataclass

from goblin.media import Missing


@dataclass(frozen=True)
class Part:
    """One decoder: what needs it, and which module, feature of Pillow or program it is.

    One of `programs` is enough; ffmpeg may also come as a package, so it is looked for in its own way.
    """

    shows: str
    module: str = ""
    feature: str = ""
    programs: tuple[str, ...] = ()
    package: str = ""  # of Debian, that brings the program


PARTS = {
    "ffmpeg": Part("videos and sound", package="ffmpeg"),
    "pillow-heif": Part("HEIC photos", module="pillow_heif"),
    "pypdfium2": Part("PDF documents", module="pypdfium2"),
    "resvg-py": Part("SVG drawings", module="resvg_py"),
    "libavif": Part("AVIF pictures", feature="avif"),
    "libwebp": Part("WebP pictures", feature="webp"),
    "LibreOffice": Part(
        "office documents",
        programs=("soffice", "libreoffice"),
        package="libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui",
    ),
    "OpenJPEG": Part("JPEG 2000 pictures", feature="jpg_2000"),
}


def missing(name: str) -> Missing:
    """The error to raise where a decoder is not there."""
    return Missing(
        f"This gallery cannot show {PARTS[name].shows} yet, as its machine lacks {name}. "
        "The file is kept as it is.",
        name,
    )


def here(name: str, program: str = "") -> bool:
    """Whether a decoder is on this machine; `program` is the ffmpeg of the options, or empty."""
    part = PARTS.get(name)
    if part is None:
        return False
    if part.feature:
        from PIL import features

        return features.check(part.feature)
    if part.module:
        importlib.invalidate_caches()
        return importlib.util.find_spec(part.module) is not None
    if part.programs:
        return any(map(shutil.which, part.programs))
    return _has_program(program)


def _has_program(given: str) -> bool:
    from goblin.media import ffmpeg

    try:
        return bool(ffmpeg.find(given))
    except Missing:
        return False


def cure(name: str) -> str:
    """What a keeper types to get a decoder."""
    part = PARTS[name]
    if part.feature:
        return f"`{sys.executable} -m pip install --upgrade Pillow`"
    if part.module:
        return f"`{sys.executable} -m pip install {name}`"
    return f"`sudo apt install {part.package}`"

"""An OBJ's materials, from MTL files beside it (Alias|Wavefront, "MTL material format", 5: Kd and map_Kd)."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from goblin.media import Unreadable
from goblin.media.mesh.soup import colour_of
from goblin.media.mesh.texture import MOST_PICTURES, Colours, Picture

LARGEST = 1 << 20  # bytes that are read of one
LARGEST_PICTURE = 16 << 20  # bytes
MOST = 10_000  # materials
LONGEST = 40  # words of a line that are looked at


@dataclass
class Material:
    """What is known of one: its colour, the name of its picture."""

    colour: int | None = None
    picture: str = ""


class Materials:
    """What `mtllib` and `usemtl` mean: names of files are compared with those beside the model, and go nowhere else.

    `where` are the places in pictures that the model's faces speak of.
    """

    def __init__(self, beside: Mapping[str, Path], where: array | None = None) -> None:
        self._beside = {name.casefold(): path for name, path in beside.items()}
        self._where = where if where is not None else array("d")
        self._found: dict[bytes, Material] = {}
        self._pictures: dict[str, Picture | None] = {}

    def read_from(self, words: list[bytes]) -> None:
        """Take in the files a line names; a name may have spaces in it."""
        for name in (b" ".join(words), *words):
            if path := self._beside.pop(_plain(name), None):
                self._read(path)

    def _read(self, path: Path) -> None:
        material = Material()
        with path.open("rb") as file:
            for line in file.read(LARGEST).splitlines():
                word, *rest = line.split() or [b""]
                if word == b"newmtl" and len(self._found) < MOST:
                    material = self._found[b" ".join(rest)] = Material()
                elif word == b"Kd":
                    material.colour = _colour(rest[:3], material.colour)
                elif word.lower() == b"map_kd":
                    material.picture = self._named(rest[-LONGEST:])

    def _named(self, words: list[bytes]) -> str:
        """The file beside the model that the end of a line names; before it may come options."""
        names = (_plain(b" ".join(words[at:])) for at in range(len(words)))
        return next((name for name in names if name in self._beside), "")

    def colours(self, words: list[bytes]) -> Colours:
        """The colours of a material; none for one that nothing is known of."""
        material = self._found.get(b" ".join(words), Material())
        picture = self._picture(material.picture) if material.picture else None
        # Programs write black for what only its picture colours.
        return Colours(
            material.colour if material.colour or not picture else None, None, picture, self._where
        )

    def _picture(self, name: str) -> Picture | None:
        if name not in self._pictures and len(self._pictures) < MOST_PICTURES:
            with self._beside[name].open("rb") as file:
                data = file.read(LARGEST_PICTURE + 1)
            try:
                self._pictures[name] = Picture(data, upward=True) if len(data) <= LARGEST_PICTURE else None
            except Unreadable:  # the shape is worth showing without it
                self._pictures[name] = None
        return self._pictures.get(name)


def _plain(name: bytes) -> str:
    """The name of a file without folders, as it is compared."""
    return re.split(r"[/\\]", name.decode("utf-8", "replace"))[-1].casefold()


def _colour(parts: list[bytes], before: int | None) -> int | None:
    try:
        red, green, blue = map(float, parts)
    except ValueError:
        return before  # a spectrum in a file of its own
    return colour_of(red, green, blue)

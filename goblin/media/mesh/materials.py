"""The colours of an OBJ's materials, from MTL files beside it (Alias|Wavefront, "MTL material format", 5: Kd)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from goblin.media.mesh.soup import colour_of

LARGEST = 1 << 20  # bytes that are read of one
MOST = 10_000  # materials


class Materials:
    """What `mtllib` and `usemtl` mean: names of files are compared with those beside the model, and go nowhere else."""

    def __init__(self, beside: Mapping[str, Path]) -> None:
        self._beside = {name.casefold(): path for name, path in beside.items()}
        self._colours: dict[bytes, int] = {}

    def read_from(self, words: list[bytes]) -> None:
        """Take in the files a line names; a name may have spaces in it."""
        for name in (b" ".join(words), *words):
            plain = re.split(r"[/\\]", name.decode("utf-8", "replace"))[-1].casefold()
            if path := self._beside.pop(plain, None):
                self._read(path)

    def _read(self, path: Path) -> None:
        name = b""
        with path.open("rb") as file:
            for line in file.read(LARGEST).splitlines():
                words = line.split()
                if words[:1] == [b"newmtl"]:
                    name = b" ".join(words[1:])
                elif words[:1] == [b"Kd"] and len(self._colours) < MOST:
                    self._take(name, words[1:4])

    def _take(self, name: bytes, parts: list[bytes]) -> None:
        try:
            red, green, blue = map(float, parts)
        except ValueError:
            return  # a spectrum in a file of its own
        self._colours[name] = colour_of(red, green, blue)

    def colour(self, words: list[bytes]) -> int | None:
        """The colour of a material, None for one that nothing is known of."""
        return self._colours.get(b" ".join(words))

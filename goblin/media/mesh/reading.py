"""Reads a model of any format into triangles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from goblin.media import Unreadable
from goblin.media.av.tags import clean
from goblin.media.mesh import formats, gltf, obj, ply, stl, threemf
from goblin.media.mesh.soup import DAMAGED, NOTHING, Mesh

READERS = {
    "model/stl": stl,
    "model/obj": obj,
    "model/ply": ply,
    "model/gltf-binary": gltf,
    "model/gltf+json": gltf,
    "model/3mf": threemf,
}
LONGEST_TITLE = 200


def read(
    source: Path, most: int, told: Callable[[float], None], beside: Mapping[str, Path] | None = None
) -> Mesh:
    """All triangles of a model; `told` hears how much is read, up to 1. Raises Unreadable.

    `beside` are the files that lie beside it, by name.
    """
    size = source.stat().st_size
    mesh = Mesh(most, beside=beside or {})
    with source.open("rb") as file:
        mime = formats.sniff(file.read(4096), source.name)
        if mime is None:
            raise Unreadable(DAMAGED)
        file.seek(0)
        READERS[mime].read(file, size, mesh, lambda position: told(min(position / size, 1.0)))
    if not mesh.colours or max(mesh.size()) <= 0:
        raise Unreadable(NOTHING)
    mesh.title = " ".join(clean(mesh.title).split())[:LONGEST_TITLE].strip()
    return mesh

"""Reads glTF 2.0 and GLB (Khronos, "glTF 2.0 Specification"): the surfaces of a scene and their colours.

Only what lies inside the file is read; an address of anything else is never followed.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, BinaryIO

from goblin.media import Unreadable
from goblin.media.mesh import places
from goblin.media.mesh.buffers import Buffers, entry, listed, whole
from goblin.media.mesh.skin import Materials
from goblin.media.mesh.soup import DAMAGED, Batch, Mesh
from goblin.media.mesh.texture import Brush

# Section 4.4 (binary glTF)
GLB_HEADER, CHUNK_HEADER = 12, 8
JSON_CHUNK, BIN_CHUNK = 0x4E4F534A, 0x004E4942
MOST_CHUNKS = 8
LARGEST_JSON = 64 << 20  # bytes; holds its buffers itself, in a file that is text
LARGEST_GLB_JSON = 16 << 20
OLD = "This is a glTF file of version 1. Please export the model as glTF 2.0 (.glb)."
PACKED = "This model is stored in a compressed form ({name}) that the gallery cannot read. Export it without."
COMPRESSED = {
    "KHR_draco_mesh_compression": "Draco",
    "EXT_meshopt_compression": "meshopt",
    "KHR_meshopt_compression": "meshopt",
}
TRIANGLES, STRIP, FAN = 4, 5, 6  # section 5.24.4, mode
SEVERAL = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    struct.error,
)


def read(file: BinaryIO, size: int, mesh: Mesh, told: Callable[[int], None]) -> None:
    """Fill the mesh with the scene that the file shows first."""
    mesh.up, mesh.unit = "y", "m"
    try:
        document, start, length = _document(file, size)
        _refuse_foreign(document)
        mesh.title = _title(document)
        scene = Scene(document, Buffers(document, file, start, length), mesh)
        nodes = list(places.of(document))
        for number, (matrix, what) in enumerate(nodes):
            scene.add(what, matrix)
            told(size * number // len(nodes))
    except SEVERAL:
        raise Unreadable(DAMAGED) from None


def _document(file: BinaryIO, size: int) -> tuple[dict, int, int]:
    """The JSON, and where the binary chunk starts and how long it is."""
    magic, version, _ = struct.unpack("<4sII", file.read(GLB_HEADER).ljust(GLB_HEADER, b"\0"))
    if magic == b"glTF":
        if version != 2:
            raise Unreadable(OLD)
        return _chunks(file, size)
    if size > LARGEST_JSON:
        raise Unreadable(f"A glTF file of text may have {LARGEST_JSON >> 20} MB; export it as .glb instead.")
    file.seek(0)
    return _parsed(file.read()), 0, 0


def _chunks(file: BinaryIO, size: int) -> tuple[dict, int, int]:
    text, binary = None, (0, 0)
    at = GLB_HEADER
    for _ in range(MOST_CHUNKS):
        if at + CHUNK_HEADER > size:
            break
        file.seek(at)
        length, kind = struct.unpack("<II", file.read(CHUNK_HEADER))
        at += CHUNK_HEADER
        if length > size - at or kind == JSON_CHUNK and length > LARGEST_GLB_JSON:
            raise Unreadable(DAMAGED)
        if kind == JSON_CHUNK and text is None:
            text = file.read(length)
        elif kind == BIN_CHUNK and not binary[0]:
            binary = (at, length)
        at += length
    return _parsed(text or b""), *binary


def _parsed(text: bytes) -> dict:
    document = json.loads(text.decode("utf-8-sig"))
    if not isinstance(document, dict):
        raise Unreadable(DAMAGED)
    return document


def _refuse_foreign(document: dict) -> None:
    """Say at once what cannot be read at all."""
    if str(entry(document, "asset").get("version", "")).startswith(("0", "1")):
        raise Unreadable(OLD)
    for name in listed(document, "extensionsRequired"):
        if name in COMPRESSED:
            raise Unreadable(PACKED.format(name=COMPRESSED[name]))


def _title(document: dict) -> str:
    """Sites that models are shared on write their title there."""
    extras = entry(document, "asset").get("extras")
    title = extras.get("title") if isinstance(extras, dict) else None
    return title if isinstance(title, str) else ""


class Scene:
    """Puts the meshes of a document into ours, each where it stands."""

    def __init__(self, document: dict, buffers: Buffers, mesh: Mesh) -> None:
        self.meshes = listed(document, "meshes")
        self.buffers, self.mesh = buffers, mesh
        self.materials = Materials(document, buffers)
        self._counted: set[int] = set()
        self._brush = Brush()

    def add(self, number: int, matrix: places.Matrix) -> None:
        """One of the meshes; what is shown several times is counted once."""
        first = number not in self._counted
        self._counted.add(number)
        for primitive in listed(self.meshes[number], "primitives"):
            if primitive.get("mode", TRIANGLES) in (TRIANGLES, STRIP, FAN):
                self._primitive(primitive, matrix, first)

    def _primitive(self, primitive: dict, matrix: places.Matrix, counted: bool) -> None:
        attributes = entry(primitive, "attributes")
        if "POSITION" not in attributes:
            return
        raw = self.buffers.vectors(attributes["POSITION"], 3)
        points = places.moved(raw, matrix)
        total = len(points) // 3
        corners = self._corners(primitive, total)
        batch = Batch(self.mesh, points, counted=counted)
        colours = self.materials.of(primitive, attributes, total)
        for three in _triangles(corners, primitive.get("mode", TRIANGLES)):
            self._brush.triangle(batch, three, colours, three)
        batch.flush()

    def _corners(self, primitive: dict, total: int) -> Any:
        if "indices" not in primitive:
            return range(total)
        corners = self.buffers.vectors(whole(primitive["indices"]), 1)
        if corners and (min(corners) < 0 or max(corners) >= total):
            raise Unreadable(DAMAGED)
        return corners


def _triangles(corners: Any, mode: int) -> Iterator[tuple[int, int, int]]:
    if mode == TRIANGLES:
        return zip(corners[0::3], corners[1::3], corners[2::3], strict=False)
    if mode == FAN:
        return ((corners[0], b, c) for b, c in zip(corners[1:], corners[2:], strict=False))
    # In a strip every second triangle is turned over.
    even = zip(corners[0::2], corners[1::2], corners[2::2], strict=False)
    odd = zip(corners[2::2], corners[1::2], corners[3::2], strict=False)
    return chain(even, odd)

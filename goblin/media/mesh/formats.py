"""Tells which format of models a file is in, by its first bytes."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator

from goblin.media.mesh.stl import HEADER, RECORD, TEXT

GLTF_KEYS = (
    *(b"accessors", b"animations", b"asset", b"buffers", b"bufferViews", b"cameras", b"extensions"),
    *(b"extensionsUsed", b"extensionsRequired", b"extras", b"images", b"materials", b"meshes", b"nodes"),
    *(b"samplers", b"scene", b"scenes", b"skins", b"textures"),
)
GLTF = re.compile(rb'(\xef\xbb\xbf)?\s*\{\s*"(' + b"|".join(GLTF_KEYS) + rb')"\s*:')
PLY = re.compile(rb"ply\r?\n(comment [^\n]*\n|obj_info [^\n]*\n)*format (ascii|binary_\w+_endian) ")
# Names that a package of the Open Packaging Conventions may begin with; Office documents are such, too.
PACKAGE = (b"[content_types].xml", b"_rels/", b"3d/", b"metadata/", b"thumbnails/", b"docprops/")
NUMBER = rb"[ \t]+[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?"  # one way only to read a run of digits
POINT = re.compile(rb"[ \t]*v(" + NUMBER + rb"){3,7}[ \t]*")
FACE = re.compile(rb"[ \t]*f([ \t]+-?\d+(/-?\d*){0,2}){3,}[ \t]*\\?")
# OBJ, appendix B1: the first words of lines.
STATEMENTS = set(
    b"v vt vn vp f l p o g s mtllib usemtl maplib usemap cstype deg bmat step curv curv2 surf parm trim hole "
    b"scrv sp end con mg bevel c_interp d_interp lod shadow_obj trace_obj ctech stech call csh".split()
)
LARGEST = 1e15  # of a coordinate that is meant


def sniff(head: bytes, name: str) -> str | None:
    """The mime type of a model, or None. Names only help where the bytes leave room for doubt."""
    ending = name.lower().rpartition(".")[2]
    if head.startswith(b"glTF") and len(head) >= 12:
        return "model/gltf-binary"
    if GLTF.match(head) and (b'"asset"' in head or ending == "gltf"):
        return "model/gltf+json"
    if PLY.match(head):
        return "model/ply"
    if head.startswith(b"PK\3\4"):
        return "model/3mf" if _is_package(head, ending) else None
    if TEXT.match(head) or _is_stl(head, ending == "stl"):
        return "model/stl"
    return "model/obj" if _is_obj(head, ending == "obj") else None


def _is_package(head: bytes, ending: str) -> bool:
    length = struct.unpack("<H", head[26:28])[0] if len(head) >= 30 else 0
    first = head[30 : 30 + length].lower()
    return first.startswith(PACKAGE) and (ending == "3mf" or b"3d/3dmodel.model" in head.lower())


def _is_stl(head: bytes, named: bool) -> bool:
    """Binary STL has no mark of its own: every triangle in the head must look like one."""
    if len(head) < HEADER:
        return False
    count = struct.unpack("<I", head[80:84])[0]
    if not named and (not count or len(head) < 4096 and len(head) != HEADER + RECORD * count):
        return False
    records = struct.iter_unpack("<12f2x", head[HEADER : HEADER + (len(head) - HEADER) // RECORD * RECORD])
    seen = [_is_triangle(record, named) for record in records]
    return all(seen) and (named or bool(seen))


def _is_triangle(record: tuple[float, ...], named: bool) -> bool:
    """A normal of length 1 or 0, and coordinates of a size that things have; damage passes if named."""
    normal, corners = record[:3], record[3:]
    length = sum(part * part for part in normal)
    sane = all(abs(part) < LARGEST for part in corners)
    if named and not all(map(math.isfinite, record)):
        return True
    return sane and (length < 1.1 if named else length == 0 or 0.9 < length < 1.1)


def _is_obj(head: bytes, named: bool) -> bool:
    points = faces = 0
    for line in _lines(head):
        word = line.split(None, 1)[0]
        if word not in STATEMENTS:
            return False
        points += word == b"v"
        faces += word == b"f"
        if word == b"v" and not POINT.fullmatch(line) or word == b"f" and not FACE.fullmatch(line):
            return False
    return points >= (1 if named else 3) and (faces > 0 or len(head) >= 4096)


def _lines(head: bytes) -> Iterator[bytes]:
    """Lines that say something, without the last if it may be cut off."""
    lines = head.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = lines.replace(b"\\\n", b" ").split(b"\n")
    for line in lines[:-1] if len(head) >= 4096 else lines:
        if line.strip() and not line.lstrip().startswith(b"#"):
            yield line

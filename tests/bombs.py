"""Files that would grow beyond bounds, each in a few hundred KB: pictures, profiles, models and their pictures."""

import base64
import io
import json
import struct
import zipfile
import zlib
from functools import cache, partial

from PIL import Image

SIDE = 40_000  # pixels
TRIANGLE = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nmtllib a.mtl\nusemtl a\nf 1/1 2/2 3/3\n"
MATERIAL = b"newmtl a\nmap_Kd skin.png\n"


def zeros(count: int, head: bytes = b"") -> bytes:
    """Zeros, compressed, without ever having them all."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(head)]
    for at in range(0, count, 1 << 20):
        parts.append(packer.compress(bytes(min(1 << 20, count - at))))
    return b"".join([*parts, packer.flush()])


def _tiff() -> bytes:
    """One bit a pixel in one strip (TIFF 6.0; compression 8 is zlib's)."""
    strip = zeros(SIDE // 8 * SIDE)
    tags = {256: SIDE, 257: SIDE, 258: 1, 259: 8, 262: 1, 273: 8, 277: 1, 278: SIDE, 279: len(strip)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return (
        struct.pack("<4sI", b"II*\0", 8 + len(strip))
        + strip
        + struct.pack("<H", len(tags))
        + entries
        + bytes(4)
    )


def _tags() -> bytes:
    """A tag that claims 2^32 values, and a directory that comes after itself."""
    entries = struct.pack("<HHII", 256, 4, 1, 9) + struct.pack("<HHII", 270, 12, 0xFFFFFFFF, 8)
    return struct.pack("<4sIH", b"II*\0", 8, 2) + entries + struct.pack("<I", 8)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(side: int, *more: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(more)
        + _chunk(b"IDAT", zeros((side // 8 + 1) * side))
        + _chunk(b"IEND", b"")
    )


@cache
def wide_png() -> bytes:
    """1600 million pixels of one bit."""
    return _png(SIDE)


def _profile_png() -> bytes:
    """A profile of 300 MB (PNG, 11.3.2.3)."""
    return _png(64, _chunk(b"iCCP", b"a\0\0" + zeros(300 << 20)))


def _profile_jpeg() -> bytes:
    """A profile that claims 2^32 tags, and to come in 255 parts."""
    out = io.BytesIO()
    profile = struct.pack(">I", 0xFFFFFFFF) + bytes(124) + struct.pack(">I", 0xFFFFFFFF) + b"\xff" * 60_000
    Image.new("RGB", (64, 64)).save(out, "JPEG", icc_profile=profile)
    return out.getvalue().replace(b"ICC_PROFILE\0\1\1", b"ICC_PROFILE\0\1\xff")


def _claiming_webp() -> bytes:
    """VP8L that says it is as large as it can be (RFC 9649, 3.4), and says no more."""
    body = b"\x2f" + struct.pack("<I", 16383 | 16383 << 14) + bytes(64)
    chunk = b"VP8L" + struct.pack("<I", len(body)) + body + b"\0"
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _canvas_webp() -> bytes:
    """Small frames on a canvas as large as it can be (RFC 9649, 2.7.1)."""
    out, frames = io.BytesIO(), [Image.new("RGB", (64, 64), (60 * n, 0, 0)) for n in range(4)]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    data = bytearray(out.getvalue())
    at = data.index(b"VP8X") + 12
    data[at : at + 6] = b"\xfe\x3f\0\xfe\x3f\0"
    return bytes(data)


def _frames(form: str) -> bytes:
    """More frames than anybody looks at."""
    out, frames = io.BytesIO(), [Image.new("RGB", (16, 16), (n % 256, n // 256, 0)) for n in range(1500)]
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=20)
    return out.getvalue()


def _claiming_avif() -> bytes:
    """The item says that it is 65535 pixels wide and high (ISO/IEC 23008-12, 6.5.3)."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "AVIF")
    data = bytearray(out.getvalue())
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", 65535, 65535)
    return bytes(data)


def _packed() -> bytes:
    """A part of 400 MB."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("3D/3dmodel.model", "w") as part,
    ):
        part.write(b"<model><resources><object id='1'><mesh><vertices>")
        for _ in range(400):
            part.write(b"<vertex x='1' y='2' z='3'/>" * 40_000)
    return out.getvalue()


def _skin() -> bytes:
    """A triangle with a picture of 1600 million pixels on it."""
    points, places = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0), struct.pack("<6f", 0, 0, 1, 0, 0, 1)
    data = base64.b64encode(points + places).decode()
    views = [{"buffer": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 24}]
    kinds = [
        {"bufferView": n, "componentType": 5126, "count": 3, "type": kind}
        for n, kind in enumerate(("VEC3", "VEC2"))
    ]
    primitive = {"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "material": 0}
    scene = {
        **{"asset": {"version": "2.0"}, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}]},
        **{"meshes": [{"primitives": [primitive]}], "bufferViews": views, "accessors": kinds},
        "buffers": [{"uri": f"data:application/octet-stream;base64,{data}", "byteLength": 60}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        "textures": [{"source": 0}],
        "images": [{"uri": "data:image/png;base64," + base64.b64encode(wide_png()).decode()}],
    }
    return json.dumps(scene).encode()


MAKERS = {
    **{"bomb.tiff": _tiff, "tags.tiff": _tags, "bomb.png": wide_png, "profile.png": _profile_png},
    **{"claims.webp": _claiming_webp, "canvas.webp": _canvas_webp, "frames.webp": partial(_frames, "WEBP")},
    **{"claims.avif": _claiming_avif, "profile.jpg": _profile_jpeg, "frames.png": partial(_frames, "PNG")},
    **{"skin.gltf": _skin, "skin.obj": lambda: TRIANGLE, "model.3mf": _packed},
}

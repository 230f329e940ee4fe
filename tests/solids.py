"""A small box in every format of models, made by hand, to try readers with."""

import base64
import io
import json
import struct
import zipfile

SIZE = (2.0, 3.0, 4.0)
POINTS = [(x, y, z) for x in (0.0, SIZE[0]) for y in (0.0, SIZE[1]) for z in (0.0, SIZE[2])]
QUADS = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
FACES = [each for a, b, c, d in QUADS for each in ((a, b, c), (a, c, d))]
CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
    'Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel" Target="{}"/></Relationships>'
)


def stl(faces=FACES, points=POINTS, count=None) -> bytes:
    """Binary STL."""
    records = [struct.pack("<12fH", 0, 0, 0, *(v for i in face for v in points[i]), 0) for face in faces]
    said = len(faces) if count is None else count
    return b"solid but binary".ljust(80) + struct.pack("<I", said) + b"".join(records)


def stl_text(name="box", faces=FACES, end="\n") -> bytes:
    """STL as text."""
    lines = [f"solid {name}"]
    for face in faces:
        lines += ["  facet normal 0 0 0", "    outer loop"]
        lines += ["      vertex {:e} {:e} {:e}".format(*POINTS[i]) for i in face]
        lines += ["    endloop", "  endfacet"]
    return end.join([*lines, f"endsolid {name}", ""]).encode()


def obj(end="\n") -> bytes:
    """OBJ with four-cornered faces; some corners are counted from the end, one line goes on in the next."""
    lines = ["# a box", "mtllib box.mtl", *("v {} {} {}".format(*p) for p in POINTS), "usemtl red"]
    lines += ["f {}/1/1 {}//2 {} {}".format(*(i + 1 for i in quad)) for quad in QUADS[:4]]
    lines += ["f {} {} {} {}".format(*(i - 8 for i in QUADS[4])), "f 2 6 \\", "8 4", ""]
    return end.join(lines).encode()


def ply(form="ascii", tint=None) -> bytes:
    """PLY as text or binary_little_endian or binary_big_endian."""
    colours = [f"property uchar {name}" for name in ("red", "green", "blue")] if tint else []
    head = ["ply", f"format {form} 1.0", "comment made by hand", "element vertex 8"]
    head += [*(f"property float {axis}" for axis in "xyz"), *colours, "element face 6"]
    text = "\n".join([*head, "property list uchar int vertex_indices", "end_header", ""]).encode()
    tint = tuple(tint or ())
    if form == "ascii":
        rows = [" ".join(map(str, (*point, *tint))) for point in POINTS] + [
            f"4 {a} {b} {c} {d}" for a, b, c, d in QUADS
        ]
        return text + "\n".join(rows).encode()
    order = "<" if "little" in form else ">"
    points = [struct.pack(f"{order}3f{len(tint)}B", *point, *tint) for point in POINTS]
    return text + b"".join(points + [struct.pack(order + "B4i", 4, *quad) for quad in QUADS])


def document(**changes) -> dict:
    """The JSON of a glTF whose buffer holds points, then corners as uint16."""
    data = b"".join(struct.pack("<3f", *p) for p in POINTS)
    data += b"".join(struct.pack("<3H", *face) for face in FACES)
    known = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 36, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": 96},
            {"buffer": 0, "byteOffset": 96, "byteLength": 72},
        ],
        "buffers": [
            {
                "byteLength": 168,
                "uri": "data:application/octet-stream;base64," + base64.b64encode(data).decode(),
            }
        ],
    }
    return known | changes


def gltf(**changes) -> bytes:
    """glTF that holds its buffer itself."""
    return json.dumps(document(**changes)).encode()


def glb(**changes) -> bytes:
    """The same, binary."""
    known = document(**changes)
    data = base64.b64decode(known["buffers"][0].pop("uri").partition(",")[2])
    text = json.dumps(known).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def mesh_xml() -> str:
    """The box as 3MF writes it."""
    points = "".join('<vertex x="{}" y="{}" z="{}"/>'.format(*p) for p in POINTS)
    faces = "".join('<triangle v1="{}" v2="{}" v3="{}"/>'.format(*face) for face in FACES)
    return f"<mesh><vertices>{points}</vertices><triangles>{faces}</triangles></mesh>"


def threemf(
    resources: str | None = None, build='<item objectid="1"/>', before="", target="/3D/3dmodel.model", **parts
) -> bytes:
    """3MF with these resources, or the box."""
    if resources is None:
        resources = f'<object id="1">{mesh_xml()}</object>'
    model = (
        f'<?xml version="1.0"?>{before}<model xmlns="{CORE}" unit="millimeter">'
        f"<resources>{resources}</resources><build>{build}</build></model>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", RELATIONS.format(target))
        archive.writestr("3D/3dmodel.model", model)
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


BOXES = {
    "box.stl": stl(),
    "text.stl": stl_text(),
    "dos.stl": stl_text(end="\r\n"),
    "box.obj": obj(),
    "dos.obj": obj("\r\n"),
    "text.ply": ply(),
    "little.ply": ply("binary_little_endian"),
    "big.ply": ply("binary_big_endian"),
    "box.gltf": gltf(),
    "box.glb": glb(),
    "box.3mf": threemf(),
}

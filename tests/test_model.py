"""Models of every format: measured, drawn from four sides, made small for the page; files that mean harm."""

import json
import math
import random
import struct
import subprocess
import sys
import time

import booted
import pytest
import solids
from PIL import Image

from goblin import media
from goblin.media import Limits, Unreadable
from goblin.media.mesh import formats, lines, reading, threemf, views
from goblin.media.model import Model
from goblin.media.sandbox import Failed, Sandbox
from goblin.models import Media, facts
from tests import made

ROLES = {"thumb", "thumb2", "view", "perspective", "front", "side", "top", "mesh"}
SAMPLE = ("cube.OBJ", "multibody", "BoxTextured.ply", "cubevc.glb", "P_XPM", "20mm-xyz", "with_primitives")


@pytest.fixture
def sketch(monkeypatch):
    """Small pictures: most tests are about what is read."""
    monkeypatch.setitem(Model.options, "sizes", ("80 120 160", ""))
    monkeypatch.setattr(views, "SIDES", 100)


def process(folder, data, name="x", progress=lambda percent: None, **options):
    source, out = folder / name, folder / "out"
    source.write_bytes(data)
    out.mkdir(exist_ok=True)
    return Model().process(source, out, options, progress)


def refused(folder, data, name="x", seconds=5, **options):
    """The sentence with which a file is refused, soon enough."""
    began = time.monotonic()
    with pytest.raises(Unreadable) as refusal:
        process(folder, data, name, **options)
    assert time.monotonic() - began < seconds
    assert str(refusal.value).endswith(".") and len(str(refusal.value)) < 200
    return str(refusal.value)


def sizes(result):
    return tuple(result.columns[f"size_{axis}"] for axis in "xyz")


def drawn(folder, role):
    return Image.open(folder / "out" / f"{role}.webp").convert("RGBA")


def shape_of(folder, role):
    """Width and height of what is to be seen, in pixels."""
    left, top, right, bottom = drawn(folder, role).getchannel("A").point(lambda a: a > 99 and 255).getbbox()
    return right - left, bottom - top


@pytest.mark.parametrize("name", solids.BOXES)
def test_a_box_in_every_format(sketch, tmp_path, name):
    data, told = solids.BOXES[name], []
    assert formats.sniff(data[:4096], "x") == formats.sniff(data[:4096], name)
    result = process(tmp_path, data, name, told.append)
    assert result.columns["triangles"] == 12 and sizes(result) == solids.SIZE
    assert set(result.files) == ROLES and result.data["shown"] == 12
    assert told == sorted(told) and told[0] >= 0 and 90 < told[-1] <= 100
    assert result.columns.get("title") == ("box" if name in ("text.stl", "dos.stl") else None)


def test_each_step_by_itself(sketch, tmp_path):
    steps = {name: set(step.roles) for name, step in Model.steps.items()}
    assert set.union(*steps.values()) == ROLES
    for name, roles in steps.items():
        result = process(tmp_path, solids.stl(), steps=[name])
        assert set(result.files) == roles and result.columns["triangles"] == 12


@pytest.mark.parametrize("name", ["box.stl", "box.obj"])
def test_sides_show_it_upright(sketch, tmp_path, name):
    """Z is up for what is printed, y for what is drawn; the longest side of the model fills each picture."""
    process(tmp_path, solids.BOXES[name], name)
    x, y, z = solids.SIZE
    wide, deep, high = (x, z, y) if name.endswith("obj") else (x, y, z)
    for role, (across, up) in {"front": (wide, high), "side": (deep, high), "top": (wide, deep)}.items():
        width, height = shape_of(tmp_path, role)
        assert max(width, height) == pytest.approx(0.88 * 100, abs=2)
        assert width / height == pytest.approx(across / up, rel=0.05), role


def test_pictures_are_shaded_on_nothing_and_come_in_all_sizes(tmp_path):
    result = process(tmp_path, solids.stl())
    for role, side in {"thumb": 320, "thumb2": 640, "view": 1280, "top": 480}.items():
        file = result.files[role]
        assert (file.width, file.height) == (side, side)
        with Image.open(tmp_path / "out" / file.name) as image:
            assert image.size == (side, side) and image.mode == "RGBA"
    view = drawn(tmp_path, "perspective")
    assert view.getpixel((2, 2))[3] == 0 and view.getpixel((640, 640))[3] == 255
    seen = [colour for count, colour in view.getcolors(1 << 20) if count > 20_000 and colour[3] == 255]
    brightness = [sum(colour[:3]) for colour in seen]
    assert max(brightness) > 1.3 * min(brightness)


def test_what_is_near_hides_what_is_far(sketch, tmp_path):
    """Two squares that cut each other: left the one is nearer, right the other, in whichever order they come."""
    red, blue = (255, 0, 0), (0, 0, 255)
    squares = [
        [(-1, -1, -1), (1, 1, -1), (1, 1, 1), (-1, -1, 1)],
        [(-1, 1, -1), (1, -1, -1), (1, -1, 1), (-1, 1, 1)],
    ]
    for order in ((0, 1), (1, 0)):
        text = "".join(
            "v {} {} {} {} {} {}\n".format(*point, *(red, blue)[square])
            for square in order
            for point in squares[square]
        )
        lying = text.replace("v ", "v ") + "f 1 2 3 4\nf 5 6 7 8\n"
        # OBJ has y up: what is front to back here is down there.
        process(tmp_path, lying.encode(), "x.obj")
        top = drawn(tmp_path, "top")
        left, right = top.getpixel((30, 50)), top.getpixel((70, 50))
        front = drawn(tmp_path, "side").getpixel((50, 50))
        assert front[3] == 255 and {left[3], right[3]} == {255}
        assert (left[0] > left[2]) != (right[0] > right[2]), order


def test_the_copy_for_the_page_is_exact_and_small(sketch, tmp_path):
    process(tmp_path, solids.ply(tint=(10, 200, 30)))
    data = (tmp_path / "out" / "mesh.bin").read_bytes()
    magic, version, flags, count = struct.unpack_from("<4sHHI", data)
    assert (magic, version, flags, count) == (b"GOB3", 1, 1, 12)
    assert len(data) == 16 + 12 * 18 + 12 * 4
    places = struct.unpack_from(f"<{count * 9}h", data, 16)
    assert [max(places[axis::3]) * 2 / 32767 for axis in range(3)] == pytest.approx([1, 1.5, 2], abs=1e-4)
    assert set(struct.iter_unpack("<4B", data[16 + 12 * 18 :])) == {(10, 200, 30, 255)}


def ball(rows=120, hole=False):
    """A ball of STL."""

    def point(i, j):
        a, b = math.pi * i / rows, 2 * math.pi * j / rows
        return math.sin(a) * math.cos(b), math.sin(a) * math.sin(b), math.cos(a)

    records = bytearray()
    for i in range(rows):
        for j in range(rows):
            a, b, c, d = point(i, j), point(i, j + 1), point(i + 1, j), point(i + 1, j + 1)
            records += struct.pack("<12fH", 0, 0, 0, *a, *c, *d, 0) + struct.pack(
                "<12fH", 0, 0, 0, *a, *d, *b, 0
            )
    return bytes(80) + struct.pack("<I", len(records) // 50) + bytes(records)


def test_a_large_model_is_made_coarser_without_holes(sketch, tmp_path):
    data = ball()
    fine = process(tmp_path, data)
    before = drawn(tmp_path, "front").getchannel("A")
    coarse = process(tmp_path, data, triangles=3000)
    assert fine.data["shown"] == fine.columns["triangles"] == coarse.columns["triangles"] == 28800
    assert 800 < coarse.data["shown"] <= 3000 and sizes(coarse) == pytest.approx((2, 2, 2), abs=0.01)
    after = drawn(tmp_path, "front").getchannel("A")
    other = sum(abs(a - b) > 128 for a, b in zip(before.tobytes(), after.tobytes(), strict=True))
    assert other < 0.02 * 100 * 100


def test_a_model_larger_than_memory_is_kept_coarse_and_counted_whole(sketch, tmp_path, monkeypatch):
    from goblin.media.mesh import soup

    monkeypatch.setattr(soup, "MOST_KEPT", 6000)
    result = process(tmp_path, ball())
    assert result.columns["triangles"] == 28800 and 1000 < result.data["shown"] <= 6000
    assert sizes(result) == pytest.approx((2, 2, 2), abs=0.01)
    tiny = [(1e-30 * x, 1e-30 * y, 1e-30 * z) for x, y, z in solids.POINTS]
    grown = process(
        tmp_path, solids.stl(solids.FACES * 600 + [(0, 8, 9)], [*tiny, (0, 1e30, 0), (1e30, 0, 0)]), "x.stl"
    )
    assert grown.columns["size_y"] == pytest.approx(1e30) and grown.columns["triangles"] == 7201
    assert grown.data["shown"] == 1
    said = refused(tmp_path, ball(), most=10_000)
    assert said == "This model has more than 10,000 triangles, which is more than the gallery can show."


def test_colours_of_materials_points_and_pictures(sketch, tmp_path):
    document = solids.document(materials=[{"pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 1]}}])
    document["meshes"][0]["primitives"][0]["material"] = 0
    process(tmp_path, json.dumps(document).encode())
    red, green, blue, _ = drawn(tmp_path, "front").getpixel((50, 50))
    assert red > 100 and green < 30 and blue < 30
    xml = (
        '<basematerials id="7"><base name="blue" displaycolor="#0000FFFF"/></basematerials>'
        f'<object id="1" pid="7" pindex="0">{solids.mesh_xml()}</object>'
    )
    process(tmp_path, solids.threemf(xml))
    red, green, blue, _ = drawn(tmp_path, "front").getpixel((50, 50))
    assert blue > 100 and red < 30 and green < 30


def test_parts_stand_where_the_file_puts_them(sketch, tmp_path):
    """The same mesh twice: counted once, measured and drawn twice."""
    turned = [math.sqrt(0.5), 0, 0, math.sqrt(0.5)]  # y goes to z
    nodes = [
        {"children": [1, 2]},
        {"mesh": 0},
        {"mesh": 0, "translation": [10, 0, 0], "rotation": turned, "scale": [2, 1, 1]},
    ]
    result = process(tmp_path, solids.gltf(nodes=nodes))
    assert result.columns["triangles"] == 12 and result.data["shown"] == 24
    assert sizes(result) == pytest.approx((14, 7, 4))
    xml = f'<object id="1">{solids.mesh_xml()}</object><object id="2"><components>'
    xml += '<component objectid="1"/><component objectid="1" transform="1 0 0 0 1 0 0 0 1 5 0 0"/>'
    xml += "</components></object>"
    result = process(
        tmp_path, solids.threemf(xml, '<item objectid="2" transform="2 0 0 0 1 0 0 0 1 0 0 0"/>')
    )
    assert (result.columns["triangles"], result.data["shown"]) == (12, 24)
    assert sizes(result) == pytest.approx((14, 3, 4))


def test_strips_fans_and_plain_points(sketch, tmp_path):
    for mode, count in ((4, 2), (5, 6), (6, 6)):
        document = solids.document()
        document["meshes"][0]["primitives"][0] = {"attributes": {"POSITION": 0}, "mode": mode}
        assert process(tmp_path, json.dumps(document).encode()).columns["triangles"] == count
    document["meshes"][0]["primitives"][0]["mode"] = 0
    assert "no surface" in refused(tmp_path, json.dumps(document).encode())
    points = solids.ply().replace(b"element face 6", b"element face 0").rpartition(b"\n4 0 1 3 2")[0]
    assert "points without a surface" in refused(tmp_path, points)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b"solid as a rock\nwe stand\nfacet of all\n"),
        ("a.stl", b"solid ground is what this text is about, it only ends in stl " * 90),
        ("a.stl", random.Random(1).randbytes(5000)),
        ("a.stl", b"\x7fELF" + random.Random(2).randbytes(300)),
        ("a.obj", b"Vertices: v 1 2 3\nf 1 2 3\n"),
        ("a.obj", b"v 1 2 3\nv 2 3 4\nv 3 4 5\nThe rest is words.\nf 1 2 3\n"),
        ("a.txt", b"v 1 2 3\nf you like\n"),
        ("a.obj", b"# only remarks\n"),
        ("a.mtl", b"newmtl red\nKd 1 0 0\n"),
        ("a.json", b'{"asset": "a house", "price": 3}' + b" " * 20),
        ("a.gltf", b'{"name": "nobody", "nodes": []}'),
        ("a.ply", b"plywood\nformat ascii 1.0\n"),
        ("a.3mf", b"PK\3\4" + bytes(22) + struct.pack("<HH", 5, 0) + b"a.txt" + bytes(40)),
        ("a.docx", solids.threemf().replace(b"3dmodel.model", b"worddoc.model")),
        ("a.zip", b"PK\3\4" + bytes(22) + struct.pack("<HH", 9, 0) + b"photo.jpg" + bytes(40)),
        ("a.stl", b""),
    ],
)
def test_what_is_no_model_is_not_taken_for_one(name, data):
    head = data[:4096]
    known = formats.sniff(head, name)
    assert known is None or (name, known) == ("a.json", "model/gltf+json")


def test_models_are_known_whatever_their_name():
    media.scan()
    for name, data in solids.BOXES.items():
        kind, mime = media.identify(data[:4096], "anything.bin")
        assert kind == "model" and mime.startswith("model/"), name
    many = b"# exported\r\n" + b"".join(b"v %d 0.5 -1e3\r\n" % n for n in range(9999))
    assert formats.sniff(many[:4096], "x") == "model/obj"


# --- files that mean harm


def changed(path, value):
    """The glTF box with one thing in it changed."""
    document = solids.document()
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(document).encode()


def sparse(count, indices, values=0):
    view = {"bufferView": indices, "componentType": 5123}
    return {"count": count, "indices": view, "values": {"bufferView": values}}


@pytest.mark.parametrize(
    "data",
    [
        changed(("accessors", 0, "count"), 1 << 31),
        changed(("accessors", 1, "count"), 37),
        changed(("accessors", 0), {"componentType": 5126, "count": 1 << 40, "type": "VEC3"}),
        changed(("accessors", 0, "count"), -8),
        changed(("accessors", 0, "count"), 8.5),
        changed(("accessors", 0, "count"), True),
        changed(("accessors", 0, "count"), "8"),
        changed(("accessors", 0, "byteOffset"), -96),
        changed(("accessors", 0, "type"), "MAT4"),
        changed(("accessors", 0, "componentType"), 1),
        changed(("accessors", 0, "sparse"), sparse(9, 1)),
        changed(("accessors", 0, "sparse"), sparse(8, 9)),
        changed(("accessors", 0, "sparse"), {"count": 1}),
        changed(("bufferViews", 0, "byteLength"), 0.5),
        changed(("bufferViews", 0, "byteStride"), 1),
        changed(("bufferViews", 0, "byteStride"), 1 << 30),
        changed(("bufferViews", 1, "byteOffset"), 1 << 52),
        changed(("bufferViews", 0, "buffer"), 7),
        changed(("buffers", 0, "uri"), "data:;base64,AAAA"),
        changed(("buffers", 0, "uri"), "data:,plain"),
        changed(("buffers", 0, "uri"), "data:;base64,A"),
        changed(("meshes", 0, "primitives", 0, "indices"), 99),
        changed(("nodes", 0, "mesh"), -1),
        changed(("nodes", 0, "matrix"), [1] * 15),
        changed(("nodes", 0, "matrix"), [float("nan")] * 16),
        changed(("nodes", 0, "scale"), [0, 0, 0]),
        changed(("nodes",), [None]),
        changed(("scenes",), [{"nodes": [[]]}]),
        changed(("meshes",), {}),
        changed(("asset", "version"), "1.0"),
        b'{"asset": ' + b"[" * 100_000,
        b'{"asset": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
        b'{"asset": {"version": "2.0"}, "scene": ' + b"9" * 5000 + b"}",
        b'{"asset": 1e999}',
        b'{"asset": "\xff\xfe"}',
        solids.glb()[:100],
        b"glTF" + struct.pack("<II", 2, 12),
        b"glTF" + struct.pack("<II", 2, 20) + struct.pack("<II", 0xFFFFFFF0, 0x4E4F534A),
        b"glTF" + struct.pack("<II", 1, 12),
        struct.pack("<4sII", b"glTF", 2, 0) + bytes(8) * 100_000,
    ],
    ids=range(40),
)
def test_gltf_that_means_harm_is_refused(sketch, tmp_path, data):
    refused(tmp_path, data, "x.gltf")


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1:9/x.bin", "../x.bin", "/etc/passwd", "", 7]
)
def test_gltf_never_follows_addresses(sketch, tmp_path, address):
    assert "another file" in refused(tmp_path, changed(("buffers", 0, "uri"), address))
    document = solids.document(images=[{"uri": address}], textures=[{"source": 0}])
    document["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
    document["meshes"][0]["primitives"][0] |= {"material": 0, "attributes": {"POSITION": 0, "TEXCOORD_0": 0}}
    assert process(tmp_path, json.dumps(document).encode()).columns["triangles"] == 12


def test_nodes_in_a_circle_are_gone_through_once(sketch, tmp_path):
    nodes = [{"mesh": 0, "children": [1]}, {"mesh": 0, "children": [0, 1]}]
    assert process(tmp_path, solids.gltf(nodes=nodes)).data["shown"] == 24
    nodes = [{"mesh": 0, "children": [n + 1], "translation": [n, 0, 0]} for n in range(500)] + [{}]
    assert process(tmp_path, solids.gltf(nodes=nodes)).data["shown"] == 6000


def test_a_small_gltf_that_shows_itself_too_often_is_stopped(sketch, tmp_path):
    primitive = {"attributes": {"POSITION": 0}, "indices": 1}
    big = {"componentType": 5126, "count": 4_000_000, "type": "VEC3"}
    document = solids.document(meshes=[{"primitives": [primitive] * 10_000}])
    document["accessors"][0] = big
    assert "more than" in refused(tmp_path, json.dumps(document).encode(), seconds=30)
    nodes = [{"mesh": 0} for _ in range(3000)]
    document = solids.gltf(nodes=nodes, scenes=[{"nodes": list(range(3000))}])
    assert "more than 20,000 triangles" in refused(tmp_path, document, most=20_000)


def test_drawings_of_other_programs_inside_gltf(sketch, tmp_path):
    packed = changed(("extensionsRequired",), ["KHR_draco_mesh_compression"])
    assert "Draco" in refused(tmp_path, packed)
    assert (
        process(tmp_path, changed(("asset", "extras"), {"title": "Box\u202e\0 of  tin"})).columns["title"]
        == "Box of tin"
    )
    assert "title" not in process(tmp_path, changed(("asset", "extras"), {"title": 7})).columns


def laughs(levels=20, each=10):
    """Objects made of ten objects made of ten objects ..."""
    xml = '<object id="0"><components></components></object>'
    for level in range(1, levels):
        inner = f'<component objectid="{level - 1}"/>' * each
        xml += f'<object id="{level}"><components>{inner}</components></object>'
    return xml, f'<item objectid="{levels - 1}"/>'


DOCTYPE = '<!DOCTYPE model [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "data",
    [
        solids.threemf(*laughs()),
        solids.threemf('<object id="1"><components><component objectid="1"/></components></object>'),
        solids.threemf('<object id="1"><components><component objectid="9"/></components></object>'),
        solids.threemf(
            '<object id="1"><components><component objectid="1" p:path="/../../etc/passwd"/></components></object>'
        ),
        solids.threemf(before=DOCTYPE),
        solids.threemf(target="../../../../etc/passwd"),
        solids.threemf(target="http://127.0.0.1:9/3dmodel.model"),
        solids.threemf("<a>" * 100_000),
        solids.threemf("<object>"),
        solids.threemf("<vertex x='1' y='2'/>"),
        solids.threemf("<vertex x='1' y='2' z='high'/>"),
        solids.threemf(
            solids.mesh_xml().replace('v1="0"', 'v1="4000000000"').join(('<object id="1">', "</object>"))
        ),
        solids.threemf(solids.mesh_xml().replace('v1="0"', 'v1="-1"').join(('<object id="1">', "</object>"))),
        solids.threemf(build='<item objectid="1" transform="1 2 3"/>'),
        solids.threemf(build='<item objectid="1" transform="nan 0 0 0 1 0 0 0 1 0 0 0"/>'),
        solids.threemf()[:-40],
        solids.threemf()[:300],
        solids.threemf().replace(b"PK\1\2", b"PK\1\3"),
    ],
    ids=range(18),
)
def test_3mf_that_means_harm_is_refused(sketch, tmp_path, data):
    refused(tmp_path, data, "x.3mf")


def test_zip_bombs_in_3mf(sketch, tmp_path, monkeypatch):
    monkeypatch.setattr(threemf, "MOST_BYTES", 1 << 20)
    assert "unpacks to more" in refused(tmp_path, solids.threemf(" " * (20 << 20)))
    many = solids.threemf(**{f"3D/{n}.model": "<model/>" for n in range(3000)})
    assert process(tmp_path, many).columns["triangles"] == 12


@pytest.mark.parametrize(
    "data",
    [
        b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 99999999999999999999\n",
        b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 0 1 2\n",
        b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf -1 -2 -4\n",
        b"v 1e999 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
        b"v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n",
        b"v 0 0 0\nv 1 0 0\nv 0 1 0\n" + b"f 1 2 3 " + b"1 " * (2 << 20),
        b"v 0 0 0\nv 1 0 0\nv 0 1 0\n" + b"f 1 2 \\\n" * 500_000 + b"3\n",
        solids.obj()[:60] + bytes(5000),
        b"solid x\nfacet normal 0 0 1\n" + b"\n" * (3 << 20),
        b"solid x\nfacet normal 0 0 1\nouter loop\nvertex 1 2 3\nvertex x y z\nvertex 1 2 4\nendloop\nendfacet\n",
        b"solid x\nfacet normal 0 0 1\nouter loop\nvertex 1 2 3\nvertex 2 2 2\nendloop\nendfacet\nendsolid\n",
        b"solid x\nendsolid x\n",
        solids.stl_text()[:-200],
        solids.stl(count=13),
        solids.stl(count=0xFFFFFFFF),
        solids.stl(points=[(float("nan"), float("inf"), 1e30)] * 8),
        solids.ply()[:-30],
        solids.ply("binary_big_endian")[:-1],
        solids.ply("binary_little_endian").replace(b"vertex 8", b"vertex 9000000000"),
        solids.ply("binary_little_endian").replace(b"uchar int", b"uint int"),
        solids.ply().replace(b"vertex 8", b"vertex -8"),
        solids.ply().replace(b"vertex 8", b"vertex 88"),
        solids.ply().replace(b"float x", b"list uchar float x"),
        solids.ply().replace(b"float x", b"thing x"),
        solids.ply().replace(b"property float z\n", b""),
        solids.ply().replace(b"\n4 0 1 3 2", b"\n4 0 1 3 -2"),
        solids.ply().replace(b"\n4 0 1 3 2", b"\n4000000000 0 1 3 2"),
        solids.ply().replace(b"end_header", b"comment " + b"x" * 100_000),
        b"ply\nformat ascii 1.0\nelement vertex 99999999999999999999\nend_header\n",
    ],
    ids=range(29),
)
def test_other_files_that_mean_harm_are_refused(sketch, tmp_path, data):
    refused(tmp_path, data, "x.stl" if data[80:84] else "x")


def test_a_few_broken_triangles_do_not_spoil_the_rest(sketch, tmp_path):
    points = [*solids.POINTS, (float("nan"), 0, 0)]
    result = process(tmp_path, solids.stl(faces=[*solids.FACES, (0, 1, 8)], points=points), "x.stl")
    assert (result.columns["triangles"], result.data["shown"]) == (13, 12) and sizes(result) == solids.SIZE


def test_nothing_of_a_line_is_lost_between_blocks(tmp_path, monkeypatch):
    for end in ("\n", "\r\n"):
        (tmp_path / "box").write_bytes(solids.obj(end))
        for size in range(1, 40):
            monkeypatch.setattr(lines, "BLOCK", size)
            mesh = reading.read(tmp_path / "box", 100, lambda part: None)
            assert (mesh.count, tuple(mesh.size())) == (12, solids.SIZE)


WATCH = """
import json, sys
from pathlib import Path
from goblin.media.model import Model
from goblin.media import Unreadable
seen = []
watched = ("open", "socket", "subprocess")
sys.addaudithook(lambda event, args: event.startswith(watched) and seen.append([event, str(args[0])]))
for source in sys.argv[2:]:
    try:
        Model().process(Path(source), Path(sys.argv[1]), {}, lambda percent: None)
    except Unreadable:
        pass
print(json.dumps(seen))
"""


def test_nothing_else_is_opened_and_nobody_is_called(corpus, tmp_path):
    (tmp_path / "target.3mf").write_bytes(solids.threemf(target="../../../../etc/passwd"))
    sources = [corpus / "hostile" / name for name in ("obj_mtllib_traversal.obj", "gltf_external.gltf")]
    (tmp_path / "out").mkdir()
    command = [sys.executable, "-c", WATCH, tmp_path / "out", *sources, tmp_path / "target.3mf"]
    said = subprocess.run(
        command, capture_output=True, check=True, text=True, cwd=made.__file__.rpartition("/tests/")[0]
    )
    seen = json.loads(said.stdout)
    code = (".py", ".pyc", ".so")
    opened = {path for event, path in seen if event == "open" and not path.endswith(code)}
    allowed = {str(path) for path in (*sources, tmp_path / "target.3mf")}
    assert allowed < opened
    assert all(path in allowed or path.startswith(str(tmp_path / "out")) for path in opened)
    assert {event for event, _ in seen} == {"open"}


def test_memory_is_bounded_by_the_sandbox(tmp_path):
    """A list of sixteen million lists is stopped by the limit, and the next model is read all the same."""
    bomb, box, out = tmp_path / "bomb.gltf", tmp_path / "box.gltf", tmp_path / "out"
    bomb.write_bytes(b'{"asset": {"version": "2.0"}, "extras": [' + b"[]," * (16 << 20) + b"0]}")
    box.write_bytes(solids.gltf())
    out.mkdir()
    sandbox = Sandbox(idle=0.1)
    try:
        with pytest.raises(Failed, match="more memory"):
            sandbox.run("model", bomb, out, {})
        assert sandbox.run("model", box, out, {}, limits=Limits(memory=400 << 20)).columns["triangles"] == 12
    finally:
        sandbox.close()


def test_hostile_models_of_the_corpus(sketch, corpus, tmp_path):
    fine = {"stl_name_html.stl": 1, "obj_mtllib_traversal.obj": 1}
    rows = [row for row in made.ground_truth(corpus, "hostile/") if row["kind"] == "hostile-model"]
    names = {row["path"].rpartition("/")[2] for row in rows} | set(fine)
    assert len(names) >= 10
    for name in names:
        data = (corpus / "hostile" / name).read_bytes()
        assert media.identify(data[:4096], name)[0] == "model", name
        if name in fine:
            assert process(tmp_path, data, name).columns["triangles"] == fine[name]
        else:
            refused(tmp_path, data, name)


# --- what the corpus knows


def _check(row, corpus, folder):
    source = corpus / row["path"]
    result = process(folder, source.read_bytes(), source.name)
    known = made.facts_of(row)
    assert result.columns["triangles"] == int(row["triangles"]), row["path"]
    assert (result.columns.get("title") or "") == row["title"], row["path"]
    if "CesiumMilkTruck" in row["path"]:
        return  # the corpus's tool sinks its wheels, turned by their nodes, into the ground
    low, high = ([float(part) for part in known[name].split()] for name in ("bbox_min", "bbox_max"))
    expected = [b - a for a, b in zip(low, high, strict=True)]
    assert sizes(result) == pytest.approx(expected, abs=2e-5, rel=1e-5), row["path"]


def _rows(corpus):
    return [row for row in made.ground_truth(corpus, "models/") if row["triangles"]]


def test_sample_of_the_corpus(sketch, corpus, tmp_path):
    rows = [row for row in _rows(corpus) if any(name in row["path"] for name in SAMPLE)]
    assert len(rows) == len(SAMPLE)
    for row in rows:
        _check(row, corpus, tmp_path)


@pytest.mark.long
def test_all_of_the_corpus(corpus, tmp_path):
    rows = _rows(corpus)
    assert len(rows) >= 18
    for row in rows:
        _check(row, corpus, tmp_path)


@pytest.mark.long
def test_damage_anywhere_ends_in_a_sentence_or_a_model(sketch, corpus, tmp_path):
    """Bytes of every model of the corpus and of our own changed at random, always the same way."""
    chance = random.Random(3)
    files = [(corpus / row["path"]).read_bytes() for row in _rows(corpus) if int(row["bytes"]) < 20_000]
    for data in [*files, *solids.BOXES.values()] * 12:
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 5, 40))):
            damaged[chance.randrange(len(damaged))] = chance.choice(
                (0, 255, 0x2D, 0x39, chance.randrange(256))
            )
        try:
            assert process(tmp_path, bytes(damaged[: chance.choice((len(data), len(data) // 2))])).files
        except Unreadable as sentence:
            assert str(sentence).endswith(".")


# --- through the gallery


def test_a_model_in_the_gallery(site):
    ann = site.sign_in("ann")
    data = solids.stl_text('<script>alert("x")</script>')
    medium = site.ready(ann, "box.stl", data, visibility="private")
    assert (medium.kind, medium.state, medium.error) == ("model", "processed", "")
    assert medium.title == '<script>alert("x")</script>' and facts.read(medium)["size_z"] == 4
    table = facts.of("model")
    assert [row.media_id for row in table.select().where(table.triangles.between(9, 20))] == [medium.id]
    page = ann.get(f"/u/ann/m/{medium.slug}/")
    assert "<script>alert" not in page and "2 × 3 × 4 mm" in page
    viewer = page.html.find("goblin-model")
    assert [link["data-side"] for link in viewer.find_all("a")] == ["perspective", "front", "side", "top"]
    addresses = [viewer["data-mesh"], *(link["href"] for link in viewer.find_all("a"))]
    assert ann.get(addresses[0]).body[:4] == b"GOB3"
    assert {ann.get(address).content_type for address in addresses[1:]} == {"image/webp"}
    for address in addresses:
        site.browser().get(address, status=404)
    item = ann.get(f"/u/ann/m/{medium.slug}/", headers=booted.JSON).json
    assert item["facts"]["triangles"] == 12 and {"mesh", "front", "thumb"} <= item["files"].keys()


def test_a_bad_model_says_why_on_its_page(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann, "box.stl", solids.stl(count=99))
    assert medium.state == "failed" and "99 triangles, but ends after 12" in medium.error
    assert "ends after 12" in ann.get(f"/u/ann/m/{medium.slug}/")
    assert Media.by_id(site.ready(ann, "fine.stl", solids.stl()).id).state == "processed"


def test_pictures_of_a_model_follow_the_option(tmp_path):
    files = process(tmp_path, solids.stl(), sizes="50 100 200").files
    assert [files[role].width for role in ("thumb", "thumb2", "view", "perspective", "top")] == [
        *(50, 100, 200, 200, 480)
    ]

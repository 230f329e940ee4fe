"""Colours of models: those of materials that lie beside them, come along with them, or come and go later."""

import io
import zipfile

import pytest
import solids
from booted import JSON
from PIL import Image

from goblin import importing, jobs, reprocessing, sidecars
from goblin.details import Details
from goblin.importing import sources
from goblin.media import Unreadable
from goblin.media.mesh.materials import Materials
from goblin.media.model import Model
from goblin.models import Media, Sidecar

MTL = b"# colours\nnewmtl red\nKa 1 1 1\nKd 0.8 0.0 0.1\nnewmtl other one\nKd 0 1 0\nKd spectral a.rfl\n"


def attach(browser, medium, name="box.mtl", data=MTL):
    at = f"/u/ann/m/{medium.slug}/files/"
    return browser.post(at, upload_files=[("file", name, data)], headers=JSON, status=201).json


def reds(medium) -> int:
    """How many pixels of the picture from above are red."""
    medium = Media.by_id(medium.id)
    folder = jobs.workshop.storage.derived(medium.id, medium.generation)
    with Image.open(folder / medium.files["top"]["name"]) as image:
        pixels = image.convert("RGBA").tobytes()
    return sum(r > 2 * g and a > 200 for r, g, a in zip(pixels[::4], pixels[1::4], pixels[3::4], strict=True))


def top(folder, data, **options):
    """The middle of the picture from above."""
    (folder / "a.obj").write_bytes(data)
    options = {"triangles": 1000, "most": 1000, "sizes": "8 16 32", **options}
    result = Model().process(folder / "a.obj", folder, options, lambda part: None)
    with Image.open(folder / result.files["top"].name) as image:
        return image.getpixel((240, 240)), (folder / result.files["mesh"].name).read_bytes()


def test_materials_beside_a_model_give_it_their_colours(tmp_path):
    beside = tmp_path / "kept as another name"
    beside.write_bytes(MTL)
    data = solids.obj().replace(b"mtllib box.mtl", rb"mtllib C:\\things\\../BOX.mtl")
    grey, plain = top(tmp_path, data)
    red, coloured = top(tmp_path, data, beside={"box.mtl": str(beside)})
    assert red[0] > 3 * red[1] and grey[1] >= grey[0] and plain != coloured
    assert top(tmp_path, data, beside={"ball.mtl": str(beside)}) == (grey, plain), "not its materials"


@pytest.mark.parametrize("name", ["/etc/passwd", "../box.mtl", "a b.mtl", ""])
def test_names_in_a_model_lead_nowhere(tmp_path, name):
    (tmp_path / "box.mtl").write_bytes(MTL)
    (tmp_path / "a b.mtl").write_bytes(MTL)
    materials = Materials({"a b.mtl": tmp_path / "a b.mtl"})
    materials.read_from(name.encode().split())
    assert (materials.colours([b"red"]).factor is not None) == (name == "a b.mtl")
    assert materials.colours([b"other", b"one"]).factor == (0x00FF00 if name == "a b.mtl" else None)


def test_damaged_materials_are_passed_over(tmp_path):
    path = tmp_path / "a.mtl"
    for data in (
        b"",
        b"Kd",
        b"newmtl a\nKd 1 x 1",
        b"newmtl a\nKd nan inf 1e999",
        b"\0" * 99,
        b"Kd 1 1 1\n" * 9,
    ):
        path.write_bytes(data)
        materials = Materials({"a.mtl": path})
        materials.read_from([b"a.mtl"])
        materials.colours([b"a"])


def halves(form="PNG", size=(64, 64)) -> bytes:
    """A picture that is red in its upper half and blue below."""
    image, out = Image.new("RGB", size, (0, 0, 255)), io.BytesIO()
    image.paste((255, 0, 0), (0, 0, size[0], size[1] // 2))
    image.save(out, form)
    return out.getvalue()


SQUARE = b"""mtllib a.mtl
v 0 0 0\nv 1 0 0\nv 1 0 -1\nv 0 0 -1
vt 0 0\nvt 1 0\nvt 1 1\nvt 0 1
usemtl a
f 1/1 2/2/1 3/-2 4/4
"""


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("line", ["skin.png", "-clamp on -o 0 0 0 C:\\\\x\\\\Skin.PNG", "../my skin.png"])
def test_a_picture_of_a_material_is_on_the_model(tmp_path, form, line):
    name = "my skin.png" if "my" in line else "skin.png"
    (tmp_path / "a").write_bytes(f"newmtl a\nKd 0 0 0\nmap_Kd {line}\n".encode())
    (tmp_path / "b").write_bytes(halves(form))
    beside = {"a.mtl": str(tmp_path / "a"), name: str(tmp_path / "b")}
    (tmp_path / "a.obj").write_bytes(SQUARE)
    options = {"triangles": 9000, "sizes": "8 16 32", "beside": beside}
    result = Model().process(tmp_path / "a.obj", tmp_path, options, lambda *part: None)
    assert result.columns["triangles"] == 2 and result.data["shown"] > 50
    with Image.open(tmp_path / result.files["top"].name) as image:
        above, below = (image.convert("RGB").getpixel((240, y)) for y in (120, 360))
    assert above[0] > 2 * above[2] and below[2] > 2 * below[0]


@pytest.mark.parametrize(
    ("picture", "faces"),
    [
        (b"GIF89a" + bytes(99), b"f 1/1 2/2 3/3"),
        (halves()[:80], b"f 1/1 2/2 3/3"),
        (halves(size=(30_000, 2)) + bytes(17 << 20), b"f 1/1 2/2 3/3"),
        (halves(), b"f 1/9 2/2 3/3\nf 1/ 2/2 3/3\nf 1 2/2 3\nf 1/0 2/-9 3/3"),
    ],
    ids=["gif", "cut", "large", "places"],
)
def test_a_picture_that_cannot_be_leaves_the_colour(tmp_path, picture, faces):
    (tmp_path / "a").write_bytes(b"newmtl a\nKd 0 0 1\nmap_Kd skin.png\n")
    (tmp_path / "b").write_bytes(picture)
    beside = {"a.mtl": str(tmp_path / "a"), "skin.png": str(tmp_path / "b")}
    data = SQUARE.rpartition(b"f ")[0] + b"vt nan 1e300\n" + faces + b"\nf 1/1 3/3 4/4\n"
    blue, _ = top(tmp_path, data.replace(b"f 1/1 3/3 4/4", b"f 1 3 4"), beside=beside)
    assert blue[2] > 2 * blue[0]


def test_a_corner_that_is_not_there_is_damage_with_a_picture_too(tmp_path):
    (tmp_path / "a").write_bytes(b"newmtl a\nmap_Kd skin.png\n")
    (tmp_path / "b").write_bytes(halves())
    beside = {"a.mtl": str(tmp_path / "a"), "skin.png": str(tmp_path / "b")}
    with pytest.raises(Unreadable):
        top(tmp_path, SQUARE + b"f 1/1 2/2 9/3\n", beside=beside)


def test_a_picture_beside_a_model_counts_once_it_comes(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann, "a.obj", SQUARE)
    attach(ann, medium, "a.mtl", b"newmtl a\nmap_Kd skin.png\n")
    site.process()
    assert not reds(medium)
    attach(ann, medium, "skin.png", halves())
    site.process()
    assert reds(medium) > 1000


def test_a_model_is_drawn_anew_when_its_materials_come_or_go(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann, "box.obj", solids.obj())
    assert not reds(medium)
    attach(ann, medium, "notes.txt", b"nothing to see")
    assert Media.by_id(medium.id).state == "processed"
    added = attach(ann, medium)
    assert (Media.by_id(medium.id).state, Media.by_id(medium.id).todo) == ("unprocessed", "thumbs mesh")
    site.process()
    assert reds(medium) > 1000 and Media.by_id(medium.id).state == "processed"
    assert reprocessing.plan(reprocessing.Wish()).work == []
    item = Media.by_id(medium.id)
    sidecars.remove(item, Sidecar.one(item, added["id"]), item.user)
    site.process()
    assert not reds(medium)


def test_materials_that_come_while_a_model_is_prepared_count(site, monkeypatch):
    ann = site.sign_in("ann")
    medium = site.upload(ann, "box.obj", solids.obj())
    run = jobs.workshop.sandbox.run

    def meanwhile(*args, **more):
        monkeypatch.setattr(jobs.workshop.sandbox, "run", run)
        result = run(*args, **more)
        attach(ann, medium)
        return result

    monkeypatch.setattr(jobs.workshop.sandbox, "run", meanwhile)
    site.process()
    site.process()
    assert reds(medium) > 1000


@pytest.mark.parametrize("names", [("box.mtl", "box.obj"), ("a.mtl", "z.obj")])
def test_materials_come_along_in_a_zip(site, tmp_path, names):
    path = tmp_path / "things.zip"
    with zipfile.ZipFile(path, "w") as pack:
        pack.writestr(f"x/{names[0]}", MTL)
        pack.writestr(f"x/{names[1]}", solids.obj().replace(b"box.mtl", names[0].encode()))
    for _ in range(2):
        taken = importing.Import(site.person("ann"), Details())
        for piece in sources.Walk([path], site.folder):
            taken.take(piece)
    site.process()
    (medium,) = Media.select()
    assert Sidecar.select().count() == 1 and reds(medium) > 1000

"""Names that mean harm, by every door: form, resumable upload, folder of an import, zip of an import."""

import base64
import io
import json
import unicodedata
import warnings
import zipfile

import pytest
from booted import JSON, picture
from commands import run

from goblin import library
from goblin.models import Media

LONG = ["a" * 300 + ".png", "é" * 300 + ".png", "😀" * 200, "a/" * 150 + "b.png", "." * 300]
MARKS = ["\u202egnp.exe.png", "\u2066a\u2069.png", "\u200fa.png", "a\x7f\x85\x9b.png", "a\u2028b\u2029.png"]


@pytest.fixture
def names(corpus):
    lines = (corpus / "hostile" / "filenames.txt").read_text().splitlines()
    return [*map(json.loads, lines), *LONG, *MARKS]


def hold(site, count):
    """Every file is a file of ann's, under a name that any disk and any header can have."""
    originals = (site.folder / "originals").resolve()
    rows = list(Media.select())
    assert len(rows) == count
    for row in rows:
        path = library.disk.original(row.original).resolve()
        assert path.is_file() and path.relative_to(originals).parts[0] == "ann"
        assert len(path.name.encode()) <= 255 and not set(path.name) & set('/\\:*?"<>|')
        for text in (path.name, row.name, row.title, row.slug):
            assert 0 < len(text) <= 300
            assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")], text
    assert {p.name for p in site.folder.parent.iterdir()} <= {"data", "folder", "all.zip"}
    assert list((site.folder / "incoming").iterdir()) == []


def test_by_the_form(site, names):
    ann, taken = site.sign_in("ann"), 0
    for number, name in enumerate(names):
        said = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")  # as browsers write it
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{said}"\r\n\r\n'
        body = head.encode() + picture(seed=number) + b"\r\n--x--\r\n"
        kind = "multipart/form-data; boundary=x"
        answer = ann.request(
            "/submit/", method="POST", body=body, headers=JSON, content_type=kind, expect_errors=True
        )
        assert answer.status_int in (201, 400, 422), (name, answer.status_int)
        taken += answer.status_int == 201
    assert taken > len(names) - 5
    hold(site, taken)


def test_by_resumable_uploads(site, names):
    ann, taken = site.sign_in("ann"), 0
    for number, name in enumerate(names):
        data = picture(seed=number)
        said = {"filename": name, "title": name, "relative_path": f"../{name}"}
        meta = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in said.items())
        head = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)), "Upload-Metadata": meta}
        head["Content-Type"] = "application/offset+octet-stream"
        answer = ann.post("/upload/", data, headers=head, expect_errors=True)
        assert answer.status_int in (201, 400, 422), (name, answer.status_int)
        taken += answer.status_int == 201
    assert taken > len(names) - 10
    hold(site, taken)


def test_by_a_folder(site, names, tmp_path):
    folder, count = tmp_path / "folder", 0
    folder.mkdir()
    for number, name in enumerate(names):
        try:
            (folder / name.replace("/", "_")).write_bytes(picture(seed=number))
        except (OSError, ValueError):  # no disk has such a name
            continue
        count = len(list(folder.iterdir()))
    site.person("ann")
    ended = run(site.folder, "import", "--user", "ann", folder)
    assert "Traceback" not in ended.err
    taken = Media.select().count()
    assert taken > count / 2
    assert not set(ended.out + ended.err) & {"\x1b", "\u202e", "\r", "\x07"}
    hold(site, taken)


def test_by_a_zip(site, names, tmp_path):
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")
        for number, name in enumerate(names):
            archive.writestr(zipfile.ZipInfo(name or "x"), picture(seed=number))
    (tmp_path / "all.zip").write_bytes(out.getvalue())
    site.person("ann")
    ended = run(site.folder, "import", "--user", "ann", tmp_path / "all.zip")
    assert "Traceback" not in ended.err
    assert not set(ended.out + ended.err) & {"\x1b", "\u202e", "\r", "\x07"}
    taken = Media.select().count()
    assert taken > len(names) / 2
    hold(site, taken)

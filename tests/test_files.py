"""Files: ranges, validators, caching, names, and what a download leaves out."""

import base64
import io
import time
import tracemalloc
from functools import partial

import pytest
from booted import JSON, picture
from PIL import Image

from goblin import library
from goblin.models import Media
from goblin.web import send


@pytest.fixture
def served(site):
    """(ann's browser, her medium, its JSON)"""
    ann = site.sign_in("ann")
    medium = site.ready(ann, "Strandfoto.png", picture((400, 300)), visibility="public")
    return ann, medium, ann.get(f"/u/ann/m/{medium.slug}/", headers=JSON).json


def original(medium):
    return library.disk.original(medium.original).read_bytes()


def path(address):
    return address.partition("localhost")[2]


def test_the_original_comes_back_bit_for_bit(site):
    ann = site.sign_in("ann")
    sent = picture((300, 200))
    medium = site.ready(ann, "a.png", sent)
    item = ann.get(f"/u/ann/m/{medium.slug}/", headers=JSON).json
    assert ann.get(path(item["files"]["original"]["url"])).body == sent


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-0", 206, (0, 1)),
        ("bytes=10-19", 206, (10, 20)),
        ("bytes=10-", 206, (10, None)),
        ("bytes=-5", 206, (-5, None)),
        ("bytes=0-", 206, (0, None)),
        ("bytes=5-99999999", 206, (5, None)),
        ("bytes=-99999999", 206, (0, None)),
        ("bytes=99999999-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=9-2", 200, (0, None)),
        ("bytes=0-1,5-6", 200, (0, None)),
        ("lines=0-1", 200, (0, None)),
        ("bytes=a-b", 200, (0, None)),
        ("bytes=--5", 200, (0, None)),
    ],
)
def test_ranges(served, asked, status, span):
    ann, medium, item = served
    whole = original(medium)
    answer = ann.get(path(item["files"]["original"]["url"]), headers={"Range": asked}, status=status)
    if span is None:
        assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"
        return
    wanted = whole[slice(*span)]
    assert answer.body == wanted
    assert answer.headers["Content-Length"] == str(len(wanted))
    if status == 206:
        start = len(whole) + span[0] if span[0] < 0 else span[0]
        assert answer.headers["Content-Range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(whole)}"


def test_validators(served):
    ann, medium, item = served
    address = path(item["files"]["original"]["url"])
    tag = ann.get(address).headers["ETag"]
    assert tag.startswith('"') and tag.endswith('"')
    for given in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        fresh = ann.get(address, headers={"If-None-Match": given}, status=304)
        assert fresh.body == b"" and fresh.headers["ETag"] == tag
    ann.get(address, headers={"If-None-Match": '"x"'}, status=200)
    ann.get(address, headers={"Range": "bytes=0-1", "If-Range": tag}, status=206)
    assert ann.get(address, headers={"Range": "bytes=0-1", "If-Range": '"x"'}, status=200).body == original(
        medium
    )


def test_head_says_what_get_would(served):
    ann, _, item = served
    address = path(item["files"]["original"]["url"])
    full, head = ann.get(address), ann.head(address)
    assert head.body == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Accept-Ranges"):
        assert head.headers[name] == full.headers[name]
    part = ann.head(address, headers={"Range": "bytes=0-9"}, status=200)  # only GET has ranges
    assert part.headers["Content-Length"] == full.headers["Content-Length"]
    assert "Content-Range" not in part.headers


def test_a_range_that_cannot_be_met_is_not_kept(served):
    ann, _, item = served
    copy = path(item["files"]["thumb"]["url"])
    answer = ann.get(copy, headers={"Range": "bytes=99999999-"}, status=416)
    assert answer.headers["Cache-Control"] == "no-store" and "ETag" not in answer.headers


def test_copies_are_kept_for_a_year_and_originals_asked_for_each_time(served):
    ann, _, item = served
    copy = ann.get(path(item["files"]["thumb"]["url"]))
    assert copy.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert copy.content_type == "image/jpeg"
    assert ann.get(path(item["files"]["original"]["url"])).headers["Cache-Control"] == "private, no-cache"


def test_names_are_safe_and_whole(served):
    ann, medium, item = served
    Media.update(name="Strandfoto größe.png").where(Media.id == medium.id).execute()
    said = ann.get(path(item["files"]["original"]["url"])).headers["Content-Disposition"]
    assert said == (
        "attachment; filename=\"Strandfoto gr__e.png\"; filename*=UTF-8''Strandfoto%20gr%C3%B6%C3%9Fe.png"
    )


@pytest.mark.parametrize("name", ['a"b.png', "a\\b.png", "a%41.png", "x\r\nSet-Cookie: a=b.png", "…" * 100])
def test_a_name_never_breaks_the_header(name):
    said = send.disposition(name)
    assert "\r" not in said and "\n" not in said
    assert said.isascii()
    assert said.count('"') == 2


def test_every_file_is_guarded(served):
    ann, _, item = served
    for file in item["files"].values():
        headers = ann.get(path(file["url"])).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_a_stranger_gets_files_of_public_media_only(site):
    ann = site.sign_in("ann")
    bob, nobody = site.sign_in("bob"), site.browser()
    for visibility, open_to in (("public", {bob, nobody}), ("members", {bob}), ("private", set())):
        medium = site.ready(ann, f"{visibility}.png", visibility=visibility)
        files = ann.get(f"/u/ann/m/{medium.slug}/", headers=JSON).json["files"]
        for role, file in files.items():
            for browser in (bob, nobody):
                allowed = browser in open_to and role != "original"
                browser.get(path(file["url"]), status=200 if allowed else 404)


def test_unlisted_files_go_by_their_token_only(site):
    ann, nobody = site.sign_in("ann"), site.browser()
    medium = site.ready(ann, "secret.png", visibility="unlisted")
    nobody.get(f"/u/ann/m/{medium.slug}/", status=404)
    nobody.get(f"/f/{medium.id}/{medium.generation}/thumb.jpg", status=404)
    page = nobody.get(f"/s/{medium.secret}/", headers=JSON)
    for file in page.json["files"].values():
        assert f"/s/{medium.secret}/f/" in file["url"]
        nobody.get(path(file["url"]))
    assert nobody.get(f"/s/{medium.secret}/").headers["Referrer-Policy"] == "no-referrer"
    old = path(page.json["files"]["thumb"]["url"])
    ann.post(f"/u/ann/m/{medium.slug}/renew/", status=303)
    nobody.get(old, status=404)
    nobody.get(f"/s/{medium.secret}/", status=404)


def test_others_download_a_picture_without_its_place(site):
    ann = site.sign_in("ann")
    exif = Image.Exif()
    exif[0x0110] = "Camera of Ann"
    exif.get_ifd(0x8825).update({1: "N", 2: (54.0, 19.0, 12.0), 3: "E", 4: (10.0, 8.0, 24.0)})
    out = io.BytesIO()
    Image.open(io.BytesIO(picture((200, 150)))).save(out, "JPEG", exif=exif, quality=90)
    sent = out.getvalue()
    medium = site.ready(ann, "place.jpg", sent, visibility="public")
    assert medium.lat == pytest.approx(54.32, abs=1e-4)
    files = ann.get(f"/u/ann/m/{medium.slug}/", headers=JSON).json
    assert files["location"] == {"lat": medium.lat, "lon": medium.lon}
    seen = site.browser().get(f"/u/ann/m/{medium.slug}/", headers=JSON).json
    assert seen["location"] is None and "original" not in seen["files"]
    given = site.browser().get(path(seen["files"]["download"]["url"])).body
    assert len(given) == len(sent) and given != sent
    with Image.open(io.BytesIO(given)) as shown, Image.open(io.BytesIO(sent)) as kept:
        assert not shown.getexif().get_ifd(0x8825)
        assert shown.tobytes() == kept.tobytes()
    ann.post(f"/u/ann/m/{medium.slug}/edit/", {"show_place": "on", "title": "place"}, status=303)
    seen = site.browser().get(f"/u/ann/m/{medium.slug}/", headers=JSON).json
    assert site.browser().get(path(seen["files"]["download"]["url"])).body == sent


def test_patches_at_every_edge_of_a_read():
    whole = bytes(range(256)) * 4
    patches = [[10, 5, base64.b64encode(b"ab").decode()], [500, 100, base64.b64encode(b" ").decode()]]
    wanted = whole[:10] + b"ababa" + whole[15:500] + b" " * 100 + whole[600:]
    for step in (1, 3, 7, 100, 5000):
        for start in (0, 9, 10, 12, 14, 15, 550, 1023):
            file = send.Window(io.BytesIO(whole), len(whole), patches)
            file.seek(start)
            parts = []
            while part := file.read(step):
                parts.append(part)
            assert b"".join(parts) == wanted[start:], (step, start)


def test_of_patches_that_overlap_the_last_one_holds():
    fills = [[0, 8, "YQ=="], [2, 4, "Yg=="], [1, 2, "Yw=="], [30, 2, "ZA=="]]
    for step in (1, 2, 3, 50):
        file = send.Window(io.BytesIO(b"." * 40), 40, fills)
        read = partial(file.read, step)
        assert b"".join(iter(read, b"")) == b"accbbbaa" + b"." * 22 + b"dd" + b"." * 8


def test_a_long_stretch_left_out_takes_no_memory(tmp_path):
    length = 200 << 20
    with open(tmp_path / "film", "wb") as film:
        film.truncate(length)
    with open(tmp_path / "film", "rb") as film:
        file = send.Window(film, length, [[0, length, base64.b64encode(b"abc").decode()]])
        file.seek(length - 30_000)
        tracemalloc.start()
        try:
            piece = file.read(30_000)
            assert tracemalloc.get_traced_memory()[1] < 1 << 20
        finally:
            tracemalloc.stop()
    assert piece == (b"abc" * 10_001)[(length - 30_000) % 3 :][:30_000]


def test_many_stretches_left_out_do_not_slow_each_read():
    patches = [[at * 100, 10, "IA=="] for at in range(50_000)]
    file = send.Window(io.BytesIO(bytes(5_000_000)), 5_000_000, patches)
    file.seek(2_500_000)
    begun = time.process_time()
    for _ in range(200):
        assert file.read(1000).count(b" ") == 100
    assert time.process_time() - begun < 0.1


def test_a_window_ends_where_it_should():
    file = send.Window(io.BytesIO(b"0123456789"), 6, [])
    file.seek(2)
    assert file.read() == b"2345" and file.read(5) == b""
    assert file.seek(0, 2) == 6


def test_static_files(site):
    nobody = site.browser()
    page = nobody.get("/auth/login/")
    style = page.html.find("link", rel="stylesheet")["href"]
    answer = nobody.get(style)
    assert answer.content_type == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    for name in (
        "../goblin.ini",
        "..%2fgoblin.ini",
        "%2e%2e/goblin.ini",
        "/etc/passwd",
        "nothing.css",
        "..\\x",
    ):
        nobody.get(f"/static/{name}", status=404)


def test_what_is_gone_from_the_disk_is_a_404_not_a_trace(served):
    ann, medium, item = served
    for file in library.disk.derived(medium.id, medium.generation).iterdir():
        file.unlink()
    ann.get(path(item["files"]["thumb"]["url"]), status=404)
    Media.update(original="ann/2020/01/nowhere.png").where(Media.id == medium.id).execute()
    ann.get(path(item["files"]["original"]["url"]), status=404)

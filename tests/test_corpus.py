"""The corpus through the whole gallery: uploaded, prepared, and compared with the ground truth as JSON says it."""

import csv
import json
from datetime import datetime
from urllib.parse import quote

import cameras
import pytest
from booted import JSON

from goblin import library, media
from goblin.details import Details
from goblin.models import Media, User
from goblin.refused import Refused

SAMPLE = {
    *("photos/IMG_6263.jpg", "photos/canon_hdr_NO.jpg", "photos/timezones/UTC-20240413-203531-Kathmandu.jpg"),
    *("heic/arrow.heic", "images/RGBA_16__128x128.png", "animated/chi.gif", "images/exif.avif"),
    *("video/city_rotated.mov", "video/city_vp9.webm", "audio/beets_full.mp3", "audio/spoken.m4a"),
}
# Files the gallery says no to in a sentence, and why that is right.
REFUSED = {
    "sidecar-xmp": "no medium of its own",
    "mtl": "no medium of its own",
    "vtt": "subtitles belong to a video",
    "srt": "subtitles belong to a video",
}
PIXELS, SECONDS, DEGREES = 1, 0.2, 1e-4


def rows(folder):
    with open(folder / "MANIFEST.tsv", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def take(site, folder, row):
    """The medium a file of the corpus became, prepared; None when it was refused."""
    path = folder / row["path"]
    with open(path, "rb") as file:
        try:
            item, _ = library.add(file, path.name, User.named("ann"), Details(visibility="public"))
        except Refused as refused:
            assert str(refused).endswith("."), row["path"]
            return None
    site.process()
    return Media.by_id(item.id)


def check(site, browser, row, item):
    """Everything the manifest knows of a file, as the owner's JSON says it."""
    seen = browser.get(f"/u/ann/m/{item.slug}/", headers=JSON).json
    assert seen["state"] == "processed", seen["error"]
    if row["width"] and seen["kind"] != "audio":
        assert abs(seen["width"] - int(row["width"])) <= PIXELS
        assert abs(seen["height"] - int(row["height"])) <= PIXELS
    if row["duration_s"] and seen["kind"] in ("video", "audio"):
        assert abs(seen["duration"] - float(row["duration_s"])) <= SECONDS
    if row["captured"]:
        when = datetime.strptime(row["captured"], "%Y:%m:%d %H:%M:%S")
        assert abs((datetime.fromisoformat(item.taken) - when).total_seconds()) <= 1
        assert (item.taken_offset or "") == row["captured_offset"]
    if row["lat"]:
        assert abs(seen["location"]["lat"] - float(row["lat"])) <= DEGREES
        assert abs(seen["location"]["lon"] - float(row["lon"])) <= DEGREES
    if row["title"]:
        assert seen["title"] == row["title"]
    if row["camera"] and seen["kind"] == "image":
        assert seen["facts"]["camera"] == cameras.said(row["camera"])
    for name in ("pages", "triangles"):
        if row[name]:
            assert seen["facts"][name] == int(row[name])
    return seen


def check_pages(site, seen):
    """The page shows it to a stranger, without the place, and the copies come."""
    nobody = site.browser()
    path = seen["url"].partition("localhost")[2]
    assert nobody.get(path).html.find("h1").text == seen["title"]
    shown = nobody.get(path, headers=JSON).json
    assert shown["location"] is None
    for file in shown["files"].values():
        nobody.head(file["url"].partition("localhost")[2])


def test_a_sample_comes_out_right(site, corpus):
    browser = site.sign_in("ann")
    for row in rows(corpus):
        if row["path"] in SAMPLE:
            check_pages(site, check(site, browser, row, take(site, corpus, row)))


@pytest.mark.long
def test_all_of_it_comes_out_right(site, corpus):
    browser, wrong = site.sign_in("ann"), []
    for row in rows(corpus):
        if row["path"].startswith("hostile/"):
            continue
        try:
            item = take(site, corpus, row)
            if item is None:
                assert row["kind"] in REFUSED, "refused"
                continue
            if "duplicate" not in row["path"]:
                seen = check(site, browser, row, item)
                if not item.companion_of_id:  # a film is shown on the page of its photo
                    check_pages(site, seen)
        except AssertionError as error:
            wrong.append(f"{row['path']} ({row['kind']}): {str(error).splitlines()[0]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
def test_what_means_harm_is_refused_or_fails_in_a_sentence(site, corpus):
    """Each hostile file settles; the pages go on; no row is stuck."""
    browser = site.sign_in("ann")
    for row in rows(corpus):
        if row["path"].startswith("hostile/") and (item := take(site, corpus, row)):
            assert item.state in ("processed", "failed"), row["path"]
            assert item.state == "processed" or item.error.endswith((".", "!", "?")), row["path"]
            page = browser.get(f"/u/ann/m/{item.slug}/")
            assert "__corpus_xss" not in "".join(s.text for s in page.html.find_all("script"))
    json.loads(browser.get("/", headers=JSON).text)


def test_hostile_names_are_stored_safely_or_refused(site, corpus, tmp_path):
    """Each name, sent as the multipart file name of a valid photo."""
    import io

    from PIL import Image

    originals = library.disk.folder / "originals"
    names = [json.loads(line) for line in (corpus / "hostile" / "filenames.txt").read_text().splitlines()]
    user, browser = User.named("ann"), site.sign_in("ann")
    for number, name in enumerate(names):
        out = io.BytesIO()
        Image.new("RGB", (8, 8), (number, 3 * number % 256, 7)).save(out, "PNG")
        out.seek(0)
        item, _ = library.add(out, name, user, Details())
        path = library.disk.original(item.original)
        assert path.is_file() and path.resolve().is_relative_to(originals.resolve()), name
        assert len(path.name.encode()) <= 255
        assert not any(c in path.name for c in '/\\:*?"<>|\0\n\r'), name
        page = browser.get(quote(f"/u/ann/m/{item.slug}/"))
        assert not page.html.find(
            lambda tag: tag.name == "script" and not tag.get("src") and "alert" in tag.text
        )
    assert {p.parent.parent.parent for p in originals.rglob("*") if p.is_file()} == {originals / "ann"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data"]


def test_every_kind_knows_its_own(corpus):
    """What the first 4 KiB say: nobody takes what is another's."""
    kinds = {
        "jpeg": "image",
        "png": "image",
        "heic": "image",
        "mp4": "video",
        "mp3": "audio",
        "flac": "audio",
    }
    for row in rows(corpus):
        if row["kind"] in kinds and not row["path"].startswith("hostile/"):
            with open(corpus / row["path"], "rb") as file:
                assert media.identify(file.read(4096), "x")[0] == kinds[row["kind"]], row["path"]

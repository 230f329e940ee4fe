"""Files beside a medium, through the whole program: added, shown, edited, removed, counted, kept from strangers."""

import contextlib
import io
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from booted import JSON, Site, full_disk
from commands import run
from test_subtitles import COSTLY
from test_tus import ask, create, send

from goblin import checkup, importing, library, people, sidecars, trash
from goblin.checkup import repair
from goblin.cli import imports
from goblin.db import db, from_now, statements
from goblin.details import Details
from goblin.importing import sources
from goblin.models import Media, Sidecar, User
from goblin.refused import Refused

SRT = "1\n00:00:00,100 --> 00:00:02,000\n<font color=red>Hällo</font> <i>du</i>\n".encode("cp1252")
VTT = "WEBVTT\n\n00:00:00.100 --> 00:00:02.000\nHällo <i>du</i>\n"


@pytest.fixture
def ann(site):
    return site.sign_in("ann")


def shown(**values) -> Media:
    """A ready video without copies; what is beside it does not ask for them."""
    values = {"kind": "video", "mime": "video/mp4", "name": "film.mp4", "visibility": "public", **values}
    row = {"user": 1, "slug": "film", "title": "Film", "bytes": 0, "sha256": "0", "original": "ann/film.mp4"}
    return Media.by_id(Media.create(**{**row, "state": "processed", "ready": True, **values}).id)


@pytest.fixture
def film(site):
    return shown()


def add(browser, name="film.de.srt", data=SRT, status=201, at="/u/ann/m/film/files/", **fields):
    answer = browser.post(at, fields, upload_files=[("file", name, data)], headers=JSON, status=status)
    return answer.json


def form_to(page, ending):
    """The form of a page that is sent to an address with this end."""
    return next(form for form in page.forms.values() if form.action.endswith(ending))


def told(browser, at="/u/ann/m/film/"):
    return browser.get(at, headers=JSON).json


def test_subtitles_are_added_and_sent_as_webvtt(site, ann, film):
    one = add(ann, label="Für alle")
    assert (one["language"], one["label"], one["name"], one["bytes"]) == (
        "de",
        "Für alle",
        "film.de.srt",
        len(SRT),
    )
    assert told(site.browser())["subtitles"] == [
        {k: v for k, v in one.items() if k not in ("original", "text")}
    ]
    got = site.browser().get(one["url"])
    assert got.text == VTT and got.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert ann.get(one["original"]).body == SRT
    assert "attachment" in ann.get(one["original"]).headers["Content-Disposition"]
    site.browser().get(one["original"], status=404)
    again = site.browser().get(one["url"], headers={"If-None-Match": got.headers["ETag"]}, status=304)
    assert not again.body
    part = site.browser().get(one["url"], headers={"Range": "bytes=0-5"}, status=206)
    assert part.body == b"WEBVTT" and part.headers["Content-Range"] == f"bytes 0-5/{len(VTT.encode())}"
    head = site.browser().head(one["url"])
    assert head.headers["Content-Length"] == str(len(VTT.encode())) and not head.body


def test_attachments_are_downloads_whatever_they_are(site, ann, film):
    page = b"<script>alert(1)</script>"
    one = add(ann, "évil.html", page)
    assert told(site.browser())["attachments"] == [one]
    got = site.browser().get(one["url"])
    assert got.body == page and got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment; ")
    assert "%C3%A9vil.html" in got.headers["Content-Disposition"]
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert site.browser().get(one["url"], headers={"Range": "bytes=-9"}, status=206).body == page[-9:]
    assert "évil.html" in site.browser().get("/u/ann/m/film/").text
    add(ann, "film.de.srt", SRT, kind="attachment")
    assert [a["name"] for a in told(ann)["attachments"]] == ["film.de.srt", "évil.html"]
    assert told(ann)["subtitles"] == []


def test_who_may_not_add_media_attaches_nothing_either(site, ann, film):
    one = add(ann)
    site.person("ann", uploader=False)
    for browser in (ann, site.bearer("ann")):
        assert "may not add" in add(browser, "notes.pdf", b"notes", status=403)["error"]
    page = ann.get("/u/ann/m/film/files/")
    assert "You may not add files here." in page and not page.html.find("input", type="file")
    assert page.html.find("form", action=f"/u/ann/m/film/files/{one['id']}/delete/")
    assert [row.id for row in Sidecar.select()] == [one["id"]]


def test_a_picture_has_attachments_only(ann, site):
    shown(kind="image", mime="image/png")
    add(ann, "notes.srt", SRT)
    assert [a["name"] for a in told(ann)["attachments"]] == ["notes.srt"]
    assert "Only videos and sounds" in add(ann, kind="subtitles", status=422)["error"]


def test_the_player_offers_the_readers_language_first(site, ann, film):
    for tag in ("en", "de", "fr"):
        add(ann, f"film.{tag}.vtt", VTT.replace("du", tag).encode())
    page = site.browser().get("/u/ann/m/film/", headers={"Accept-Language": "fr-CH, en;q=0.5"}).html
    tracks = page.find("video").find_all("track")
    assert [(t["srclang"], t["label"], t.has_attr("default")) for t in tracks] == [
        *(("fr", "Français", True), ("en", "English", False), ("de", "Deutsch", False))
    ]
    assert "fr" in site.browser().get(tracks[0]["src"]).text
    for wanted in ({"Accept-Language": "it"}, {}):
        page = site.browser().get("/u/ann/m/film/", headers=wanted).html
        assert not any(t.has_attr("default") for t in page.find_all("track"))


def test_a_sound_offers_its_subtitles_too(site, ann):
    shown(kind="audio", mime="audio/mpeg", name="talk.mp3")
    assert "cues" not in ann.get("/u/ann/m/film/")
    add(ann)
    page = ann.get("/u/ann/m/film/").html
    assert page.find("audio").find("track")["srclang"] == "de"
    assert [option.text for option in page.select(".cues-choice option")] == ["none", "Deutsch"]
    assert "Hällo" in ann.get(page.select(".without-script a")[0]["href"]).text


def test_the_owner_changes_language_label_name_and_text(site, ann, film):
    one = add(ann)
    form = form_to(ann.get(f"/u/ann/m/film/files/{one['id']}/"), f"/{one['id']}/")
    assert form["text"].value == VTT
    form["language"], form["label"], form["name"] = "en_gb", "Brütish", "../British.srt"
    form["text"] = "1\r\n00:00:01,0 --> 00:00:03,0\r\nHallö <b>you</b><script>\r\n"
    page = form.submit().follow()
    assert "Your changes are kept." in page and "British.srt" in page
    (two,) = told(ann)["subtitles"]
    assert (two["language"], two["label"], two["name"]) == ("en-GB", "Brütish", "British.srt")
    vtt = site.browser().get(two["url"]).text
    assert vtt == "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nHallö <b>you</b>\n"
    assert ann.get(two["original"]).body == SRT, "the file as it was added stays"
    by_json = ann.post_json(f"/u/ann/m/film/files/{one['id']}/", {"language": "de"}, headers=JSON).json
    assert by_json["language"] == "de" and by_json["text"] == vtt


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("text", "nothing", "not subtitles"),
        ("text", "1\n00:00:xx --> 00:00:01\nHello", "Line 2 is not a time like"),
        ("text", "x" * 3_200_000, "MB at most"),
        ("language", "german!", "as a tag"),
        ("language", ["de"], "as a tag"),
        ("label", 7, "must be text"),
    ],
    ids=["text", "times", "large", "language", "list", "number"],
)
def test_what_cannot_be_is_said_at_its_field(ann, film, field, value, words):
    one = add(ann)
    address = f"/u/ann/m/film/files/{one['id']}/"
    if isinstance(value, str) and len(value) < 100:
        page = ann.post(address, {field: value}, status=422)
        assert words in page.text and form_to(page, address)[field].value.strip() == value.strip()
    answer = ann.post_json(address, {field: value}, headers=JSON, status="4*")
    assert answer.status_int in (413, 422) and (answer.status_int == 413 or answer.json["field"] == field)
    assert ann.get(one["url"]).text == VTT


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("film.srt", b"hello", "not subtitles"),
        ("film.srt", b"", "empty"),
        ("film.vtt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 90, "not subtitles"),
        ("film.vtt", b"WEBVTT\n" + b"x" * (2 << 20), "2 MB at most"),
    ],
    ids=["text", "empty", "picture", "large"],
)
def test_a_file_that_is_none_leaves_nothing(site, ann, film, name, data, words):
    assert words in add(ann, name, data, status=422)["error"]
    page = ann.post("/u/ann/m/film/files/", {}, upload_files=[("file", name, data)], status=422)
    assert words in page
    assert not Sidecar.select().exists()
    assert not list((site.folder / "incoming").iterdir())
    assert not [path for path in (site.folder / "originals").rglob("*") if path.is_file()]


def test_removed_and_brought_back_and_gone_for_good(site, ann, film):
    one, two = add(ann), add(ann, "notes.pdf", b"notes")
    page = ann.get("/u/ann/m/film/files/")
    removed = form_to(page, f"/{one['id']}/delete/").submit().follow()
    assert "film.de.srt is removed." in removed and told(ann)["subtitles"] == []
    for browser in (site.browser(), ann):
        browser.get(one["url"], status=404)
    ann.get(f"/u/ann/m/film/files/{one['id']}/", status=404)
    assert "It is back." in form_to(removed, "/restore/").submit().follow()
    assert site.browser().get(one["url"]).text == VTT
    gone = ann.post(f"/u/ann/m/film/files/{two['id']}/delete/", headers=JSON).json
    assert gone["deleted"] and ann.post(gone["restore"], headers=JSON).json["url"] == two["url"]
    ann.post(f"/u/ann/m/film/files/{two['id']}/delete/")
    path = library.disk.original(Sidecar.get_by_id(two["id"]).place)
    trash.sweep()
    assert path.read_bytes() == b"notes"
    Sidecar.update(deleted=from_now(days=-31)).where(Sidecar.id == two["id"]).execute()
    trash.sweep()
    assert not path.exists() and [row.id for row in Sidecar.select()] == [one["id"]]


def test_they_go_with_their_medium(site, ann, film):
    path = library.disk.original(Sidecar.get_by_id(add(ann)["id"]).place)
    ann.post("/u/ann/m/film/delete/")
    site.browser().get("/f/1/subtitles/1/film.de.vtt", status=404)
    ann.post(f"/u/ann/m/id:{film.id}/restore/")
    assert site.browser().get("/f/1/subtitles/1/film.de.vtt").text == VTT
    ann.post("/u/ann/m/film/delete/")
    assert path.exists() and trash.empty_trash(0) == 1
    assert not path.exists() and not Sidecar.select().exists()


def test_the_same_file_counts_once(ann, film):
    one = add(ann)
    assert add(ann, "other.srt", status=200) == {**one, "duplicate": True}
    assert add(ann, "other.srt", kind="attachment")["id"] != one["id"]


VISIBILITIES = {"public": 200, "members": 404, "private": 404}


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_every_address_asks_who_may_see_the_medium(site, ann, visibility):
    shown(visibility=visibility)
    one, two = add(ann), add(ann, "notes.pdf", b"notes")
    for address in (one["url"], two["url"]):
        site.browser().get(address, status=VISIBILITIES[visibility])
        site.sign_in("ben").get(address, status=404 if visibility == "private" else 200)
        ann.get(address, status=200)
    site.sign_in("ben").get(one["original"], status=404)
    for way in ("", f"{one['id']}/"):
        site.sign_in("ben").get("/u/ann/m/film/files/" + way, status=404)
        site.sign_in("ben").post("/u/ann/m/film/files/" + way, {"label": "x"}, status=404)
    site.sign_in("ben").post(f"/u/ann/m/film/files/{one['id']}/delete/", status=404)
    site.sign_in("ben").post(f"/u/ann/m/film/files/{one['id']}/restore/", status=404)


def test_unlisted_ones_only_by_the_secret_address(site, ann):
    shown(visibility="unlisted", secret="s3cret")
    one, two = add(ann), add(ann, "notes.pdf", b"notes")
    assert "/s/s3cret/f/subtitles/" in one["url"] and "/s/s3cret/f/attachment/" in two["url"]
    page = site.browser().get("/s/s3cret/")
    assert site.browser().get(page.html.find("track")["src"]).text == VTT
    assert site.browser().get(two["url"]).body == b"notes"
    for number, what in ((one["id"], "subtitles"), (two["id"], "attachment")):
        site.browser().get(f"/f/1/{what}/{number}/x", status=404)
        site.browser().get(f"/s/other/f/{what}/{number}/x", status=404)
    site.browser().get(f"/s/s3cret/f/attachment/{one['id']}/film.de.srt", status=404)


def test_one_mediums_files_are_not_reached_through_another(site, ann, film):
    private = shown(slug="other", visibility="private")
    one = add(ann, "secret.pdf", b"secret", at="/u/ann/m/other/files/")
    ann.get(one["url"], status=200)
    ann.get(f"/f/{film.id}/attachment/{one['id']}/secret.pdf", status=404)
    site.browser().get(f"/f/{private.id}/attachment/{one['id']}/secret.pdf", status=404)
    ann.get(f"/u/ann/m/film/files/{one['id']}/", status=404)
    ann.get("/f/1/attachment/99999999999999999999999/x", status=404)


def test_quota_counts_them(make_site):
    site = make_site(GOBLIN_UPLOADS_QUOTA="10 KB")
    site.person("ann")
    ann = site.sign_in("ann")
    shown()
    add(ann, "a.bin", b"x" * 6000)
    assert "may keep here" in add(ann, "b.bin", b"y" * 6000, status=413)["error"]
    one = add(ann)
    text = VTT + "".join(f"\n00:00:{n:02}.000 --> 00:00:59.000\n{'x' * 90}\n" for n in range(3, 50))
    said = ann.post_json(f"/u/ann/m/film/files/{one['id']}/", {"text": text}, headers=JSON, status=413).json
    assert "may keep here" in said["error"]
    assert library.room_left(site.person("ann")) == 10_000 - 6000 - len(SRT) - len(VTT.encode())


def test_a_full_disk_is_said_and_leaves_nothing(site, ann, film):
    with full_disk(3000):
        assert "full" in add(ann, "a.bin", b"x" * 5000, status=507)["error"]
    assert not Sidecar.select().exists()


def test_a_medium_that_goes_meanwhile_is_said_and_leaves_nothing(site, ann, film, monkeypatch):
    room = library.require_room

    def gone(user, size, arrived=0):
        room(user, size, arrived)
        if arrived:
            Media.delete().where(Media.id == film.id).execute()

    monkeypatch.setattr(library, "require_room", gone)
    assert ann.post(
        "/u/ann/m/film/files/", {}, upload_files=[("file", "a.bin", b"a")], headers=JSON, status=409
    ).json["error"]
    assert not [path for path in (site.folder / "originals").rglob("*") if path.is_file()]


def test_no_more_than_so_many_beside_one(ann, film, monkeypatch):
    monkeypatch.setattr(sidecars, "MOST", 2)
    add(ann, "a.bin", b"a"), add(ann, "b.bin", b"b")
    assert "which is the most" in add(ann, "c.bin", b"c", status=422)["error"]


def test_statements_do_not_grow_with_files(site, ann, film):
    def cost(headers):
        ann.get("/u/ann/m/film/", headers=headers)
        seen = statements()
        ann.get("/u/ann/m/film/", headers=headers)
        db.query_hooks.clear()
        return len(seen)

    add(ann)
    few = [cost({}), cost(JSON)]
    for n in range(5):
        add(ann, f"{n}.de.vtt", VTT.replace("du", str(n)).encode())
        add(ann, f"{n}.bin", bytes([n]))
    assert [cost({}), cost(JSON)] == few and max(few) <= 8


def test_a_token_adds_them_too(site, film):
    program = site.bearer("ann")
    one = add(program)
    assert add(site.bearer("ann", "read"), status=403)["error"]
    assert program.get(one["url"]).text == VTT
    assert program.get("/u/ann/m/film/files/", headers=JSON).json["subtitles"][0]["id"] == one["id"]


def test_a_backup_holds_them_and_brings_them_back(site, ann, film, tmp_path):
    medium = site.upload(ann)
    one = add(ann, "notes.pdf", b"notes", at=f"/u/ann/m/{medium.slug}/files/")
    gone = add(ann, "gone.pdf", b"gone", at=f"/u/ann/m/{medium.slug}/files/")
    ann.post(f"/u/ann/m/{medium.slug}/files/{gone['id']}/delete/")
    two = add(ann, "notes.de.srt", at=f"/u/ann/m/{medium.slug}/files/")
    Media.delete().where(Media.id == film.id).execute()
    other = tmp_path / "other"
    assert run(site.folder, "backup", tmp_path / "b.tar").status == 0
    assert run(other, "restore", tmp_path / "b.tar").status == 0
    again = Site(other)
    ann = again.sign_in("ann")
    assert ann.get(one["url"]).body == b"notes" and ann.get(two["url"]).body == SRT
    back = f"/u/ann/m/{medium.slug}/files/{gone['id']}/restore/"
    assert ann.get(ann.post(back, headers=JSON).json["url"]).body == b"gone"
    assert not list(checkup.strays()) and not checkup.missing_originals()


def test_doctor_knows_them(site, ann):
    medium = site.upload(ann)
    row = Sidecar.get_by_id(add(ann, "notes.pdf", b"notes", at=f"/u/ann/m/{medium.slug}/files/")["id"])
    path = library.disk.original(row.place)
    os.utime(path, (0, 0))
    assert [found.mark for found in checkup.check_originals(deep=True)] == ["ok"]
    assert checkup.strays() == []
    moved = path.with_name("moved.pdf")
    path.rename(moved)
    assert row.place in " ".join(found.sentence for found in checkup.check_originals(deep=False))
    assert checkup.strays() == [str(moved.relative_to(site.folder))]
    assert any("was brought back" in said for said in repair.repair(served=False))
    assert path.read_bytes() == b"notes" and checkup.strays() == []


DRONE = b"1\n00:00:00,000 --> 00:00:01,000\n[iso: 100] [latitude: 54.323292] [longitude: 10.139312]\n"


def test_subtitles_that_tell_the_place_are_for_whom_the_place_is(site, ann, film):
    one = add(ann, "DJI_1.srt", DRONE)
    assert "where it was filmed" in ann.get("/u/ann/m/film/files/")
    assert told(ann)["subtitles"] and told(site.browser())["subtitles"] == []
    assert "track" not in site.browser().get("/u/ann/m/film/")
    site.browser().get(one["url"], status=404)
    Media.update(show_place=True).where(Media.id == film.id).execute()
    assert "54.323292" in site.browser().get(one["url"]).text
    Media.update(show_place=False).where(Media.id == film.id).execute()
    ann.post_json(f"/u/ann/m/film/files/{one['id']}/", {"text": VTT}, headers=JSON)
    assert site.browser().get(one["url"]).text == VTT


def test_subtitles_can_be_written_without_a_file(site, film):
    said = {"text": VTT, "language": "de", "label": "Selbst geschrieben"}
    program = site.bearer("ann")
    one = program.post_json("/u/ann/m/film/files/", said, headers=JSON, status=201).json
    assert (one["label"], one["text"], one["name"]) == ("Selbst geschrieben", VTT, "subtitles.vtt")
    refused = program.post_json("/u/ann/m/film/files/", {"text": "no"}, headers=JSON, status=422).json
    assert "not subtitles" in refused["error"]
    assert program.post_json("/u/ann/m/film/files/", {}, headers=JSON, status=422).json["field"] == "file"


def test_an_old_russian_file_is_readable(ann, film):
    data = SRT.replace(b"du", "Привет".encode("cp1251"))
    assert "Привет" in add(ann, "film.ru.srt", data)["text"]
    one = add(ann, "old.srt", data + b"\n")
    assert "Ïðèâåò" in one["text"]
    page = ann.get(f"/u/ann/m/film/files/{one['id']}/")
    form = form_to(page, f"/{one['id']}/")
    form["language"] = "ru"
    form.submit()
    assert "Привет" in ann.get(one["url"]).text, "said later, it is read again"
    ann.post_json(f"/u/ann/m/film/files/{one['id']}/", {"text": VTT}, headers=JSON)
    ann.post_json(f"/u/ann/m/film/files/{one['id']}/", {"language": "el"}, headers=JSON)
    assert ann.get(one["url"]).text == VTT, "what the owner wrote stays"


def test_the_panel_of_people_counts_them(site, ann, film):
    before = {row["username"]: row["bytes"] for row in told(ann, "/mod/users/")["items"]}
    add(ann, "a.bin", b"x" * 500)
    after = {row["username"]: row["bytes"] for row in told(ann, "/mod/users/")["items"]}
    assert after["ann"] == before["ann"] + 500


def test_a_person_who_goes_leaves_none(site, film):
    path = library.disk.original(Sidecar.get_by_id(add(site.sign_in("ann"))["id"]).place)
    site.person("ben", admin=True)
    people.delete(site.person("ann"))
    assert not path.exists() and not Sidecar.select().exists()


# --- coming in by themselves


@pytest.fixture
def take(site):
    """Imports as ann: take(path, ...) -> how it ended."""
    return lambda *words: run(site.folder, "import", "--user", "ann", *words)


@pytest.fixture
def folder(tmp_path):
    """A folder of films with subtitles, and some that have no film."""
    files = {"film.mp4": tone(1), "film.de.srt": SRT, "film.en-GB.vtt": VTT.encode(), "Film 2.srt": SRT}
    files |= {
        "day 2/film.mp4": tone(2),
        "day 2/film.srt": SRT,
        "talk.mp3": tone(3),
        "talk_fr.vtt": VTT.encode(),
    }
    for name, data in files.items():
        path = tmp_path / "films" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "films"


def tone(seed: int) -> bytes:
    """The beginning of a sound, as much as telling its kind takes; each seed makes another length."""
    return b"ID3\4\0\0\0\0\0\x21TIT2\0\0\0\5\0\0\3none" + bytes([255, 251, 144, 0]) * (400 + seed)


def beside():
    """(name, language, which of the sounds it is beside) of all."""
    seeds = {len(tone(seed)): seed for seed in (1, 2, 3)}
    rows = Sidecar.select(Sidecar.name, Sidecar.language, Media.bytes).join(Media).tuples()
    return {(name, language, seeds[size]) for name, language, size in rows}


FOUND = {
    ("film.de.srt", "de", 1),
    ("film.en-GB.vtt", "en-GB", 1),
    ("film.srt", "und", 2),
    ("talk_fr.vtt", "fr", 3),
}


def test_subtitles_in_a_folder_go_to_their_films(take, folder):
    ended = take(folder)
    assert (
        "7 added, 0 had already, 1 not taken" in ended.out and "no video or sound of that name" in ended.out
    )
    assert beside() == FOUND
    assert "0 added, 7 had already, 1 not taken" in take(folder).out
    assert beside() == FOUND


def test_subtitles_in_a_zip_and_named_one_by_one(take, folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "films.zip", "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.write(path, path.relative_to(folder))
    assert "7 added" in take(tmp_path / "films.zip").out
    assert beside() == FOUND
    Sidecar.delete().execute()
    assert "1 added, 1 had already" in take(folder / "talk_fr.vtt", folder / "talk.mp3").out
    assert {row[0] for row in beside()} == {"talk_fr.vtt"}


def test_subtitles_alone_find_their_film_if_there_is_but_one(take, folder):
    take(folder / "film.mp4", folder / "talk.mp3")
    assert take(folder / "film.de.srt").status == 0 and len(beside()) == 1
    take(folder / "day 2" / "film.mp4")
    ended = take(folder / "film.en-GB.vtt")
    assert ended.status == 1 and "could belong to several" in ended.out and len(beside()) == 1


def test_nobody_elses_film_is_given_subtitles(site, take, folder):
    run(site.folder, "import", "--user", site.person("ben").username, folder / "film.mp4")
    assert take(folder / "film.de.srt").status == 1 and not beside()


def test_a_watched_film_that_comes_after_its_subtitles(site, folder):
    settled, task = importing.Settled(), importing.Import(site.person("ann"), Details())
    walk = sources.Walk([folder], site.folder, settled)

    def look():
        return {f.label.rpartition("/")[2]: imports.look_at(task, f, settled) for f in walk}

    film = folder / "talk.mp3"
    data = film.read_bytes()
    film.unlink()
    assert look() == {}
    assert "no video or sound" in look()["talk_fr.vtt"]
    film.write_bytes(data)
    assert look()["talk_fr.vtt"] is None, "said once is enough"
    assert look() == {"Film 2.srt": None, "talk.mp3": "added", "talk_fr.vtt": "added"}
    assert task.refused.total() == 1


def test_an_upload_of_subtitles_is_told_where_they_go(ann):
    answer = ann.post("/submit/", {}, upload_files=[("file", "film.de.srt", SRT)], headers=JSON, status=415)
    assert "Change, then Subtitles and files beside it" in answer.json["refused"][0]["error"]


def test_the_longest_subtitles_are_changed_on_the_page(site, ann, film):
    words = "Grüße & alles " * 10
    times = [
        f"00:{n // 60 % 60:02}:{n % 60:02},000 --> 00:{n // 60 % 60:02}:{n % 60:02},900"
        for n in range(10_300)
    ]
    one = add(ann, data="".join(f"{time}\n{words}\n\n" for time in times).encode())
    assert one["bytes"] > 1_900_000
    address = f"/u/ann/m/film/files/{one['id']}/"
    form = form_to(ann.get(address), address)
    assert len(form["text"].value.encode()) > 1_900_000
    form["text"] = form["text"].value.replace("alles", "vieles")
    assert form.submit(status=303)
    text = ann.get(address, headers=JSON).json["text"]
    assert text.count("vieles") == 103_000 and "alles" not in text
    ann.post_json(address, {"text": text.replace("Grüße", "Hallo")}, headers=JSON)
    assert "Hallo &amp; vieles" in ann.get(one["url"]).text


def test_no_file_of_subtitles_keeps_the_process_busy_that_answers_everybody(site, ann, film, monkeypatch):
    """They are read in a child; what is left here is to take them in and to write a row."""
    monkeypatch.setattr(library.disk, "keep_free", 0)
    add(ann)  # everything is imported now
    spent = {}
    for name, text in COSTLY.items():
        began = time.process_time()
        with contextlib.suppress(Refused):
            sidecars.add(film, User.named("ann"), io.BytesIO(text.encode()), "film.fr.srt")
        spent[name] = time.process_time() - began
    assert max(spent.values()) < 0.1, spent


# --- subtitles among the media of one upload


def film_bytes(corpus, name="video/tiny_with_audio.mp4"):
    return (corpus / name).read_bytes()


def sent(browser, files, **options):
    files = [("file", *file) for file in files]
    return browser.post("/submit/", {"visibility": "private"}, upload_files=files, **options)


def test_subtitles_in_one_form_with_their_film_go_beside_it(site, ann, corpus):
    files = [
        ("film.de.cp1252.srt", SRT),
        ("film.mp4", film_bytes(corpus)),
        ("film.en.forced.vtt", VTT.encode()),
    ]
    answer = sent(ann, files, headers=JSON, status=201).json
    assert [item["title"] for item in answer["items"]] == ["film"] and answer["refused"] == []
    found = told(ann)["subtitles"]
    assert [(s["label"], s["forced"]) for s in found] == [
        ("Deutsch", False),
        ("English (only what is foreign)", True),
    ]
    assert "Hällo" in ann.get(found[0]["url"]).text
    again = sent(ann, files, headers=JSON, status=200).json
    assert [item["duplicate"] for item in again["items"]] == [True] and Sidecar.select().count() == 2
    page = sent(ann, [("film.fr.srt", SRT.replace(b"du", b"toi")), files[1]])
    assert page.status_int == 303 and page.location == "/u/ann/m/film/"
    assert len(told(ann)["subtitles"]) == 3


def test_subtitles_without_their_film_are_refused_as_ever(site, ann, corpus):
    refused = sent(ann, [("film.de.srt", SRT)], headers=JSON, status=415).json
    assert refused["error"].startswith("These are subtitles. Add them on the page")
    shown()
    shown(slug="film-2", sha256="1", original="ann/film-2.mp4")
    assert "several" in sent(ann, [("film.de.srt", SRT)], headers=JSON, status=422).json["error"]
    Media.update(created=from_now(days=-3)).where(Media.slug == "film").execute()
    answer = sent(ann, [("film.de.srt", SRT)], headers=JSON, status=201).json
    assert [item["slug"] for item in answer["items"]] == ["film-2"], "the one that came lately"
    bob = site.sign_in("bob")
    assert "These are subtitles." in sent(bob, [("film.de.srt", SRT)], headers=JSON, status=415).json["error"]


def test_resumable_subtitles_wait_for_their_film(site, ann, corpus):
    data = film_bytes(corpus)
    film = create(ann, len(data), filename="film.mp4").headers["Location"]
    srt = create(ann, len(SRT), filename="film.de.srt", fingerprint="f").headers["Location"]
    early = send(ann, srt, 0, SRT, status=423)
    assert "still on its way" in early.text
    ask(ann, "HEAD", srt, status=423)
    ended = send(ann, film, 0, data)
    assert ask(ann, "HEAD", srt, status=200).headers["Goblin-Medium"] == ended.headers["Location"]
    assert [s["language"] for s in told(ann)["subtitles"]] == ["de"]
    ann.post(f"/u/ann/m/film/files/{Sidecar.get().id}/delete/")
    again = create(ann, len(SRT), filename="film.de.srt", fingerprint="f").headers["Location"]
    assert send(ann, again, 0, SRT).headers["Location"] == "/u/ann/m/film/"
    assert len(told(ann)["subtitles"]) == 1 and not os.listdir(library.disk.folder / "incoming")


def test_resumable_subtitles_that_cannot_be_taken(site, ann):
    lonely = create(ann, len(SRT), filename="other.de.srt").headers["Location"]
    assert "These are subtitles." in send(ann, lonely, 0, SRT, status=415).text
    shown()
    large = create(ann, 9_000_000, filename="film.de.srt").headers["Location"]
    assert "2 MB at most" in send(ann, large, 0, SRT * 100, status=413).text
    wrong = create(ann, 9, filename="film.de.srt").headers["Location"]
    assert "not subtitles" in send(ann, wrong, 0, b"<html></>", status=422).text
    assert not Sidecar.select().exists() and not os.listdir(library.disk.folder / "incoming")


def test_an_endless_name_of_subtitles_takes_no_time(ann):
    way = create(ann, len(SRT), filename="film" + ".utf-8" * 3000 + ".srt").headers["Location"]
    begun = time.process_time()
    assert "These are subtitles." in send(ann, way, 0, SRT, status=415).text
    assert time.process_time() - begun < 2


def test_the_same_subtitles_sent_twice_at_once_stand_there_once(site, ann):
    shown()
    ways = [create(ann, len(SRT), filename="film.de.srt").headers["Location"] for _ in range(2)]
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda way: send(ann, way, 0, SRT), ways))
    assert len(told(ann)["subtitles"]) == 1

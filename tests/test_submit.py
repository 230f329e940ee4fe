"""Adding media by the form or one POST."""

import gc
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from booted import JSON, full_disk, picture

from goblin import library, storage
from goblin.db import db, ensure_connected
from goblin.details import Details
from goblin.models import Collection, Media, Tag, User
from goblin.refused import Refused
from goblin.web import submit


def post(browser, files, fields=None, **options):
    """The form as browsers send it; where no file was chosen, with a part that has no name and no bytes."""
    files = [("file", *file) for file in files or [("", b"")]]
    return browser.post("/submit/", fields or {}, upload_files=files, **options)


def test_one_file_by_the_form_leads_to_its_page(site):
    ann = site.sign_in("ann")
    fields = {
        "title": "Am Strand",
        "description": "So **warm**",
        "tags": "sea, Summer",
        "visibility": "private",
    }
    answer = post(ann, [("strand.png", picture())], {**fields, "collection": "Holiday"})
    assert answer.status_int == 303
    assert answer.location == "/u/ann/m/am-strand/"
    medium = Media.by_slug("ann", "am-strand")
    assert (medium.title, medium.visibility, medium.name) == ("Am Strand", "private", "strand.png")
    assert [tag.word for tag in Tag.of(medium)] == ["sea", "Summer"]
    assert [c.title for c in Collection.holding(medium)] == ["Holiday"]
    assert answer.follow().status_int == 200


def test_many_small_files_in_one_form(site):
    """More than a mebibyte of parts that are each small: Bottle's own reading of forms refuses that."""
    ann = site.sign_in("ann")
    files = [(f"{number}.png", picture((300, 200))) for number in range(12)]
    assert sum(len(data) for _, data in files) > 2 << 20
    answer = post(ann, files, headers=JSON)
    assert answer.status_int == 201
    assert len(answer.json["items"]) == 12 and answer.json["refused"] == []


def test_json_says_what_was_taken_and_what_not(site):
    ann = site.sign_in("ann")
    answer = post(ann, [("beach.png", picture()), ("letter.exe", b"MZ\x00 nothing to show")], headers=JSON)
    assert answer.status_int == 201
    assert answer.headers["Location"] == answer.json["items"][0]["url"] == "http://localhost/u/ann/m/beach/"
    assert [refused["name"] for refused in answer.json["refused"]] == ["letter.exe"]
    assert answer.json["refused"][0]["error"].endswith(".")


def test_the_same_file_again_is_said_to_be_there(site):
    ann, data = site.sign_in("ann"), picture()
    first = site.upload(ann, data=data)
    answer = post(ann, [("other name.png", data)], headers=JSON)
    assert answer.status_int == 200
    assert answer.json["items"][0]["duplicate"] is True and answer.json["items"][0]["id"] == first.id
    assert post(ann, [("beach.png", data)]).follow().text.count("You already have this.") == 1
    bob = post(site.sign_in("bob"), [("beach.png", data)], headers=JSON)
    assert bob.status_int == 201, "what others have says nothing about mine"


def test_what_is_refused_is_said_on_the_form_with_what_was_typed(site):
    ann = site.sign_in("ann")
    answer = post(ann, [("letter.exe", b"MZ\x00 nothing")], {"tags": "sea, sand"}, status=415)
    assert "sea, sand" in answer.text and "not a kind of file" in answer.text
    answer = post(ann, [], {"tags": "sea, sand"}, status=422)
    assert "Choose at least one file." in answer.text
    answer = post(ann, [("a.png", picture())], {"visibility": "everybody"}, status=422, headers=JSON)
    assert answer.json["field"] == "visibility"
    assert post(ann, [("empty.png", b"")], status=422, headers=JSON).json["field"] == "file"
    assert Media.select().count() == 0
    assert list((site.folder / "incoming").iterdir()) == []


def test_several_files_of_which_some_are_refused_get_a_page(site):
    answer = post(site.sign_in("ann"), [("a.png", picture()), ("b.exe", b"MZ"), ("c.png", picture())])
    assert answer.status_int == 201
    assert "b.exe" in answer.text and "/u/ann/m/c/" in answer.text


def raw(browser, body, kind="multipart/form-data; boundary=x", **options):
    headers = {**JSON, "Content-Type": kind}
    return browser.request("/submit/", method="POST", body=body, headers=headers, **options).json["error"]


def test_a_broken_or_foreign_form_is_a_sentence(site):
    ann = site.sign_in("ann")
    assert "whole" in raw(ann, b"no boundary here", status=400)
    assert "whole" in raw(ann, b"", "multipart/form-data", status=400)
    title = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n'
    assert "whole" in raw(ann, title + b"cut off", status=400)
    assert "UTF-8" in raw(ann, title + b"\xff\xfe\r\n--x--\r\n", status=400)
    assert "multipart" in raw(ann, b'{"title": "x"}', "application/json", status=415)
    assert "multipart" in raw(ann, b"title=x", "application/x-www-form-urlencoded", status=415)


def test_a_form_too_large_points_to_the_resumable_way(site, monkeypatch):
    monkeypatch.setattr(submit, "LARGEST_FORM", 5000)
    ann = site.sign_in("ann")
    assert "in parts" in post(ann, [("a.png", picture())], status=413, headers=JSON).json["error"]
    monkeypatch.setattr(submit, "IN_MEMORY_TOGETHER", 400)
    monkeypatch.setattr(submit, "LARGEST_FORM", 1 << 30)
    assert "in parts" in post(ann, [], {"title": "x" * 500}, status=413, headers=JSON).json["error"]


def test_limits_of_file_and_person(make_site):
    site = make_site(GOBLIN_UPLOADS_MAX_FILE="20 KB", GOBLIN_UPLOADS_QUOTA="30 KB")
    ann, small = site.sign_in("ann"), picture((75, 75))
    assert 15_000 < len(small) < 20_000
    assert "largest allowed is 20 kB" in post(ann, [("a.png", picture((99, 99)))], status=413).text
    assert post(ann, [("a.png", small)]).status_int == 303
    answer = post(ann, [("b.png", picture((75, 75)))], status=413, headers=JSON)
    assert "30 kB" in answer.json["error"]
    assert ann.get("/submit/", headers=JSON).json["free_bytes"] == 30_000 - len(small)


def test_a_disk_that_is_full_says_so(make_site):
    site = make_site(GOBLIN_UPLOADS_KEEP_FREE="9000000 GB")
    answer = post(site.sign_in("ann"), [("a.png", picture())], status=507, headers=JSON)
    assert "room" in answer.json["error"]


def test_what_is_on_the_disk_already_is_not_asked_for_twice(site, monkeypatch):
    monkeypatch.setattr(library.disk, "free", lambda: 5000)
    assert len(data := picture()) > 5000
    assert post(site.sign_in("ann"), [("a.png", data)], headers=JSON).status_int == 201


# Bottle leaves the part it was writing to the garbage collector, for which the disk is as full.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_disk_that_fills_up_leaves_nothing_half(site):
    ann, data = site.sign_in("ann"), picture((1200, 1000))
    with full_disk(2_500_000):
        post(ann, [("a.png", data)], status=507, headers=JSON)
        gc.collect()
    assert Media.select().count() == 0 and list((site.folder / "incoming").iterdir()) == []
    assert [p for p in (site.folder / "originals").rglob("*") if p.is_file()] == []


def test_an_own_collection_by_its_number_but_nobody_elses(site):
    ann, bob = site.sign_in("ann"), site.person("bob")
    mine = Collection.create(user=site.person("ann"), slug="a", title="Mine")
    theirs = Collection.create(user=bob, slug="b", title="Theirs")
    medium = site.upload(ann, collection=f"id:{mine.id}")
    assert [c.id for c in Collection.holding(medium)] == [mine.id]
    for wrong in (f"id:{theirs.id}", "id:", "id:x", "id:9999999999999999999999"):
        post(ann, [("c.png", picture())], {"collection": wrong}, status=422, headers=JSON)
    assert Media.select().count() == 1, "a file that is refused leaves nothing behind"


def test_who_may_not_add(site):
    assert site.browser().get("/submit/").location == "/auth/login/?next=/submit/"
    post(site.browser(), [("a.png", picture())], status=401, headers=JSON)
    post(site.sign_in("guest", uploader=False), [("a.png", picture())], status=403)
    post(site.bearer("ann", "read"), [("a.png", picture())], status=403, headers=JSON)
    ann = site.sign_in("ann")
    post(ann, [("a.png", picture())], status=403, extra_environ={"HTTP_SEC_FETCH_SITE": "cross-site"})
    assert Media.select().count() == 0
    assert post(site.bearer("ann"), [("a.png", picture())], headers=JSON).status_int == 201


def add_at_once(site, monkeypatch, files) -> list:
    """What became of files that one person adds at the same moment: the medium's id, or the refusal's status."""
    site.person("ben", quota=50_000)
    together = threading.Barrier(len(files), timeout=10)
    finish = storage.Incoming.finish

    def wait_for_the_others(incoming):
        digest = finish(incoming)
        together.wait()
        return digest

    def add(data):
        ensure_connected()
        try:
            return library.add(io.BytesIO(data), "beach.png", User.named("ben"), Details())[0].id
        except Refused as refused:
            return refused.status
        finally:
            db.close()

    monkeypatch.setattr(storage.Incoming, "finish", wait_for_the_others)
    with ThreadPoolExecutor(len(files)) as pool:
        return list(pool.map(add, files))


def test_files_that_arrive_at_once_do_not_both_have_the_last_of_the_room(site, monkeypatch):
    done = add_at_once(site, monkeypatch, [picture((100, 100)) for _ in range(3)])  # some 30 KB each
    assert sorted(done)[1:] == [413, 413]
    assert Media.select().count() == 1
    assert list((site.folder / "incoming").iterdir()) == []


def test_the_same_file_twice_at_once_is_one_medium(site, monkeypatch):
    data = picture((60, 60))
    assert len(set(add_at_once(site, monkeypatch, [data, data, data]))) == 1
    assert Media.select().count() == 1


def test_a_collection_that_is_not_there_is_said_before_anything_is_taken(site):
    ann = site.sign_in("ann")
    for title in ("id:99", "x" * 201):
        files = [("file", f"{n}.png", picture()) for n in range(2)]
        answer = ann.post("/submit/", {"collection": title}, upload_files=files, headers=JSON, status=422)
        assert answer.json["field"] == "collection" and "items" not in answer.json
    assert Media.select().count() == 0 and not any((site.folder / "originals").rglob("*.png"))

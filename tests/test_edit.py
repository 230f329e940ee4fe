"""Changing, deleting and bringing back what one has; the trash; collections."""

import re
import sqlite3
from contextlib import closing

import pytest
from booted import JSON, picture

from goblin import library
from goblin.db import db
from goblin.models import Collection, Media, Membership, Tag

BEACH = "/u/ann/m/beach/"


def again(medium) -> Media:
    return Media.by_id(medium.id)


def titles(medium) -> list[str]:
    return [c.title for c in Collection.holding(medium)]


# --- edit


def test_the_page_as_a_browser_sends_it_back_changes_nothing(site):
    """Every field of the form is sent, prefilled: what was not touched must not count as set by hand."""
    ann = site.sign_in("ann")
    medium = site.ready(ann, tags="sea, sand", collection="Holiday", description="So **warm**")
    Media.update(taken="2026-08-01T17:03:11", taken_offset="+02:00", show_place=True, fixed=[]).execute()
    before = again(medium)
    form = _form(ann.get(BEACH + "edit/"), BEACH + "edit/")
    assert form.submit().location == BEACH
    after = again(medium)
    for column in Media._meta.sorted_field_names:
        if column != "updated":
            assert getattr(after, column) == getattr(before, column), column
    assert [tag.word for tag in Tag.of(medium)] == ["sea", "sand"] and titles(medium) == ["Holiday"]


def _form(page, action):
    return next(form for form in page.forms.values() if form.action == action)


def test_unticking_in_the_page(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann, collection="Holiday")
    assert again(medium).show_facts is True
    form = _form(ann.get(BEACH + "edit/"), BEACH + "edit/")
    form.set("show_facts", False, index=1)
    form.set("collection", False, index=1)
    form["title"] = "Am Strand"
    form.submit()
    assert again(medium).show_facts is False and titles(medium) == []
    assert again(medium).title == "Am Strand" and again(medium).fixed == ["title"]


def test_only_what_is_named_is_changed(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann, title="Beach", tags="sea")
    said = ann.post_json(BEACH + "edit/", {"description": "Warm", "share_original": True}, headers=JSON).json
    assert said["description"] == "Warm" and said["title"] == "Beach" and said["tags"] == ["sea"]
    assert again(medium).share_original and again(medium).show_facts
    ann.post_json(
        BEACH + "edit/", {"tags": ["a", "b, c"], "taken": "2026-08-01", "collection": ["One", "Two"]}
    )
    assert [tag.word for tag in Tag.of(medium)] == ["a", "b, c"] and titles(medium) == ["One", "Two"]
    assert (again(medium).taken, again(medium).ordered) == ("2026-08-01T00:00:00",) * 2
    one = Collection.get(title="One")
    ann.post(BEACH + "edit/", {"collection": f"id:{one.id}", "taken": ""})
    assert titles(medium) == ["One"]
    assert again(medium).taken is None and again(medium).ordered == "-" + medium.created[:19]


def test_the_address_can_be_changed_and_stays_ones_own(site):
    ann = site.sign_in("ann")
    site.ready(ann, title="Beach")
    other = site.ready(ann, title="Other")
    ann.post("/u/ann/m/other/edit/", {"slug": "Beach"})
    assert again(other).slug == "beach-2"
    assert ann.post("/u/ann/m/beach-2/edit/", {"slug": "Am Meer: größer!"}).location.endswith(
        "gr%C3%B6%C3%9Fer/"
    )
    assert again(other).slug == "am-meer-größer"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"visibility": "everyone"}, "visibility"),
        ({"visibility": ""}, "visibility"),
        ({"visibility": None}, "visibility"),
        ({"license": "mine"}, "license"),
        ({"license": 5}, "license"),
        ({"title": ["x"]}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"description": None}, "description"),
        ({"description": "x" * 20_001}, "description"),
        ({"slug": 5}, "slug"),
        ({"taken": "yesterday"}, "taken"),
        ({"taken": "2026-02-31"}, "taken"),
        ({"taken": 2026}, "taken"),
        ({"tags": 5}, "tags"),
        ({"tags": [5]}, "tags"),
        ({"collection": 5}, "collection"),
        ({"collection": [5]}, "collection"),
        ({"collection": "id:x"}, "collection"),
        ({"collection": "id:5"}, "collection"),
        ({"tags": [f"t{n}" for n in range(51)]}, "tags"),
        ({"tags": ",".join(f"t{n}" for n in range(51))}, "tags"),
        ({"collection": [f"c{n}" for n in range(201)]}, "collection"),
    ],
)
def test_what_cannot_be(site, changes, field):
    ann = site.sign_in("ann")
    medium = site.ready(ann, tags="sea")
    answer = ann.post_json(BEACH + "edit/", {"title": "New", **changes}, headers=JSON, status=422)
    assert answer.json["field"] == field and answer.json["error"].endswith(".")
    assert again(medium).title == "beach" and [tag.word for tag in Tag.of(medium)] == ["sea"]
    assert not Collection.select().exists()


def test_a_refused_form_keeps_what_was_typed(site):
    ann = site.sign_in("ann")
    site.ready(ann)
    answer = ann.post(BEACH + "edit/", {"title": "Typed title", "taken": "yesterday"}, status=422)
    assert "Typed title" in answer.text and "Write the date like" in answer.text
    ann.post_json(BEACH + "edit/", [], headers=JSON, status=400)
    ann.post(BEACH + "edit/", "{", content_type="application/json", headers=JSON, status=400)


def test_a_private_one_is_gone_for_others_at_once(site):
    ann, bob = site.sign_in("ann"), site.sign_in("bob")
    site.ready(ann)
    assert bob.get(BEACH).status_int == 200
    ann.post(BEACH + "edit/", {"visibility": "private"})
    bob.get(BEACH, status=404)


# --- a new address


def test_a_new_unlisted_address(site):
    ann, stranger = site.sign_in("ann"), site.browser()
    medium = site.ready(ann, visibility="unlisted")
    before = f"/s/{medium.secret}/"
    assert stranger.get(before).status_int == 200
    ann.post(BEACH + "renew/")
    stranger.get(before, status=404)
    assert stranger.get(f"/s/{again(medium).secret}/").status_int == 200
    ann.post(BEACH + "edit/", {"visibility": "members"})
    ann.post(BEACH + "renew/", status=422)


# --- delete and restore


def test_delete_undo(site):
    ann, bob = site.sign_in("ann"), site.sign_in("bob")
    medium, data = site.ready(ann, data=(data := picture()), collection="Holiday"), data
    answer = ann.post(BEACH + "delete/")
    assert answer.location == "/u/ann/gallery/"
    page = answer.follow()
    assert "beach is in the trash" in page.text
    assert not library.disk.original(medium.original).exists()
    for browser in (ann, bob, site.browser()):
        browser.get(BEACH, status=404)
        browser.get(f"/f/{medium.id}/original/beach.png", status=404 if browser is not ann else None)
        assert "/m/beach/" not in browser.get("/").text and browser.get("/", headers=JSON).json["items"] == []
    ann.get(BEACH + "edit/", status=404)
    for verb in ("edit", "delete", "retry", "renew"):
        ann.post(f"{BEACH}{verb}/", {"title": "x"}, status=404)
    undo = _form(page, f"/u/ann/m/id:{medium.id}/restore/")
    assert undo.submit().location == BEACH
    assert ann.get(BEACH).status_int == 200 and titles(medium) == ["Holiday"]
    assert library.disk.original(again(medium).original).read_bytes() == data


def test_the_trash(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann)
    said = ann.post(BEACH + "delete/", headers=JSON).json
    assert said["id"] == medium.id and said["final"][:10] > said["deleted"][:10]
    assert said["restore"] == f"http://localhost/u/ann/m/id:{medium.id}/restore/"
    page = ann.get("/u/ann/trash/")
    assert "gone for good on" in page.text and BEACH not in re.sub("<form.*?</form>", "", page.text)
    item = ann.get("/u/ann/trash/", headers=JSON).json["items"][0]
    assert (item["id"], item["restore"], item["final"]) == (medium.id, said["restore"], said["final"])
    assert ann.post(item["restore"], headers=JSON).json["title"] == "beach"
    assert ann.get("/u/ann/trash/", headers=JSON).json["items"] == []


def test_an_edit_form_of_what_was_not_prepared_yet_can_be_deleted_and_restored(site):
    ann = site.sign_in("ann")
    medium = site.upload(ann)
    ann.post(BEACH + "delete/")
    site.process()
    assert again(medium).state == "unprocessed"
    ann.post(BEACH + "restore/")
    site.process()
    assert again(medium).state == "processed"


def test_the_trash_goes_on_by_pages(site):
    ann, person = site.sign_in("ann"), site.person("ann")
    every = {"user": person, "kind": "image", "mime": "image/png", "name": "p.png", "original": "x"}
    every |= {"bytes": 1, "state": "processed", "deleted": "2026-11-01T10:00:00.000000Z"}
    rows = [{**every, "slug": f"p{n}", "title": f"p{n}", "sha256": str(n)} for n in range(60)]
    Media.insert_many(rows).execute()
    first = ann.get("/u/ann/trash/", headers=JSON).json
    assert len(first["items"]) == 48
    assert len(ann.get(first["next"], headers=JSON).json["items"]) == 12
    assert ann.get(first["next"]).status_int == 200


def test_where_to_go_afterwards(site):
    ann = site.sign_in("ann")
    site.ready(ann)
    assert ann.post(BEACH + "delete/", {"next": "/u/ann/panel/"}).location == "/u/ann/panel/"
    assert ann.post(BEACH + "restore/", {"next": "//evil.example/"}).location == BEACH


# --- prepare again


def test_retry(site):
    ann = site.sign_in("ann")
    medium = site.upload(ann)
    Media.update(state="failed", error="Broken.", attempts=3).execute()
    assert ann.post(BEACH + "retry/").location == BEACH
    assert (again(medium).state, again(medium).error, again(medium).attempts) == ("unprocessed", "", 0)
    site.process()
    generation = again(medium).generation
    Media.update(state="processing").execute()
    assert "already" in ann.post_json(BEACH + "retry/", {}, headers=JSON, status=409).json["error"]
    assert again(medium).state == "processing", "what is being prepared is left to whoever prepares it"
    Media.update(state="processed").execute()
    assert ann.post(BEACH + "retry/", headers=JSON).json["state"] == "unprocessed"
    site.process()
    assert again(medium).generation == generation + 1


# --- collections


def test_making_changing_and_dissolving_a_collection(site):
    ann = site.sign_in("ann")
    answer = ann.post("/u/ann/collections/", {"title": "Summer", "description": "Warm"})
    assert answer.location == "/u/ann/collection/summer/"
    assert ann.get(answer.location).status_int == 200
    made = ann.post_json("/u/ann/collections/", {"title": "Winter"}, headers=JSON, status=201)
    assert made.headers["Location"] == made.json["url"] == "http://localhost/u/ann/collection/winter/"
    assert (
        ann.post_json("/u/ann/collections/", {"title": "Winter"}, headers=JSON, status=200).json == made.json
    )
    medium = site.ready(ann, collection="Summer")
    page = ann.get("/u/ann/collection/summer/edit/")
    form = _form(page, "/u/ann/collection/summer/edit/")
    form["title"] = "Summer 2026"
    assert form.submit().location == "/u/ann/collection/summer/"
    assert Collection.get(slug="summer").title == "Summer 2026"
    assert ann.post("/u/ann/collection/summer/delete/").location == "/u/ann/collections/"
    assert Membership.select().count() == 0 and again(medium).deleted is None


def test_nothing_of_a_collection_is_cut_or_doubled(site):
    ann, long = site.sign_in("ann"), {"title": "x" * 201}
    ann.post("/u/ann/collections/", {"title": "Summer", "description": "Warm"})
    ann.post("/u/ann/collections/", {"title": "Winter"})
    edit = "/u/ann/collection/winter/edit/"
    for path, given, field, status in (
        ("/u/ann/collections/", long, "title", 422),
        ("/u/ann/collections/", {"title": "New", "description": "x" * 20_001}, "description", 422),
        (edit, long, "title", 422),
        (edit, {"description": "x" * 20_001}, "description", 422),
        (edit, {"title": " Summer "}, "title", 409),
        (edit, {"title": ["x"]}, "title", 422),
    ):
        assert ann.post_json(path, given, headers=JSON, status=status).json["field"] == field, given
    page = ann.post(edit, {"title": "Summer", "description": "typed"}, status=409)
    assert "another collection of that name" in page and "typed" in page
    assert [(c.title, c.description) for c in Collection.of(site.person("ann"))] == [
        ("Summer", "Warm"),
        ("Winter", ""),
    ]
    ann.post_json(edit, {"title": "Winter", "description": "Cold"}, headers=JSON)


def test_what_was_unlisted_once_has_another_address_the_next_time(site):
    ann, stranger = site.sign_in("ann"), site.browser()
    medium = site.ready(ann, visibility="unlisted")
    for visibility in ("private", "unlisted"):
        ann.post(BEACH + "edit/", {"visibility": visibility})
    stranger.get(f"/s/{medium.secret}/", status=404)
    assert stranger.get(f"/s/{again(medium).secret}/").status_int == 200


def test_a_collection_that_cannot_be(site):
    ann = site.sign_in("ann")
    assert "name" in ann.post("/u/ann/collections/", {"title": " ", "description": "typed"}, status=422).text
    for wrong in ({"title": ["x"]}, {"title": "id:"}, {}):
        ann.post_json("/u/ann/collections/", wrong, headers=JSON, status="4*")
    assert Collection.select().count() == 0


# --- who


def test_nobody_changes_what_is_somebody_elses(site):
    """The owner is the only one, whoever asks and however much they may see; the answer says nothing."""
    ann = site.sign_in("ann")
    medium = site.ready(ann, visibility="public", collection="Holiday")
    bob, stranger = site.sign_in("bob", admin=True), site.browser()
    collection = "/u/ann/collection/holiday/"
    posts = [BEACH + verb for verb in ("edit/", "delete/", "restore/", "retry/", "renew/", "part/")]
    posts += [f"/u/ann/m/id:{medium.id}/delete/", f"/u/bob/m/id:{medium.id}/delete/", "/u/ann/collections/"]
    posts += [collection + "edit/", collection + "delete/"]
    given = {"title": "Mine now"}
    cross = {"HTTP_SEC_FETCH_SITE": "cross-site"}
    for path in posts:
        bob.post(path, given, status=404)
        bob.post(path, given, headers=JSON, status=404)
        stranger.post(path, given, status=401)
        ann.post(path, given, status=403, extra_environ=cross)
        site.bearer("ann", "read").post(path, given, headers=JSON, status=403)
        site.bearer("bob").post(path, given, headers=JSON, status=404)
    for path in (BEACH + "edit/", "/u/ann/trash/", collection + "edit/"):
        bob.get(path, status=404)
        assert stranger.get(path).location.startswith("/auth/login/")
    assert again(medium).title == "beach" and again(medium).deleted is None
    assert Collection.get().title == "Holiday"


def test_a_program_with_a_write_token_may(site):
    medium = site.ready(site.sign_in("ann"))
    program = site.bearer("ann")
    assert (
        program.post(BEACH + "edit/", {"title": "By a program"}, headers=JSON).json["title"] == "By a program"
    )
    program.post(BEACH + "delete/", headers=JSON)
    assert again(medium).deleted


@pytest.mark.parametrize(
    "changes", [{"visibility": "x"}, {"license": "x"}, {"taken": "x"}, {"collection": "id:5"}]
)
def test_what_is_wrong_is_always_said_on_the_page(site, changes):
    ann = site.sign_in("ann")
    site.ready(ann)
    page = ann.post(BEACH + "edit/", changes, status=422)
    assert ann.post(BEACH + "edit/", changes, headers=JSON, status=422).json["error"] in page.text


def test_a_database_that_cannot_grow_is_said(site):
    ann = site.sign_in("ann")
    site.upload(ann, title="Beach")
    change = {"description": "x" * 20_000}
    db.execute_sql("PRAGMA max_page_count=1")
    answer = ann.post_json(BEACH + "edit/", change, headers=JSON, status=507)
    assert answer.json["error"].startswith("The disk of this gallery is full.")
    assert ann.get(BEACH, headers=JSON).json["description"] == ""
    db.execute_sql("PRAGMA max_page_count=100000")
    ann.post_json(BEACH + "edit/", change, headers=JSON)
    assert ann.get(BEACH, headers=JSON).json["description"] == change["description"]


def test_a_database_that_another_holds_is_said(site):
    ann = site.sign_in("ann")
    site.upload(ann, title="Beach")
    db.execute_sql("PRAGMA busy_timeout=1")
    with closing(sqlite3.connect(site.folder / "goblin.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = ann.post_json(BEACH + "edit/", {"title": "Sea"}, headers=JSON, expect_errors=True)
        assert (answer.status_int, "try again" in answer.json["error"]) == (503, True)
        other.execute("ROLLBACK")
    assert ann.post_json(BEACH + "edit/", {"title": "Sea"}, headers=JSON).json["title"] == "Sea"

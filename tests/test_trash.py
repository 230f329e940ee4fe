"""The way out, as its owner sees it: gone for good at once, one or all of it, and the room that makes."""

import pytest
from booted import JSON, picture

from goblin import events, jobs, library, media, outcome, trash
from goblin.db import db, statements
from goblin.models import Media, Sidecar
from goblin.refused import Refused

TRASH = "/u/ann/trash/"


@pytest.fixture
def ann(site):
    return site.sign_in("ann")


def put_away(browser, medium):
    return browser.post(f"/u/ann/m/id:{medium.id}/delete/", headers=JSON).json


def attach(browser, medium, name="notes.pdf", data=b"notes") -> Sidecar:
    path = f"/u/ann/m/id:{medium.id}/files/"
    answer = browser.post(path, upload_files=[("file", name, data)], headers=JSON)
    return Sidecar.get_by_id(answer.json["id"])


def files_of(site) -> set[str]:
    """Every file that belongs to a medium, by its name."""
    folders = ("originals", "trash", "derived")
    return {p.name for folder in folders for p in (site.folder / folder).rglob("*") if p.is_file()}


def test_one_is_removed_for_good_after_a_question(site, ann):
    medium, other = site.ready(ann, "gone.png"), site.ready(ann, "kept.png")
    attach(ann, medium)
    put_away(ann, medium)
    put_away(ann, other)
    question = ann.get(TRASH).click("Remove for good", href=f"id:{medium.id}/")
    assert "Remove gone for good" in question and "Nobody can bring back" in question
    assert Media.by_id(medium.id) and trash.filled(site.person("ann"))[0] == 2
    page = (
        question.forms[next(k for k, f in question.forms.items() if "/remove/" in f.action)].submit().follow()
    )
    assert "gone is gone for good." in page and "kept" in page
    assert [row.id for row in Media.select()] == [other.id] and not Sidecar.select().exists()
    assert not {"gone.png", "notes.pdf"} & files_of(site) and "kept.png" in files_of(site)
    assert not library.disk.derived_of(medium.id).exists()
    for verb in ("remove", "restore"):
        ann.post(f"/u/ann/m/id:{medium.id}/{verb}/", status=404)


def test_all_of_it_is_emptied_after_a_question(site, ann):
    gone = [site.ready(ann, f"{n}.png") for n in range(3)]
    kept, bobs = site.ready(ann, "kept.png"), site.ready(site.sign_in("bob"), "bobs.png")
    beside = attach(ann, kept)
    ann.post(f"/u/ann/m/id:{kept.id}/files/{beside.id}/delete/")
    for medium in gone:
        put_away(ann, medium)
    trash.delete(bobs, site.person("bob"))
    room = sum(medium.bytes for medium in gone) + len(b"notes")
    asked = ann.get(TRASH + "empty/", headers=JSON).json
    assert asked == {"count": 3, "bytes": room}
    question = ann.get(TRASH).click("Empty the trash")
    page = next(f for f in question.forms.values() if f.action == TRASH + "empty/").submit().follow()
    assert "The trash is empty." in page and "Empty the trash" not in page
    assert {row.id for row in Media.select()} == {kept.id, bobs.id} and not Sidecar.select().exists()
    assert {"kept.png", "bobs.png"} <= files_of(site) and not {"0.png", "notes.pdf"} & files_of(site)
    assert ann.get(TRASH + "empty/", headers=JSON).json == {"count": 0, "bytes": 0}
    assert "The trash is empty already." in ann.get(TRASH + "empty/")


def test_a_program_does_it_by_what_the_trash_says(site, ann):
    first, second = site.ready(ann, "a.png"), site.ready(ann, "b.png")
    for medium in (first, second):
        put_away(ann, medium)
    program = site.bearer("ann")
    item = next(i for i in program.get(TRASH, headers=JSON).json["items"] if i["id"] == first.id)
    assert program.get(item["remove"], headers=JSON).json == {
        "id": first.id,
        "count": 1,
        "bytes": first.bytes,
    }
    assert program.post(item["remove"], headers=JSON).json == {"id": first.id, "removed": True}
    assert program.post(TRASH + "empty/", headers=JSON).json == {"count": 1, "bytes": second.bytes}
    assert not Media.select().exists()


def test_only_what_is_in_ones_own_trash(site, ann):
    medium, bob = site.ready(ann), site.sign_in("bob")
    one = f"/u/ann/m/id:{medium.id}/remove/"
    for browser, path in ((ann, one), (bob, one), (bob, TRASH + "empty/")):
        browser.get(path, status=404)
        browser.post(path, headers=JSON, status=404)
    put_away(ann, medium)
    bob.post(one, headers=JSON, status=404)
    site.browser().post(one, headers=JSON, status=401)
    assert Media.by_id(medium.id)
    with pytest.raises(Refused, match="Only its owner"):
        trash.remove(Media.by_id(medium.id), site.person("bob"))


def test_emptying_the_trash_makes_room(site, ann):
    medium = site.ready(ann, data=picture((60, 60)))
    site.person("ann", quota=medium.bytes + 10)
    put_away(ann, medium)
    files = [("file", "new.png", picture((60, 60)))]
    refused = ann.post("/submit/", upload_files=files, headers=JSON, status=413).json["error"]
    assert "trash counts, too" in refused
    ann.post(TRASH + "empty/")
    ann.post("/submit/", upload_files=files, headers=JSON, status=201)


def test_what_is_here_already_needs_no_room(site, ann):
    medium = site.ready(ann, data=(data := picture()))
    site.person("ann", quota=medium.bytes)
    answer = ann.post("/submit/", upload_files=[("file", "again.png", data)], headers=JSON, status=200).json
    assert (answer["items"][0]["id"], Media.select().count()) == (medium.id, 1)
    ann.post("/submit/", upload_files=[("file", "new.png", picture())], headers=JSON, status=413)


def live_photo(site, ann) -> tuple[Media, Media]:
    """A photo and the film that goes with it, each with a file beside it."""
    film, photo = site.ready(ann, "film.png"), site.ready(ann, "photo.png")
    attach(ann, film, "film.txt", b"of the film")
    attach(ann, photo, "photo.txt", b"of the photo")
    Media.update(companion_of=photo.id, ready=False).where(Media.id == film.id).execute()
    return photo, Media.by_id(film.id)


@pytest.mark.parametrize("how", ["in time", "one", "all"])
@pytest.mark.parametrize("older", ["film", "photo"])
def test_a_film_and_its_attachments_go_with_the_photo(site, ann, how, older):
    photo, film = live_photo(site, ann)
    if older == "photo":  # which came first says nothing
        Media.update(companion_of=None).where(Media.id == film.id).execute()
        photo, film = film, photo
        Media.update(companion_of=photo.id).where(Media.id == film.id).execute()
    put_away(ann, photo)
    if how == "in time":
        trash.empty_trash(0)
    else:
        ann.post(f"/u/ann/m/id:{photo.id}/remove/" if how == "one" else TRASH + "empty/")
    assert not Media.select().exists() and not Sidecar.select().exists() and not files_of(site)


class Killed(BaseException):
    """Stands for kill -9: nothing after it is done."""


def test_a_kill_between_photo_and_film_leaves_no_attachment(site, ann, monkeypatch):
    photo, _ = live_photo(site, ann)
    put_away(ann, photo)
    destroy, calls = library.disk.destroy, []

    def killed(id):
        destroy(id)
        calls.append(id)
        if len(calls) == 2:
            raise Killed

    monkeypatch.setattr(library.disk, "destroy", killed)
    with pytest.raises(Killed):
        trash.empty_trash(0)
    monkeypatch.undo()
    trash.sweep()
    assert not Media.select().exists() and not files_of(site)


def test_what_is_not_in_the_trash_is_not_brought_back(site, ann):
    medium, told = site.ready(ann), []
    events.on("media.restored", told.append)
    back = put_away(ann, medium)["restore"]
    assert ann.post(back, headers=JSON).json["id"] == medium.id and len(told) == 1
    assert not list((site.folder / "trash").iterdir()), "nothing of it is left there"
    assert "not in the trash" in ann.post(back, headers=JSON, status=409).json["error"]
    assert len(told) == 1


def test_the_trash_asks_as_often_whatever_is_in_it(site, ann):
    row = {"user": site.person("ann"), "kind": "image", "mime": "image/png", "name": "p.png", "original": "x"}
    row |= {"bytes": 1, "state": "processed", "deleted": "2026-11-01T10:00:00.000000Z", "title": "p"}
    counts = []
    for start in (0, 30):
        rows = [{**row, "slug": f"p{n}", "sha256": str(n)} for n in range(start, start + 15)]
        Media.insert_many(rows).execute()
        for path in (TRASH, TRASH + "empty/"):
            ann.get(path)
            seen = statements()
            ann.get(path)
            db.query_hooks.clear()
            counts.append(len(seen))
    assert counts[:2] == counts[2:] and max(counts) <= 6


def test_copies_of_what_is_gone_meanwhile_do_not_stay(site, ann):
    """Its owner removed it for good while it was being decoded."""
    medium = site.upload(ann)
    out = library.disk.fresh_derived(medium.id, 1)
    (out / "thumb.jpg").write_bytes(b"x")
    put_away(ann, medium)
    item = Media.by_id(medium.id)
    trash.remove(item, site.person("ann"))
    library.disk.fresh_derived(medium.id, 1)
    assert outcome.keep(jobs.workshop.storage, item, 1, media.Result(), [], [], {}) is None
    assert not library.disk.derived_of(medium.id).exists()


def test_what_is_deleted_while_it_is_prepared_is_not_gone_on_with(site, ann, monkeypatch):
    """Four hours of a wrong film would hold up all others; taken back it is prepared from where it stood."""
    medium, user, runs = site.upload(ann), site.person("ann"), []
    run = jobs.workshop.sandbox.run

    def deleted_meanwhile(kind, source, out, options, progress, **more):
        runs.append(options["steps"])
        trash.delete(Media.by_id(medium.id), user)
        monkeypatch.setattr(progress, "_next", 0)
        progress(40.0, "thumbs")
        raise AssertionError("it went on")

    monkeypatch.setattr(jobs.workshop.sandbox, "run", deleted_meanwhile)
    jobs.process(medium.id)
    row = Media.by_id(medium.id)
    assert (row.state, row.progress, row.attempts, row.error) == ("unprocessed", None, 0, "")
    monkeypatch.setattr(jobs.workshop.sandbox, "run", run)
    waiting = jobs.workshop.waiting()
    trash.restore(row, user)
    assert jobs.workshop.waiting() == waiting + 1 and len(runs) == 1
    site.process()
    assert Media.by_id(medium.id).state == "processed"


def test_what_is_taken_back_while_it_is_prepared_is_left_to_that(site, ann, monkeypatch):
    medium, user = site.upload(ann), site.person("ann")
    run = jobs.workshop.sandbox.run

    def back_in_time(*order, **more):
        trash.delete(Media.by_id(medium.id), user)
        waiting = jobs.workshop.waiting()
        trash.restore(Media.by_id(medium.id), user)
        library.prepare_again(Media.by_id(medium.id))
        assert jobs.workshop.waiting() == waiting and Media.by_id(medium.id).state == "processing"
        return run(*order, **more)

    monkeypatch.setattr(jobs.workshop.sandbox, "run", back_in_time)
    jobs.process(medium.id)
    assert Media.by_id(medium.id).state == "processed" and library.disk.find(medium.id, medium.original)


def test_taken_back_in_the_moment_in_which_its_work_ended(site, ann, monkeypatch):
    medium, user = site.upload(ann), site.person("ann")
    waiting = jobs.workshop.waiting()

    def abandoned(*order, **more):
        trash.delete(Media.by_id(medium.id), user)
        trash.restore(Media.by_id(medium.id), user)
        raise jobs.Abandoned("This was deleted while it was prepared.")

    monkeypatch.setattr(jobs.workshop.sandbox, "run", abandoned)
    jobs.process(medium.id)
    assert Media.by_id(medium.id).state == "unprocessed" and jobs.workshop.waiting() == waiting + 1

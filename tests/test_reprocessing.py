"""Preparing media again: what is out of date, one step at a time, with other settings, stopped and taken up."""

import time

import made
import pytest
from booted import picture

from goblin import jobs, library, outcome, reprocessing, resuming
from goblin.db import db, statements
from goblin.models import Media, User
from goblin.refused import Refused
from goblin.reprocessing import Wish


@pytest.fixture
def ann(site):
    return site.sign_in("ann")


def stale(**wish):
    return reprocessing.plan(Wish(**wish))


def change(monkeypatch, **options):
    """The keeper wrote other options into goblin.ini and started again."""
    monkeypatch.setitem(jobs.workshop.options, "image", {**jobs.workshop.options["image"], **options})


def test_what_is_up_to_date_is_left_alone(site, ann):
    site.ready(ann)
    assert stale().work == []


def test_other_sizes_bring_every_picture_up_to_date_once(site, ann, monkeypatch):
    medium = site.ready(ann, data=picture((900, 700)))
    before = Media.by_id(medium.id)
    change(monkeypatch, sizes="200 400 800")
    plan = stale()
    assert plan.sentences() == ["1 image: thumbs (copies for the screen)"]
    assert reprocessing.begin(plan) == 1
    site.process()
    after = Media.by_id(medium.id)
    assert after.files["view"]["width"] == 800 and before.files["view"]["width"] == 900
    assert after.state == "processed" and stale().work == []


def test_the_medium_is_shown_all_the_while(site, ann):
    medium = site.ready(ann, visibility="public")
    reprocessing.begin(stale(force=True))
    nobody = site.browser()
    assert nobody.get(f"/u/ann/m/{medium.slug}/").html.find("figure", "stage")
    assert nobody.get("/").html.find("a", "tile")
    nobody.get(f"/f/{medium.id}/{medium.generation}/thumb.jpg")


def test_a_failure_keeps_the_old_copies_in_force(site, ann):
    medium = site.ready(ann, visibility="public")
    path = library.disk.original(medium.original)
    path.chmod(0o644)
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    reprocessing.begin(stale(force=True))
    site.process()
    assert Media.by_id(medium.id).state == "failed"
    site.browser().get(f"/f/{medium.id}/{medium.generation}/thumb.jpg")
    path.write_bytes(whole)
    reprocessing.begin(stale(state="failed"))
    site.process()
    assert Media.by_id(medium.id).state == "processed"


def test_one_step_leaves_the_files_of_the_others(site, ann, tmp_path):
    """A film's poster is drawn anew; the copy that took an hour comes along."""
    import subprocess

    film = tmp_path / "film.avi"
    source = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=10:duration=1"]
    subprocess.run(["ffmpeg", "-v", "error", *source, "-c:v", "mpeg4", film], check=True)
    medium = site.ready(ann, "film.avi", film.read_bytes())
    before = library.disk.derived(medium.id, medium.generation) / medium.files["play"]["name"]
    inode, made = before.stat().st_ino, outcome.read_recipe(medium.made)
    reprocessing.begin(stale(ids=[medium.id], steps=["thumbs"]))
    site.process()
    after = Media.by_id(medium.id)
    assert after.generation > medium.generation and after.files["play"] == medium.files["play"]
    assert (library.disk.derived(after.id, after.generation) / "play.mp4").stat().st_ino == inode
    assert outcome.read_recipe(after.made) == made
    assert (after.duration, after.width) == (medium.duration, medium.width)
    assert after.data["plays"] is False


def test_other_settings_for_one_medium_stay_its_own(site, ann):
    medium, other = site.ready(ann, data=picture((900, 700))), site.ready(ann, "b.png", picture((900, 700)))
    reprocessing.begin(stale(ids=[medium.id], kind="image", settings={"sizes": "100 200 300"}))
    site.process()
    assert Media.by_id(medium.id).files["view"]["width"] == 300
    assert Media.by_id(other.id).files["view"]["width"] == 900
    assert stale().work == []


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"kind": "smell"}, "no kind of media called smell"),
        ({"state": "done"}, "is no state"),
        ({"steps": ["polish"]}, "no step called polish"),
        ({"settings": {"sizes": "1 2 3"}}, "Say of which kind"),
        ({"kind": "image", "settings": {"shine": "1"}}, "image has no option shine"),
        ({"kind": "image", "settings": {"quality": "much"}}, "quality must be a number"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(site, wish, sentence):
    with pytest.raises(Refused, match=sentence):
        stale(**wish)


def test_stopping_calls_off_what_waits_and_keeps_what_is_there(site, ann):
    old = site.ready(ann)
    new = site.upload(ann, "new.png")
    reprocessing.begin(stale(force=True, ids=[old.id]))
    assert reprocessing.stop() == 1
    assert Media.by_id(old.id).state == "processed"
    assert Media.by_id(new.id).state == "unprocessed", "a first preparation is not called off"
    site.process()
    assert Media.by_id(old.id).generation == old.generation


def test_it_survives_a_restart(site, ann, monkeypatch):
    medium = site.ready(ann, data=picture((900, 700)))
    change(monkeypatch, sizes="200 400 800")
    reprocessing.begin(stale())
    Media.update(state="processing").where(Media.id == medium.id).execute()
    resuming.recover()
    site.process()
    assert Media.by_id(medium.id).files["view"]["width"] == 800


def test_originals_are_never_touched(site, ann):
    sent = picture()
    medium = site.ready(ann, data=sent)
    path = library.disk.original(medium.original)
    before = path.stat()
    reprocessing.begin(stale(force=True))
    site.process()
    assert path.read_bytes() == sent
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_ten_thousand_that_are_up_to_date_cost_one_statement(site):
    row = {"user": User.named("ann"), "kind": "image", "mime": "image/png", "name": "p.png", "original": "x"}
    row |= {"state": "processed", "ready": True, "made": jobs.recipe("image"), "title": "p", "bytes": 1}
    Media.create(**row, slug="p", sha256="0")
    same = [c.column_name for c in Media._meta.sorted_fields if c.column_name not in ("id", "slug")]
    numbers = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 9999)"
    columns = ", ".join(f'"{name}"' for name in same)
    db.execute_sql(f"{numbers} INSERT INTO media (slug, {columns}) SELECT slug || n, {columns} FROM media, n")
    assert Media.select().count() == 10_000
    seen, begun = statements(), time.process_time()
    assert stale().work == []
    db.query_hooks.clear()
    assert len(seen) == 1
    assert time.process_time() - begun < 1


def test_the_step_and_the_time_are_on_the_row(site, ann, monkeypatch):
    medium = site.upload(ann)

    def run(kind, source, out, options, progress, **more):
        monkeypatch.setattr(progress, "_next", 0)
        progress(40.0, "transcode")
        row = Media.by_id(medium.id)
        assert (row.progress, row.step, row.state) == (40.0, "transcode", "processing")
        assert row.started > row.created
        raise jobs.Failed("Enough.")

    monkeypatch.setattr(jobs.workshop.sandbox, "run", run)
    jobs.process(medium.id)


def test_stopping_does_not_call_off_the_first_copy_of_a_film(site, ann, tmp_path):
    film = site.upload(ann, "film.avi", made.film(tmp_path / "film.avi", "-c:v", "mpeg4").read_bytes())
    jobs.process(film.id, "quick")
    assert reprocessing.stop() == 0
    assert Media.by_id(film.id).todo == "transcode"
    site.process()
    reprocessing.begin(stale(ids=[film.id]))
    jobs.process(film.id, "quick")
    assert reprocessing.stop() == 1
    row = Media.by_id(film.id)
    assert (row.state, row.todo) == ("processed", "") and "play" in row.files


def test_a_film_without_pictures_is_up_to_date_as_the_sound_it_is(site, tmp_path):
    ann = site.sign_in("ann")
    only_sound = made.make(tmp_path / "sound.mp4", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac")
    item = site.ready(ann, "sound.mp4", only_sound.read_bytes())
    assert (item.kind, item.state) == ("audio", "processed")
    assert reprocessing.plan(reprocessing.Wish()).work == []


def test_what_cannot_be_prepared_is_not_tried_again_as_it_was(site, ann, monkeypatch):
    broken = site.ready(ann, data=picture()[:60])
    assert broken.state == "failed"
    plan = stale()
    assert plan.work == [] and plan.left_out == 1
    assert plan.sentences() == ["1 that did not work are left out: nothing has changed for them."]
    assert [row[0] for row in stale(state="failed").work] == [broken.id]
    assert [row[0] for row in stale(ids=[broken.id]).work] == [broken.id]
    change(monkeypatch, sizes="200 400 800")
    plan = stale()
    assert [row[0] for row in plan.work] == [broken.id] and plan.left_out == 0
    reprocessing.begin(plan)
    site.process()
    assert stale().work == []


def test_of_what_failed_only_the_steps_named_are_done_and_those_never_done(site, ann):
    medium, never = site.ready(ann), site.ready(ann, data=picture()[:60])
    Media.update(state="failed").where(Media.id == medium.id).execute()
    plan = stale(state="failed", steps=["thumbs"])
    assert plan.work == [(medium.id, "image", "thumbs"), (never.id, "image", "")]
    reprocessing.begin(plan)
    site.process()
    assert Media.by_id(medium.id).state == "processed" and stale().work == []


def test_what_failed_for_a_passing_reason_is_tried_again(site, ann, monkeypatch):
    medium, run = site.upload(ann), jobs.workshop.sandbox.run

    def full(*order, **more):
        raise jobs.Failed(jobs.SENTENCES["disk"])

    monkeypatch.setattr(jobs.workshop.sandbox, "run", full)
    jobs.process(medium.id)
    assert Media.by_id(medium.id).state == "failed"
    assert [row[0] for row in stale().work] == [medium.id]
    monkeypatch.setattr(jobs.workshop.sandbox, "run", run)
    reprocessing.begin(stale())
    site.process()
    row = Media.by_id(medium.id)
    assert row.state == "processed" and row.made == jobs.recipe("image")


def test_settings_of_their_own_stand_beside_those_they_have_until_they_are_taken_away(site, ann):
    medium = site.ready(ann)

    def own(**settings):
        reprocessing.begin(stale(kind="image", settings=settings, beside=True))
        site.process()
        return Media.by_id(medium.id).overrides

    assert own(quality="50") == {"quality": 50}
    assert own(sizes="100 200 300") == {"quality": 50, "sizes": "100 200 300"}
    assert own(quality="") == {"sizes": "100 200 300"}
    assert own(sizes="") == {}
    assert Media.by_id(medium.id).made == jobs.recipe("image")
    with pytest.raises(Refused, match="no option shine"):
        own(shine="")


def test_settings_that_were_called_off_are_as_they_were(site, ann):
    medium = site.ready(ann)

    def own():
        row = Media.by_id(medium.id)
        return row.overrides, "had" in row.data

    for quality in ("50", "60"):
        reprocessing.begin(stale(kind="image", settings={"quality": quality}))
    assert own() == ({"quality": 60}, True) and reprocessing.stop() == 1
    assert own() == ({}, False) and stale().work == []
    reprocessing.begin(stale(kind="image", settings={"quality": "50"}))
    site.process()
    assert own() == ({"quality": 50}, False), "what was begun with them stays so"
    reprocessing.begin(stale(kind="image", settings={"sizes": "100 200 300"}, beside=True))
    reprocessing.stop()
    assert own() == ({"quality": 50}, False) and stale().work == []

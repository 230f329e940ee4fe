"""Work behind the pages: what is queued, taken up again, given up and swept."""

import tracemalloc

import pytest
from booted import JSON, picture
from peewee import OperationalError

from goblin import jobs, library, outcome, resuming, trash
from goblin.media import Result
from goblin.media.sandbox import Failed, Stopped
from goblin.models import Media, Tag, Upload, User
from goblin.models.media import ARRIVING
from goblin.refused import Refused
from tests import made


@pytest.fixture
def medium(site):
    return site.upload(site.sign_in("ann"))


def state(medium):
    row = Media.get_by_id(medium.id)
    return row.state, row.attempts


def decode(monkeypatch, outcome):
    """Have the child answer with something."""

    def run(*args, **kwargs):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(jobs.workshop.sandbox, "run", run)


def queued():
    return jobs.workshop.waiting()


def test_an_upload_is_queued_once_it_is_committed(medium):
    assert (state(medium), queued()) == (("unprocessed", 0), 1)


def test_a_failure_is_told_in_a_sentence_and_can_be_tried_again(medium, monkeypatch):
    decode(monkeypatch, Failed("This picture is torn.", "trace"))
    jobs.process(medium.id)
    row = Media.get_by_id(medium.id)
    assert (row.state, row.error, row.detail) == ("failed", "This picture is torn.", "trace")
    library.retry(row, User.named("ann"))
    monkeypatch.undo()
    jobs.process(medium.id)
    assert state(medium) == ("processed", 0)
    assert Media.get_by_id(medium.id).error == ""


def test_a_stop_does_not_count_against_the_file(medium, monkeypatch):
    decode(monkeypatch, Stopped("The gallery was stopped."))
    for _ in range(5):
        jobs.process(medium.id)
    assert state(medium) == ("unprocessed", 0)


def test_a_file_that_stops_the_gallery_again_and_again_is_left_alone(medium):
    for _ in range(3):
        Media.update(state="processing", attempts=Media.attempts + 1).where(Media.id == medium.id).execute()
        resuming.recover()
    jobs.process(medium.id)
    assert state(medium)[0] == "failed"
    said = Media.get_by_id(medium.id).error
    assert "stopped 3 times" in said and "The file is safe" in said
    library.retry(Media.by_id(medium.id), User.named("ann"))
    jobs.process(medium.id)
    assert state(medium) == ("processed", 0)


def test_the_same_task_twice_does_the_work_once(medium, monkeypatch):
    jobs.process(medium.id)
    decode(monkeypatch, Failed("Must not run."))
    jobs.process(medium.id)
    assert state(medium) == ("processed", 0)


def test_a_medium_deleted_meanwhile_is_not_prepared(medium, monkeypatch):
    trash.delete(medium, User.named("ann"))
    decode(monkeypatch, Failed("Must not run."))
    jobs.process(medium.id)
    assert state(medium)[0] == "unprocessed"


def test_a_medium_gone_for_good_while_it_is_prepared(medium, monkeypatch):
    def run(*args, **kwargs):
        Media.delete().where(Media.id == medium.id).execute()
        return Result({"width": 1, "height": 1})

    monkeypatch.setattr(jobs.workshop.sandbox, "run", run)
    jobs.process(medium.id)
    assert Media.get_or_none(Media.id == medium.id) is None


def test_a_start_takes_up_whatever_was_left(medium):
    Media.update(state="processing").where(Media.id == medium.id).execute()
    for huey in jobs.workshop.lanes.values():
        huey.flush()
    resuming.recover()
    assert (state(medium)[0], queued()) == ("unprocessed", 1)


def test_an_upload_cut_off_in_its_last_moment(medium):
    """The row is there: with its whole file it is taken up, without it is forgotten; a young one is somebody's."""
    Media.update(state=ARRIVING, created="2026-01-01T00:00:00.000000Z").where(Media.id == medium.id).execute()
    resuming.settle_arrivals()
    assert state(medium)[0] == "unprocessed"
    Media.update(state=ARRIVING, bytes=Media.bytes + 1).where(Media.id == medium.id).execute()
    kept = library.disk.original(medium.original)
    resuming.settle_arrivals()
    assert Media.get_or_none(Media.id == medium.id) is None
    assert kept.exists(), "a file with anything in it is never removed"


def test_young_arrivals_are_left_to_whoever_is_at_them(medium):
    Media.update(state=ARRIVING).where(Media.id == medium.id).execute()
    resuming.settle_arrivals()
    assert state(medium)[0] == ARRIVING


def test_a_full_disk_while_preparing_is_taken_up_again(medium, monkeypatch):
    """The database cannot take the result nor the failure: the row is not stuck."""
    decode(monkeypatch, Result({"width": 1, "height": 1}))

    def full(*args):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(jobs.outcome, "keep", full)
    jobs.process(medium.id)
    assert state(medium)[0] == "processing"
    monkeypatch.undo()
    for huey in jobs.workshop.lanes.values():
        huey.flush()
    resuming.tend()
    assert queued() == 1
    jobs.process(medium.id)
    assert state(medium) == ("processed", 0)


def test_what_is_being_worked_on_is_left_alone(medium):
    Media.update(state="processing").where(Media.id == medium.id).execute()
    for huey in jobs.workshop.lanes.values():
        huey.flush()
    jobs.workshop.busy.add(medium.id)
    resuming.tend()
    assert (state(medium)[0], queued()) == ("processing", 0)


def test_a_missing_original_is_said(medium):
    library.disk.original(medium.original).unlink()
    jobs.process(medium.id)
    assert Media.get_by_id(medium.id).error == "The file of this medium is missing on the disk."


def test_the_old_copies_stay_until_the_new_are_complete(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann)
    before = library.disk.derived(medium.id, medium.generation)
    library.prepare_again(medium)
    library.disk.original(medium.original).chmod(0o644)
    library.disk.original(medium.original).write_bytes(b"not a picture any more")
    jobs.process(medium.id)
    assert state(medium)[0] == "failed"
    assert (before / "thumb.jpg").exists()


def test_new_copies_get_new_addresses_to_which_the_old_lead(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann)
    library.prepare_again(medium)
    site.process()
    again = Media.by_id(medium.id)
    assert again.generation > medium.generation
    assert not library.disk.derived(medium.id, medium.generation).exists()
    led = ann.get(f"/f/{medium.id}/{medium.generation}/thumb.jpg", status=302)
    assert led.location == f"/f/{medium.id}/{again.generation}/thumb.jpg" and led.follow().status_int == 200


def test_what_its_owner_wrote_survives_another_run(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann)
    library.edit(medium, User.named("ann"), {"title": "Mine", "taken": "1999-12-31 23:59", "tags": "own"})
    library.prepare_again(Media.by_id(medium.id))
    site.process()
    row = Media.by_id(medium.id)
    assert (row.title, row.taken, row.ordered) == ("Mine", "1999-12-31T23:59:00", "1999-12-31T23:59:00")


def test_the_trash_is_emptied_after_its_days(site):
    ann = site.sign_in("ann")
    old, young = site.ready(ann, "old.png"), site.ready(ann, "young.png")
    for medium in (old, young):
        trash.delete(medium, User.named("ann"))
    Media.update(deleted="2026-01-01T00:00:00.000000Z").where(Media.id == old.id).execute()
    trash.sweep()
    assert [row.id for row in Media.select()] == [young.id]
    assert library.disk.find(old.id, old.original) is None
    assert not library.disk.derived_of(old.id).exists()
    assert library.disk.find(young.id, young.original) is not None


class Killed(BaseException):
    """Stands for kill -9: nothing after it is done."""


@pytest.mark.parametrize("moment", ["before the file went", "after the file went"])
def test_a_stop_while_the_trash_is_emptied_leaves_nothing_behind(site, monkeypatch, moment):
    ann, user = site.sign_in("ann"), site.person("ann")
    medium, other = site.ready(ann, "a.png"), site.ready(ann, "b.png")
    trash.delete(medium, user)
    destroy = library.disk.destroy

    def killed(id):
        if moment.startswith("after"):
            destroy(id)
        raise Killed

    monkeypatch.setattr(library.disk, "destroy", killed)
    with pytest.raises(Killed):
        trash.empty_trash_of(user)
    monkeypatch.undo()
    assert ann.get("/u/ann/trash/", headers=JSON).json["items"] == []
    with pytest.raises(Refused, match="for good"):
        trash.restore(Media.by_id(medium.id), user)
    trash.sweep()
    assert [row.id for row in Media.select()] == [other.id]
    assert not list(library.disk.folder.glob("trash/*")) and not library.disk.derived_of(medium.id).exists()
    assert library.disk.find(other.id, other.original) is not None


def test_a_stop_on_the_way_to_the_trash_leaves_nothing_behind(site, monkeypatch):
    """The row says it is deleted, its file lies in its old place still."""
    medium, user = site.ready(site.sign_in("ann")), site.person("ann")
    monkeypatch.setattr(library.disk, "to_trash", lambda *a: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        trash.delete(medium, user)
    monkeypatch.undo()
    trash.empty_trash_of(user)
    assert not [path for path in library.disk.folder.glob("originals/**/*") if path.is_file()]


def test_an_original_comes_back_beside_one_that_took_its_name(site):
    ann, sent = site.sign_in("ann"), picture()
    first = site.ready(ann, "same.png", sent)
    trash.delete(first, User.named("ann"))
    second = site.ready(ann, "same.png")
    trash.restore(Media.by_id(first.id), User.named("ann"))
    back = Media.by_id(first.id)
    assert library.disk.original(back.original).read_bytes() == sent
    assert back.original != second.original
    assert library.disk.original(second.original).exists()


def test_what_went_to_the_trash_before_it_was_prepared_is_not_queued_again(site):
    ann = site.sign_in("ann")
    medium = site.upload(ann)
    trash.delete(medium, User.named("ann"))
    queue = jobs.workshop.lanes["quick"]
    queue.flush()
    resuming.tend()
    assert len(queue) == 0
    trash.restore(Media.by_id(medium.id), User.named("ann"))
    assert len(queue) == 1


def test_places_whose_file_never_came_are_given_back(site):
    """What a kill between the reservation and the rename left; a file with anything in it stays."""
    import os

    medium = site.ready(site.sign_in("ann"))
    old, young = (library.disk.reserve("ann", "2026-01-01", name) for name in ("old.jpg", "young.jpg"))
    os.utime(library.disk.original(old), (0, 0))
    os.utime(library.disk.original(medium.original), (0, 0))
    trash.sweep()
    assert not library.disk.original(old).exists()
    assert library.disk.original(young).exists() and library.disk.original(medium.original).exists()


def test_unfinished_uploads_are_thrown_away_after_their_days(site):
    ann = site.sign_in("ann")
    head = {"Tus-Resumable": "1.0.0", "Upload-Length": "100"}
    ann.post("/upload/", headers=head, status=201)
    trash.sweep()
    assert Upload.select().count() == 1
    Upload.update(expires="2026-01-01T00:00:00.000000Z").execute()
    trash.sweep()
    assert Upload.select().count() == 0
    assert not list((library.disk.folder / "incoming").iterdir())


# --- films: a poster at once, the copy in a lane of its own


@pytest.fixture
def film(site, tmp_path):
    """A film that browsers do not play, as it was added."""
    source = made.film(tmp_path / "film.avi", "-c:v", "mpeg4", "-c:a", "mp3")
    return site.upload(site.sign_in("ann"), "film.avi", source.read_bytes(), visibility="public")


def lanes():
    return {name: huey.pending_count() for name, huey in jobs.workshop.lanes.items()}


def test_a_film_is_shown_by_its_poster_before_its_copy_is_made(site, film):
    assert lanes() == {"quick": 1, "slow": 0}
    jobs.process(film.id, "quick")
    row = Media.by_id(film.id)
    assert (row.state, row.ready, row.todo, row.data["plays"]) == ("unprocessed", True, "transcode", False)
    assert {"thumb", "view"} <= row.files.keys() and "play" not in row.files
    assert (row.width, row.height) == (160, 90)
    assert lanes()["slow"] == 1
    stranger = site.browser()
    assert "/u/ann/m/film/" in stranger.get("/").text
    page = stranger.get("/u/ann/m/film/")
    assert "A copy that browsers play is still being made" in page.text and "<video" not in page.text
    stranger.get(f"/f/{row.id}/{row.generation}/thumb.jpg")
    jobs.process(film.id, "slow")
    done = Media.by_id(film.id)
    assert (done.state, done.todo) == ("processed", "") and {"thumb", "play"} <= done.files.keys()
    assert done.made == jobs.recipe("video")
    assert "<video" in stranger.get("/u/ann/m/film/").text


def test_a_film_that_browsers_play_is_done_at_once(site, tmp_path):
    source = made.film(tmp_path / "fast.mp4", *made.H264, "-movflags", "+faststart")
    film = site.upload(site.sign_in("ann"), "fast.mp4", source.read_bytes())
    jobs.process(film.id, "quick")
    row = Media.by_id(film.id)
    assert (row.state, row.data["plays"], row.made) == ("processed", True, jobs.recipe("video"))
    assert lanes()["slow"] == 0


def test_no_task_does_the_work_of_the_other_lane(film, monkeypatch):
    """A second quick task must not begin the hour-long one in the lane of the pictures."""
    jobs.process(film.id, "slow")
    assert state(film) == ("unprocessed", 0)
    jobs.process(film.id, "quick")
    decode(monkeypatch, Failed("Must not run."))
    jobs.process(film.id, "quick")
    assert state(film) == ("unprocessed", 0)


def test_a_copy_that_a_stop_cut_off_goes_on_in_its_lane(film):
    jobs.process(film.id, "quick")
    Media.update(state="processing").where(Media.id == film.id).execute()
    resuming.recover()
    assert (state(film)[0], lanes()) == ("unprocessed", {"quick": 0, "slow": 1})
    jobs.process(film.id, "slow")
    assert "play" in Media.by_id(film.id).files


def test_a_copy_that_cannot_be_made_leaves_the_poster(site, film, monkeypatch):
    jobs.process(film.id, "quick")
    decode(monkeypatch, Failed("This film is torn.", "trace"))
    jobs.process(film.id, "slow")
    row = Media.by_id(film.id)
    assert (row.state, row.ready) == ("failed", True) and "thumb" in row.files
    page = site.browser().get("/u/ann/m/film/")
    assert "could not be made" in page.text and "torn" not in page.text and "trace" not in page.text
    assert "This film is torn." in site.sign_in("ann").get("/u/ann/m/film/").text
    monkeypatch.undo()
    library.retry(row, User.named("ann"))
    site.process()
    assert state(film) == ("processed", 0)


def test_what_its_owner_writes_while_the_copy_is_made_stays(film, monkeypatch):
    jobs.process(film.id, "quick")
    run = jobs.workshop.sandbox.run

    def meanwhile(*args, **kwargs):
        library.edit(
            Media.by_id(film.id), User.named("ann"), {"title": "The sea", "taken": "2001-02-03 04:05"}
        )
        return run(*args, **kwargs)

    monkeypatch.setattr(jobs.workshop.sandbox, "run", meanwhile)
    jobs.process(film.id, "slow")
    row = Media.by_id(film.id)
    assert (row.title, row.taken, row.state) == ("The sea", "2001-02-03T04:05:00", "processed")


def test_a_sound_is_drawn_before_its_copy_is_made(site, tmp_path):
    tone = made.tone(tmp_path / "tone.ogg", "-c:a", "libvorbis")
    sound = site.upload(site.sign_in("ann"), "tone.ogg", tone.read_bytes())
    jobs.process(sound.id, "quick")
    row = Media.by_id(sound.id)
    assert (row.kind, row.ready, row.todo) == ("audio", True, "transcode") and "waveform" in row.files
    jobs.process(sound.id, "slow")
    assert {"waveform", "play"} <= Media.by_id(sound.id).files.keys()


def test_a_step_that_an_older_goblin_wrote_down_is_passed_over(medium):
    jobs.process(medium.id)
    Media.update(state="unprocessed", todo="engrave facts").where(Media.id == medium.id).execute()
    jobs.process(medium.id)
    item = Media.by_id(medium.id)
    assert (item.state, item.todo, item.error) == ("processed", "", "") and item.files["thumb"]


def test_copies_come_along_in_pieces_where_the_disk_has_no_hard_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError("no hard links here")

    monkeypatch.setattr(outcome.os, "link", refuse)
    size = 64 << 20
    with open(tmp_path / "old", "wb") as old:
        old.truncate(size)
    tracemalloc.start()
    try:
        outcome._bring_along(tmp_path / "old", tmp_path / "new")
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert (tmp_path / "new").stat().st_size == size


def test_words_of_every_kind_are_fit_to_be_shown(medium, monkeypatch):
    """Names on one line, descriptions on several; nothing unseen in either but what joins or parts letters."""
    unseen = "\u202e\u200f\u061c\u200b\u00ad\x1b\x07"
    said = {
        "title": f" Sea{unseen}\r\nside\tat\u2028dusk ",
        "description": f"One{unseen}\r\ntwo\rمی\u200cخواهم ",
    }
    decode(
        monkeypatch,
        Result({**said, "camera": f"Eye\n{unseen}4"}, {"tags": [f"sum{unseen}mer\nnight", unseen]}),
    )
    jobs.process(medium.id)
    row = Media.get_by_id(medium.id)
    assert (row.title, row.description) == ("Sea side at dusk", "One\ntwo\nمی\u200cخواهم")
    assert [tag.word for tag in Tag.of(row)] == ["summer night"]
    assert row.data["facts"]["camera"] == "Eye 4"


def test_a_name_of_nothing_that_is_seen_is_none(medium, monkeypatch):
    decode(monkeypatch, Result({"title": "\u202e\x07", "description": "\u200f\n"}))
    jobs.process(medium.id)
    row = Media.get_by_id(medium.id)
    assert (row.title, row.description) == ("beach", "")

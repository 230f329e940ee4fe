"""What doctor says of a gallery in order and of others, and what --repair mends."""

import os
import shutil
import sqlite3
import time

import pytest
from booted import picture
from commands import really_run, run

from goblin import boot, jobs, library
from goblin.cli import machine
from goblin.models import Media, Upload
from goblin.setup import needs


@pytest.fixture
def doctor(site, monkeypatch):
    """doctor() -> how it ended; the machine itself is looked at in a test of its own."""
    monkeypatch.setattr(machine, "check_machine", lambda program: [])
    monkeypatch.setenv("GOBLIN_UPLOADS_KEEP_FREE", "0")
    return lambda *words: run(site.folder, "doctor", *words)


@pytest.fixture
def beach(site):
    """A medium that is ready."""
    return site.ready(site.sign_in("ann"), "beach.png", picture(seed=1))


def age(path, hours=2):
    """Make a file look as if it had been there for a while."""
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def test_a_real_one_names_the_machine_and_finds_all_well(site, beach):
    site.shut()
    ended = really_run(site.folder, "doctor", "--deep", GOBLIN_UPLOADS_KEEP_FREE="0")
    assert ended.status == 0, ended.out + ended.err
    for word in ("Python 3.", "SQLite 3.", "bottle 0.13", "HEIC", "ffmpeg", "the same to the last bit"):
        assert word in ended.out
    assert "WRONG" not in ended.out and ended.out.endswith("All is well.\n")


def test_it_changes_nothing(doctor, site, beach):
    def everything():
        files = (path for path in site.folder.rglob("*") if path.is_file() and "queue" not in path.name)
        return {path: path.stat().st_mtime_ns for path in files}

    site.shut()
    before = everything()
    doctor()
    library.jobs.db.close()
    assert everything() == before


def test_where_there_is_no_gallery_the_machine_is_looked_at_all_the_same(doctor, tmp_path):
    ended = run(tmp_path / "nowhere", "doctor")
    assert ended.status == 0 and "There is no gallery" in ended.out
    assert "All is well" not in ended.out and "no gallery was looked at" in ended.out
    assert not (tmp_path / "nowhere").exists()


def test_an_original_that_is_gone_or_altered(doctor, site, beach):
    other = site.upload(site.sign_in("ann"), "other.png", picture(seed=2))
    library.disk.original(beach.original).unlink()
    path = library.disk.original(other.original)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    ended = doctor()
    assert 'begin with "wrong"' in ended.err and "wrong  " in ended.out
    assert "Something is wrong" in ended.err and "Something is wrong" not in ended.out
    assert ended.status == 1 and "Originals that are missing (1)" in ended.out and beach.original in ended.out
    assert other.original not in ended.out  # as long as before: only --deep sees it
    assert other.original in doctor("--deep").out


def test_an_original_moved_by_hand_is_brought_back_by_its_bytes(doctor, site, beach):
    path = library.disk.original(beach.original)
    moved = path.with_name("summer.png")
    os.rename(path, moved)
    age(moved)
    assert "no medium knows" in doctor().out
    ended = doctor("--repair")
    assert ended.status == 0 and f"was brought back to originals/{beach.original}" in ended.out
    assert path.read_bytes() == picture(seed=1) and not moved.exists()


def test_strangers_among_the_originals_are_set_aside_and_never_deleted(doctor, site, beach):
    stranger = site.folder / "originals" / "ann" / "stranger.png"
    for content in (b"first", b"second"):
        stranger.write_bytes(content)
        age(stranger)
        assert doctor().status == 1
        assert doctor("--repair").status == 0
    found = site.folder / "found" / "originals" / "ann"
    assert {p.read_bytes() for p in found.iterdir()} == {b"first", b"second"}
    assert library.disk.original(beach.original).exists()


def test_an_upload_on_its_way_is_no_stranger(doctor, site):
    library.disk.reserve("ann", "2026-11-22T10:00:00Z", "coming.png")
    assert doctor("--repair").status == 0
    assert (site.folder / "originals" / "ann" / "2026" / "11" / "coming.png").exists()


def test_lost_copies_are_made_again(doctor, site, beach):
    shutil.rmtree(library.disk.derived_of(beach.id))
    ended = doctor()
    assert ended.status == 1 and "copies are lost" in ended.out
    ended = doctor("--repair")
    assert "Lost copies are made again (1)." in ended.out and ended.status == 0
    jobs.process(beach.id)
    assert Media.by_id(beach.id).state == "processed" and "All copies are there." in doctor().out


def test_a_damaged_database_is_said_and_not_touched(doctor, site, beach):
    site.shut()
    path = site.folder / "goblin.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + os.urandom(4096) + whole[8192:])
    damaged = path.read_bytes()
    ended = doctor("--repair")
    assert ended.status == 1 and "restore a backup" in ended.out and "Traceback" not in ended.err
    assert path.read_bytes() == damaged
    path.write_bytes(b"no database at all" * 400)
    assert "cannot be read" in doctor().out


def test_rows_without_their_parent_and_older_or_newer_tables(doctor, site, beach):
    site.shut()
    with sqlite3.connect(site.folder / "goblin.db") as rows:
        rows.execute("UPDATE media SET user_id = 99")
        rows.commit()
        assert "1 row without what they belong to (media)" in doctor().out
        rows.execute("UPDATE media SET user_id = 1")
        rows.execute("UPDATE migrations_core SET name = '9999_later' WHERE id = 1")
        rows.commit()
        assert "newer goblin" in doctor().out
    rows.close()


def test_no_room_no_marker_wrong_clock(doctor, site, beach, monkeypatch):
    Media.update(created="2999-01-01T00:00:00.000000Z").execute()
    (site.folder / ".goblin").unlink()
    monkeypatch.setenv("GOBLIN_UPLOADS_KEEP_FREE", "900 TB")
    ended = doctor()
    assert ended.status == 1
    assert "uploads are refused until there is room" in ended.out and "is its disk mounted?" in ended.out
    (site.folder / ".goblin").touch()
    assert "before the newest medium" in doctor().out


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_files_left_by_another_user(doctor, site):
    os.chown(site.folder / "queue.db", 65534, 65534)
    ended = doctor()
    assert ended.status == 1 and "queue.db belong to another user" in ended.out


def test_uploads_not_finished_and_left_behind(doctor, site):
    user = site.person("ann")
    Upload.create(token="known", user=user, length=10, expires="2999-01-01")
    done = site.upload(site.sign_in("ann"))
    Upload.create(token="done", user=user, length=10, expires="2999-01-01", medium=done)
    for name in ("known", "unknown"):
        (site.folder / "incoming" / name).write_bytes(b"12345")
        age(site.folder / "incoming" / name)
    ended = doctor()
    assert ended.status == 0
    assert (
        "1 upload not finished yet" in ended.out
        and "5 bytes left of 1 upload nobody will go on with" in ended.out
    )
    assert "What was left of 1 upload was removed" in doctor("--repair").out
    assert [p.name for p in (site.folder / "incoming").iterdir()] == ["known"]


def test_copies_cut_off_in_the_making(doctor, site, beach):
    sets = library.disk.derived_of(beach.id)
    for folder in (sets / "7", library.disk.derived(beach.id + 1, 1)):
        folder.mkdir(parents=True)
        (folder / "play.mp4").write_bytes(b"12345")
        age(folder)
    age(sets / str(beach.generation))
    Media.update(state="processing").execute()
    assert "5 bytes of copies that were never finished" in doctor().out, (
        "what is being prepared is left alone"
    )
    Media.update(state="processed").execute()
    assert "10 bytes of copies that were never finished" in doctor().out
    assert "never finished were removed (2 sets)" in doctor("--repair").out
    assert [folder.name for folder in sets.iterdir()] == [str(beach.generation)]


def test_what_failed_is_counted(doctor, site, beach):
    Media.update(state="failed", error="No.").execute()
    ended = doctor()
    assert ended.status == 0 and "1 media could not be prepared" in ended.out


def test_media_that_a_running_gallery_forgot(doctor, site, beach, monkeypatch):
    from goblin import checkup, lock

    monkeypatch.setattr(checkup.time, "sleep", lambda seconds: None)
    Media.update(state="processing").execute()
    assert "No goblin serves this folder just now; 1 media wait" in doctor().out
    Media.update(state="unprocessed").execute()
    for lane in jobs.workshop.lanes.values():
        lane.flush()
    with lock.hold(site.folder, lock.SERVING):
        ended = doctor()
        assert ended.status == 1 and "the queue does not know them" in ended.out
        ended = doctor("--repair")
        assert ended.status == 0 and "put into the queue again (1)" in ended.out
        assert "A goblin serves this folder; 1 media wait" in ended.out


def test_doctor_looks_for_every_library_the_set_up_fetches():
    modules = {"Pillow": "PIL", "argon2-cffi": "argon2"}
    assert tuple(modules.get(name, name) for name in machine.PARTS) == needs.CORE


def test_what_a_machine_lacks_is_said(monkeypatch):
    monkeypatch.setattr(machine, "ask", lambda code: "")
    monkeypatch.setattr(machine, "PARTS", ("bottle", "no-such-part"))
    said = {f.sentence: f.mark for f in machine.check_machine("/no/such/ffmpeg")}
    assert [m for s, m in said.items() if "no-such-part cannot be found" in s] == ["wrong"]
    assert [m for s, m in said.items() if "The ffmpeg program named in the settings" in s] == ["wrong"]
    assert [m for s, m in said.items() if "HEIC photos cannot be shown" in s] == ["note"]
    assert [m for s, m in said.items() if "cut decoders off" in s] == ["note"]


def test_many_faults_are_counted_and_some_named(doctor, site):
    for number in range(13):
        path = site.folder / "originals" / f"{number:02}.png"
        path.write_bytes(picture())
        age(path)
    out = doctor().out
    assert "Files among the originals that no medium knows (13)" in out and "and 3 more" in out
    boot.shut()

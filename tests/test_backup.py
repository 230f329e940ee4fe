"""A gallery written into one file while it runs, and brought back: whole, or not at all."""

import io
import os
import random
import sqlite3
import subprocess
import tarfile
import tracemalloc

import booted
import pytest
from booted import picture
from commands import command, environment, really_run, run

from goblin import backup, db, library, lock, people, trash
from goblin.backup import restore
from goblin.models import Collection, Media, Session, Tag, Token, User
from goblin.refused import Refused


@pytest.fixture
def other(tmp_path):
    """Where backups are brought back to."""
    return tmp_path / "other" / "data"


@pytest.fixture
def saved(site, tmp_path):
    """A backup of a gallery with two media."""
    ann = site.sign_in("ann")
    site.ready(ann, "beach.png", collection="Holiday", tags="sea, sand")
    site.upload(ann, "garden.png")
    run(site.folder, "backup", tmp_path / "saved.tar")
    return tmp_path / "saved.tar"


def originals(folder):
    files = (path for path in (folder / "originals").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def left_in(folder):
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else None


def test_everything_comes_back_in_another_place(site, tmp_path, other):
    ann = site.sign_in("ann")
    beach = site.ready(ann, "beach.png", collection="Holiday", tags="sea, sand", title="At the beach")
    site.upload(ann, "garden.png")
    trashed = site.upload(ann, "blurred.png")
    trash.delete(trashed, site.person("ann"))
    token = Token.issue(user=site.person("ann"), label="phone", scope="read")
    (site.folder / "goblin.ini").write_text("[site]\ntitle = Ours\n")
    (site.folder / "plugins" / "mine" / "__pycache__").mkdir(parents=True)
    (site.folder / "plugins" / "mine" / "__init__.py").write_text("def setup(app, options): pass\n")
    (site.folder / "plugins" / "mine" / "__pycache__" / "x.pyc").write_bytes(b"x")
    (site.folder / "outside").symlink_to("/etc/passwd")
    before = originals(site.folder)
    assert run(site.folder, "backup", tmp_path / "b.tar").status == 0

    ended = run(other, "restore", tmp_path / "b.tar")
    assert ended.status == 0 and "3 media are back" in ended.out
    assert originals(other) == before
    assert (other / "goblin.ini").read_text() == "[site]\ntitle = Ours\n"
    assert {"goblin.db", "goblin.ini", "plugins"} < set(left_in(other))
    assert {"queue.db", "outside", "restoring"}.isdisjoint(left_in(other))
    assert left_in(other / "plugins" / "mine") == ["__init__.py"]

    again = booted.Site(other)
    assert [c.title for c in Collection.of(User.named("ann"))] == ["Holiday"]
    assert [t.word for t in Tag.of(beach)] == ["sea", "sand"]
    assert Media.by_id(beach.id).state == "unprocessed"
    # Nobody is signed in by an old backup, nor by a token that was revoked since.
    assert Token.find(token) is None and Session.select().count() == 0
    assert "need new access tokens" in ended.out
    again.process()
    now = Media.by_id(beach.id)
    assert (now.state, now.title) == ("processed", "At the beach") and now.generation > beach.generation
    trash.restore(Media.by_id(trashed.id), again.person("ann"))
    assert len(originals(other)) == 3
    path = library.disk.original(now.original)
    assert path.stat().st_mode & 0o777 == 0o444


def test_ids_given_after_the_backup_are_not_given_again(site, saved, other):
    later = site.upload(site.sign_in("ann"))
    run(other, "restore", saved)
    again = booted.Site(other)
    assert again.upload(again.sign_in("ann")).id > later.id


def test_what_happens_meanwhile_does_no_harm(site, tmp_path, other):
    ann, user = site.sign_in("ann"), site.person("ann")
    _, trashed, destroyed, revived = (site.upload(ann, f"{n}.png", picture(seed=n)) for n in range(4))
    trash.delete(revived, user)
    trash.delete(destroyed, user)
    begun = []

    def meanwhile(size):
        if not begun:
            begun.append(size)
            trash.restore(Media.by_id(revived.id), user)
            trash.empty_trash_of(user)
            trash.delete(trashed, user)
            site.upload(ann, "new.png")

    with open(tmp_path / "b.tar", "wb") as file:
        report = backup.write(file, meanwhile)
    assert begun
    assert not report.missing and not report.altered

    assert run(other, "restore", tmp_path / "b.tar").status == 0
    booted.Site(other)
    states = {m.name: bool(m.deleted) for m in Media.select()}
    # As it was when the backup began, but for what was destroyed since: of that there is nothing left.
    assert states == {"0.png": False, "1.png": False, "3.png": True}
    assert all(library.disk.find(m.id, m.original) for m in Media.select())


def test_it_runs_beside_a_serving_goblin_that_takes_uploads(site, tmp_path, other):
    import threading

    from tests.bench.server import Server

    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(40):
        (folder / f"{n:02}.png").write_bytes(picture(seed=n))
    site.shut()
    with Server(site.folder, GOBLIN_UPLOADS_KEEP_FREE="0"):
        feeding = threading.Thread(
            target=really_run,
            args=(site.folder, "import", folder, "--user", "ann"),
            kwargs={"GOBLIN_UPLOADS_KEEP_FREE": "0"},
        )
        feeding.start()
        tars = [tmp_path / f"{n}.tar" for n in range(3)]
        for tar in tars:
            assert really_run(site.folder, "backup", tar).status == 0
        feeding.join()
        ended = really_run(site.folder, "restore", "--force", tars[0])
        assert ended.status == 1 and "serves" in ended.err
    for number, tar in enumerate(tars):
        ended = run(other / str(number), "restore", tar)
        assert ended.status == 0 and "missing" not in ended.out


def test_a_file_that_is_there_is_not_replaced_unless_asked(site, tmp_path):
    path = tmp_path / "b.tar"
    path.write_text("mine")
    ended = run(site.folder, "backup", path)
    assert ended.status == 1 and "is there already" in ended.err and path.read_text() == "mine"
    assert run(site.folder, "backup", path, "--force").status == 0
    assert tarfile.is_tarfile(path) and path.stat().st_mode & 0o077 == 0


def test_a_backup_that_fails_leaves_no_piece_of_it(site, saved, tmp_path, monkeypatch):
    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    ended = run(site.folder, "backup", tmp_path / "new.tar")
    assert ended.status == 1 and "The disk is full" in ended.err
    assert left_in(tmp_path) == ["data", "saved.tar"]
    assert left_in(site.folder / "backups") == []


def test_a_backup_inside_the_data_folder_does_not_hold_itself(site, saved):
    assert run(site.folder, "backup", site.folder / "b.tar").status == 0
    with tarfile.open(site.folder / "b.tar") as tar:
        assert not [name for name in tar.getnames() if name.startswith("b.tar")]


def test_missing_and_altered_originals_are_named_and_the_rest_is_saved(site, tmp_path, other):
    ann = site.sign_in("ann")
    lost, changed, _ = (site.upload(ann, f"{n}.png") for n in range(3))
    library.disk.original(lost.original).unlink()
    path = library.disk.original(changed.original)
    path.chmod(0o644)
    path.write_bytes(b"scribbled over")
    ended = run(site.folder, "backup", tmp_path / "b.tar")
    assert ended.status == 0
    assert (
        f"{lost.original} was not on the disk" in ended.err and f"{changed.original} is not what" in ended.err
    )
    ended = run(other, "restore", tmp_path / "b.tar")
    assert ended.status == 0 and "The originals of 1 of them were missing" in ended.out


def test_through_a_pipe(site, saved, other):
    words = (command(site.folder, "backup", "-"), command(other, "restore", "-"))
    with subprocess.Popen(words[0], stdout=subprocess.PIPE, env=environment()) as source:
        told = {"stdin": source.stdout, "env": environment(), "capture_output": True, "text": True}
        ended = subprocess.run(words[1], **told)
    assert ended.returncode == 0 and "2 media are back" in ended.stdout
    assert originals(other) == originals(site.folder)


def test_memory_stays_flat(site, tmp_path, other):
    ann = site.sign_in("ann")
    site.upload(ann, "big.png", picture() + os.urandom(24 << 20))
    tracemalloc.start()
    run(site.folder, "backup", tmp_path / "b.tar")
    run(other, "restore", tmp_path / "b.tar")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20


# --- what must not be put in force


def assert_refused(ended, other, *words):
    assert ended.status == 1 and ended.err.startswith("goblin: ") and "Traceback" not in ended.err
    assert all(word in ended.err for word in words), ended.err
    assert not other.exists()


def test_a_flipped_bit_anywhere_is_found_or_does_not_matter(saved, site, other, tmp_path):
    whole, chance = saved.read_bytes(), random.Random(7)
    before = originals(site.folder)
    refused = 0
    for _ in range(25):
        data = bytearray(whole)
        data[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        saved.write_bytes(data)
        with open(saved, "rb") as stream:
            try:
                restore.restore(stream, other, lambda database: None)
            except Refused:
                refused += 1
                assert not other.exists()
            else:
                assert originals(other) == before
                os.rename(other, tmp_path / f"whole-{chance.random()}")
    assert refused > 12


@pytest.mark.parametrize("part", [0, 100, 512, 5000, 0.3, 0.6, 0.9, 0.97])
def test_a_file_cut_short_is_refused(saved, other, part):
    whole = saved.read_bytes()
    saved.write_bytes(whole[: part if isinstance(part, int) else int(len(whole) * part)])
    assert_refused(run(other, "restore", saved), other)


def test_what_is_no_backup_is_refused(other, tmp_path):
    (tmp_path / "x.tar").write_bytes(picture())
    assert_refused(run(other, "restore", tmp_path / "x.tar"), other)
    assert_refused(run(other, "restore", tmp_path / "nothing.tar"), other, "No such file")
    with tarfile.open(tmp_path / "y.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("hello"))
    assert_refused(run(other, "restore", tmp_path / "y.tar"), other, "not a backup made by goblin")


def rewritten(saved, change):
    """The backup with every member passed through change(info, data), which may yield others."""
    out = io.BytesIO()
    with tarfile.open(saved) as tar, tarfile.open(fileobj=out, mode="w") as new:
        for info in tar:
            for member, data in change(info, tar.extractfile(info).read()):
                member.size = len(data) if member.isreg() else 0
                new.addfile(member, io.BytesIO(data))
    saved.write_bytes(out.getvalue())


def smuggle(**values):
    """A change that puts a strange member behind the header."""

    def change(info, data):
        yield info, data
        if info.name == backup.HEADER:
            strange = tarfile.TarInfo("strange")
            for name, value in values.items():
                setattr(strange, name, value)
            yield strange, b"strange"

    return change


@pytest.mark.parametrize(
    "values",
    [
        {"name": "../../escaped"},
        {"name": "/escaped"},
        {"name": "originals/../../escaped"},
        {"name": "a//b"},
        {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
        {"type": tarfile.LNKTYPE, "linkname": "goblin-backup.json"},
        {"type": tarfile.CHRTYPE},
        {"type": tarfile.FIFOTYPE},
        {"type": tarfile.DIRTYPE},
        {"name": "extra"},
    ],
    ids=str,
)
def test_members_that_have_no_business_there_are_refused(saved, other, tmp_path, values):
    rewritten(saved, smuggle(**values))
    assert_refused(run(other, "restore", saved), other, "damaged")
    assert not list(tmp_path.rglob("escaped"))


def test_a_member_that_comes_twice_is_refused(saved, other):
    rewritten(saved, lambda info, data: [(info, data)] * (1 + info.name.endswith(".png")))
    assert_refused(run(other, "restore", saved), other, "in it twice")


def test_other_bytes_under_the_same_name_are_refused(saved, other):
    def change(info, data):
        yield info, picture() if info.name.endswith("beach.png") else data

    rewritten(saved, change)
    assert_refused(run(other, "restore", saved), other, "beach.png' is not as it was written")


def test_a_newer_backup_and_a_newer_database_are_refused(site, saved, other, tmp_path):
    def change(info, data):
        yield info, data.replace(b'"format": 1', b'"format": 2') if info.name == backup.HEADER else data

    whole = saved.read_bytes()
    rewritten(saved, change)
    assert_refused(run(other, "restore", saved), other, "newer goblin")
    saved.write_bytes(whole)
    db.open_database(site.folder / "goblin.db")
    db.db.execute_sql("UPDATE migrations_core SET name = '9999_later' WHERE id = 1")
    run_backup = tmp_path / "later.tar"
    with open(run_backup, "wb") as file:
        backup.write(file)
    assert_refused(run(other, "restore", run_backup), other, "newer goblin", "9999_later")


def test_a_folder_in_use_is_left_alone_or_moved_aside_whole(site, saved, other, tmp_path):
    people.add("bob", booted.PASSWORD)
    before = originals(site.folder)
    ended = run(site.folder, "restore", saved)
    assert ended.status == 1 and "is not empty" in ended.err
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(saved.read_bytes()[:-30_000])
    kept = left_in(site.folder)
    assert run(site.folder, "restore", "--force", damaged).status == 1
    assert left_in(site.folder) == kept

    ended = run(site.folder, "restore", "--force", saved)
    assert ended.status == 0
    (aside,) = site.folder.glob("before-*")
    assert str(aside) in ended.out
    assert originals(aside) == before == originals(site.folder)
    with sqlite3.connect(aside / "goblin.db") as old, sqlite3.connect(site.folder / "goblin.db") as new:
        count = 'SELECT COUNT(*) FROM "user"'
        assert old.execute(count).fetchone() == (2,) and new.execute(count).fetchone() == (1,)
    old.close()
    new.close()


def test_when_the_last_rename_fails_everything_is_as_before(site, saved, monkeypatch):
    site.shut()
    rename, before = os.rename, left_in(site.folder)

    def fail_at_the_end(source, target):
        if str(source).endswith("restoring/goblin.db"):
            raise PermissionError(13, "Permission denied", str(target))
        rename(source, target)

    monkeypatch.setattr(os, "rename", fail_at_the_end)
    ended = run(site.folder, "restore", "--force", saved)
    assert ended.status == 1 and "may not be written" in ended.err
    assert [n for n in left_in(site.folder) if n not in lock.NAMES] == before


def test_what_a_broken_off_restore_left_is_no_hindrance(saved, other):
    (other / "restoring" / "originals").mkdir(parents=True)
    (other / "restoring" / "originals" / "half").write_bytes(b"half")
    assert run(other, "restore", saved).status == 0
    assert "restoring" not in left_in(other)


def test_a_disk_without_room_is_said_before_anything_is_written(saved, other):
    def change(info, data):
        yield (
            info,
            data.replace(b'"bytes": ', b'"bytes": 99999999999') if info.name == backup.HEADER else data,
        )

    rewritten(saved, change)
    assert_refused(run(other, "restore", saved), other, "this backup needs")

"""Taking in files, folders and zips from the keeper's machine."""

import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zipfile

import pytest
from booted import picture
from commands import ROOT, command, environment, run

from goblin import library
from goblin.importing import zips
from goblin.models import Collection, Media, Membership


@pytest.fixture
def take(site):
    """Imports as ann: take(path, ...) -> how it ended."""
    return lambda *words: run(site.folder, "import", "--user", "ann", *words)


@pytest.fixture
def holiday(tmp_path):
    """A folder as a family has it: photos in folders, and what systems leave beside them."""
    folder = tmp_path / "holiday"
    (folder / "day 2" / ".thumbnails").mkdir(parents=True)
    (folder / "one.png").write_bytes(picture(seed=1))
    (folder / "day 2" / "Fähre.jpg").write_bytes(picture(form="JPEG", seed=2))
    (folder / "day 2" / ".thumbnails" / "small.png").write_bytes(picture(seed=3))
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / "one.png.xmp").write_text("<x/>")
    (folder / "notes.bin").write_bytes(b"\1\2\3 nothing that can be shown")
    return folder


def zipped(path, members, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def names():
    return sorted(item.name for item in Media.select())


def test_a_folder_is_taken_with_everything_below_it(take, holiday):
    ended = take(holiday)
    assert ended.status == 0
    assert names() == ["Fähre.jpg", "one.png"]
    assert "2 added, 0 had already, 1 not taken, 3 passed over." in ended.out
    assert "not a kind of file this gallery can show" in ended.out
    # In order of names, so that a second run and its log can be compared with the first.
    assert ended.out.index("one.png") < ended.out.index("Fähre.jpg")


def test_a_second_time_adds_nothing_and_writes_nothing(take, holiday, monkeypatch):
    take(holiday)
    monkeypatch.setattr(library, "add", lambda *a: pytest.fail("it was written again"))
    ended = take(holiday / "one.png", holiday / "day 2")
    assert ended.status == 0 and "0 added, 2 had already" in ended.out


def test_what_was_there_comes_into_the_collection_too(take, holiday):
    take(holiday / "one.png")
    assert take(holiday, "--collection", "Holiday", "--visibility", "private").status == 0
    (collection,) = Collection.select()
    assert collection.title == "Holiday"
    assert Membership.select().where(Membership.collection == collection).count() == 2
    assert sorted(m.visibility for m in Media.select()) == ["members", "private"]


def test_a_file_of_the_same_size_but_other_bytes_is_no_duplicate(take, tmp_path):
    first, second = picture(seed=1), picture(seed=2)
    assert len(first) == len(second)
    (tmp_path / "a.png").write_bytes(first)
    (tmp_path / "b.png").write_bytes(second)
    assert "2 added" in take(tmp_path / "a.png", tmp_path / "b.png").out


def test_links_and_special_files_inside_are_left_alone(take, tmp_path):
    secret, folder = tmp_path / "elsewhere", tmp_path / "in"
    secret.mkdir()
    folder.mkdir()
    (secret / "secret.png").write_bytes(picture())
    (folder / "link.png").symlink_to(secret / "secret.png")
    (folder / "linked").symlink_to(secret)
    os.mkfifo(folder / "pipe.png")
    ended = take(folder)
    assert ended.status == 1 and "nothing that could be taken" in ended.err
    assert names() == [] and "3 passed over" in ended.out
    assert "neither a file nor a folder" in take(folder / "pipe.png").out


def test_the_gallery_itself_is_not_swallowed(take, site, holiday):
    take(holiday)
    count = Media.select().count()
    (site.folder.parent / "more.png").write_bytes(picture(seed=9))
    assert take(site.folder.parent, "--visibility", "private").status == 0
    assert Media.select().count() == count + 1


def test_nothing_there_nobody_there(take, site, tmp_path):
    ended = take(tmp_path / "nothing")
    assert ended.status == 1 and "There is no file or folder" in ended.err
    ended = run(site.folder, "import", "--user", "eve", tmp_path)
    assert ended.status == 1 and "nobody called eve" in ended.err
    assert run(site.folder, "import", tmp_path).status == 2


def test_a_quota_refuses_with_its_reason_and_the_rest_goes_on(make_site, holiday):
    site = make_site()
    site.person("ann", quota=len(picture(seed=1)) + 100)
    ended = run(site.folder, "import", "--user", "ann", holiday)
    assert "1 added" in ended.out and "you may keep here" in ended.out


def test_no_room_stops_with_a_sentence_and_leaves_nothing(site, holiday, monkeypatch):
    monkeypatch.setenv("GOBLIN_UPLOADS_KEEP_FREE", "900 TB")
    ended = run(site.folder, "import", "--user", "ann", holiday)
    assert ended.status == 1 and "not enough room" in ended.err and "0 added" in ended.out
    assert list((site.folder / "incoming").iterdir()) == [] and Media.select().count() == 0


# --- zips


def test_a_zip_is_taken_member_by_member(take, tmp_path):
    members = [
        ("a/", b""),
        ("a/x.png", picture(seed=1)),
        ("a/y.png", picture(seed=2)),
        ("__MACOSX/a/._x.png", b"?"),
        ("a/.hidden.png", picture(seed=3)),
    ]
    ended = take(zipped(tmp_path / "all.ZIP", members, compression=zipfile.ZIP_DEFLATED))
    assert ended.status == 0 and names() == ["x.png", "y.png"]
    assert "2 added, 0 had already, 0 not taken, 2 passed over" in ended.out
    assert "2 had already" in take(tmp_path / "all.ZIP").out


def test_a_name_in_utf8_is_read_also_without_its_flag(take, tmp_path):
    path = zipped(tmp_path / "all.zip", [("f__hre.png", picture())])
    path.write_bytes(path.read_bytes().replace(b"f__hre", "fähre".encode()))
    take(path)
    assert names() == ["fähre.png"]


def test_members_that_lead_out_or_are_links_are_named_and_left(take, tmp_path):
    path = tmp_path / "evil.zip"
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    members = [
        ("../../out.png", picture(seed=1)),
        ("/abs.png", picture(seed=2)),
        ("C:\\w.png", picture(seed=3)),
    ]
    zipped(path, [*members, (link, "/etc/passwd"), ("inner.zip", b"PK"), ("good.png", picture(seed=4))])
    ended = take(path)
    assert names() == ["good.png"]
    assert "3 not taken: Its name leads out of the zip." in ended.out
    assert "1 not taken: It is a link" in ended.out and "zip inside a zip" in ended.out
    assert not list(tmp_path.rglob("out.png"))


def test_a_locked_member_is_said_to_be_locked(take, tmp_path):
    path = zipped(tmp_path / "locked.zip", [("x.png", picture())])
    data = bytearray(path.read_bytes())
    data[6] |= 1  # general purpose flag, bit 0 (APPNOTE.TXT 4.4.4)
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    ended = take(path)
    assert ended.status == 1 and "locked with a password" in ended.out


def test_damaged_bytes_are_refused_and_nothing_of_them_stays(take, site, tmp_path):
    path = zipped(tmp_path / "bad.zip", [("x.png", picture(seed=1)), ("y.png", picture(seed=2))])
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(data)
    ended = take(path)
    assert names() == ["y.png"] and "cannot be read to its end" in ended.out
    assert list((site.folder / "incoming").iterdir()) == []
    path.write_bytes(data[: len(data) // 2])
    assert "This zip is damaged" in take(path).out


def test_bombs_are_left_alone(take, tmp_path, monkeypatch):
    monkeypatch.setattr(zips, "RATIO_FROM", 1 << 20)
    packed = {"compression": zipfile.ZIP_DEFLATED}
    members = [("zeros.bmp", bytes(3 << 20)), ("good.png", picture(seed=1)), ("noise", os.urandom(1 << 16))]
    path = zipped(tmp_path / "bomb.zip", members, **packed)
    ended = take(path)
    assert "1 not taken: It unpacks to far more than it is" in ended.out and names() == ["good.png"]
    path = zipped(tmp_path / "bombs.zip", [(f"{n}.bmp", bytes(1 << 20)) for n in range(4)], **packed)
    assert "This zip unpacks to far more than it is" in take(path).out


def test_too_many_members_are_refused_before_their_names_are_read(tmp_path, monkeypatch):
    path = zipped(tmp_path / "many.zip", [(f"{n}.png", b"") for n in range(300)])
    monkeypatch.setattr(zips, "LARGEST_DIRECTORY", 4096)
    with open(path, "rb") as stream, pytest.raises(zips.Unfit, match="too many files"):
        next(zips.members(stream))


def test_a_zip_beyond_32_bits_is_measured_too(tmp_path):
    """The 64-bit record counts where the 32-bit one says nothing (APPNOTE.TXT 4.3.14, 4.4.1.4)."""
    directory = 99 << 20
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, directory, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path = tmp_path / "large.zip"
    path.write_bytes(record + locator + end)
    with open(path, "rb") as stream, pytest.raises(zips.Unfit):
        next(zips.members(stream))


def test_a_large_member_is_not_held_in_memory(take, tmp_path):
    import tracemalloc

    noise = os.urandom(1 << 20)
    with zipfile.ZipFile(tmp_path / "large.zip", "w") as archive, archive.open("big.png", "w") as member:
        member.write(picture())
        for _ in range(24):
            member.write(noise)
    tracemalloc.start()
    assert "1 added" in take(tmp_path / "large.zip").out
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20


# --- watching


def test_watching_takes_what_comes_once_it_stopped_growing(site, tmp_path):
    folder = tmp_path / "camera"
    folder.mkdir()
    (folder / "first.png").write_bytes(picture(seed=1))

    quick = "from goblin.cli import imports, main; imports.PAUSE = 0.3; raise SystemExit(main())"
    words = [sys.executable, "-c", quick, "--data", site.folder, "import", folder, "--user", "ann", "--watch"]
    told = {"env": environment(GOBLIN_UPLOADS_KEEP_FREE="0"), "cwd": ROOT}
    pipes = {"stdout": subprocess.PIPE, "text": True, **told}
    with subprocess.Popen(words, **pipes) as process:
        try:
            assert "Looking" in process.stdout.readline()
            assert process.stdout.readline().startswith("added: ")
            whole = picture(seed=2)
            (folder / "second.png").write_bytes(whole[:500])
            grower = threading.Timer(0.4, lambda: (folder / "second.png").write_bytes(whole))
            grower.start()
            assert process.stdout.readline().startswith("added: ")
            grower.join()
        finally:
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=20)[0]
    assert process.returncode == 0 and "2 added, 0 had already, 0 not taken" in rest
    assert Media.get(Media.name == "second.png").bytes == len(whole)


def test_settled_wants_each_state_of_a_file_once(tmp_path):
    from goblin.importing import Settled

    path, settled = tmp_path / "x", Settled()
    path.write_bytes(b"1")
    assert [settled(path.stat()) for _ in range(4)] == [False, True, False, False]
    path.write_bytes(b"12")
    assert [settled(path.stat()) for _ in range(3)] == [False, True, False]


# --- beside a serving goblin


def test_a_serving_goblin_prepares_what_is_imported_beside_it(site, holiday):
    from tests.bench.server import Server

    site.shut()
    with Server(site.folder, GOBLIN_UPLOADS_KEEP_FREE="0"):
        pipes = {"capture_output": True, "text": True, "env": environment(GOBLIN_UPLOADS_KEEP_FREE="0")}
        words = command(site.folder, "import", holiday, "--user", "ann")
        ended = subprocess.run(words, timeout=60, **pipes)
        assert "The running gallery prepares them now." in ended.stdout
        library.jobs.ensure_connected()
        deadline = time.monotonic() + 30
        while Media.select().where(Media.state == "processed").count() < 2:
            assert time.monotonic() < deadline, [m.state for m in Media.select()]
            time.sleep(0.1)


def test_what_a_starting_goblin_took_for_a_leftover_is_added_again(site, take, tmp_path, monkeypatch):
    add, swept = library.add, []

    def added_and_swept(*args):
        item, had = add(*args)
        if not swept:
            swept.append(item.id)
            Media.delete().where(Media.id == item.id).execute()
        return item, had

    monkeypatch.setattr(library, "add", added_and_swept)
    (tmp_path / "x.png").write_bytes(picture())
    assert "1 added" in take(tmp_path / "x.png").out
    assert swept and names() == ["x.png"]


def test_what_another_process_works_on_is_not_disturbed(site, take, holiday, tmp_path):
    medium = site.upload(site.sign_in("ann"))
    Media.update(state="processing").where(Media.id == medium.id).execute()
    before = threading.active_count()
    ended = take(holiday)
    assert "They are prepared when goblin runs" in ended.out
    assert Media.by_id(medium.id).state == "processing"
    assert threading.active_count() == before


def test_a_name_that_is_no_text_is_taken_and_cannot_play_with_the_terminal(take, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    with open(os.fsencode(folder) + b"/\xff\x1b[2Jx.png", "wb") as file:
        file.write(picture())
    ended = take(folder)
    assert ended.status == 0 and "\x1b" not in ended.out and "1 added" in ended.out

"""What one job may use: a share of the machine's memory by kind, never more, and threads that fit in."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from goblin import media
from goblin.media import Limits
from goblin.media.child import box
from goblin.media.sandbox import Answer, Failed, Sandbox
from tests import made
from tests.bench.server import _children

MB = 1 << 20
media.scan()
KIND = """
import os
from goblin import media

@media.register
class Hungry(media.MediaType):
    kind = "hungry"
    limits = media.Limits(memory=256 << 20, most=768 << 20)

    def process(self, source, out, options, progress):
        held = bytearray(options["eats"])
        while options.get("crumbs"):
            held = [held]
        lines = open("/proc/self/limits").read().splitlines()[1:]
        idles = os.sched_getscheduler(0) == os.SCHED_IDLE
        limits = {line[:26].strip(): line[26:].split()[0] for line in lines}
        return media.Result(data={"idles": idles, "limits": limits})
"""


@pytest.mark.parametrize(
    ("total", "picture", "video"),
    [
        (512 * MB, 160, 250),
        (430 * MB, 160, 250),  # what a Pi Zero 2 tells of its 512 MB
        (1024 * MB, 256, 400),
        (925 * MB, 256, 400),  # what a Pi tells of its 1 GB
        (2048 * MB, 512, 800),
        (8192 * MB, 768, 1536),
        (64 << 30, 768, 1536),
    ],
)
def test_each_kind_gets_its_share_of_the_machine(total, picture, video):
    kinds = {"image": picture, "video": video}
    for kind, wanted in kinds.items():
        limits = media.TYPES[kind].limits
        assert box.share(limits.memory, limits.most, total) == wanted * MB


def test_a_kind_that_names_no_most_gets_no_more_on_a_large_machine():
    plain = Limits(memory=100 * MB)
    assert box.share(plain.memory, plain.most, 64 << 30) == 100 * MB


def test_a_container_may_have_less_than_its_machine(tmp_path):
    proc, groups = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "self").mkdir(parents=True)
    (groups / "system.slice" / "goblin.service").mkdir(parents=True)
    (groups / "memory" / "docker" / "abc").mkdir(parents=True)
    (proc / "meminfo").write_text("MemTotal:        8000000 kB\nMemFree:  10 kB\n")
    assert box.memory(proc, groups) == 8_000_000 << 10
    (proc / "self" / "cgroup").write_text("0::/system.slice/goblin.service\n")
    (groups / "system.slice" / "goblin.service" / "memory.max").write_text("max\n")
    assert box.memory(proc, groups) == 8_000_000 << 10
    (groups / "system.slice" / "memory.max").write_text(f"{600 * MB}\n")
    assert box.memory(proc, groups) == 600 * MB
    (proc / "self" / "cgroup").write_text("4:memory:/docker/abc\n3:cpu:/docker\n")
    (groups / "memory" / "docker" / "abc" / "memory.limit_in_bytes").write_text(f"{512 * MB}\n")
    assert box.memory(proc, groups) == 512 * MB
    assert box.memory(tmp_path / "nowhere", groups) == 1 << 30


@pytest.mark.parametrize(
    ("wanted", "cores", "room", "threads"),
    [(0, 4, 352, 1), (4, 4, 352, 1), (0, 4, 760, 2), (4, 4, 760, 4), (0, 2, 1488, 1), (0, 1, 100, 1)],
)
def test_threads_of_ffmpeg_follow_the_memory(wanted, cores, room, threads):
    assert box.threads(wanted, cores, room * MB) == threads


@pytest.fixture
def hungry(tmp_path, monkeypatch):
    """hungry(eats, **sandbox options): a job that holds so many bytes."""
    (tmp_path / "hungry_kind.py").write_text(KIND)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "hungry_kind", raising=False)
    __import__("hungry_kind")
    (tmp_path / "out").mkdir()

    def run(eats, crumbs=False, **options):
        sandbox, wish = Sandbox(**options), {"eats": eats, "crumbs": crumbs}
        try:
            return sandbox.run("hungry", tmp_path, tmp_path / "out", wish, module="hungry_kind")
        finally:
            sandbox.close()

    yield run
    media.reset()


def test_a_child_really_gets_its_limit(hungry):
    limits = hungry(1, machine=1 << 30).data["limits"]
    assert int(limits["Max data size"]) <= 256 * MB < int(limits["Max address space"])
    with pytest.raises(Failed, match="more memory"):
        hungry(250 * MB, machine=1 << 30)
    assert hungry(250 * MB, machine=4 << 30)
    with pytest.raises(Failed, match="more memory"):
        hungry(60 * MB, machine=4 << 30, workers_memory=64 * MB)


def test_a_child_works_only_while_nobody_else_wants_the_processor(hungry):
    assert hungry(1).data["idles"]


def _peak(tmp_path, kind, source):
    """The most MB that one process of a job had in memory, on a machine with 1 GB."""
    sandbox, most, over = Sandbox(machine=1 << 30), [0], threading.Event()

    def watch():
        while not over.is_set():
            most[0] = max([most[0], *map(_resident, _children(os.getpid()))])
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        out = tmp_path / f"out-{kind}"
        out.mkdir()
        return sandbox.run(kind, source, out, media.options_of(kind, {}) | {"ffmpeg": ""}), most
    finally:
        over.set()
        watcher.join()
        sandbox.close()


def _resident(pid):
    """MB in memory; none of a process that is no other program yet: it shares its parent's, which are the tests."""
    try:
        if Path(f"/proc/{pid}/cmdline").read_bytes() == Path("/proc/self/cmdline").read_bytes():
            return 0
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB
    except (OSError, IndexError):
        return 0


def test_full_hd_and_twelve_megapixels_fit_a_machine_with_one_gigabyte(tmp_path):
    film = made.silent(tmp_path / "hd.mkv", "-c:v", "mpeg2video", "-q:v", "4", size="1920x1080")
    result, most = _peak(tmp_path, "video", film)
    assert "play" in result.files and 60 < most[0] < 400
    photo = tmp_path / "photo.jpg"
    Image.effect_noise((4000, 3000), 30).convert("RGB").save(photo, quality=85)
    result, most = _peak(tmp_path, "image", photo)
    assert "large" in result.files and 10 < most[0] < 256


def test_an_ffmpeg_that_cannot_even_start_is_told_as_want_of_memory(tmp_path):
    film = made.silent(tmp_path / "a.mp4", *made.H264)
    sandbox = Sandbox(workers_memory=20 * MB)
    try:
        with pytest.raises(Failed, match="more memory"):
            sandbox.run("video", film, tmp_path, {"ffmpeg": ""})
    finally:
        sandbox.close()


def test_the_last_byte_being_gone_is_said_as_want_of_memory(hungry):
    """Of many small things nothing is given back before it is said."""
    with pytest.raises(Failed, match="needs more memory"):
        hungry(1, crumbs=True, machine=1 << 30)


@pytest.mark.parametrize(
    "drawing",
    [
        '<rect width="7000" height="7000"/>',
        pytest.param(
            '<filter id="a" x="0" y="0" width="9000" height="9000" filterUnits="userSpaceOnUse"><feTurbulence/>'
            '</filter><rect width="9000" height="9000" filter="url(#a)"/>',
            marks=pytest.mark.long,
        ),
    ],
)
def test_large_drawings_are_drawn_or_said_to_need_memory(tmp_path, drawing):
    path = tmp_path / "a.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{drawing}</svg>')
    small = Sandbox(machine=1 << 30)
    try:
        result = small.run("svg", path, tmp_path, media.options_of("svg", {}))
        assert result.columns["width"] == result.columns["height"]
    finally:
        small.close()


def test_a_decoder_that_breaks_off_for_want_of_memory_says_so():
    answer = Answer(0, None, lambda: None)
    answer.said = {"exit": -signal.SIGABRT, "noise": "memory allocation of 256000000 bytes failed"}
    with pytest.raises(Failed, match="needs more memory"):
        answer.result(Path(), {})
    answer.said["noise"] = "free(): invalid pointer"
    with pytest.raises(Failed, match="broke off"):
        answer.result(Path(), {})

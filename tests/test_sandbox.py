"""The child that decodes: its limits hold, its failures are told in words, nothing stays behind."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from goblin import media
from goblin.media import Limits, patience
from goblin.media import sandbox as sandbox_module
from goblin.media.child import zygote
from goblin.media.sandbox import Failed, Sandbox, Stopped

TRIALS = '''
"""A kind of medium that does what a test asks for."""
import ctypes, os, socket, subprocess, sys, time
from goblin import media

@media.register
class Trial(media.MediaType):
    kind = "trial"
    limits = media.Limits(memory=256 << 20, seconds=20, bytes=4 << 20)

    def process(self, source, out, options, progress):
        return getattr(self, options["do"])(source, out, options, progress) or media.Result()

    def tell(self, source, out, options, progress):
        progress(0.25)
        print("chatter on stdout", flush=True)
        os.write(1, b'{"result": "chatter"}\\n')
        os.write(2, b'{"exit": 0}\\n')
        subprocess.run("echo more; echo more >&2", shell=True, check=True)
        return media.Result(data={
            "environment": dict(os.environ), "nice": os.nice(0), "folder": os.getcwd(),
            "imported": sorted(sys.modules), "text": source.read_text(), "interfaces": self.interfaces(),
            "status": open("/proc/self/status").read(),
        })

    def interfaces(self):
        return [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]]

    def pry(self, source, out, options, progress):
        refused = []
        for path in options["paths"]:
            try:
                os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
            except PermissionError:
                refused.append(path)
        told = subprocess.run(["cat", *options["paths"][:1]], capture_output=True)
        return media.Result(data={"refused": refused, "program": bool(told.stdout), "own": source.read_text()})

    def memory(self, *_):
        bytearray(1 << 30)

    def spin(self, *_):
        while True:
            pass

    def large(self, *_):
        with open("large", "wb") as file:
            for _ in range(64):
                file.write(bytes(1 << 20))

    def crash(self, *_):
        ctypes.string_at(0)

    def abort(self, *_):
        os.abort()

    def flood(self, *_):
        return media.Result(data={"words": "x" * (32 << 20)})

    def unreadable(self, *_):
        raise media.Unreadable("This is no trial.")

    def mistake(self, *_):
        raise KeyError("a mistake of ours")

    def silent(self, *_):
        os._exit(0)

    def escape(self, source, out, options, progress):
        return media.Result(files={"view": media.File("../secret.txt", "text/plain")})

    def link(self, source, out, options, progress):
        os.symlink("/etc/hostname", out / "view.txt")
        return media.Result(files={"view": media.File("view.txt", "text/plain")})

    def meddle(self, source, out, options, progress):
        (out / "own.txt").write_text("mine")
        (out / "folder").mkdir()
        (out / "own.txt").rename(out / "folder" / "own.txt")
        subprocess.run("echo fine > also.txt; echo gone > /dev/null", shell=True, check=True)
        refused = []
        for name, change in (
            ("write", lambda: source.write_text("changed")),
            ("truncate", lambda: os.truncate(source, 0)),
            ("remove", source.unlink),
            ("create", lambda: (out.parent / "new.txt").write_text("new")),
            ("rename", lambda: source.rename(out / "stolen.txt")),
            ("program", lambda: subprocess.run(["rm", str(source)], check=True)),
        ):
            try:
                change()
            except (OSError, subprocess.CalledProcessError):
                refused.append(name)
        return media.Result(data={"refused": refused})

    def sleep(self, source, out, options, progress):
        program = subprocess.Popen(["sleep", "600"])
        (out / "pids").write_text(f"{os.getpid()} {program.pid}")
        program.wait()

    def short(self, source, out, options, progress):
        time.sleep(0.2)
        return media.Result(data={"name": options["name"]})

    def connect(self, source, out, options, progress):
        try:
            socket.create_connection(("127.0.0.1", options["port"]), 2)
        except OSError as error:
            return media.Result(data={"error": str(error)})
'''


@pytest.fixture
def trial(tmp_path, monkeypatch):
    """run(do, **options): one job of the trial kind in a fresh folder."""
    (tmp_path / "trial_kind.py").write_text(TRIALS)
    (tmp_path / "source.txt").write_text("words")
    monkeypatch.syspath_prepend(str(tmp_path))
    __import__("trial_kind")
    sandbox = Sandbox(idle=30)

    def run(do, progress=None, limits=None, **options):
        out = tmp_path / f"out-{do}-{time.monotonic_ns()}"
        out.mkdir()
        run.out = out
        options["do"] = do
        return sandbox.run("trial", tmp_path / "source.txt", out, options, progress, limits, "trial_kind")

    run.sandbox = sandbox
    yield run
    sandbox.close()
    sys.modules.pop("trial_kind")
    media.reset()


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def soon(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def failure(trial, do, **more):
    with pytest.raises(Failed) as caught:
        trial(do, **more)
    return caught.value


def test_result_comes_back_through_noise(trial):
    parts = []
    told = trial("tell", lambda part, *_: parts.append(part)).data
    assert told["text"] == "words"
    assert parts == [0.25]


def test_environment_holds_no_secrets(trial, monkeypatch):
    monkeypatch.setenv("GOBLIN_MAIL_PASSWORD", "secret")
    told = trial("tell").data["environment"]
    assert told.keys() <= {"PATH", "LANG", "HOME", "TMPDIR", "MALLOC_ARENA_MAX", "LC_CTYPE"}
    assert told["HOME"] == told["TMPDIR"] == str(trial.out)


def test_runs_low_and_in_its_own_folder(trial):
    told = trial("tell").data
    assert told["nice"] >= 10
    assert told["folder"] == str(trial.out)
    assert "NoNewPrivs:\t1" in told["status"]


@pytest.fixture
def walls():
    """Passes over a test where the kernel knows no such walls."""
    probe = (
        "import ctypes; ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # as every job does\n"
        "from goblin.media.child import confine; print(confine.shut_in('/'))"
    )
    root = Path(media.__file__).parents[2]
    able = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=root, check=True)
    if able.stdout.strip() != "True":
        pytest.skip("this kernel has no Landlock")


def test_a_job_reads_no_other_original_and_no_database(walls, trial, tmp_path):
    data = tmp_path / "data"
    (data / "originals").mkdir(parents=True)
    secrets = [data / "goblin.db", data / "originals" / "other.jpg", data / "goblin.ini"]
    for path in secrets:
        path.write_text("secret")
    (data / "originals" / "film.mov").write_text("its film")
    paths = [*map(str, secrets), str(data), "/etc/shadow", "/root"]
    paths += [f"/proc/{os.getpid()}/status", "/proc/version", "/proc", "/sys/class/net", "/sys/block"]
    told = trial("pry", paths=paths).data
    assert told["refused"] == paths and not told["program"] and told["own"] == "words"
    film = str(data / "originals" / "film.mov")
    assert trial("pry", paths=[film, *paths]).data["refused"] == [film, *paths]
    told = trial("pry", paths=[film, *paths], film=film).data
    assert told["refused"] == paths and told["program"]


def test_a_job_changes_nothing_outside_its_folder(walls, trial, tmp_path):
    told = trial("meddle").data
    assert told["refused"] == ["write", "truncate", "remove", "create", "rename", "program"]
    assert (tmp_path / "source.txt").read_text() == "words"
    assert (trial.out / "folder" / "own.txt").read_text() == "mine"


def test_child_knows_nothing_of_web_and_database(trial):
    imported = trial("tell").data["imported"]
    assert not {"bottle", "peewee", "huey", "waitress", "sqlite3", "goblin.db", "goblin.models"} & set(
        imported
    )


def test_no_network(trial):
    allowed = subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode == 0
    allowed |= subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True).returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = trial("connect", port=server.getsockname()[1]).data
    assert "error" in told
    if allowed:  # else sockets are refused, see test_sockets.py
        assert trial("tell").data["interfaces"] in ([], ["lo"])


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_no_network_without_privileges_either():
    probe = (
        "import ctypes, os; from goblin.media.child import confine\n"
        "os.setgid(4321); os.setuid(1234)\n"
        "ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as if it had been started by that user\n"
        "cut = confine.cut_network()\n"
        "interfaces = open('/proc/net/dev').readlines()[2:]\n"
        "assert not cut or len(interfaces) <= 1, interfaces\n"
        "assert (os.getuid(), os.getgid()) == (1234, 4321), os.getuid()\n"
        "print(cut)"
    )
    root = Path(media.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=root)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("True", "False")


def test_memory_is_limited(trial):
    assert "memory" in failure(trial, "memory").sentence


def test_cpu_time_is_limited(trial):
    error = failure(trial, "spin", limits=Limits(seconds=1))
    assert "too long" in error.sentence
    assert error.detail


def test_wall_time_is_limited(trial, monkeypatch):
    monkeypatch.setattr(sandbox_module, "LEAST_WALL", 1.0)
    monkeypatch.setattr(patience, "SHARE", 1.0)
    error = failure(trial, "sleep", limits=Limits(seconds=1))
    assert "too long" in error.sentence
    pids = (trial.out / "pids").read_text().split()
    assert soon(lambda: not any(alive(pid) for pid in pids))


def test_a_job_that_only_waits_is_ended(trial, monkeypatch):
    monkeypatch.setattr(sandbox_module, "STALL", 1.0)
    assert "too long" in failure(trial, "sleep").sentence


@pytest.mark.parametrize(
    ("looks", "late"),
    [
        ([(0.001 * n, True) for n in range(90)], False),
        ([(0.5 * n, True) for n in range(90)], True),
        ([(0.001 * n, False) for n in range(90)], True),
        ([(1.0, False)] * 30, True),
        ([(1.0, True)] * 30, False),
    ],
    ids=["kept waiting", "at work", "idle", "hangs", "gets nothing"],
)
def test_time_without_the_processor_does_not_count(monkeypatch, looks, late):
    """Looks a second apart at a job that may take a minute, or do nothing for twenty seconds."""
    clock, looks = itertools.count(), iter(looks)
    monkeypatch.setattr(zygote.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(zygote, "_at_work", lambda group: next(looks, None) or (1.0, True))
    job = zygote.Job(0, 0, 0, {"job": 1, "stall": 20, "wall": 60, "share": patience.SHARE})
    assert any(job.overdue() for _ in range(89)) == late


def test_a_program_that_is_kept_waiting_is_not_late(monkeypatch):
    used = iter((0.1, 0.2, 0.2))
    monkeypatch.setattr(patience, "processor_seconds", lambda pid: next(used))
    waits = patience.Patience(0, 10)
    assert [waits.ended() for _ in range(3)] == [False, False, True]
    used = itertools.count(0.1, 0.1)
    waits = patience.Patience(0, 10)
    assert [waits.ended() for _ in range(patience.MOST)] == [False] * (patience.MOST - 1) + [True]
    used = itertools.count(5, 5)
    assert patience.Patience(0, 10).ended()


def test_the_processor_time_of_a_program_is_known():
    with subprocess.Popen([sys.executable, "-c", "for _ in iter(int, 1): pass"]) as process:
        assert soon(lambda: 0.1 < patience.processor_seconds(process.pid) < 20)
        process.kill()
    assert patience.processor_seconds(process.pid) == 0


def test_file_size_is_limited(trial):
    assert "larger than the gallery allows" in failure(trial, "large").sentence


@pytest.mark.parametrize("do", ["crash", "abort"])
def test_a_crash_is_told(trial, do):
    error = failure(trial, do)
    assert "broke off" in error.sentence
    assert "Fatal Python error" in error.detail


def test_the_next_job_runs_after_a_crash(trial):
    failure(trial, "crash")
    assert trial("tell").data["text"] == "words"


def test_sentences_of_the_kind_arrive(trial):
    assert failure(trial, "unreadable").sentence == "This is no trial."
    error = failure(trial, "mistake")
    assert "could not be read" in error.sentence
    assert "a mistake of ours" in error.detail


def test_an_answer_is_bounded(trial):
    assert "more details" in failure(trial, "flood").sentence


@pytest.mark.parametrize("do", ["silent", "escape", "link"])
def test_only_proper_results_are_taken(trial, do):
    assert "broke off" in failure(trial, do).sentence


def test_jobs_side_by_side_get_their_own_answers(trial):
    found = {}

    def ask(name):
        found[name] = trial("short", name=name).data["name"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: number for number in range(6)}
    assert time.monotonic() - start < 1.2 + 2


def test_close_ends_programs_of_a_job_at_once(trial):
    caught = []

    def ask():
        try:
            trial("sleep")
        except Stopped as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert soon(lambda: hasattr(trial, "out") and (trial.out / "pids").exists())
    time.sleep(0.05)
    pids = (trial.out / "pids").read_text().split()
    trial.sandbox.close()
    thread.join(5)
    assert len(caught) == 1
    assert soon(lambda: not any(alive(pid) for pid in pids))
    with pytest.raises(Stopped):
        trial("tell")


def test_nothing_stays_when_idle(trial):
    trial.sandbox.idle = 0.2
    trial("tell")
    zygote = trial.sandbox._zygote
    assert alive(zygote.pid)
    assert soon(lambda: not Path(f"/proc/{zygote.pid}").exists())
    assert soon(lambda: not any(isinstance(each, threading.Timer) for each in threading.enumerate()))


def test_a_zygote_that_was_killed_is_replaced(trial):
    trial("tell")
    trial.sandbox._zygote.kill()
    assert trial("tell").data["text"] == "words"


def test_children_end_with_a_killed_gallery(tmp_path):
    (tmp_path / "trial_kind.py").write_text(TRIALS)
    program = (
        "import sys; from pathlib import Path; here = Path(sys.argv[1]); sys.path.insert(0, str(here))\n"
        "import trial_kind; from goblin.media.sandbox import Sandbox\n"
        "Sandbox().run('trial', here / 'trial_kind.py', here, {'do': 'sleep'}, module='trial_kind')"
    )
    root = Path(media.__file__).parents[2]
    gallery = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=root)
    assert soon(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text().count(" ") == 1)
    pids = (tmp_path / "pids").read_text().split()
    gallery.send_signal(signal.SIGKILL)
    gallery.wait()
    assert soon(lambda: not any(alive(pid) for pid in pids))

"""The first start: goblin.py sets itself up, and says in one sentence when it cannot."""

import ast
import errno
import hashlib
import http.server
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import tomllib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from goblin import setup
from goblin.setup import needs, pip, words
from goblin.setup.environment import Environment

ROOT = Path(__file__).resolve().parent.parent
MODULES = (*needs.CORE, "imageio_ffmpeg")
CLI = '''"""Stands in for the real commands."""
import sys
def main(arguments):
    import bottle
    print(sys.prefix, bottle.VALUE, arguments)
    return 0
'''


def make_wheel(folder, module, value="first", version="1.0"):
    """A package of one module, as small as pip takes it; returns its line for a lock."""
    info, path = f"{module}-{version}.dist-info", folder / f"{module}-{version}-py3-none-any.whl"
    files = {
        f"{module}.py": f"VALUE = {value!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {module}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(zipfile.ZipInfo(name), text)  # without the time, so that hashes stay
    return f"{module}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Machine:
    """A fresh copy of goblin with packages of its own to fetch, and no network."""

    def __init__(self, folder):
        self.root, self.wheels = folder / "goblin", folder / "wheels"
        self.wheels.mkdir()
        (self.root / "goblin").mkdir(parents=True)
        shutil.copy(ROOT / "goblin.py", self.root)
        shutil.copy(ROOT / "goblin" / "__init__.py", self.root / "goblin")
        shutil.copytree(ROOT / "goblin" / "setup", self.root / "goblin" / "setup")
        (self.root / "goblin" / "cli.py").write_text(CLI)
        (self.root / "requirements").mkdir()
        lines = {module: make_wheel(self.wheels, module) for module in MODULES}
        self.core = self.root / "requirements" / "core.lock"
        self.core.write_text(lines["bottle"])
        (self.root / "requirements" / "ffmpeg.lock").write_text(lines["imageio_ffmpeg"])
        self.stamp = self.root / ".venv" / "core.stamp"

    def site(self):
        return next((self.root / ".venv" / "lib").glob("python*/site-packages"))

    def command(self, *arguments):
        # -S: whatever is installed for the Python that runs the tests does not count here.
        return [sys._base_executable, "-S", str(self.root / "goblin.py"), *arguments]

    def environment(self, **more):
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {
            **kept,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "GOBLIN_NO_FFMPEG": "1",
            **more,
        }

    def start(self, *arguments, **more):
        run = subprocess.run(
            self.command(*arguments), env=self.environment(**more), capture_output=True, text=True
        )
        assert "Traceback" not in run.stderr
        return run


@pytest.fixture
def machine(tmp_path):
    if not pip.bundled():
        pytest.skip("this Python comes without the pip wheel that these tests install with")
    return Machine(tmp_path)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A first start, done once; its folder is only copied."""
    if not pip.bundled():
        pytest.skip("this Python comes without the pip wheel that these tests install with")
    machine = Machine(tmp_path_factory.mktemp("prepared"))
    machine.first = machine.start("-c", "my.ini", "serve")
    return machine


@pytest.fixture
def ready(machine, prepared):
    """A machine behind its first start."""
    shutil.copytree(prepared.root / ".venv", machine.root / ".venv", symlinks=True)
    return machine


def test_first_start_sets_up_and_goes_on(prepared):
    assert prepared.first.returncode == 0, prepared.first.stderr
    assert prepared.first.stdout == f"{prepared.root}/.venv first ['-c', 'my.ini', 'serve']\n"
    assert re.fullmatch(
        r"Setting up the libraries .*\.venv \(about 15 MB to fetch.*\)\.\n", prepared.first.stderr
    )
    left = {path.name for path in prepared.root.iterdir()}
    assert left == {"goblin", "goblin.py", "requirements", ".venv"}
    assert not (prepared.root / ".venv" / "setup").exists()


def test_second_start_needs_nothing(ready):
    run = ready.start("serve", PIP_FIND_LINKS="")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"{ready.root}/.venv first ['serve']\n"


@pytest.mark.long
def test_changed_lock_is_installed_again(ready):
    ready.core.write_text(make_wheel(ready.wheels, "bottle", value="second", version="2.0"))
    run = ready.start("serve")
    assert "Setting up the libraries" in run.stderr and "second" in run.stdout
    assert len(list(ready.site().glob("bottle-*.dist-info"))) == 1


@pytest.mark.long
def test_start_from_within_its_own_environment(ready):
    ready.core.write_text("# newer\n" + ready.core.read_text())
    command = [str(ready.root / ".venv" / "bin" / "python"), *ready.command("user")[2:]]
    run = subprocess.run(command, env=ready.environment(), capture_output=True, text=True)
    assert run.returncode == 0 and "first ['user']" in run.stdout
    assert ready.stamp.read_text().endswith(ready.core.read_text())


@pytest.mark.long
def test_broken_off_set_up_starts_over(ready):
    ready.stamp.unlink()
    (ready.site() / "bottle.py").write_text("half a fi")
    assert "first ['serve']" in ready.start("serve").stdout


@pytest.mark.parametrize("stamp", ["3.10\n{1}\n{2}", "{0}\n/usr/bin/gone\n{2}", "{0}"])
def test_environment_of_another_python_does_not_count(ready, stamp):
    parts = ready.stamp.read_text().split("\n", 2)
    assert Environment(ready.root).ready(["core"])
    ready.stamp.write_text(stamp.format(*parts))
    assert not Environment(ready.root).ready(["core"])


@pytest.mark.long
def test_environment_of_a_developer_is_not_emptied(machine):
    subprocess.run([sys._base_executable, "-m", "venv", "--without-pip", machine.root / ".venv"], check=True)
    (machine.root / ".venv" / "mine").touch()
    assert machine.start("serve").returncode == 0
    assert (machine.root / ".venv" / "mine").exists()


def test_two_at_once(machine):
    starts = [
        subprocess.Popen(
            machine.command("serve"),
            env=machine.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = [start.communicate() for start in starts]
    assert [start.returncode for start in starts] == [0, 0]
    assert sum("Setting up" in said for _, said in answers) == 1


def test_what_does_not_match_its_hash_is_not_used(machine):
    make_wheel(machine.wheels, "bottle", value="other")
    run = machine.start("serve")
    assert run.returncode == 1
    assert run.stderr.splitlines()[1:] == [
        "goblin: What came is not what was pinned for the libraries goblin is built on, so it was not used."
    ]
    assert not machine.stamp.exists()


@pytest.mark.parametrize(("option", "variable"), [(["--offline"], ""), ([], "1")])
def test_offline_fetches_nothing(machine, option, variable):
    run = machine.start(*option, "serve", GOBLIN_NO_BOOTSTRAP=variable)
    assert run.returncode == 1 and not (machine.root / ".venv").exists()
    assert run.stderr.startswith(
        "goblin: What goblin needs is missing here and may not be fetched: bottle, peewee"
    )


def test_offline_uses_what_is_there(ready):
    assert ready.start("--offline", "serve").stdout == f"{ready.root}/.venv first ['serve']\n"


def test_suitable_environment_is_left_alone(machine):
    run = machine.start(
        "serve", PYTHONPATH=os.pathsep.join(str(path) for path in machine.wheels.glob("*.whl"))
    )
    assert run.stdout == f"{sys.base_prefix} first ['serve']\n"
    assert not (machine.root / ".venv").exists()


@pytest.fixture
def without_ffmpeg(tmp_path):
    """Variables of a machine whose PATH has no ffmpeg."""
    (tmp_path / "bin").mkdir()
    return {"PATH": str(tmp_path / "bin"), "GOBLIN_NO_FFMPEG": ""}


def test_serve_fetches_ffmpeg(ready, without_ffmpeg):
    assert ready.start("user", **without_ffmpeg).stderr == ""
    run = ready.start("serve", **without_ffmpeg)
    assert "Setting up ffmpeg, which prepares video and sound, in" in run.stderr
    assert (ready.site() / "imageio_ffmpeg.py").exists()


@pytest.mark.long
def test_no_ffmpeg_to_be_had_is_a_warning_once_a_day(ready, without_ffmpeg):
    next(ready.wheels.glob("imageio*")).unlink()
    run = ready.start("serve", **without_ffmpeg)
    assert run.returncode == 0 and "first ['serve']" in run.stdout
    assert "Goblin starts all the same" in run.stderr.splitlines()[-1]
    assert ready.start("serve", **without_ffmpeg).stderr == ""
    note = ready.root / ".venv" / "ffmpeg.tried"
    os.utime(note, (0, 0))
    assert Environment(ready.root).tried("ffmpeg") == 0


def test_full_disk_is_seen_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=70 * setup.MB))
    with pytest.raises(words.Stop, match="The disk is full: 75 MB are needed in .*, 70 MB are free."):
        setup.set_up(Environment(tmp_path), ["core"])
    assert not list(tmp_path.iterdir())


def test_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(self):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Environment, "create", refuse)
    with pytest.raises(words.Stop, match="cannot be written: give it to the user who runs goblin"):
        setup.set_up(Environment(tmp_path), ["core"])


HEARD = {
    "OSError: [Errno 28] No space left on device": "The disk is full: 75 MB",
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.": "not what was pinned",
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate": "clock",
    "WARNING: Retrying after connection broken by 'NewConnectionError('<pip...": "network cannot be reached",
    "W: Failed to fetch x  Temporary failure resolving 'y'": "network cannot be reached",
    "ERROR: No matching distribution found for nh3==0.3.8": "nothing ready-made for this machine",
    "Collecting x\nERROR: something new\n": "Setting up failed: ERROR: something new",
    "": "Setting up failed: no reason was given",
}


@pytest.mark.parametrize("heard", HEARD)
def test_helpers_complaints_in_one_sentence(heard):
    assert HEARD[heard] in str(words.explain(heard, needs.NEEDS["core"]))


def test_old_pythons_can_read_the_command():
    source = (ROOT / "goblin.py").read_text()
    ast.parse(source, feature_version=(3, 6))
    top = [node for node in ast.parse(source).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [alias.name for node in top for alias in node.names] == ["os", "sys"]


def test_too_old_python_says_so(tmp_path):
    newer = tmp_path / "python3.12"
    newer.write_text("")
    newer.chmod(0o755)
    source = (ROOT / "goblin.py").read_text().replace("OLDEST = (3, 11)", "OLDEST = (3, 99)")
    (tmp_path / "goblin.py").write_text(source)
    for path, hint in (("", ""), (str(tmp_path), ": try `python3.12 goblin.py`")):
        source = source.replace("range(20, OLDEST[1] - 1, -1)", "range(20, 11, -1)")
        (tmp_path / "goblin.py").write_text(source)
        run = subprocess.run(
            [sys.executable, tmp_path / "goblin.py"], env={"PATH": path}, capture_output=True, text=True
        )
        version = "{}.{}".format(*sys.version_info)
        assert (run.returncode, run.stderr) == (
            1,
            f"goblin: Python 3.99 or newer is needed, this is {version}{hint}.\n",
        )


def test_needs_of_a_command(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("GOBLIN_NO_FFMPEG", raising=False)
    environment = Environment(tmp_path)
    assert setup.needs_of(environment, ["serve"]) == ["core", "ffmpeg"]
    assert setup.needs_of(environment, ["test"]) == ["core", "test", "ffmpeg"]
    assert setup.needs_of(environment, []) == ["core"]


def test_an_ffmpeg_that_the_keeper_names_is_not_fetched(tmp_path, monkeypatch):
    monkeypatch.delenv("GOBLIN_NO_FFMPEG", raising=False)
    ini = tmp_path / "goblin.ini"
    places = (["--data", str(tmp_path)], [f"--data={tmp_path}"], ["-c", str(ini)])
    assert not any(needs.names_ffmpeg(tmp_path, [*words, "serve"]) for words in places)
    ini.write_text("[work]\nffmpeg = /opt/ffmpeg\n[site]\ntitle = 100 %\n")
    assert all(needs.names_ffmpeg(tmp_path, [*words, "serve"]) for words in places)
    assert not needs.names_ffmpeg(tmp_path, ["serve"])
    (tmp_path / "data").mkdir()
    ini.rename(tmp_path / "data" / "goblin.ini")
    assert needs.names_ffmpeg(tmp_path, ["serve"])
    (tmp_path / "data" / "goblin.ini").write_bytes(b"[work\n\xff = ")
    assert not needs.names_ffmpeg(tmp_path, ["serve"])
    monkeypatch.setenv("GOBLIN_WORK_FFMPEG", "/opt/ffmpeg")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert setup.needs_of(Environment(tmp_path), ["serve"]) == ["core"]


def test_command_stands_behind_goblins_own_options():
    assert needs.command_of(["-c", "serve", "--data=x", "--data", "test", "user", "list"]) == "user"
    assert needs.command_of(["--version"]) is None


@pytest.mark.parametrize(
    ("machine", "bits", "lock"),
    [("x86_64", 2**63, "core.lock"), ("aarch64", 2**63, "core.lock"), ("aarch64", 2**31, "arm32.txt"),
     ("armv7l", 2**31, "arm32.txt"), ("armv6l", 2**31, "arm32.txt")],
)  # fmt: skip
def test_lock_for_the_machine(monkeypatch, machine, bits, lock):
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine=machine))
    monkeypatch.setattr(sys, "maxsize", bits - 1)
    assert needs.lock_of("core") == lock


def test_newest_pip_wheel(tmp_path):
    for name in (
        "pip-9.0.1-py3-none-any.whl",
        "pip-23.0.1-py3-none-any.whl",
        "pip-22.3-py3-none-any.whl",
        "pip.txt",
    ):
        (tmp_path / name).touch()
    assert pip.newest([tmp_path, tmp_path / "none"]).name == "pip-23.0.1-py3-none-any.whl"
    assert pip.newest([tmp_path / "none"]) is None


APT_GET = """#!/bin/sh
echo "$@" >> "$LOG"
case "$*" in
    *Lists*update*) exit 0 ;;
    *Lists*download*) touch pip.deb ;;
    *) echo "E: Unable to locate package python3-pip-whl"; exit 100 ;;
esac
"""
DPKG_DEB = """#!/bin/sh
mkdir -p "$3/usr/share/python-wheels"
touch "$3/usr/share/python-wheels/pip-23.0.1-py3-none-any.whl"
"""


@pytest.fixture
def debian(tmp_path, monkeypatch):
    """An environment on a Debian without pip and without lists of packages."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in (("apt-get", APT_GET), ("dpkg-deb", DPKG_DEB)):
        (folder / name).write_text(text)
        (folder / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    monkeypatch.setattr(pip, "bundled", lambda: None)
    monkeypatch.setattr(pip, "usable_here", lambda: False)
    environment = Environment(tmp_path)
    environment.scratch.mkdir(parents=True)
    with environment.alone():
        yield environment


def test_pip_from_apt(debian, tmp_path):
    command = pip.find(debian)
    assert command[:2] == [debian.python, "-I"]
    assert command[2].endswith("/usr/share/python-wheels/pip-23.0.1-py3-none-any.whl/pip")
    asked = (tmp_path / "log").read_text().splitlines()
    assert [line.split()[-1] for line in asked][1] == "update"
    assert all(f"-oDir::Cache={debian.scratch}" in line for line in asked)


def test_pip_that_apt_does_not_have(debian, tmp_path, monkeypatch):
    (tmp_path / "bin" / "apt-get").write_text("#!/bin/sh\necho 'E: Unable to locate package'; exit 100\n")
    monkeypatch.setattr(pip, "named_indexes", list)
    with pytest.raises(words.Stop, match="run `sudo apt install python3-venv`"):
        pip.find(debian)


def test_apt_without_network(debian, tmp_path):
    offline = (
        "#!/bin/sh\necho 'Err: Temporary failure resolving'\ncase $* in *update) exit 0;; esac\nexit 100\n"
    )
    (tmp_path / "bin" / "apt-get").write_text(offline)
    with pytest.raises(words.Stop, match="network cannot be reached; it is needed once, to fetch pip"):
        pip.find(debian)


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A package index on this machine whose pages are the files of the folder it gives."""
    folder = tmp_path / "index"
    (folder / "pip").mkdir(parents=True)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *words):
            super().__init__(*words, directory=folder)

        def log_message(self, *words):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", (tmp_path / "nowhere").as_uri())
        yield folder / "pip"
        server.shutdown()
        thread.join()


def offer(folder, version, content, digest=None):
    name = f"pip-{version}-py3-none-any.whl"
    (folder / name).write_bytes(content)
    digest = digest or hashlib.sha256(content).hexdigest()
    with (folder / "index.html").open("a") as page:
        page.write(
            f'<a href="../pip/{name}#sha256={digest}" data-requires-python="&gt;=3.9">{name}</a><br/>\n'
        )


def test_pip_from_the_named_index(index, tmp_path):
    offer(index, "9.0.3", b"old")
    offer(index, "26.3", b"new")
    environment = SimpleNamespace(scratch=tmp_path)
    assert pip.from_index(environment).read_bytes() == b"new"


def test_pip_with_another_checksum_is_refused(index, tmp_path):
    offer(index, "26.3", b"new", digest="0" * 64)
    with pytest.raises(words.Stop, match="not what the package index announced"):
        pip.from_index(SimpleNamespace(scratch=tmp_path))


def test_locks_hold_everything_with_hashes_and_no_host():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {"core": project["project"]["dependencies"], "test": project["dependency-groups"]["test"],
              "ffmpeg": project["project"]["optional-dependencies"]["ffmpeg"]}  # fmt: skip
    for need, requirements in wanted.items():
        text = (ROOT / "requirements" / needs.NEEDS[need].lock).read_text()
        pinned = re.findall(r"^([\w-]+)==\S+.*\\\n    --hash=sha256:\w{64}", text, re.M)
        assert len(pinned) == len(re.findall(r"^[a-z]", text, re.M))
        assert {re.match(r"[\w-]+", line).group().lower() for line in requirements} <= set(pinned)
    for path in (ROOT / "requirements").iterdir():
        assert "://" not in path.read_text()


def test_arm32_pins_are_those_of_the_lock():
    pins = {path: set(re.findall(r"^[\w-]+==[\w.]+", (ROOT / "requirements" / path).read_text(), re.M))
            for path in ("core.lock", "arm32.txt")}  # fmt: skip
    assert {pin.split("==")[0] for pin in pins["core.lock"] - pins["arm32.txt"]} == {"pillow-heif"}
    assert pins["arm32.txt"] < pins["core.lock"]

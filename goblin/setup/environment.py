"""The folder .venv beside goblin.py: what it holds, and how it is made."""

import contextlib
import fcntl
import os
import re
import shutil
import sys
from pathlib import Path

from goblin.setup.needs import NEEDS, lock_of
from goblin.setup.words import say

VERSION = "{}.{}".format(*sys.version_info)
SERVED = "served"  # goblin/served.py's list of data folders, the one thing here that cannot be fetched again


class Environment:
    """One stamp per need is written last of all: the Python it was made with and a copy of the lock that was
    installed. Without a stamp that still holds, the need is installed again, so that a set-up that was
    broken off is never mistaken for a finished one."""

    def __init__(self, root: Path):
        self.root = root
        self.folder = root / ".venv"
        self.python = str(self.folder / "bin" / "python")
        self.scratch = self.folder / "setup"
        self.guard = -1  # descriptor of the lock, while alone()
        self.pip = None  # the beginning of a command, once one was found

    def active(self) -> bool:
        """Does this very process run in it?"""
        return os.path.realpath(sys.prefix) == os.path.realpath(self.folder)

    def ready(self, needs) -> bool:
        return self.whole() and all(self.holds(need) for need in needs)

    def whole(self) -> bool:
        """Was it finished once, and is its Python still the one it was made with?"""
        version, python, _ = self._read_stamp("core")
        here = os.path.realpath(self.python)
        if python != here or not os.path.exists(here):
            return False
        return version == VERSION or here != os.path.realpath(sys.executable)

    def holds(self, need) -> bool:
        return self._read_stamp(need)[2] == self.lock(need).read_text()

    def lock(self, need) -> Path:
        return self.root / "requirements" / lock_of(need)

    def _stamp(self, need) -> Path:
        return self.folder / f"{need}.stamp"

    def _read_stamp(self, need):
        """Python's version, its path and the lock; three times None without a stamp."""
        try:
            version, python, lock = self._stamp(need).read_text().split("\n", 2)
        except (OSError, ValueError):
            return None, None, None
        return version, python, lock

    def _write_stamp(self, need):
        fresh = self._stamp(need).with_suffix(".new")
        with fresh.open("w") as file:
            file.write(f"{VERSION}\n{os.path.realpath(self.python)}\n{self.lock(need).read_text()}")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._stamp(need))

    def tried(self, need) -> float:
        """When it was last tried in vain (Unix time), or 0."""
        try:
            return self._stamp(need).with_suffix(".tried").stat().st_mtime
        except OSError:
            return 0

    def note_try(self, need):
        self._stamp(need).with_suffix(".tried").touch()

    def create(self):
        """Start over with nothing in it; a developer's own environment is added to, not emptied."""
        import venv

        served = self._read_served()
        venv.EnvBuilder(clear=self._ours(), symlinks=True, prompt="goblin").create(self.folder)
        if served:
            (self.folder / SERVED).write_bytes(served)

    def _read_served(self):
        with contextlib.suppress(OSError):
            return (self.folder / SERVED).read_bytes()
        return b""

    def _ours(self):
        with contextlib.suppress(OSError):
            return bool(re.search("^prompt = 'goblin'$", (self.folder / "pyvenv.cfg").read_text(), re.M))
        return False

    def install(self, need):
        """Fetch and install what the lock names; raises Stop with a sentence, and then has no stamp."""
        from goblin.setup import pip
        from goblin.setup.helper import run

        self._stamp(need).unlink(missing_ok=True)
        self.scratch.mkdir(exist_ok=True)
        self.pip = self.pip or pip.find(self)
        command = [*self.pip, "install", *pip.options(self), "-r", str(self.lock(need))]
        if self.lock(need).suffix == ".lock":
            command.append("--require-hashes")
        run(command, NEEDS[need], self)
        self._write_stamp(need)

    @contextlib.contextmanager
    def alone(self):
        """One set-up at a time. The folder itself is locked, so that no lock file is left lying about."""
        self.guard = os.open(self.root, os.O_RDONLY)
        try:
            _lock(self.guard)
            yield
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)
            os.close(self.guard)


def _lock(guard):
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another goblin is setting itself up here; waiting for it.")
        fcntl.flock(guard, fcntl.LOCK_EX)
    except OSError:
        pass  # a file system without locks: then two set-ups at once are the keeper's to avoid

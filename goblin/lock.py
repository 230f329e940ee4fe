"""Who is at a data folder: one goblin at a time serves it, one at a time prepares what is added."""

import contextlib
import fcntl
from pathlib import Path

from goblin.refused import Refused

SERVING, WORKING = NAMES = ("serving.lock", "working.lock")
HELD = {
    SERVING: "A goblin serves {} just now; stop it first.",
    WORKING: "A goblin prepares what was added to {} just now; stop it first.",
}


@contextlib.contextmanager
def hold(folder: Path, *names: str):
    """Keep every other goblin from what these locks stand for, as long as this lasts. Raises Refused."""
    with contextlib.ExitStack() as held:
        for name in names:
            if not _lock(held.enter_context(open(folder / name, "a"))):
                raise Refused(HELD[name].format(folder))
        yield


def is_served(folder: Path) -> bool:
    """Whether a goblin serves the folder; asks without taking part."""
    try:
        with open(folder / SERVING) as file:
            return not _lock(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _lock(file, how=fcntl.LOCK_EX):
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""Who serves a data folder: one goblin at a time holds the file serving.lock."""

import contextlib
import fcntl
from pathlib import Path

from goblin.refused import Refused

NAME = "serving.lock"


@contextlib.contextmanager
def hold(folder: Path):
    """Keep every goblin from serving the folder for as long as this lasts. Raises Refused."""
    with open(folder / NAME, "a") as file:
        if not _lock(file):
            raise Refused(f"A goblin serves {folder} just now; stop it first.")
        yield


def is_served(folder: Path) -> bool:
    """Whether a goblin serves the folder; asks without taking part."""
    try:
        with open(folder / NAME) as file:
            return not _lock(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _lock(file, how=fcntl.LOCK_EX):
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

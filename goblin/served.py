"""Which data folders were served from here, so that a disk that is not mounted is not taken for a new gallery.

The list is in .venv, the one place beside the data folder that is written: what is on the disk itself cannot
tell that the disk is missing.
"""

import os
from contextlib import suppress
from pathlib import Path

from goblin.config import ROOT


def remember(folder: Path):
    """Note that a gallery is served from this folder. Where the list may not be written, nothing is noted."""
    if is_known(folder):
        return
    with suppress(OSError):
        _list().parent.mkdir(exist_ok=True)
        with open(_list(), "ab") as file:
            file.write(_line(folder) + b"\n")


def is_known(folder: Path) -> bool:
    """Whether a gallery was ever served from this folder, as far as is known here."""
    with suppress(OSError):
        return _line(folder) in _list().read_bytes().split(b"\n")
    return False


def _list():
    return Path(os.environ.get("GOBLIN_SERVED") or ROOT / ".venv" / "served")


def _line(folder):
    return os.fsencode(os.path.abspath(folder))

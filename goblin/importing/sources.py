"""Files from outside, one by one: single ones, those in folders, members of zips. No link is followed."""

import errno
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

from goblin.importing import zips
from goblin.sidecars import goes_beside

# What systems and programs put beside photos. Folders of previews would only double everything.
COMPANIONS = {"thumbs.db", "ehthumbs.db", "desktop.ini", "picasa.ini", "icon\r"}
COMPANION_ENDINGS = (".xmp", ".aae", ".thm", ".json", ".ini", ".db", ".tmp", ".part", ".crdownload", ".lnk")
COMPANION_FOLDERS = {
    "@eadir",
    "__macosx",
    "#recycle",
    "$recycle.bin",
    "lost+found",
    "system volume information",
}
# What reading a file or a member of a zip may raise when its bytes are not what they should be.
BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Piece:
    """A file that may be taken; `open` can be called again to read it once more."""

    label: str  # by which the keeper finds it
    name: str
    size: int  # bytes
    open: Callable[[], BinaryIO]
    key: tuple = ()  # what it is for the file system; empty inside a zip

    @property
    def folder(self) -> str:
        """Where it lies, on the disk or in its zip."""
        return os.path.dirname(self.label)


@dataclass(frozen=True)
class Trouble:
    """A file that cannot be taken, and the sentence why."""

    label: str
    sentence: str


def is_companion(name: str) -> bool:
    """Whether a file is no medium by its name: hidden, or what other programs leave beside media."""
    low = name.lower()
    return name.startswith(".") or low in COMPANIONS or low.endswith(COMPANION_ENDINGS)


class Walk:
    """Everything at and below some paths, in order of names; `passed` counts what was passed over.

    In each folder subtitles come last, after the films they belong to.
    `own` is the data folder, which is never walked into; `wanted` is asked about every file.
    """

    def __init__(
        self, paths: list[Path], own: Path, wanted: Callable[[os.stat_result], bool] = lambda status: True
    ):
        self.paths, self.wanted, self.passed = paths, wanted, 0
        self._own = _identity(os.stat(own))

    def __iter__(self) -> Iterator[Piece | Trouble]:
        for path in sorted(self.paths, key=lambda path: goes_beside(path.name)):
            try:
                # A link the keeper names is meant; those found inside are not followed.
                status = os.stat(path)
                if stat.S_ISDIR(status.st_mode):
                    yield from self._folder(path)
                elif stat.S_ISREG(status.st_mode):
                    yield from self._file(str(path), os.path.realpath(path), None)
                else:
                    yield Trouble(str(path), "This is neither a file nor a folder.")
            except OSError as error:
                yield Trouble(error.filename or str(path), _say(error))

    def _folder(self, top):
        troubles: list[OSError] = []
        for root, folders, names, descriptor in os.fwalk(os.path.realpath(top), onerror=troubles.append):
            folders[:] = sorted(name for name in folders if self._enters(name, descriptor))
            shown = os.path.join(top, os.path.relpath(root, os.path.realpath(top)))
            for name in sorted(names, key=lambda name: (goes_beside(name), name)):
                if is_companion(name):
                    self.passed += 1
                else:
                    yield from self._file(os.path.normpath(os.path.join(shown, name)), name, descriptor)
            yield from (Trouble(str(error.filename), _say(error)) for error in troubles)
            troubles.clear()

    def _enters(self, name, descriptor):
        status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        enters = stat.S_ISDIR(status.st_mode) and _identity(status) != self._own
        enters = enters and not name.startswith(".") and name.lower() not in COMPANION_FOLDERS
        self.passed += not enters
        return enters

    def _file(self, label, path, descriptor):
        status = os.stat(path, dir_fd=descriptor, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            self.passed += 1
        elif self.wanted(status):
            opener = partial(_open, path, descriptor)
            if path.lower().endswith(".zip"):
                yield from self._members(label, opener)
            else:
                yield Piece(label, os.path.basename(path), status.st_size, opener, _identity(status))

    def _members(self, label, opener):
        try:
            with opener() as stream:
                for found in zips.members(stream):
                    if is_companion(found.base) or found.inside_companion(COMPANION_FOLDERS):
                        self.passed += 1
                    elif found.trouble:
                        yield Trouble(f"{label}: {found.path}", found.trouble)
                    else:
                        yield Piece(f"{label}: {found.path}", found.base, found.size, found.open)
        except BROKEN:
            yield Trouble(label, "This zip is damaged, or no zip at all.")
        except zips.Unfit as unfit:
            yield Trouble(label, str(unfit))


def _open(path, folder) -> BinaryIO:
    descriptor = os.open(path, FLAGS, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.ELOOP, "It is no plain file", path)
    return open(descriptor, "rb")


def _identity(status):
    return status.st_dev, status.st_ino


def _say(error):
    return f"It cannot be opened: {(error.strerror or str(error)).lower()}."

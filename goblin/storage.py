"""Files: write once while hashing, adopt by rename, derived folders, the trash, room on the disk."""

import errno
import hashlib
import itertools
import os
import re
import shutil
import stat
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from goblin import served

MARKER = ".goblin"  # in the data folder since its first start; gone means the disk is not mounted
FOLDERS = ("originals", "derived", "incoming", "trash", "backups")
CHUNK = 1 << 20
# Names Windows cannot open, should the disk be read there (learn.microsoft.com, Naming Files).
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.I)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL = "The disk of this gallery is full. Nothing was lost; ask its keeper for room."


class Full(Exception):
    """There is no room for these bytes; the text is one sentence."""


class NotHere(Exception):
    """The data folder is not what it was; the text is one sentence."""


def safe_name(name: str, longest: int = 120) -> str:
    """A person's file name made fit for every disk and for a header: no path, no control characters.

    `longest` is in bytes of UTF-8; the ending survives. Never empty.
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode()).replace("\\", "/")
    name = name.rsplit("/", 1)[-1]
    kept = [c for c in name if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*/\u2028\u2029']
    name = "".join(kept).strip(" .") or "file"
    if DEVICES.match(name):
        name = "_" + name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 16:
        stem, dot, ending = name, "", ""
    room = longest - len((dot + ending).encode())
    return (stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") or "file") + dot + ending


class Incoming:
    """A file on its way in: appended to, hashed as it is read, in the same file system as its place."""

    def __init__(self, path: Path, known=None):
        self.path = path
        if path.exists():
            os.chmod(path, 0o600)  # a stop may have come between finish() and its place
        self._file = open(path, "ab")  # noqa: SIM115 - lives as long as the upload
        self.size = self._file.tell()
        self._hash, self._hashed = known if known and known[1] == self.size else (hashlib.sha256(), 0)

    @property
    def known(self):
        """What is hashed so far; given to the next Incoming of this file, nothing need be read twice."""
        return self._hash, self._hashed

    def write(self, chunk: bytes):
        """Append bytes; raises Full."""
        try:
            self._file.write(chunk)
        except OSError as error:
            raise_full(error)
        if self._hashed == self.size:
            self._hash.update(chunk)
            self._hashed += len(chunk)
        self.size += len(chunk)

    def copy_from(self, stream: BinaryIO, limit: int | None = None):
        """Append a stream to its end, or `limit` bytes of it."""
        left = limit
        while chunk := stream.read(CHUNK if left is None else min(CHUNK, left)):
            self.write(chunk)
            if left is not None:
                left -= len(chunk)

    def sync(self):
        """Have everything so far on the disk; raises Full."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise_full(error)

    def close(self):
        self._file.close()

    def finish(self) -> str:
        """Everything is here: on the disk, read-only; returns its SHA-256."""
        self.sync()
        self.close()
        os.chmod(self.path, stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        return self._hash.hexdigest() if self._hashed == self.size else hash_file(self.path)

    def head(self) -> bytes:
        """The first 4 KiB, for telling what it is."""
        self._file.flush()
        with open(self.path, "rb") as file:
            return file.read(4096)

    def discard(self):
        with suppress(OSError):  # what a full disk did not take is tried once more at closing
            self.close()
        self.path.unlink(missing_ok=True)


def raise_full(error: OSError):
    """Say a full disk as such; anything else goes on as it was."""
    if error.errno in NO_ROOM:
        raise Full(FULL) from error
    raise error


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Disk:
    """Files in the data folder, laid out so that a person finds them without the program."""

    def __init__(self, folder: Path, keep_free: int = 0):
        self.folder, self.keep_free = Path(folder), keep_free

    def prepare(self, new: bool = False):
        """Make the folders at the first start; refuse a folder that lost its marker, unless told it is `new`.

        Raises NotHere, OSError.
        """
        marker = self.folder / MARKER
        if not marker.exists():
            self._require_first_time(new)
            self.folder.mkdir(
                mode=0o700, parents=True, exist_ok=True
            )  # private pictures, hashes of passwords
            marker.write_text(
                "This folder belongs to goblin. If this file is missing, the disk is not there.\n"
            )
        for name in FOLDERS:
            (self.folder / name).mkdir(exist_ok=True)

    def _require_first_time(self, new):
        if (self.folder / "goblin.db").exists():
            raise NotHere(
                f"{self.folder} has a goblin.db but not the file {MARKER}; is its disk mounted?"
                f" If everything is there, make an empty file {MARKER} in it."
            )
        if served.is_known(self.folder) and not new:
            raise NotHere(
                f"The gallery that was in {self.folder} is not there; is its disk mounted?"
                " To begin a new one in its place: `goblin.py serve --new`."
            )

    # incoming

    def incoming(self, token: str, known=None) -> Incoming:
        """Start or go on with a file on its way in; the token is ours and safe as a name."""
        return Incoming(self.folder / "incoming" / token, known)

    def incoming_size(self, token: str) -> int | None:
        """Bytes that arrived of it, or None."""
        try:
            return (self.folder / "incoming" / token).stat().st_size
        except FileNotFoundError:
            return None

    def drop_incoming(self, token: str):
        (self.folder / "incoming" / token).unlink(missing_ok=True)

    def require_room(self, size: int):
        """Raises Full unless `size` bytes more leave the free space the keeper asked for."""
        if self.free() - size < self.keep_free:
            raise Full(
                "There is not enough room on the disk of this gallery for that. Ask its keeper for more."
            )

    def free(self) -> int:
        """Bytes free on the disk."""
        return shutil.disk_usage(self.folder).free

    # originals

    def reserve(self, username: str, when: str, name: str) -> str:
        """Take a free path below originals/ with an empty file: ann/2026/08/beach.jpg, then beach-2.jpg."""
        folder = Path(username) / when[:4] / when[5:7]
        (self.folder / "originals" / folder).mkdir(parents=True, exist_ok=True)
        stem, dot, ending = (name := safe_name(name)).rpartition(".")
        if not dot:
            stem, ending = name, ""
        for number in itertools.count(1):
            place = str(folder / (name if number == 1 else f"{stem}-{number}{dot}{ending}"))
            try:
                # Exclusive, so that two uploads of one name at one moment cannot both have it.
                self.original(place).touch(mode=0o444, exist_ok=False)
                return place
            except FileExistsError:
                continue
            except OSError as error:
                raise_full(error)

    def adopt(self, source: Path, place: str):
        """Move a finished file to the place reserved for it; it never replaces another. Raises FileExistsError."""
        target = self.original(place)
        if target.exists() and target.stat().st_size:
            raise FileExistsError(place)
        os.rename(source, target)
        _sync_folder(target.parent)

    def unreserve(self, place: str):
        """Give back a place whose file never came; a file with anything in it stays."""
        target = self.original(place)
        if target.exists() and not target.stat().st_size:
            target.unlink()

    def empty_places(self, older_than: float = 3600) -> Iterator[str]:
        """Places reserved so many seconds ago whose file never came; an original is never empty."""
        root = self.folder / "originals"
        for folder, _, names in os.walk(root):
            for path in (Path(folder, name) for name in names):
                status = path.lstat()
                if not status.st_size and time.time() - status.st_mtime > older_than:
                    yield str(path.relative_to(root))

    def original(self, place: str) -> Path:
        """The path of an original; raises ValueError for a place outside originals/."""
        return _below(self.folder / "originals", place)

    def find(self, id: int, place: str) -> Path | None:
        """Where the original of a medium is now: in its place, in the trash, or nowhere."""
        return next(
            (path for path in (self.original(place), self._trashed(id, place)) if path.exists()), None
        )

    def to_trash(self, id: int, place: str):
        """Move an original to the trash, from where it can come back."""
        target = self._trashed(id, place)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(self.original(place), target)

    def from_trash(self, id: int, place: str, new_place: str):
        """Bring an original back from the trash to a place reserved for it."""
        self.adopt(self._trashed(id, place), new_place)
        with suppress(OSError):  # something else is in there
            self._trashed(id, place).parent.rmdir()

    def is_trashed(self, id: int, place: str) -> bool:
        return self._trashed(id, place).exists()

    def _trashed(self, id, place):
        return self.folder / "trash" / str(id) / Path(place).name

    def destroy(self, id: int):
        """Remove what the trash holds of a medium, and its copies, for good."""
        shutil.rmtree(self.folder / "trash" / str(id), ignore_errors=True)
        shutil.rmtree(self.derived_of(id), ignore_errors=True)

    def destroy_original(self, place: str):
        """Remove a file among the originals for good."""
        self.original(place).unlink(missing_ok=True)

    # derived

    def derived_of(self, id: int) -> Path:
        """The folder of all copies of a medium; a thousand media share a parent."""
        return self.folder / "derived" / str(id // 1000) / str(id)

    def derived(self, id: int, generation: int) -> Path:
        """The folder of one set of copies."""
        return self.derived_of(id) / str(generation)

    def fresh_derived(self, id: int, generation: int) -> Path:
        """An empty folder for a new set of copies."""
        folder = self.derived(id, generation)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def drop_derived(self, id: int, generation: int):
        """Remove a set of copies that never became complete; what it took of the disk is free again."""
        shutil.rmtree(self.derived(id, generation), ignore_errors=True)

    def keep_only(self, id: int, generation: int):
        """Remove the sets of copies that are no longer in force."""
        for folder in self.derived_of(id).iterdir() if self.derived_of(id).exists() else ():
            if folder.name != str(generation):
                shutil.rmtree(folder, ignore_errors=True)

    def sets_of_copies(self, older_than: float = 3600) -> Iterator[tuple[int, int, Path]]:
        """(medium, generation, folder) of every set of copies made so many seconds ago, in force or not."""
        for folder in (self.folder / "derived").glob("*/*/*"):
            if not (folder.name.isdecimal() and folder.parent.name.isdecimal()):
                continue
            with suppress(FileNotFoundError):  # replaced meanwhile
                if time.time() - folder.stat().st_mtime > older_than:
                    yield int(folder.parent.name), int(folder.name), folder

    def sweep(self, known_tokens: set[str], older_than: float = 3600):
        """Remove files in incoming/ that nobody will go on with, older than so many seconds; returns how many."""
        gone = 0
        for path in (self.folder / "incoming").iterdir():
            if path.name not in known_tokens and time.time() - path.stat().st_mtime > older_than:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
                gone += 1
        return gone


def _below(folder, place):
    path = Path(os.path.normpath(folder / place))
    if not path.is_relative_to(folder) or path == folder:
        raise ValueError(place)
    return path


def _sync_folder(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

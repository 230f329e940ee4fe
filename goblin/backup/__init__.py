"""Everything of a gallery in one tar, written while it runs: files, then the database, then a manifest."""

import contextlib
import fcntl
import hashlib
import json
import os
import sqlite3
import stat
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from goblin import __version__, library, lock, storage
from goblin.db import copy_to, now
from goblin.models import Media, Sidecar
from goblin.models.media import GOING
from goblin.refused import Refused

FORMAT = 1  # of the tar; a reader refuses a higher one
HEADER, DATABASE, MANIFEST = "goblin-backup.json", "goblin.db", "manifest.jsonl"
# What can be made again, belongs to this moment, or is written here by its rows.
LEFT_OUT = {"originals", "trash", "derived", "incoming", "backups", "restoring", "found"}
LEFT_OUT_FILES = ("goblin.db", "queue.db", *lock.NAMES, storage.MARKER)
COPY = "copy-for-backup.db"
# What belongs to this moment in the tables: nobody is to be signed in, or let in, by an old backup.
PASSING = (
    "DELETE FROM media WHERE state = 'arriving'",
    "DELETE FROM session",
    "DELETE FROM token",  # one that was revoked since must not work again
    "DELETE FROM one_time",
    "DELETE FROM upload",
    "DELETE FROM callback",
)


@dataclass
class Report:
    """What a backup holds, and what was wrong with the gallery's own files."""

    files: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)


def note(name: str, size: int, digest: str) -> bytes:
    """A line of the manifest: a member's name, size in bytes and SHA-256."""
    return json.dumps({"name": name, "size": size, "sha256": digest}).encode() + b"\n"


def size_of() -> int:
    """Bytes that a backup takes, about."""
    originals = sum(size for (size,) in Media.select(Media.bytes).tuples().iterator())
    originals += sum(row.bytes for row in Sidecar.files())
    return originals + (library.disk.folder / "goblin.db").stat().st_size


def write(
    target: BinaryIO, progress: Callable[[int], None] = lambda size: None, skip: os.stat_result | None = None
) -> Report:
    """Write the open gallery to a stream; `progress` hears of bytes, `skip` is the file being written.

    Raises Refused, OSError.
    """
    folder, report = library.disk.folder, Report()
    with _alone(folder), _copied(folder) as copy, contextlib.closing(sqlite3.connect(copy)) as rows:
        _forget_the_passing(rows)
        writer = _Writer(target, folder, progress, report)
        try:
            writer.add_text(HEADER, _header(rows))
            _add_others(writer, folder, skip)
            _add_originals(writer, rows)
            _add_sidecars(writer, rows)
            rows.close()
            writer.add_path(DATABASE, copy)
            writer.finish()
        finally:
            writer.close()
    return report


@contextlib.contextmanager
def _alone(folder):
    """One backup at a time, so that the copy of the database has one writer. Raises Refused."""
    guard = os.open(folder / "backups", os.O_RDONLY)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refused("Another backup of this gallery is being written just now.") from None
    finally:
        os.close(guard)


@contextlib.contextmanager
def _copied(folder):
    """The database as it is at this moment. It lies beside the copies made before migrations."""
    copy = folder / "backups" / COPY
    leftovers = [copy.with_name(COPY + ending) for ending in ("", "-wal", "-shm", "-journal")]
    try:
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        copy_to(copy)
        yield copy
    finally:
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)


def _forget_the_passing(rows):
    rows.execute("PRAGMA journal_mode = delete")
    rows.execute("PRAGMA foreign_keys = on")
    for statement in PASSING:
        rows.execute(statement)
    rows.commit()


def _header(rows):
    count, size = rows.execute("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM media").fetchone()
    size += rows.execute("SELECT COALESCE(SUM(bytes), 0) FROM sidecar").fetchone()[0]
    values = {"format": FORMAT, "goblin": __version__, "created": now(), "media": count, "bytes": size}
    return json.dumps(values).encode() + b"\n"


def _add_others(writer, folder, skip):
    """The keeper's options, plugins and whatever else lies in the data folder; links are not followed."""
    for root, folders, names in os.walk(folder):
        top = Path(root) == folder
        folders[:] = sorted(f for f in folders if f != "__pycache__" and not (top and _is_left_out(f)))
        for name in sorted(names):
            path = Path(root, name)
            status = path.lstat()
            same = skip and (status.st_dev, status.st_ino) == (skip.st_dev, skip.st_ino)
            if stat.S_ISREG(status.st_mode) and not same and not (top and name.startswith(LEFT_OUT_FILES)):
                writer.add_path(str(path.relative_to(folder)), path)


def _is_left_out(name):
    return name in LEFT_OUT or name.startswith("before-")


def _add_originals(writer, rows):
    """Every original the copied database knows."""
    missing = []
    for id, place, digest, deleted in rows.execute(
        "SELECT id, original, sha256, deleted FROM media ORDER BY id"
    ):
        name = f"trash/{id}/{Path(place).name}" if deleted else f"originals/{place}"
        if not _add(writer, name, place, digest, _open_original(id, place)):
            missing.append((id, place))
    _sort_out(writer, rows, missing, Media, Media.deleted.is_null() | (Media.deleted != GOING))


def _add_sidecars(writer, rows):
    """What is beside the media, likewise; these files stay in their places until they are destroyed."""
    missing = []
    for id, place, digest in rows.execute(
        "SELECT id, place, sha256 FROM sidecar WHERE place <> '' ORDER BY id"
    ):
        if not _add(writer, f"originals/{place}", place, digest, _open_if_there(place)):
            missing.append((id, place))
    _sort_out(writer, rows, missing, Sidecar, Sidecar.id > 0)


def _add(writer, name, place, digest, file) -> bool:
    """Whether there is a file; one that is not what was uploaded is noted."""
    if file is None:
        return False
    with file:
        if writer.add(name, file) != digest:
            writer.report.altered.append(place)
    return True


def _sort_out(writer, rows, missing, model, stays):
    """What has no file is missing, unless it was destroyed since the copy was made: then it leaves the copy."""
    for id, place in missing:
        if model.select().where((model.id == id) & stays).exists():
            writer.report.missing.append(place)
        else:
            rows.execute(f"DELETE FROM {model._meta.table_name} WHERE id = ?", (id,))
    rows.commit()


def _open_if_there(place):
    try:
        return open(library.disk.original(place), "rb")  # noqa: SIM115 - closed by whoever adds it
    except FileNotFoundError:
        return None


def _open_original(id, place):
    """The original of a medium wherever it is moved meanwhile; None when it is nowhere."""
    for _ in range(5):
        path = library.disk.find(id, place)
        if path:
            with contextlib.suppress(FileNotFoundError):
                return open(path, "rb")
        row = Media.get_or_none(Media.id == id)
        if row is None or (path is None and row.original == place and library.disk.find(id, place) is None):
            return None
        place = row.original
    return None


class _Writer:
    """A tar that remembers what was put into it, on the disk and not in memory."""

    def __init__(self, target, folder, progress, report):
        self.report, self._progress = report, progress
        self._notes = tempfile.TemporaryFile(dir=folder / "backups")  # noqa: SIM115 - closed by close()
        self._tar = tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 20)  # noqa: SIM115

    def add_path(self, name, path):
        with open(path, "rb") as file:
            self.add(name, file)

    def add_text(self, name, text):
        with tempfile.TemporaryFile() as file:
            file.write(text)
            file.seek(0)
            self.add(name, file)

    def add(self, name, file) -> str:
        """Add an open file under a name; returns its SHA-256. Raises Refused when it changes meanwhile."""
        digest, size = self._put(name, file)
        self._notes.write(note(name, size, digest))
        self.report.files += 1
        self.report.bytes += size
        return digest

    def _put(self, name, file):
        status = os.fstat(file.fileno())
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = status.st_size, int(status.st_mtime), stat.S_IMODE(status.st_mode)
        reader = _Hashing(file, self._progress)
        self._tar.addfile(info, reader)
        self._tar.members.clear()  # or it keeps every one of a hundred thousand
        if reader.size != status.st_size:
            raise Refused(f"{name} changed while it was read. Please start the backup again.")
        return reader.hash.hexdigest(), status.st_size

    def finish(self):
        """The manifest comes last: a backup without it is not whole."""
        self._notes.seek(0)
        self._put(MANIFEST, self._notes)
        self._tar.close()

    def close(self):
        self._notes.close()


class _Hashing:
    """A file that is hashed as it is read; padded when it ends early, so that the tar stays in step."""

    def __init__(self, file, progress):
        self._file, self._progress = file, progress
        self.hash, self.size = hashlib.sha256(), 0

    def read(self, size):
        chunk = self._file.read(size)
        self.hash.update(chunk)
        self.size += len(chunk)
        self._progress(len(chunk))
        return chunk + bytes(size - len(chunk))

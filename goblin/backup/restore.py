"""A backup brought back: read into a folder aside, every hash compared, then put in force by renaming."""

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from goblin import backup, lock, storage
from goblin.db import now
from goblin.refused import Refused
from goblin.wording import say_size

STAGING = "restoring"
LARGEST_HEADER = 1 << 16
DAMAGED = "This backup is damaged, and nothing was changed:"
# Copies are made again, so none are named. Ids given since the backup, and sets of copies made since, may
# still be in the browsers' caches: they are passed over.
READY = (
    "UPDATE media SET state = 'unprocessed', ready = 0, attempts = 0, todo = '' WHERE state <> 'failed'",
    "UPDATE media SET files = '{}', thumbs = '', progress = NULL, step = '', generation = generation + 100",
    "UPDATE sqlite_sequence SET seq = seq + 100000 WHERE name = 'media'",
)


@dataclass
class Restored:
    """What was brought back."""

    media: int
    missing: int  # of these, media whose original the backup did not hold
    aside: Path | None  # where what was there before is now


def restore(
    stream: BinaryIO,
    folder: Path,
    check: Callable[[Path], None],
    force: bool = False,
    progress: Callable[[int], None] = lambda size: None,
) -> Restored:
    """Bring a backup back into an empty folder, or with `force` into one whose content goes aside.

    `check` is given the database before it is put in force and may raise. Raises Refused, OSError; then the
    folder is as it was.
    """
    made = _make(folder)
    try:
        with lock.hold(folder, *lock.NAMES):
            if _content(folder) and not force:
                raise Refused(
                    f"{folder} is not empty; choose another with --data, or move it aside with --force."
                )
            with _staging(folder) as staging:
                return _restore(stream, folder, staging, check, progress)
    except BaseException:
        _unmake(made)
        raise


@contextlib.contextmanager
def _staging(folder):
    """An empty folder in the same file system, gone afterwards."""
    staging = folder / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _make(folder):
    """Make the folder; returns it if it was not there."""
    if folder.exists():
        return None
    folder.mkdir(parents=True)
    return folder


def _unmake(folder):
    with contextlib.suppress(OSError):
        if folder:
            for name in lock.NAMES:
                (folder / name).unlink(missing_ok=True)
            folder.rmdir()


def _content(folder):
    """Names in the folder, but for what any folder may hold and what a broken-off restore left."""
    ours = {STAGING, *lock.NAMES, "lost+found"}
    return sorted(p.name for p in folder.iterdir() if p.name not in ours and not p.name.startswith("before-"))


def _restore(stream, folder, staging, check, progress):
    storage.Disk(staging).prepare()
    try:
        unpack(stream, staging, progress)
    except (tarfile.TarError, EOFError, UnicodeError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{DAMAGED} {str(error) or 'it ends too early'}.") from None
    check(staging / backup.DATABASE)
    media, missing = _make_ready(staging)
    os.sync()
    return Restored(media, missing, _put_in_force(staging, folder))


# --- reading


def unpack(stream: BinaryIO, staging: Path, progress: Callable[[int], None] = lambda size: None):
    """Unpack into an empty folder and compare with the manifest. Raises Refused, tarfile.TarError."""
    with (
        tarfile.open(fileobj=stream, mode="r|", bufsize=1 << 20) as tar,
        tempfile.TemporaryFile(dir=staging) as notes,
    ):
        _check_header(tar, staging, notes)
        while member := tar.next():
            tar.members.clear()  # or it keeps every one of a hundred thousand
            if member.name == backup.MANIFEST:
                _compare(tar.extractfile(member), notes)
                break
            _unpack_member(tar, member, staging, notes, progress)
        else:
            raise tarfile.ReadError("it ends too early")
        if not (staging / backup.DATABASE).is_file():
            raise tarfile.ReadError("it holds no database")


def _check_header(tar, staging, notes):
    """Read the first member; refuse what is no backup, is too new or does not fit."""
    member = tar.next()
    if member is None or member.name != backup.HEADER or not member.isreg() or member.size > LARGEST_HEADER:
        raise Refused("This file is not a backup made by goblin.")
    text = tar.extractfile(member).read()
    notes.write(backup.note(member.name, len(text), hashlib.sha256(text).hexdigest()))
    header = json.loads(text)
    if header["format"] > backup.FORMAT:
        raise Refused(f"This backup was made by a newer goblin ({header['goblin']}); use that one.")
    free = shutil.disk_usage(staging).free
    if header["bytes"] > free:
        raise storage.Full(
            f"The disk has {say_size(free)} free; this backup needs {say_size(header['bytes'])}."
        )


def _unpack_member(tar, member, staging, notes, progress):
    path = _target(member, staging)
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tar.extractfile(member) as source, open(path, "xb") as target:
        while chunk := source.read(storage.CHUNK):
            digest.update(chunk)
            target.write(chunk)
            size += len(chunk)
            progress(len(chunk))
    original = member.name.startswith(("originals/", "trash/"))
    os.chmod(path, 0o444 if original else member.mode & 0o755 | 0o600)
    os.utime(path, (member.mtime, member.mtime))
    notes.write(backup.note(member.name, size, digest.hexdigest()))


def _target(member, staging):
    """Where a member goes. We open it ourselves and take plain files only, so no link can lead elsewhere."""
    parts = member.name.split("/")
    if (
        not member.isreg()
        or member.issparse()
        or "\0" in member.name
        or not {"", ".", ".."}.isdisjoint(parts)
    ):
        raise tarfile.ReadError(f"{member.name!r} cannot be in one")
    path = staging.joinpath(*parts)
    if path.exists():
        raise tarfile.ReadError(f"{member.name!r} is in it twice")
    return path


def _compare(manifest, notes):
    """What was read has to be what was written, in the same order."""
    notes.seek(0)
    for told, found in zip(manifest, notes, strict=False):
        if told != found:
            raise tarfile.ReadError(f"{json.loads(found)['name']!r} is not as it was written")
    if manifest.read(1) or notes.read(1):
        raise tarfile.ReadError("files are missing from it")


# --- putting in force


def _make_ready(staging):
    """Have the copies of everything made again; (media, how many of them have no original)."""
    with contextlib.closing(sqlite3.connect(staging / backup.DATABASE)) as rows:
        try:
            if rows.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                raise Refused(f"{DAMAGED} its database is not whole.")
            for statement in READY:
                rows.execute(statement)
            rows.commit()
            found = [
                _has_original(staging, *row)
                for row in rows.execute("SELECT id, original, deleted FROM media")
            ]
        except sqlite3.DatabaseError as error:
            raise Refused(f"{DAMAGED} its database cannot be read ({error}).") from None
    return len(found), found.count(False)


def _has_original(staging, id, place, deleted):
    return (
        staging / "trash" / str(id) / Path(place).name if deleted else staging / "originals" / place
    ).is_file()


def _put_in_force(staging, folder):
    """Rename what is there aside and the new in its place, the database last; all of it or nothing."""
    moves, aside = [], folder / f"before-{now()[:19].replace(':', '')}"
    if present := _content(folder):
        aside.mkdir()
        moves += [(folder / name, aside / name) for name in present]
    names = sorted((path.name for path in staging.iterdir()), key=lambda name: name == backup.DATABASE)
    moves += [(staging / name, folder / name) for name in names]
    done = []
    try:
        for source, target in moves:
            os.rename(source, target)
            done.append((source, target))
    except OSError:
        for source, target in reversed(done):
            os.rename(target, source)
        if present:
            aside.rmdir()
        raise
    return aside if present else None

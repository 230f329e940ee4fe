"""Is the gallery in order? Each check yields findings in plain words and changes nothing."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from peewee import DatabaseError, fn

from goblin import jobs, library, resuming, storage, trash
from goblin.db import db, from_now, now
from goblin.media import parts
from goblin.models import Media, Sidecar, Upload, User
from goblin.models.media import ARRIVING
from goblin.wording import say_size, several

OK, NOTE, WRONG = "ok", "note", "wrong"
MOST_NAMES = 10  # named one by one; the rest is counted
YOUNG = 3600  # seconds in which a file without a row may still be an upload on its way


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    mark: str  # OK, NOTE or WRONG
    sentence: str


def named(count_sentence: str, names: list[str]) -> Iterator[Finding]:
    """A fault of several files: how many, then the first of them by name."""
    yield Finding(WRONG, count_sentence.format(len(names)))
    for name in names[:MOST_NAMES]:
        yield Finding(WRONG, f"  {name}")
    if len(names) > MOST_NAMES:
        yield Finding(WRONG, f"  and {len(names) - MOST_NAMES} more")


def check_folder(folder: Path, keep_free: int) -> Iterator[Finding]:
    """May it be written, who else may read it, and is there room?"""
    for path in (folder, *(folder / name for name in storage.FOLDERS)):
        if path.exists() and not os.access(path, os.W_OK | os.X_OK):
            yield Finding(WRONG, f"{path} may not be written by this user.")
    yield from _check_owner(folder)
    if not (folder / storage.MARKER).exists():
        yield Finding(WRONG, f"{folder} has no file {storage.MARKER}; is its disk mounted?")
    database = folder / "goblin.db"
    if database.exists() and database.stat().st_mode & 0o004 and folder.stat().st_mode & 0o001:
        cure = f"`chmod 700 {folder}` keeps them out"
        yield Finding(NOTE, f"Other users of this machine can read what is in the gallery; {cure}.")
    yield from _check_room(storage.Disk(folder).free(), keep_free)


def _check_owner(folder):
    """A command run by another, as with sudo, leaves files that the gallery itself may not write."""
    owner = folder.stat().st_uid
    ours = [*folder.glob("*.db*"), *(folder / name for name in storage.FOLDERS)]
    foreign = sorted(path.name for path in ours if path.exists() and path.stat().st_uid != owner)
    if foreign:
        yield Finding(WRONG, f"{', '.join(foreign)} belong to another user than {folder} does; use chown.")


def _check_room(free, keep_free):
    said = f"{say_size(free)} are free on the disk"
    if free < keep_free:
        yield Finding(WRONG, f"{said}; uploads are refused until there is room.")
    else:
        yield Finding(OK, f"{said}.")


def check_tables() -> Iterator[Finding]:
    """Is the open database whole, and does every row belong to another that is there?"""
    try:
        faults = [text for (text,) in db.execute_sql("PRAGMA integrity_check(10)") if text != "ok"]
        orphans = db.execute_sql("PRAGMA foreign_key_check").fetchall()
    except DatabaseError as error:
        faults, orphans = [str(error)], []
    if faults:
        yield from named("The database is damaged ({}); restore a backup or a copy in backups/:", faults)
    if orphans:
        tables = ", ".join(sorted({row[0] for row in orphans}))
        yield Finding(WRONG, f"{several(len(orphans), 'row')} without what they belong to ({tables}).")
    if not faults and not orphans:
        counts = f"{User.select().count()} people, {Media.select().count()} media"
        yield Finding(OK, f"The database is whole: {counts}.")


def check_clock() -> Iterator[Finding]:
    """A box without a battery starts in the past until it reaches a time server."""
    newest = Media.select(fn.MAX(Media.created)).scalar() or ""
    if now() < newest or datetime.now(UTC).year < 2026:
        yield Finding(WRONG, f"The clock says {now()[:16]}Z, which is before the newest medium; set it.")
    else:
        yield Finding(OK, f"The clock says {now()[:16]}Z.")


def rows():
    """Every medium promised to somebody, with what the checks ask of it."""
    columns = (Media.id, Media.original, Media.bytes, Media.sha256, Media.deleted, Media.state)
    query = Media.select(*columns, Media.generation, Media.files).where(Media.state != ARRIVING)
    return query.order_by(Media.id).iterator()


def originals() -> Iterator[tuple[str, int, str, Path | None]]:
    """(place, bytes, SHA-256, where it is if it is there) of every file of media and of what is beside them."""
    for row in rows():
        yield row.original, row.bytes, row.sha256, library.disk.find(row.id, row.original)
    for row in Sidecar.files().iterator():
        path = library.disk.original(row.place)
        yield row.place, row.bytes, row.sha256, path if path.exists() else None


def missing_originals() -> dict[tuple[int, str], str]:
    """The places of originals that are not there, by bytes and SHA-256."""
    return {(size, digest): place for place, size, digest, path in originals() if path is None}


def check_originals(deep: bool) -> Iterator[Finding]:
    """Is every original there, and as long as when it came? With `deep`, is it the same to the last bit?"""
    count, missing, altered = 0, [], []
    for place, size, digest, path in originals():
        count += 1
        if path is None:
            missing.append(place)
        elif path.stat().st_size != size or (deep and storage.hash_file(path) != digest):
            altered.append(place)
    if missing:
        yield from named("Originals that are missing ({}):", missing)
    if altered:
        yield from named("Originals that are not what was uploaded ({}):", altered)
    if not missing and not altered:
        how = "the same to the last bit" if deep else "as long as they were (--deep compares every bit)"
        yield Finding(OK, f"All {count} originals are there and {how}.")


def strays() -> list[str]:
    """Files in originals/ and trash/ that no medium knows, as paths in the data folder; not newly arrived."""
    folder, known = library.disk.folder, set()
    for id, place in Media.select(Media.id, Media.original).tuples().iterator():
        known |= {f"originals/{place}", f"trash/{id}/{Path(place).name}"}
    known |= {f"originals/{row.place}" for row in Sidecar.files()}
    found = []
    for top in ("originals", "trash"):
        for root, _, names in os.walk(folder / top):
            paths = (Path(root, name).relative_to(folder) for name in names)
            found += [str(path) for path in paths if str(path) not in known and not _is_young(folder / path)]
    return sorted(found)


def _is_young(path):
    return time.time() - path.lstat().st_mtime < YOUNG and time.time() - path.lstat().st_ctime < YOUNG


def check_strays() -> Iterator[Finding]:
    if found := strays():
        yield from named("Files among the originals that no medium knows ({}):", found)


def without_copies() -> list[Media]:
    """Media that are processed, but whose copies are not on the disk."""
    processed = (row for row in rows() if row.state == "processed" and row.deleted is None)
    return [row for row in processed if not _has_copies(row)]


def _has_copies(row):
    folder = library.disk.derived(row.id, row.generation)
    return all((folder / file["name"]).exists() for file in row.files.values())


def check_copies() -> Iterator[Finding]:
    if lost := without_copies():
        places = [row.original for row in lost]
        yield from named("Media whose copies are lost, but can be made again ({}):", places)
    else:
        yield Finding(OK, "All copies are there.")


def check_cut_off() -> Iterator[Finding]:
    """Copies that a stop cut off in the making, and that nobody goes on with."""
    files = [path for *_, folder in trash.cut_off() for path in folder.iterdir()]
    if size := sum(path.stat().st_size for path in files):
        yield Finding(
            NOTE, f"{say_size(size)} of copies that were never finished; goblin removes them at night."
        )


def in_state(*states: str) -> int:
    """How many media, those in the trash aside, are in one of these states."""
    return Media.select().where(Media.state.in_(states) & Media.deleted.is_null()).count()


def check_work(served: bool) -> Iterator[Finding]:
    """Is what waits known to the queue, and what failed to the keeper?"""
    if not served:
        count = in_state("unprocessed", "processing")  # what a stop interrupted is begun again
        yield Finding(NOTE, f"No goblin serves this folder just now; {count} media wait to be prepared.")
    elif is_forgotten():
        yield Finding(
            WRONG, f"{in_state('unprocessed')} media wait to be prepared, but the queue does not know them."
        )
    else:
        yield Finding(
            OK, f"A goblin serves this folder; {in_state('unprocessed')} media wait to be prepared."
        )
    yield from _check_lacking()
    if failed := in_state("failed"):
        again = "`goblin.py reprocess --state failed` tries again"
        yield Finding(NOTE, f"{failed} media could not be prepared; their pages say why, {again}.")


def _check_lacking():
    """What waits for a decoder: it is looked for at every start, and every few minutes while it is not here."""
    waiting = Media.select(Media.lacks, fn.COUNT(Media.id)).where(resuming.LACKING).group_by(Media.lacks)
    for part, count in waiting.tuples():
        then = "once it is here, the gallery prepares them by itself"
        if part not in parts.PARTS:
            then = "`goblin.py reprocess --state failed` prepares them once it is here"
        yield Finding(NOTE, f"{count} media wait for {part}; {then}.")


def is_forgotten() -> bool:
    """Whether media wait and the queue is empty, also at a second look: one may just have been taken out."""
    for _ in range(2):
        if not in_state("unprocessed") or jobs.workshop.waiting():
            return False
        time.sleep(1)
    return True


def check_uploads() -> Iterator[Finding]:
    """Uploads that are still to be gone on with, and what others left."""
    tokens = {upload.token for upload in Upload.select(Upload.token)}
    arrived = [p for p in (library.disk.folder / "incoming").iterdir() if p.is_file()]
    left = [p for p in arrived if p.name not in tokens and not _is_young(p)]
    if under_way := Upload.under_way():
        yield Finding(
            NOTE, f"{several(len(under_way), 'upload')} not finished yet, which may be gone on with."
        )
    if left:
        size = say_size(sum(p.stat().st_size for p in left))
        uploads = several(len(left), "upload")
        yield Finding(NOTE, f"{size} left of {uploads} nobody will go on with; goblin removes that at night.")
    if old := Media.select().where((Media.state == ARRIVING) & (Media.created < from_now(hours=-1))).count():
        yield Finding(NOTE, f"{old} uploads were stopped at their last step; it settles them by itself.")

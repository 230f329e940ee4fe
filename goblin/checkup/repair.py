"""Putting a gallery in order: copies are made again, what lies astray is set aside, no original is lost."""

import os
from collections.abc import Iterator
from pathlib import Path

from goblin import checkup, library, resuming, storage, trash
from goblin.media import parts
from goblin.models import Media, Upload
from goblin.wording import several

FOUND = "found"  # in the data folder: files among the originals that no medium knows


def repair(served: bool) -> Iterator[str]:
    """Mend what can be mended; yields a sentence for each thing done."""
    yield from _bring_back()
    yield from _set_aside()
    lost = checkup.without_copies()
    for row in lost:
        library.prepare_again(Media.by_id(row.id))
    if lost:
        yield f"Lost copies are made again ({len(lost)})."
    if served and checkup.is_forgotten():
        forgotten = list(Media.select().where((Media.state == "unprocessed") & Media.deleted.is_null()))
        for row in forgotten:
            library.prepare_again(row)
        yield f"What waits was put into the queue again ({len(forgotten)})."
    if served and (count := resuming.catch_up(set(parts.PARTS))):
        yield f"{count} media that waited for a decoder are prepared now that it is here."
    if count := trash.drop_cut_off():
        yield f"Copies that were never finished were removed ({several(count, 'set')})."
    if count := library.disk.sweep({upload.token for upload in Upload.select(Upload.token)}):
        yield f"What was left of {several(count, 'upload')} was removed."


def _bring_back() -> Iterator[str]:
    """An original that was moved or renamed by hand is known by its bytes."""
    missing = checkup.missing_originals()
    sizes = {size for size, _ in missing}
    for name in checkup.strays() if missing else ():
        path = library.disk.folder / name
        if path.is_symlink() or (size := path.stat().st_size) not in sizes:
            continue
        place = missing.pop((size, storage.hash_file(path)), None)
        if place:
            target = library.disk.original(place)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(path, target)
            yield f"{name} was brought back to originals/{place}."


def _set_aside() -> Iterator[str]:
    """Files no medium knows go to found/, from where they can be imported; empty ones are no originals."""
    for name in checkup.strays():
        path = library.disk.folder / name
        if not path.is_symlink() and not path.stat().st_size:
            path.unlink()
            yield f"{name} was empty and is gone."
            continue
        target = _free(library.disk.folder / FOUND / name)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(path, target)
        yield f"{name} was moved to {target.relative_to(library.disk.folder)}."


def _free(path: Path) -> Path:
    """A path nothing is at."""
    number, free = 1, path
    while os.path.lexists(free):
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free

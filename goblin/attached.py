"""Files beside a medium that its preparation reads, such as a model's materials: they may come later, and change."""

from goblin import media
from goblin.db import now
from goblin.models import Media, Sidecar
from goblin.models.sidecar import ATTACHMENT

MOST, LARGEST = 16, 16 << 20  # files, and bytes of each


def read_by(item: Media) -> list[Sidecar]:
    """Those that are there now; no question is asked for kinds that read none."""
    if not (endings := _endings(item.kind)):
        return []
    rows = Sidecar.of([item.id]).get(item.id, [])
    wanted = (row for row in rows if row.kind == ATTACHMENT and row.name.lower().endswith(endings))
    return [row for row in wanted if row.bytes <= LARGEST][:MOST]


def _endings(kind) -> tuple[str, ...]:
    read = media.TYPES.get(kind)
    return read.beside + read.pictures if read and read.beside else ()


def marks(rows: list[Sidecar]) -> list[str]:
    """By what a medium's data say which files it was prepared with."""
    return sorted(f"{row.sha256} {row.name}" for row in rows)


def again(item: Media) -> tuple[int, str, str] | None:
    """Have what depends on them made anew when others are there than it was made with.

    Returns (id, kind, steps) of the run this takes, or None.
    """
    if not _endings(item.kind):
        return None
    item = Media.by_id(item.id)
    if item is None or item.data.get("beside", []) == marks(read_by(item)):
        return None
    steps = " ".join(media.steps_beside(item.kind))
    waiting = Media.update(state="unprocessed", todo=steps, attempts=0, updated=now())
    # One that is being prepared just now is looked at again at its end.
    idle = (Media.id == item.id) & (Media.state == "processed") & Media.deleted.is_null()
    return (item.id, item.kind, steps) if waiting.where(idle).execute() else None

"""Taking up what was left: by a stop half-way, on a full disk, for want of a decoder."""

from goblin import jobs
from goblin.db import ensure_connected, from_now, now
from goblin.models import Media
from goblin.models.media import ARRIVING

# The condition for what waits for a decoder: it failed for want of it, or is only kept meanwhile.
LACKING = Media.state.in_(("failed", "processed")) & (Media.lacks != "")
ARRIVAL_SECONDS = 60  # between a row and the last word on its file; the rename in between takes milliseconds


def recover():
    """At start: queue everything that is not processed, whatever a stop left half-way."""
    Media.update(state="unprocessed").where(Media.state == "processing").execute()
    for huey in jobs.workshop.lanes.values():
        huey.flush()
    settle_arrivals()
    for row in Media.unfinished():
        jobs.workshop.enqueue(row.id, row.kind, row.todo)
    lacked = Media.select(Media.lacks).where(LACKING).distinct().tuples()
    catch_up({part for (part,) in lacked})


def catch_up(parts: set[str]) -> int:
    """Prepare what waited for one of these decoders, where that has come; the others are looked for again later.

    Returns how many.
    """
    count = 0
    for part in parts:
        if not jobs.is_here(part):
            jobs.workshop.absent.add(part)
            continue
        jobs.workshop.absent.discard(part)
        for row in Media.select(Media.id, Media.kind, Media.todo).where(LACKING & (Media.lacks == part)):
            again = Media.update(state="unprocessed", attempts=0, updated=now())
            if again.where((Media.id == row.id) & LACKING).execute():
                jobs.workshop.enqueue(row.id, row.kind, row.todo)
                count += 1
    return count


def settle_arrivals():
    """Finish or forget uploads that a stop cut off in their last moment; another process may be at younger ones."""
    old = Media.created < from_now(seconds=-ARRIVAL_SECONDS)
    for row in Media.select().where((Media.state == ARRIVING) & old):
        path = jobs.workshop.storage.original(row.original)
        if path.exists() and path.stat().st_size == row.bytes:
            Media.update(state="unprocessed").where(Media.id == row.id).execute()
            jobs.workshop.enqueue(row.id, row.kind)
        else:
            jobs.workshop.storage.unreserve(row.original)
            row.delete_instance()


def tend():
    """Every few minutes: take up what fell through, such as a row whose end could not be written on a full disk."""
    ensure_connected()
    settle_arrivals()
    catch_up(set(jobs.workshop.absent))
    if jobs.workshop.waiting():
        return
    for row in Media.unfinished():
        if row.id not in jobs.workshop.busy:
            Media.update(state="unprocessed").where(
                (Media.id == row.id) & (Media.state == "processing")
            ).execute()
            jobs.workshop.enqueue(row.id, row.kind, row.todo)

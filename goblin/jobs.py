"""Work behind the pages: process(id) does the next steps of a medium."""

import contextlib
import logging
import time

from peewee import OperationalError

from goblin import attached, events, inside, media, outcome, pairing
from goblin.db import db, ensure_connected, now
from goblin.media import parts as decoders
from goblin.media.sandbox import SENTENCES, Failed, Stopped
from goblin.models import Media, Setting
from goblin.workshop import Workshop, lane_of

log = logging.getLogger("goblin.jobs")
MOST_ATTEMPTS = 3
STOPPED_OFTEN = (
    f"The gallery stopped {MOST_ATTEMPTS} times while it prepared this, so it no longer tries by itself. "
    "The file is safe, and trying again may well work."
)
WENT_WRONG = "Something went wrong while this was prepared. You can try again."
GONE = "The file of this medium is missing on the disk."
# What may well go away by itself, or by the keeper's doing.
PASSING = {
    STOPPED_OFTEN,
    WENT_WRONG,
    GONE,
    *(SENTENCES[name] for name in ("disk", "killed", "stopped", "time")),
}
PROVEN = "encoder"  # the setting that names the encoder in hardware that doctor saw working


workshop: Workshop | None = None


def open_workshop(folder, storage, options, **more) -> Workshop:
    """Make the one workshop of this process."""
    global workshop
    workshop = Workshop(folder, storage, options, process, **more)
    return workshop


def process(id: int, lane: str | None = None):
    """Do the next steps of a medium, as its row says; `lane`: only if they belong there."""
    ensure_connected()
    workshop.busy.add(id)
    try:
        item = _claim(id, lane)
        if item is not None:
            _work_on(item)
    except OperationalError as error:
        # A full disk cannot even take the word that it is full: tend() comes back to the row.
        log.error("The database could not be written while %s was prepared: %s", id, error)
    finally:
        workshop.busy.discard(id)


def _work_on(item):
    try:
        left = _prepare(item)
        if left or (left := pairing.join(item.id) or attached.again(item)):
            workshop.enqueue(*left)
    except Stopped as stopped:
        _put_back(item, stopped)
    except Failed as failed:
        _settle(item, failed)
    except OperationalError:
        raise
    except Exception as error:
        log.exception("Processing %s failed", item.id)
        _settle(item, Failed(WENT_WRONG, repr(error)))


def _put_back(item, stopped):
    """Not the file's fault: the next start takes it up, or whoever restores it; it does not count as an attempt."""
    again = Media.update(state="unprocessed", progress=None, attempts=Media.attempts - 1)
    again.where((Media.id == item.id) & (Media.state == "processing")).execute()
    row = Media.by_id(item.id) if isinstance(stopped, Abandoned) else None
    if row and not row.deleted:  # restored in the same moment
        workshop.enqueue(row.id, row.kind, row.todo)


def _prepare(item):
    """Decode and keep what came of it; (id, kind, steps) of the run that must follow, or None."""
    generation = item.generation + 1
    steps, later = _parted(item)
    try:
        result = _decode(item, generation, steps)
        if trouble := result.data.get("trouble"):
            log.warning("%s was encoded by the processor: %s", item.original, trouble)
            Media.update(detail=trouble).where(Media.id == item.id).execute()
        if result.lacks and item.files:  # it was here once: what it made then stays
            raise Failed(str(decoders.missing(result.lacks)), lacks=result.lacks)
        made = _made(item, result.columns.get("kind"))
        inside.keep(item, result, workshop.storage.derived(item.id, generation))
        left = outcome.keep(workshop.storage, item, generation, result, steps, later, made)
        _miss(result.lacks)
        return left
    except Exception:
        # Half a set of copies may be what fills the disk, on which the failure itself has to be written.
        row = Media.by_id(item.id)
        if row is None or row.generation != generation:
            workshop.storage.drop_derived(item.id, generation)
        raise


def _parted(item) -> tuple[list[str], list[str]]:
    """The steps of this run (none: all there are), and those left for a run of their own.

    A step that an older goblin wrote down and this one no longer has is passed over.
    """
    known = media.steps_of(item.kind) if item.kind in media.TYPES else ()
    todo = [step for step in item.todo.split() if step in known]
    first, later = media.parted(item.kind, todo)
    if first and later:
        return first, later
    # One at a time: a film can be watched before its smaller copies are made.
    return (later[:1], later[1:]) if len(later) > 1 else (todo, [])


def _claim(id, lane):
    """The row, marked as being processed by us; None when it is gone, done or somebody else's."""
    with db.atomic():
        row = Media.select(Media.kind, Media.todo).where(Media.id == id).tuples().first()
        # A task of the other lane is in its queue already: a row is queued whenever its `todo` is written.
        if row is None or lane not in (None, lane_of(*row)):
            return None
        fresh = {"progress": 0, "step": "", "error": "", "detail": "", "lacks": "", "started": now()}
        mine = Media.update(state="processing", attempts=Media.attempts + 1, **fresh)
        if not mine.where(
            (Media.id == id) & (Media.state == "unprocessed") & Media.deleted.is_null()
        ).execute():
            return None
        item = Media.by_id(id)
        if item.data.pop(outcome.HAD, None) is not None:  # from now on copies are made as it says now
            Media.update(data=item.data).where(Media.id == id).execute()
    if item.attempts > MOST_ATTEMPTS:
        _settle(item, Failed(STOPPED_OFTEN))
        return None
    return item


def options_for(item) -> dict:
    """The options a medium is prepared with: those of its kind, and its own over them."""
    return {**workshop.options[item.kind], **item.overrides}


def _made(item, kind=None):
    """How each step is done; a run may find that a medium is of another kind, such as a film without pictures."""
    kind = kind or item.kind
    return media.recipe(kind, {**workshop.options[kind], **item.overrides})


def recipe(kind: str) -> str:
    """How media of a kind are made now, as rows say it."""
    return outcome.say_recipe(media.recipe(kind, workshop.options[kind]))


def _decode(item, generation, steps):
    source = workshop.storage.find(item.id, item.original)
    if source is None:
        raise Failed(GONE)
    out = workshop.storage.fresh_derived(item.id, generation)
    kind = media.TYPES.get(item.kind)
    if kind is None:
        raise Failed("This gallery no longer knows this kind of file.", item.kind)
    module = type(kind).__module__
    film = next((workshop.storage.find(film.id, film.original) for film in pairing.films_of(item)), None)
    options = {**options_for(item), "steps": steps, "film": str(film or "")}
    if "encoder" in options:
        options["proven"] = Setting.read(PROVEN, "")
    options["asked"] = item.data.get("asked")  # what a reader opened, see reprocessing.go_on
    beside = attached.read_by(item)
    options["beside"] = {row.name: str(workshop.storage.original(row.place)) for row in beside}
    result = workshop.sandbox.run(
        *(item.kind, source, out, options, _Progress(item.id)),
        module=None if module.startswith("goblin.media.") else module,
    )
    if (beside or item.data.get("beside")) and {*(steps or kind.steps)} & {*media.steps_beside(item.kind)}:
        result.data["beside"] = attached.marks(beside)
    return result


class Abandoned(Stopped):
    """Nobody wants what is being made any more: the medium was deleted meanwhile."""


class _Progress:
    """Writes per cent and step to the row, at most once a second; ends the work when the row was deleted."""

    def __init__(self, id):
        self._id, self._next = id, time.monotonic() + 1

    def __call__(self, percent: float, step: str = ""):
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 1
        there = (Media.id == self._id) & Media.deleted.is_null()
        with contextlib.suppress(OperationalError):  # a full disk or a long writer must not end the work
            if not Media.update(progress=percent, step=step).where(there).execute():
                raise Abandoned("This was deleted while it was prepared.")


def is_here(part: str) -> bool:
    """Whether a decoder is on this machine."""
    return decoders.here(part, workshop.options["video"]["ffmpeg"])


def _miss(part):
    """Look for a decoder that is not here every few minutes from now on."""
    if part and not is_here(part):
        workshop.absent.add(part)


def _settle(item, failed: Failed):
    """A run failed, and with it the medium, unless that is whole without what the run was to make."""
    # One that is here and does not work is not looked for again: that would go on for ever.
    _miss(failed.lacks)
    steps, later = _parted(item)
    if not media.whole_without(item.kind, steps):
        return _fail(item, failed)
    log.warning("%s is shown without its %s: %s", item.original, " ".join(steps), failed.sentence)
    if left := outcome.do_without(item, failed, steps, later, _made(item)):
        workshop.enqueue(*left)


def _fail(item, failed):
    lasting = failed.sentence not in PASSING and not failed.lacks and item.kind in media.TYPES
    values = {
        "state": "failed",
        "error": failed.sentence,
        "detail": failed.detail[-4000:],
        "lacks": failed.lacks,
        "progress": None,
        "updated": now(),
    }
    if lasting:
        values["made"] = outcome.with_failure(item, _made(item))
    Media.update(values).where(Media.id == item.id).execute()
    item.state, item.error = "failed", failed.sentence
    events.fire("media.failed", item)


def stop():
    """Stop the workshop; what is being decoded is left as not processed."""
    if workshop:
        workshop.stop()

"""Work behind the pages: process(id), the daily sweep, and re-queueing what a stop left half-way."""

import logging
import time
from pathlib import Path

from huey import SqliteHuey, crontab
from huey.consumer import Consumer
from peewee import OperationalError

from goblin import events, media, outcome, pairing
from goblin.db import db, ensure_connected, from_now, now
from goblin.media import parts as decoders
from goblin.media.sandbox import Failed, Sandbox, Stopped
from goblin.models import Media, Setting
from goblin.models.media import ARRIVING

log = logging.getLogger("goblin.jobs")
MOST_ATTEMPTS = 3
# The condition for what waits for a decoder: it failed for want of it, or is only kept meanwhile.
LACKING = Media.state.in_(("failed", "processed")) & (Media.lacks != "")
STOPPED_OFTEN = (
    f"The gallery stopped {MOST_ATTEMPTS} times while it prepared this, so it no longer tries by itself. "
    "The file is safe, and trying again may well work."
)
WENT_WRONG = "Something went wrong while this was prepared. You can try again."
PROVEN = "encoder"  # the setting that names the encoder in hardware that doctor saw working
ARRIVAL_SECONDS = 60  # between a row and the last word on its file; the rename in between takes milliseconds


class Workshop:
    """The queue, its worker threads, and what a job needs to run."""

    def __init__(self, folder: Path, storage, options: dict[str, dict], idle=10.0, memory=0, immediate=False):
        self.storage, self.options = storage, options
        self.sandbox = Sandbox(memory or None, idle)
        self.busy: set[int] = set()
        self.absent: set[str] = set()  # decoders that media wait for
        self.lanes = {lane: self._lane(folder, lane, immediate) for lane in ("quick", "slow")}
        self._tasks = {lane: huey.task()(process) for lane, huey in self.lanes.items()}
        self._consumers: list[Consumer] = []

    @staticmethod
    def _lane(folder, lane, immediate):
        return SqliteHuey(
            lane, filename=str(folder / "queue.db"), results=False, immediate=immediate, fsync=False
        )

    def enqueue(self, id: int, kind: str, todo: str = ""):
        """Have a medium processed once what is written now is committed; `todo` as its row says it."""
        lane = lane_of(kind, todo)
        db.after_commit(lambda: self._tasks[lane](id, lane))

    def background(self, function):
        """A function that runs in a worker thread whenever what this returns is called; give it ids only."""
        return self.lanes["quick"].task(name=f"{function.__module__}.{function.__qualname__}")(function)

    def every_day(self, function):
        """Run a function once a day, a little after three at night."""
        self.lanes["quick"].periodic_task(crontab(hour="3", minute="17"))(function)

    def often(self, function):
        """Run a function every five minutes."""
        self.lanes["quick"].periodic_task(crontab(minute="*/5"))(function)

    def start(self, workers: int):
        """Start the worker threads; call it from the main thread, before any signal handler is set."""
        for lane, count in (("quick", workers), ("slow", 1)):
            consumer = _Embedded(
                self.lanes[lane],
                workers=count,
                worker_type="thread",
                periodic=lane == "quick",
                initial_delay=0.25,
                max_delay=0.5,
                backoff=1.1,
                shutdown_timeout=3,
                check_worker_health=False,
            )
            consumer.start()
            self._consumers.append(consumer)

    def stop(self):
        """End the workers and whatever they decode; rows half-way are taken up at the next start."""
        for consumer in self._consumers:
            consumer.stop_flag.set()
        self.sandbox.close()
        for consumer in self._consumers:
            consumer.stop(graceful=True)
        self._consumers.clear()
        for huey in self.lanes.values():
            huey.storage.close()

    def waiting(self) -> int:
        """Tasks in the queue."""
        return sum(huey.pending_count() for huey in self.lanes.values())


class _Embedded(Consumer):
    """huey's consumer without its signal handlers: ours end waitress too."""

    def _set_signal_handlers(self):
        pass


workshop: Workshop | None = None


def open_workshop(*args, **options) -> Workshop:
    """Make the one workshop of this process."""
    global workshop
    workshop = Workshop(*args, **options)
    return workshop


def lane_of(kind: str, todo: str) -> str:
    """Pictures and posters must not wait behind a film: "slow" where only slow steps are left, one at a time."""
    first, later = media.parted(kind, todo.split())
    slow = any(media.steps_of(kind)[step].slow for step in later)
    return "slow" if slow and not first else "quick"


def recover():
    """At start: queue everything that is not processed, whatever a stop left half-way."""
    Media.update(state="unprocessed").where(Media.state == "processing").execute()
    for huey in workshop.lanes.values():
        huey.flush()
    settle_arrivals()
    for row in Media.unfinished():
        workshop.enqueue(row.id, row.kind, row.todo)
    lacked = Media.select(Media.lacks).where(LACKING).distinct().tuples()
    catch_up({part for (part,) in lacked})


def catch_up(parts: set[str]) -> int:
    """Prepare what waited for one of these decoders, where that has come; the others are looked for again later.

    Returns how many.
    """
    count = 0
    for part in parts:
        if not _is_here(part):
            workshop.absent.add(part)
            continue
        workshop.absent.discard(part)
        for row in Media.select(Media.id, Media.kind, Media.todo).where(LACKING & (Media.lacks == part)):
            again = Media.update(state="unprocessed", attempts=0, updated=now())
            if again.where((Media.id == row.id) & LACKING).execute():
                workshop.enqueue(row.id, row.kind, row.todo)
                count += 1
    return count


def _is_here(part):
    return decoders.here(part, workshop.options["video"]["ffmpeg"])


def settle_arrivals():
    """Finish or forget uploads that a stop cut off in their last moment; another process may be at younger ones."""
    old = Media.created < from_now(seconds=-ARRIVAL_SECONDS)
    for row in Media.select().where((Media.state == ARRIVING) & old):
        path = workshop.storage.original(row.original)
        if path.exists() and path.stat().st_size == row.bytes:
            Media.update(state="unprocessed").where(Media.id == row.id).execute()
            workshop.enqueue(row.id, row.kind)
        else:
            workshop.storage.unreserve(row.original)
            row.delete_instance()


def tend():
    """Every few minutes: take up what fell through, such as a row whose end could not be written on a full disk."""
    ensure_connected()
    settle_arrivals()
    catch_up(set(workshop.absent))
    if workshop.waiting():
        return
    for row in Media.unfinished():
        if row.id not in workshop.busy:
            Media.update(state="unprocessed").where(
                (Media.id == row.id) & (Media.state == "processing")
            ).execute()
            workshop.enqueue(row.id, row.kind, row.todo)


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
        if left or (left := pairing.join(item.id)):
            workshop.enqueue(*left)
    except Stopped:
        # Not the file's fault: the next start takes it up, and it does not count as an attempt.
        again = Media.update(state="unprocessed", attempts=Media.attempts - 1)
        again.where((Media.id == item.id) & (Media.state == "processing")).execute()
    except Failed as failed:
        _settle(item, failed)
    except OperationalError:
        raise
    except Exception as error:
        log.exception("Processing %s failed", item.id)
        _settle(item, Failed(WENT_WRONG, repr(error)))


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
        left = outcome.keep(workshop.storage, item, generation, result, steps, later, _made(item))
        _miss(result.lacks)
        return left
    except Exception:
        # Half a set of copies may be what fills the disk, on which the failure itself has to be written.
        row = Media.by_id(item.id)
        if row is None or row.generation != generation:
            workshop.storage.drop_derived(item.id, generation)
        raise


def _parted(item) -> tuple[list[str], list[str]]:
    """The steps of this run (none: all there are), and those left for a run of their own."""
    first, later = media.parted(item.kind, item.todo.split())
    if first and later:
        return first, later
    # One at a time: a film can be watched before its smaller copies are made.
    return (later[:1], later[1:]) if len(later) > 1 else (item.todo.split(), [])


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
    if item.attempts > MOST_ATTEMPTS:
        _settle(item, Failed(STOPPED_OFTEN))
        return None
    return item


def options_for(item) -> dict:
    """The options a medium is prepared with: those of its kind, and its own over them."""
    return {**workshop.options[item.kind], **item.overrides}


def _made(item):
    return media.recipe(item.kind, options_for(item))


def recipe(kind: str) -> str:
    """How media of a kind are made now, as rows say it."""
    return outcome.say_recipe(media.recipe(kind, workshop.options[kind]))


def _decode(item, generation, steps):
    source = workshop.storage.find(item.id, item.original)
    if source is None:
        raise Failed("The file of this medium is missing on the disk.", item.original)
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
    return workshop.sandbox.run(
        *(item.kind, source, out, options, _Progress(item.id)),
        module=None if module.startswith("goblin.media.") else module,
    )


class _Progress:
    """Writes per cent and step to the row, at most once a second."""

    def __init__(self, id):
        self._id, self._next = id, time.monotonic() + 1

    def __call__(self, percent: float, step: str = ""):
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 1
        Media.update(progress=percent, step=step).where(Media.id == self._id).execute()


def _miss(part):
    """Look for a decoder that is not here every few minutes from now on."""
    if part and not _is_here(part):
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
    values = {
        "state": "failed",
        "error": failed.sentence,
        "detail": failed.detail[-4000:],
        "lacks": failed.lacks,
        "progress": None,
        "updated": now(),
    }
    Media.update(values).where(Media.id == item.id).execute()
    item.state, item.error = "failed", failed.sentence
    events.fire("media.failed", item)


def stop():
    """Stop the workshop; what is being decoded is left as not processed."""
    if workshop:
        workshop.stop()

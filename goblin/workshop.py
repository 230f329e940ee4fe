"""The queue and its worker threads: a lane for what is quick, one for what is slow."""

from pathlib import Path

from huey import SqliteHuey, crontab
from huey.consumer import Consumer

from goblin import media
from goblin.db import db
from goblin.media.sandbox import Sandbox


class Workshop:
    """The queue, its worker threads, and what a job needs to run."""

    def __init__(
        self, folder: Path, storage, options: dict[str, dict], process, idle=10.0, memory=0, immediate=False
    ):
        """`process` does the work: it is called in a worker thread with a medium's id and the lane."""
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


def lane_of(kind: str, todo: str) -> str:
    """Pictures and posters must not wait behind a film: "slow" where only slow steps are left, one at a time."""
    first, later = media.parted(kind, todo.split())
    slow = any(media.steps_of(kind)[step].slow for step in later)
    return "slow" if slow and not first else "quick"

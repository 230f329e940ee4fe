"""The process that waits with the decoders loaded and forks itself for every job."""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from dataclasses import asdict
from pathlib import Path

from goblin import media
from goblin.media.child import confine, readable

MESSAGE_BYTES = 1 << 20
NOISE_KEPT = 4000  # bytes of a decoder's chatter kept for the keeper
ANSWER_FD = 3
RESERVE = 4 << 20  # bytes, given back when memory has run out: saying so takes some
PROGRESS_EVERY = 0.25  # seconds
LOOK_EVERY = 15.0  # seconds between looks at what the jobs have done
TICKS = os.sysconf("SC_CLK_TCK")
WARM = (
    "PIL.JpegImagePlugin",
    "PIL.MpoImagePlugin",
    "goblin.media.picture.details",
    "goblin.media.picture.patches",
    "goblin.media.picture.copies",
    "goblin.media.writing.reading",
)


class Job:
    """One forked child, as its zygote sees it."""

    def __init__(self, pid: int, answer: int, noise: int, order: dict) -> None:
        self.name, self.pid, self.answer, self.noise = order["job"], pid, answer, noise
        self.chatter = b""
        self.stall, self.wall, self.share = order["stall"], order["wall"], order["share"]
        self.looked, self.used = time.monotonic(), 0.0
        self.counted = self.idle = 0.0

    def kill(self) -> None:
        """End the child and every program it started."""
        for end in (lambda: os.killpg(self.pid, signal.SIGKILL), lambda: os.kill(self.pid, signal.SIGKILL)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                end()

    def overdue(self) -> bool:
        """Whether it took its time, or has not used the processor for too long.

        Time in which it wanted the processor and hardly got it does not count: it yields to everybody, and the
        machine may never rest.
        """
        used, ready = _at_work(self.pid)
        now = time.monotonic()
        passed, got = now - self.looked, used - self.used
        self.looked, self.used = now, used
        if not ready or got >= self.share * passed:
            self.counted += passed
            self.idle = 0.0 if got else self.idle + passed
        return self.counted > self.wall or self.idle > self.stall

    def drain(self) -> bool:
        """Take in the child's chatter, keeping its end; False when there will be no more."""
        try:
            chunk = os.read(self.noise, 65536)
        except BlockingIOError:
            return True
        self.chatter = (self.chatter + chunk)[-NOISE_KEPT:]
        return bool(chunk)


class Zygote:
    """Takes jobs from the gallery's socket until it closes, then takes all children along."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.jobs: dict[int, Job] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ, self.command)
        self.ended, wake = os.pipe()
        os.set_blocking(self.ended, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector.register(self.ended, selectors.EVENT_READ, self.reap)
        self.open = True
        self.look = 0.0

    def serve(self) -> None:
        while self.open:
            for key, _ in self.selector.select(self.pause()):
                key.data()
            if time.monotonic() >= self.look:
                self.watch()
        for job in self.jobs.values():
            job.kill()

    def pause(self) -> float | None:
        """Seconds to wait at most; without jobs, for ever."""
        return max(0.0, self.look - time.monotonic()) if self.jobs else None

    def watch(self) -> None:
        """End jobs that take too long, or wait for something that will never come."""
        for job in self.jobs.values():
            if job.overdue():
                tell(job.answer, overdue=True)
                job.kill()
        shortest = min((min(job.stall, job.wall) / 4 for job in self.jobs.values()), default=LOOK_EVERY)
        self.look = time.monotonic() + min(LOOK_EVERY, shortest)

    def command(self) -> None:
        text, descriptors, _, _ = socket.recv_fds(self.control, MESSAGE_BYTES, 1)
        if not text:
            self.open = False
            return
        order = json.loads(text)
        if "kill" in order:
            if job := self.jobs.get(order["kill"]):
                job.kill()
        else:
            self.start(order, descriptors[0])

    def start(self, order: dict, answer: int) -> None:
        tell(answer, started=True)
        noise, its_noise = os.pipe()
        os.set_blocking(noise, False)
        pid = os.fork()
        if pid == 0:
            become(order, answer, its_noise)
        os.close(its_noise)
        # Said by both sides, so that neither can act before it is true.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        job = self.jobs[order["job"]] = Job(pid, answer, noise, order)
        self.look = 0.0
        self.selector.register(noise, selectors.EVENT_READ, lambda: self.listen(job))

    def listen(self, job: Job) -> None:
        # In the same round of events the job may have ended before its chatter was looked at.
        if job.name in self.jobs and not job.drain():
            self.selector.unregister(job.noise)

    def reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self.ended, 4096):
                pass
        for job in list(self.jobs.values()):
            # Looked at without being collected first, so that its group's number cannot be anyone else's.
            if os.waitid(os.P_PID, job.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                job.kill()
                self.finish(job, os.wait4(job.pid, 0)[1])

    def finish(self, job: Job, status: int) -> None:
        del self.jobs[job.name]
        job.drain()
        with contextlib.suppress(KeyError):
            self.selector.unregister(job.noise)
        os.close(job.noise)
        code = os.waitstatus_to_exitcode(status)
        tell(job.answer, exit=code, noise=job.chatter.decode(errors="replace"))
        os.close(job.answer)


def _at_work(group: int) -> tuple[float, bool]:
    """Seconds of the processor a group of processes has used, and whether one of them runs or would like to.

    proc(5), stat: fields 3 (state), 5, 14 and 15.
    """
    ticks, ready = 0, False
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                ticks += int(fields[11]) + int(fields[12])
                ready |= fields[0] == "R"
    return ticks / TICKS, ready


def tell(answer: int, **message: object) -> None:
    """Send one message; on a line of its own, whatever was cut off before it."""
    with contextlib.suppress(BrokenPipeError):
        line = b"\n" + json.dumps(message).encode() + b"\n"
        while line:
            line = line[os.write(answer, line) :]


def become(order: dict, answer: int, noise: int) -> None:
    """Turn this fork into the job: never returns."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _only(answer, noise)
        faulthandler.enable(2)
        reserve = bytearray(RESERVE)
        work(order)
        code = 0
    except MemoryError as error:
        del reserve
        error.__traceback__ = None  # and with it whatever the job still held
        tell(ANSWER_FD, error="memory")
    except BaseException as error:
        tell(ANSWER_FD, **_explained(error))
    finally:
        os._exit(code)


def _only(answer: int, noise: int) -> None:
    """Keep nothing open but silence, the chatter and the answer: other jobs' pipes are not ours."""
    nothing = os.open(os.devnull, os.O_RDWR)
    answer, noise = (os.dup(each) for each in (answer, noise))
    for place, wanted in ((0, nothing), (1, nothing), (2, noise)):
        os.dup2(wanted, place)
    os.dup2(answer, ANSWER_FD, inheritable=False)
    os.closerange(ANSWER_FD + 1, max(map(int, os.listdir("/dev/fd"))) + 1)


def work(order: dict) -> None:
    """Do the job within its limits and send its result."""
    out = Path(order["out"])
    if order["module"]:  # a plugin, which is not what walls are for
        sys.path[:] = order["path"]
        importlib.import_module(order["module"])
    own = media.TYPES.get(order["kind"])
    devices = own.devices(order["options"]) if own else []
    allowed = [*readable.by(order, devices), *(readable.of_module(order) if order["module"] else ())]
    confine.confine(out, **order["limits"], devices=devices, readable=allowed)
    told = 0.0

    def progress(part: float, step: str = "") -> None:
        nonlocal told
        if time.monotonic() - told >= PROGRESS_EVERY:
            told = time.monotonic()
            tell(ANSWER_FD, progress=part, step=step)

    media_type = media.TYPES[order["kind"]]
    result = media_type.process(Path(order["source"]), out, order["options"], progress)
    tell(ANSWER_FD, result=asdict(result))


def _explained(error: BaseException) -> dict:
    """What went wrong: a name the gallery has words for, or the type's own sentence."""
    detail = "".join(traceback.format_exception(error, limit=-8))[-NOISE_KEPT:]
    if isinstance(error, media.Missing):
        return {"sentence": str(error), "lacks": error.part}
    if isinstance(error, media.Unreadable):
        return {"sentence": str(error), "detail": detail}
    if isinstance(error, MemoryError) or "can't start new thread" in str(error):
        return {"error": "memory", "detail": detail}
    if isinstance(error, OSError) and error.errno in (errno.EFBIG, errno.ENOSPC, errno.EDQUOT):
        return {"error": "size" if error.errno == errno.EFBIG else "disk", "detail": detail}
    return {"error": "unread", "detail": detail}


def main(descriptor: int) -> None:
    """Load the decoders, leave the network and wait for jobs."""
    confine.cut_network()
    media.scan()
    for name in WARM:
        importlib.import_module(name)
    gc.freeze()
    Zygote(socket.socket(fileno=descriptor)).serve()

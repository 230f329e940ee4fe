"""Runs what decodes foreign files in child processes with limits, and says in words what went wrong."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from goblin import media
from goblin.media import File, Limits, Result, patience
from goblin.media.child import box

ROOT = Path(__file__).parents[2]
ANSWER_BYTES = 16 << 20  # all a job may say
STALL = 180.0  # seconds a job may live without using the processor
LEAST_WALL = 60.0  # seconds
NO_MEMORY = "memory allocation of"  # what decoders written in Rust say before they break off
LONGEST_POLL = 3600.0  # seconds; poll() counts the milliseconds in 31 bits
ENDING_SECONDS = 5.0  # for the zygote to take its children along

SENTENCES = {
    "memory": "This file needs more memory to open than the gallery may use.",
    "time": "This file took too long to work on, so the gallery stopped.",
    "size": "A copy of this file would become larger than the gallery allows.",
    "disk": "There is no space left on the gallery's disk to make copies of this file.",
    "crash": "The program that reads this kind of file broke off. The file may be damaged.",
    "killed": "The machine ended the work on this file, probably because its memory was full.",
    "stopped": "The gallery was stopped while it worked on this file.",
    "unread": "This file could not be read. It may be damaged.",
    "answer": "This file holds more details than the gallery can take in.",
}


class Failed(Exception):
    """The work on a file ended without a result: `sentence` is for people, `detail` for the keeper.

    `lacks` names the decoder that this machine does not have, if that is why.
    """

    def __init__(self, sentence: str, detail: str = "", lacks: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.detail, self.lacks = sentence, detail, lacks


class Stopped(Failed):
    """The gallery is closing; the file itself may be fine and can be tried again."""


class Sandbox:
    """Jobs in children of one waiting process, which starts with the first job and goes when idle.

    `idle` is in seconds. `workers_memory`, if given, caps every job's memory (bytes); `machine` is how much
    there is in all, looked up when not given.
    """

    def __init__(
        self, workers_memory: int | None = None, idle: float = 10.0, machine: int | None = None
    ) -> None:
        self.workers_memory, self.idle = workers_memory, idle
        self.machine = machine or box.memory()
        self._lock = threading.Lock()
        self._zygote: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._names = itertools.count(1)
        self._running = 0
        self._timer: threading.Timer | None = None
        self._closed = False

    def run(
        self,
        kind: str,
        source: Path,
        out: Path,
        options: Mapping[str, Any],
        progress: media.Progress | None = None,
        limits: Limits | None = None,
        module: str | None = None,
    ) -> Result:
        """Process `source` into the folder `out` in a child. Raises Failed for all that goes wrong.

        `module` is imported in the child first, for a kind that a plugin brought. Safe to call from threads.
        """
        places = {"source": str(Path(source).absolute()), "out": str(Path(out).absolute())}
        order = {"kind": kind, **places, "options": dict(options), **_home(module)}
        order |= self._bounds(limits or media.TYPES[kind].limits)
        with self._busy():
            answer = self._ask(order, progress) or self._ask(order, progress)
        if answer is None:
            raise Failed(SENTENCES["killed"], "the decoding process could not be started")
        return answer.result(Path(out), _unsaid(order))

    def close(self) -> None:
        """End all children at once."""
        with self._lock:
            self._closed = True
            self._end()

    def _bounds(self, limits: Limits) -> dict[str, Any]:
        memory = box.share(limits.memory, limits.most, self.machine)
        memory = min(memory, self.workers_memory or memory)
        wall = max(LEAST_WALL, limits.seconds / patience.SHARE)
        return {
            "limits": {"memory": memory, "seconds": limits.seconds, "size": limits.bytes},
            **{"wall": wall, "stall": STALL, "share": patience.SHARE},
        }

    @contextlib.contextmanager
    def _busy(self):
        with self._lock:
            self._running += 1
            if self._timer:
                self._timer.cancel()
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if not self._running and not self._closed:
                    self._timer = threading.Timer(self.idle, self._rest)
                    self._timer.daemon = True
                    self._timer.start()

    def _rest(self) -> None:
        with self._lock:
            if not self._running:
                self._end()

    def _end(self) -> None:
        """Close the zygote's socket: it then kills its children and goes. Called with the lock held."""
        if self._timer:
            self._timer.cancel()
        if self._control:
            self._control.close()
        if self._zygote:
            _collect(self._zygote)
        self._control = self._zygote = None

    def _ask(self, order: dict, progress: media.Progress | None) -> Answer | None:
        """One try at a job; None when the zygote was gone before it took the job."""
        ours, its = os.pipe()
        name, control = next(self._names), None
        try:
            control = self._sent({**order, "job": name}, its)
            answer = Answer(ours, progress, lambda: self._send({"kill": name}, [], control))
            answer.read(time.monotonic() + order["wall"] * patience.MOST)
        except BaseException:  # as from `progress`: nobody listens any more
            if control is not None:
                self._send({"kill": name}, [], control)
            raise
        finally:
            os.close(ours)
        if self._closed:
            answer.reason = "stopped"
        elif not answer.started:
            self._discard(control)
            return None
        return answer

    def _sent(self, order: dict, its: int) -> socket.socket:
        """Hand over the job with its end of the pipe; the pipe just ends when nobody is there to take it."""
        with self._lock:
            if self._closed:
                os.close(its)
                raise Stopped(SENTENCES["stopped"])
            if self._control is None:
                self._zygote, self._control = _start()
            control = self._control
        try:
            self._send(order, [its], control)
        finally:
            os.close(its)
        return control

    @staticmethod
    def _send(message: dict, descriptors: list[int], control: socket.socket) -> None:
        with contextlib.suppress(OSError):
            socket.send_fds(control, [json.dumps(message).encode()], descriptors)

    def _discard(self, control: socket.socket) -> None:
        """Forget a zygote that is gone, so that the next job starts another."""
        with self._lock:
            if self._control is control:
                self._end()


class Answer:
    """What a job says, line by line, until it ends or must be ended."""

    def __init__(self, pipe: int, progress: media.Progress | None, kill: Callable[[], None]) -> None:
        self.pipe, self.progress, self.kill = pipe, progress, kill
        self.started = False
        self.reason = ""
        self.said: dict[str, Any] = {}

    def read(self, deadline: float) -> None:
        """Listen until the job's end; past `deadline` (monotonic seconds) it is killed."""
        poll = select.poll()
        poll.register(self.pipe, select.POLLIN)
        line, heard = bytearray(), 0
        while True:
            left = deadline - time.monotonic()
            if left <= 0 and not self.reason:
                self._give_up("time")
            if not poll.poll(min(max(left, ENDING_SECONDS if self.reason else 0), LONGEST_POLL) * 1000):
                if self.reason:
                    return
                continue
            chunk = os.read(self.pipe, 65536)
            if not chunk:
                return
            heard += len(chunk)
            if heard > ANSWER_BYTES and not self.reason:
                self._give_up("answer")
            *ends, rest = chunk.split(b"\n")
            for end in ends:
                self._hear(line + end)
                line = bytearray()
            line += rest

    def _give_up(self, reason: str) -> None:
        self.reason = reason
        self.kill()

    def _hear(self, line: bytearray) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict):
            return
        if message.pop("started", False):
            self.started = True
        if self.progress and isinstance(message.get("progress"), int | float):
            self.progress(message["progress"], str(message.get("step", ""))[:60])
        self.said.update(message)

    def result(self, out: Path, unsaid: Mapping[str, str]) -> Result:
        """The job's result, its files checked to be plain files in `out`. Raises Failed or Stopped.

        `unsaid` are the places that are not to be named, and what is said instead.
        """
        if self.reason == "stopped":
            raise Stopped(SENTENCES["stopped"])
        if self.reason or self.said.get("exit") != 0:
            lacks = "" if self.reason else str(self.said.get("lacks", ""))[:60]
            raise Failed(self._sentence(), self._detail(unsaid), lacks)
        try:
            result = Result(**self.said["result"])
            result.files = {role: File(**file) for role, file in result.files.items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise Failed(SENTENCES["crash"], f"no proper result: {error!r}") from None
        for file in result.files.values():
            path = out / file.name
            if Path(file.name).name != file.name or path.is_symlink() or not path.is_file():
                raise Failed(SENTENCES["crash"], f"not a file in its own folder: {file.name!r}")
        return result

    def _sentence(self) -> str:
        if self.reason:
            return SENTENCES[self.reason]
        if isinstance(self.said.get("sentence"), str):
            return self.said["sentence"]
        if self.said.get("overdue"):
            return SENTENCES["time"]
        if self.said.get("error") in SENTENCES:
            return SENTENCES[self.said["error"]]
        if self.said.get("exit") == -signal.SIGXCPU:
            return SENTENCES["time"]
        if self.said.get("exit") == -signal.SIGABRT and NO_MEMORY in str(self.said.get("noise")):
            return SENTENCES["memory"]
        return SENTENCES["killed" if self.said.get("exit") in (None, -signal.SIGKILL) else "crash"]

    def _detail(self, unsaid: Mapping[str, str]) -> str:
        parts = [f"ended with {self.said.get('exit')}", self.said.get("detail"), self.said.get("noise")]
        detail = "\n".join(str(part) for part in parts if part)
        for place, words in unsaid.items():
            detail = detail.replace(place, words)
        return detail


def _unsaid(order: Mapping[str, Any]) -> dict[str, str]:
    """Places on this machine, and what is said of them to people: names may be private."""
    film = order["options"].get("film")
    source = Path(order["source"])
    named = {str(source): "the file", order["out"]: "its folder"} | ({film: "the film"} if film else {})
    # Of a long noise only the end is kept, which may begin within a path.
    bare = {path.name: "the file" for path in (source, Path(film or "")) if len(path.name) > 4}
    return {**named, str(source.parent): "its folder", **bare, f"{ROOT}/": "", f"{sys.prefix}/": ""}


def _home(module: str | None) -> dict[str, Any]:
    """What a child needs to import a plugin's module just as the gallery did."""
    return {"module": module, "path": [str(Path(folder).absolute()) for folder in sys.path] if module else []}


def _start() -> tuple[subprocess.Popen, socket.socket]:
    """A new zygote and our end of the socket to it."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        # Each arena of a threaded decoder would take 64 MB of the address space a job may use.
        "MALLOC_ARENA_MAX": "1",
    }
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        f"from goblin.media.child import zygote; zygote.main({its.fileno()})"
    )
    with its:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", program],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
            cwd="/",
            env=environment,
            start_new_session=True,
        )
    return process, ours


def _collect(process: subprocess.Popen) -> None:
    try:
        process.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

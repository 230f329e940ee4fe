"""Makes many things one after another, each of which may end the process that makes it: in a fork of a job's own."""

from __future__ import annotations

import json
import math
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict

from goblin.media import File, Progress
from goblin.media.child import confine

Make = Callable[[int], dict[str, File]]


def each(numbers: list[int], make: Make, left: Callable[[], float], progress: Progress) -> dict[str, File]:
    """The files that `make` wrote for these numbers, by role; without those at which it ran out of memory or broke.

    `left` says how many seconds of work are still allowed; what is not begun by then is left out. Raises OSError
    for what cannot be written.
    """
    found: dict[str, File] = {}
    rest = list(numbers)
    while rest and (seconds := left()) > 0:
        for made in _forked(rest, make, seconds):
            rest = rest[1:]
            found |= made
            progress(100 * (len(numbers) - len(rest)) / len(numbers), "pages")
        rest = rest[1:]  # the one that ended it
    return found


def _forked(numbers: list[int], make: Make, seconds: float) -> Iterator[dict[str, File]]:
    """What a fork has made, number by number, until it ends."""
    ours, its = os.pipe()
    child = os.fork()
    if not child:
        _go_through(numbers, make, seconds, its)
    os.close(its)
    try:
        with os.fdopen(ours) as lines:
            for line in lines:
                said = json.loads(line)
                if "errno" in said:
                    raise OSError(said["errno"], os.strerror(said["errno"]))
                yield {role: File(**file) for role, file in said.items()}
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _go_through(numbers: list[int], make: Make, seconds: float, pipe: int) -> None:
    """The fork's own life; it never returns."""
    try:
        confine.die_with_parent()
        confine.limit_seconds(math.ceil(seconds) + 1)
        for number in numbers:
            if time.process_time() > seconds:
                break
            os.write(pipe, json.dumps(_made(make, number)).encode() + b"\n")
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _made(make: Make, number: int) -> dict:
    try:
        return {role: asdict(file) for role, file in make(number).items()}
    except MemoryError:
        return {}
    except OSError as error:
        return {"errno": error.errno or 0}

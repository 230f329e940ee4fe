"""How large the machine is, and what share of its memory and cores one job gets."""

from __future__ import annotations

import contextlib
import os
import resource
from pathlib import Path

GIGABYTE = 1 << 30
STEP = 256 << 20  # a machine sold with 1 GB tells of 900 to 1000 MB
LEAST_SHARE = 5 / 8  # below this, hardly a decoder starts: a machine with 512 MB swaps a little instead
ONE_THREAD, MORE_THREADS = (
    352 << 20,
    128 << 20,
)  # bytes that ffmpeg needs for 1080p, and for each further thread


def memory(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> int:
    """Bytes of memory of this machine, or of the container we are in if that is less."""
    found = [*_of_machine(proc / "meminfo"), *_of_groups(proc / "self" / "cgroup", groups)]
    return min(found, default=GIGABYTE)


def _of_machine(meminfo: Path):
    with contextlib.suppress(OSError):
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemTotal:"):
                yield int(line.split()[1]) << 10


def _of_groups(own: Path, groups: Path):
    """The limits of the control groups we are in, and of those around them: cgroups(7), version 2, then 1."""
    with contextlib.suppress(OSError):
        for line in own.read_text().splitlines():
            _, names, path = line.split(":", 2)
            if names not in ("", "memory"):
                continue
            top, name = (groups / names, "memory.limit_in_bytes") if names else (groups, "memory.max")
            inner = top / path.lstrip("/")
            for folder in (inner, *inner.parents):
                with contextlib.suppress(OSError, ValueError):
                    yield int((folder / name).read_text())
                if folder == top:
                    break


def share(one: int, most: int, total: int) -> int:
    """Bytes for a job that gets `one` on a machine with 1 GB and never more than `most`; `total` is what there is."""
    size = -(-total // STEP) * STEP
    return min(max(one, most), int(one * max(LEAST_SHARE, size / GIGABYTE)))


def threads(wanted: int, cores: int | None = None, room: int | None = None) -> int:
    """Threads for ffmpeg: as many as wanted (0: half the cores), fewer where the memory of this job is small."""
    cores = cores or len(os.sched_getaffinity(0))
    room = resource.getrlimit(resource.RLIMIT_DATA)[0] if room is None else room
    most = 1 + max(0, room - ONE_THREAD) // MORE_THREADS if room != resource.RLIM_INFINITY else cores
    return max(1, min(wanted or cores // 2, most))

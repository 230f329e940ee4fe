"""How long a program may take: time in which it hardly got the processor does not count, within bounds.

What prepares media yields to everybody else, and some machines never rest.
"""

from __future__ import annotations

import time

SHARE = 1 / 10  # of a core; what wants to work and gets less of it is kept waiting
MOST = 12  # times as long as on a machine with time for it


class Patience:
    """With a process that may take so many seconds; ask `ended` each time that these have passed."""

    def __init__(self, pid: int, seconds: float) -> None:
        self.pid, self.seconds = pid, seconds
        self._used, self._asked = 0.0, 0

    def ended(self) -> bool:
        """Whether it has had its time, or hangs: one that is kept waiting gets a little, one that hangs uses none."""
        before, self._used = self._used, processor_seconds(self.pid)
        self._asked += 1
        return self._asked >= MOST or not 0 < self._used - before < SHARE * self.seconds


def processor_seconds(pid: int) -> float:
    """Seconds of the processor a process has used; 0 where the system does not tell (clock_getcpuclockid(3))."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # linux/posix-timers.h: CPUCLOCK_SCHED
    except (OSError, OverflowError):
        return 0.0

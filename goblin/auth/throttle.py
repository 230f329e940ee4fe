"""Slowing down whoever tries passwords: counted per name and per address, in memory."""

import threading
import time
from collections import OrderedDict

MOST_KEYS = 10_000


class Throttle:
    """Allows `tries` failures per key, then none until `pause` seconds after the last."""

    def __init__(self, tries: int, pause: float):
        self.tries, self.pause = tries, pause
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, *keys: str) -> float:
        """Seconds until these may be tried again; 0 when they may be tried now."""
        with self._lock:
            return max((self._wait(key) for key in keys), default=0)

    def _wait(self, key):
        count, last = self._failures.get(key, (0, 0))
        return max(0, last + self.pause - time.monotonic()) if count >= self.tries else 0

    def fail(self, *keys: str):
        """Count a failure against each key."""
        with self._lock:
            for key in keys:
                count, last = self._failures.pop(key, (0, 0))
                if time.monotonic() - last > self.pause:
                    count = 0
                self._failures[key] = (count + 1, time.monotonic())
            while len(self._failures) > MOST_KEYS:
                self._failures.popitem(last=False)

    def forget(self, *keys: str):
        """A success clears the name."""
        with self._lock:
            for key in keys:
                self._failures.pop(key, None)

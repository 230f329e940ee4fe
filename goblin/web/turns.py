"""Pages that only look things up take turns: one is made at a time, the others wait without asking for the CPU.

Python runs one thread at a time anyway. Threads that all want to run hand its lock on at every statement and every
write, and with four readers that handing on cost as much as making the page (see docs/bench.md).
"""

import functools
import threading

LONGEST_WAIT = 0.05  # seconds: a page that takes long must not hold up those behind it
_turn = threading.Lock()


def taking_turns(handler):
    """The handler, run while no other such handler runs; or all the same when its turn does not come soon."""

    @functools.wraps(handler)
    def in_turn(*args, **kwargs):
        held = _turn.acquire(timeout=LONGEST_WAIT)
        try:
            return handler(*args, **kwargs)
        finally:
            if held:
                _turn.release()

    return in_turn

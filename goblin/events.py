"""Events: on(event, function), fire(event, ...); a listener that fails is logged and the rest go on."""

import logging
from collections import defaultdict

log = logging.getLogger("goblin.events")
_listeners = defaultdict(list)


def on(event: str, function):
    """Call `function` whenever `event` is fired: media.added, media.processed, media.deleted, user.added ..."""
    _listeners[event].append(function)


def fire(event: str, *things, **more):
    """Tell every listener, in the order they came."""
    for function in list(_listeners[event]):
        try:
            function(*things, **more)
        except Exception:
            log.exception("A listener to %s failed", event)


def reset():
    """Forget all listeners."""
    _listeners.clear()

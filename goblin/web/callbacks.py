"""callback_url: when a medium is prepared, its JSON is posted to whoever asked for that at the upload."""

import json
import logging
import threading

from goblin import events, library, outward
from goblin.db import db, ensure_connected, from_now
from goblin.details import Details
from goblin.models import Callback, Media
from goblin.models.callback import ENDED
from goblin.refused import Refused
from goblin.web import pages
from goblin.web.answers import media_json

# Seconds between the tries, about a day together; what is due is looked for every five minutes.
PAUSES = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 13 * 3600)
log = logging.getLogger("goblin.callbacks")
_turn = threading.Lock()
_caller: threading.Thread | None = None
_stop = threading.Event()


def listen():
    """Call whoever waits for a medium as soon as it is prepared, or could not be."""
    _stop.clear()
    for event in ("media.processed", "media.failed"):
        events.on(event, lambda item: call())


def check(details: Details) -> Details:
    """What an uploader said; with an address to call comes the gallery's own. Raises Refused."""
    if details.callback_url:
        try:
            outward.require_callable(details.callback_url, library.limits.private_callbacks)
        except outward.Forbidden as forbidden:
            raise Refused(str(forbidden), "callback_url") from None
        details.home = pages.absolute("/")
    return details


def call():
    """Have what is due called, in a thread of its own: an address that does not answer must not hold up work."""
    global _caller
    ensure_connected()
    Callback.ready()
    with _turn:
        if _caller is None and Callback.next_due() is not None:
            _caller = threading.Thread(target=_call_all, name="callbacks", daemon=True)
            _caller.start()


def stop():
    """End after the call that is under way."""
    _stop.set()
    if caller := _caller:
        caller.join(1)


def _call_all():
    global _caller
    ensure_connected()
    try:
        while (row := _next()) is not None:
            _call(row)
    except Exception:
        log.exception("Calling back stopped; what is due is looked for again in five minutes")
        _caller = None
    finally:
        db.close()


def _next():
    """What is due; None, and this thread is no more, when that is nothing."""
    global _caller
    with _turn:
        while not _stop.is_set() and (row := Callback.next_due()) is not None:
            if row.claim(from_now(seconds=PAUSES[0])):
                return row
        _caller = None
        return None


def _call(row):
    item = Media.by_id(row.media_id)
    if item is None or item.state not in ENDED:  # it is being prepared once more
        Callback.update(due=None).where(Callback.id == row.id).execute()
        return
    with pages.at(row.home):
        body = json.dumps(media_json([item], item.user)[0], ensure_ascii=False).encode()
    try:
        status = outward.post(
            row.address, body, "application/json; charset=utf-8", library.limits.private_callbacks
        )
        why = "" if 200 <= status < 300 else f"it answered {status}"
    except outward.Failed as failed:
        why = str(failed)
    except outward.Forbidden as forbidden:
        log.warning("%s is not called: %s", row.address, forbidden)
        why, row.tries = "", len(PAUSES)
    _settle(row, why)


def _settle(row, why):
    """Forget a call that arrived, or that was tried for a day; the others are tried again."""
    if why and row.tries < len(PAUSES):
        due = from_now(seconds=PAUSES[row.tries])
        Callback.update(due=due, tries=row.tries + 1).where(Callback.id == row.id).execute()
        return
    if why:
        log.warning("%s could not be called for a day: %s", row.address, why)
    Callback.delete().where(Callback.id == row.id).execute()

"""Whether all is well: /healthz."""

from goblin import __version__, jobs, library
from goblin.db import db, ensure_connected
from goblin.refused import Refused
from goblin.web import pages
from goblin.web.guard import identify


def healthz():
    try:
        ensure_connected()
        db.execute_sql("SELECT 1")
        free = library.disk.free()
    except Exception as error:
        return pages.send_json(
            {"status": "failing", "reason": f"The database or the disk does not answer: {error}"}, 503
        )
    if free < 10_000_000:
        return pages.send_json({"status": "failing", "reason": "The disk is full."}, 503)
    answer = {"status": "ok"}
    if _is_admin():
        answer |= {"version": __version__, "queue": jobs.workshop.waiting(), "disk": free}
    return pages.send_json(answer)


def _is_admin():
    """A token that is not in force any more must not make a gallery look ill."""
    try:
        user = identify().user
    except Refused:
        return False
    return bool(user and user.admin)


def routes(app):
    app.get("/healthz", callback=healthz, need="nobody")

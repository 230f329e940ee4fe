"""Everybody's media for who looks after the gallery: how many are in which state, what is stuck; no titles."""

from peewee import fn

from goblin import media
from goblin.models import Media, User
from goblin.models.media import STATES, seconds_left
from goblin.refused import Refused
from goblin.web import pages
from goblin.web.again import offered
from goblin.web.forms import query
from goblin.web.lists import PAGE
from goblin.web.panel import LABELS

UNDONE = ("processing", "unprocessed", "failed")
# What is said of media that may be private: nothing that shows what is in them.
COLUMNS = (
    *(Media.id, User.username, Media.kind, Media.state, Media.step, Media.progress, Media.started),
    *(Media.error, Media.detail, Media.attempts, Media.updated),
)


def _rows(state: str, after: int | None = None) -> list[dict]:
    """Media of a state, the newest first; one more than a page tells that there are others."""
    chosen = (Media.state == state) & Media.deleted.is_null()
    if after is not None:
        chosen &= Media.id < after
    rows = Media.select(*COLUMNS).join(User).where(chosen).order_by(Media.id.desc()).limit(PAGE + 1)
    return [_said(*row) for row in rows.tuples()]


def _said(id, owner, kind, state, step, progress, started, error, detail, attempts, updated):
    running = state == "processing"
    return {
        **{"id": id, "owner": owner, "kind": kind, "state": state},
        "step": media.say_step(kind, step) if running else "",
        "progress": progress,
        "left": seconds_left(started, progress) if running else None,
        **{"error": error or None, "detail": detail or None, "attempts": attempts, "updated": updated},
    }


def _counts() -> dict[str, int]:
    there = Media.deleted.is_null() & Media.state.in_(STATES)
    found = Media.select(Media.state, fn.COUNT(Media.id)).where(there).group_by(Media.state)
    return {**dict.fromkeys(STATES, 0), **dict(found.tuples())}


def overview():
    """All states at a glance, or one of them by pages: ?state=failed&after=ID."""
    state, after = query("state"), query("after")
    if state and state not in UNDONE:
        raise Refused(f"{state} is none of {', '.join(UNDONE)}.", "state", 400)
    if after and not (state and after.isdecimal() and len(after) < 19):
        raise Refused("`after` is the number of a medium, within a state.", "after", 400)
    groups = [(one, _rows(one, int(after) if after else None)) for one in ([state] if state else UNDONE)]
    counts = _counts()
    shown = [(one, LABELS[one], counts[one], rows[:PAGE], _next(one, rows)) for one, rows in groups]
    items = [row for _, _, _, rows, _ in shown for row in rows]
    said = {"counts": counts, "items": items, "next": shown[0][4] if state else None}
    return pages.render(
        "mod_media.tpl", lambda: said, counts=[(LABELS[one], counts[one]) for one in STATES], groups=shown,
        **offered(),
    )  # fmt: skip


def _next(state: str, rows: list[dict]) -> str | None:
    more = len(rows) > PAGE
    return pages.url(f"/mod/media/?state={state}&after={rows[PAGE - 1]['id']}") if more else None


def routes(app):
    app.get("/mod/media/", callback=overview, need="admin")

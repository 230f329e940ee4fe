"""One's own media and how far their preparation is."""

import re

from peewee import JOIN, Select, fn

from goblin import access, media
from goblin.db import Prepared, db, now
from goblin.models import Media, User
from goblin.models.media import ARRIVING, seconds_left
from goblin.refused import Refused
from goblin.web import pages
from goblin.web.again import offered
from goblin.web.forms import query
from goblin.web.lists import PAGE, Source, listing
from goblin.web.media_edit import own_person
from goblin.web.tiles import TILE_COLUMNS, Tile

LABELS = {
    "processing": "Being prepared",
    "unprocessed": "Waiting",
    "failed": "Did not work",
    "processed": "Ready",
}
HEADINGS = {
    **LABELS,
    "processing": "Worked on now",
    "unprocessed": "Waiting for its turn",
    "processed": "Done lately",
}
# A moment; where an answer could not say all that changed, with the last one it said of that moment.
STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z)(?:,(\d{1,18}))?")
NEXT, LATELY = 6, 12  # shown of what waits, and of what is done
MOST_CHANGES = 200  # said in one poll
NO_ID = 10**18  # after all there are
WORK_COLUMNS = (
    *(Media.name, Media.bytes, Media.error, Media.detail, Media.progress, Media.step, Media.started),
    Media.updated,
)
UNFINISHED = ("unprocessed", "processing")


def _all_own(sight, viewer_id):
    """All of one's own, ready or not; these lists are asked for by their owner only."""
    own = (Media.user == viewer_id) & Media.deleted.is_null() & _by_itself()
    return own & (Media.state != ARRIVING)


def _by_itself():
    """A film that goes with a photo is no medium of its own, but while there is something to say of it."""
    return Media.companion_of.is_null() | (Media.state != "processed")


ALL_OWN = Source(seen=_all_own)
OWN_OVER = Source(lambda: Media.state.in_(("processed", "failed")), seen=_all_own)


class Work(Tile):
    """A tile with how its preparation goes."""

    __slots__ = (
        *("again", "bytes", "delete", "detail", "edit", "error", "left", "name", "progress", "retry", "step"),
        "updated",
    )

    def __init__(self, row):
        super().__init__(row[: len(TILE_COLUMNS)])
        self.name, self.bytes, self.error, self.detail, self.progress, step, started, self.updated = row[
            len(TILE_COLUMNS) :
        ]
        running = self.state == "processing"
        self.step = media.say_step(self.kind, step) if running else ""
        self.left = seconds_left(started, self.progress) if running else None  # seconds, if that is known
        for verb in ("edit", "delete", "retry", "again"):
            setattr(self, verb, pages.url(f"/u/{self.who}/m/id:{self.id}/{verb}/"))


def _works(condition, order, limit=None):
    rows = (
        Media.select(*TILE_COLUMNS, *WORK_COLUMNS).join(User).where(condition).order_by(*order).limit(limit)
    )
    return [Work(row) for row in rows.tuples()]


def _of(person):
    return (Media.user == person) & Media.deleted.is_null() & _by_itself()


def panel(username):
    person = own_person(username)
    if pages.wants_json() and query("since"):
        return _changes(person, query("since"))
    path = f"/u/{person.username}/panel/"
    if pages.wants_json():
        return pages.send_json(listing(ALL_OWN, person, path, owner=person).answer(person))
    stamp = now()
    values = {"stamp": stamp, "person": person, "choose": pages.url(f"{path}choose/")}
    return pages.render("panel.tpl", groups=_groups(person), **values)


def _groups(person):
    """(state, label, how many there are, those shown): each in the order in which it matters."""
    counts = dict(
        Media.select(Media.state, fn.COUNT(Media.id)).where(_of(person)).group_by(Media.state).tuples()
    )
    last = (Media.updated.desc(), Media.id.desc())
    # What is worked on, what is next, what somebody should look at, what was done last.
    asked = {"processing": (Media.id,), "unprocessed": (Media.id,), "failed": last, "processed": last}
    limits = {"processing": PAGE, "unprocessed": NEXT, "failed": PAGE, "processed": LATELY}
    return [
        (state, HEADINGS[state], counts[state], _works(_in_state(person, state), order, limits[state]))
        for state, order in asked.items()
        if counts.get(state)
    ]


def _in_state(person, state):
    if state != "processed":
        return _of(person) & (Media.state == state)
    # Nearly all are: the index that has them by their last change is walked from its end.
    there = access.bare(Media.deleted).is_null() & access.bare(Media.companion_of).is_null()
    return (Media.user == person) & (access.bare(Media.state) == state) & there


def choose(username):
    """What can be prepared again: choose some of the list, or all of a kind."""
    person = own_person(username)
    path = f"/u/{person.username}/panel/"
    listed = listing(OWN_OVER, person, f"{path}choose/", owner=person)
    works = _works(Media.id.in_([key[0] for key in listed.keys]), (Media.id.desc(),))
    return pages.render(
        "choose.tpl",
        lambda: listed.answer(person),
        works=works,
        next=listed.next,
        back=pages.url(path),
        again=pages.url(f"{path}again/"),
        stop=pages.url(f"{path}stop/"),
        **offered(),
    )


def _poll(counted, owner, since, since_again, after, running, again, shown):
    """What changed and how many wait, in one statement: the count stands in a row of its own, too."""
    other = Media.alias("w")
    mine = (other.user == counted) & other.deleted.is_null() & other.state.in_(UNFINISHED)
    waiting = other.select(fn.COUNT(other.id).alias("n")).where(mine).alias("waiting")
    # Two walks of an index each; joined by OR they would be one of everything the person has.
    beyond = (Media.updated > since_again) | (Media.id > after)  # many may have changed at one moment
    recent = Media.select(Media.id).where((Media.user == owner) & (Media.updated >= since) & beyond)
    active = Media.select(Media.id).where(_of(running) & (Media.state == "processing"))
    changed = Media.id.in_(recent | active) & _all_own(None, again)
    rows = Media.select(*TILE_COLUMNS, *WORK_COLUMNS).join(User).where(changed)
    rows = rows.order_by(Media.updated, Media.id).limit(shown).alias("rows")
    every = [getattr(rows.c, column.column_name) for column in (*TILE_COLUMNS, *WORK_COLUMNS)]
    both = Select((waiting,), (waiting.c.n, *every)).join(rows, JOIN.LEFT_OUTER, on=(rows.c.id > 0))
    return both.bind(db)


_poll_prepared = Prepared(_poll)


def _changes(person, since):
    """What became of one's media since a moment; asked every few seconds, so it is one short statement."""
    if not (said := STAMP.fullmatch(since)):
        raise Refused("`since` is a moment such as 2026-11-22T10:00:00.000000Z.", "since", 400)
    stamp, since, after = now(), said[1], int(said[2] or NO_ID)
    mine = person.id
    rows = _poll_prepared.rows(mine, mine, since, since, after, mine, mine, MOST_CHANGES)
    works = [Work(row[1:]) for row in rows if row[1] is not None]
    if len(works) == MOST_CHANGES:  # the next poll goes on after these
        stamp = "{},{}".format(*max((work.updated, work.id) for work in works))
    items = [_told(work) for work in sorted(works, key=lambda work: -work.id)]
    return pages.send_json({"items": items, "waiting": rows[0][0], "stamp": stamp})


def _told(work):
    return {
        "id": work.id,
        "state": work.state,
        "progress": work.progress,
        "step": work.step,
        "left": work.left,
        "error": work.error or None,
        "url": work.href,
        "thumb": work.thumb,
    }


def routes(app):
    app.get("/u/<username>/panel/", callback=panel, need="user")
    app.get("/u/<username>/panel/choose/", callback=choose, need="user")

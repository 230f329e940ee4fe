"""One's own media and how far their preparation is."""

import re

from peewee import fn

from goblin.db import now
from goblin.library import Refused
from goblin.models import Media, User
from goblin.models.media import ARRIVING
from goblin.web import pages
from goblin.web.forms import query
from goblin.web.lists import PAGE, Source, listing
from goblin.web.media_edit import own_person
from goblin.web.present import TILE_COLUMNS, Tile

LABELS = {
    "processing": "Being prepared",
    "unprocessed": "Waiting",
    "failed": "Did not work",
    "processed": "Ready",
}
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
MOST_CHANGES = 200  # said in one poll
WORK_COLUMNS = (Media.name, Media.bytes, Media.error, Media.detail, Media.progress, Media.step)


def _own(sight, viewer_id):
    """All of one's own, ready or not; these lists are asked for by their owner only."""
    return (Media.user == viewer_id) & Media.deleted.is_null() & (Media.state != ARRIVING)


ALL_OWN = Source(seen=_own)
OWN_READY = Source(lambda: Media.state == "processed", seen=_own)


class Work(Tile):
    """A tile with how its preparation goes."""

    __slots__ = ("bytes", "delete", "detail", "edit", "error", "name", "progress", "retry", "step")

    def __init__(self, row):
        super().__init__(row[: len(TILE_COLUMNS)])
        self.name, self.bytes, self.error, self.detail, self.progress, self.step = row[len(TILE_COLUMNS) :]
        for verb in ("edit", "delete", "retry"):
            setattr(self, verb, pages.url(f"/u/{self.who}/m/id:{self.id}/{verb}/"))


def _works(condition, limit):
    columns = (*TILE_COLUMNS, *WORK_COLUMNS)
    rows = Media.select(*columns).join(User).where(condition).order_by(Media.id.desc()).limit(limit).tuples()
    return [Work(row) for row in rows]


def _of(person):
    return (Media.user == person) & Media.deleted.is_null()


def panel(username):
    person = own_person(username)
    if pages.wants_json() and query("since"):
        return _changes(person, query("since"))
    path = f"/u/{person.username}/panel/"
    if pages.wants_json():
        return pages.send_json(listing(ALL_OWN, person, path, owner=person).answer(person))
    stamp = now()
    ready = listing(OWN_READY, person, path, owner=person)
    return pages.render(
        "panel.tpl", groups=_groups(person, ready), next=ready.next, stamp=stamp, person=person
    )


def _groups(person, ready):
    """What is not done yet stands on the first page; what is ready goes on by pages."""
    counts = dict(
        Media.select(Media.state, fn.COUNT(Media.id)).where(_of(person)).group_by(Media.state).tuples()
    )
    groups = []
    for state, label in LABELS.items():
        if state == "processed":
            groups.append((state, label, _works(Media.id.in_([key[0] for key in ready.keys]), PAGE)))
        elif counts.get(state) and not query("after"):
            more = f" ({counts[state]} in all)" if counts[state] > PAGE else ""
            groups.append((state, label + more, _works(_of(person) & (Media.state == state), PAGE)))
    return groups


def _changes(person, since):
    """What became of one's media since a moment; asked every few seconds, so it is two short statements."""
    if not STAMP.fullmatch(since):
        raise Refused("`since` is a moment such as 2026-11-22T10:00:00.000000Z.", "since", 400)
    stamp = now()
    # Two walks of an index each; joined by OR they would be one of everything the person has.
    recent = Media.select(Media.id).where((Media.user == person) & (Media.updated > since))
    running = Media.select(Media.id).where(_of(person) & (Media.state == "processing"))
    works = _works(Media.id.in_(recent | running) & _own(None, person.id), MOST_CHANGES)
    items = [
        {
            "id": work.id,
            "state": work.state,
            "progress": work.progress,
            "step": work.step,
            "error": work.error or None,
            "url": work.href,
            "thumb": work.thumb,
        }
        for work in works
    ]
    return pages.send_json({"items": items, "waiting": Media.waiting(person), "stamp": stamp})


def routes(app):
    app.get("/u/<username>/panel/", callback=panel, need="user")

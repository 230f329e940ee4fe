"""Lists of media, paged by key: page 10,000 costs what page 1 does."""

import re
from dataclasses import dataclass

from peewee import Expression

from goblin.models import Media, Tag, User
from goblin.web import pages
from goblin.web.forms import query
from goblin.web.present import TILE_COLUMNS, Tile, media_json

PAGE = 48
AFTER = re.compile(r"(?:([\d:T-]{10,19})\.)?(\d{1,18})")
ORDERS = ("newest", "taken")


@dataclass
class Listing:
    """One page of a list: its rows, and the key of the next page."""

    rows: list
    next: str | None
    order: str

    @property
    def items(self) -> list[Tile]:
        return [Tile(row) for row in self.rows]

    def answer(self, viewer) -> dict:
        """The page as JSON; full media, in a fixed number of statements."""
        ids = [row[0] for row in self.rows]
        media = {m.id: m for m in Media.with_owner().where(Media.id.in_(ids))}
        return {"items": media_json([media[i] for i in ids if i in media], viewer), "next": self.next}


def listing(condition: Expression, path: str, limit: int = PAGE, join=None) -> Listing:
    """The page of media the query string asks for: ?order=taken, ?after=KEY."""
    order = query("order") if query("order") in ORDERS else "newest"
    select = Media.select(*TILE_COLUMNS).join(User)
    if join is not None:
        select = select.switch(Media).join(join)
    if found := AFTER.fullmatch(query("after")):
        condition &= _older(order, *found.groups())
    by = (Media.ordered.desc(), Media.id.desc()) if order == "taken" else (Media.id.desc(),)
    rows = list(select.where(condition).order_by(*by).limit(limit + 1).tuples())
    return Listing(rows[:limit], _next(path, order, rows, limit), order)


def _older(order, ordered, id):
    if order == "taken" and ordered:
        return (Media.ordered < ordered) | ((Media.ordered == ordered) & (Media.id < int(id)))
    return Media.id < int(id)


def _next(path, order, rows, limit):
    if len(rows) <= limit:
        return None
    last = Tile(rows[limit - 1])
    if order == "taken":
        return pages.url(f"{path}?order=taken&after={last.ordered}.{last.id}")
    return pages.url(f"{path}?after={last.id}")


def tagged(key: str) -> Expression:
    """The condition for media that carry a tag."""
    return Media.id.in_(Tag.select(Tag.media).where(Tag.key == key))


def neighbours(media: Media, condition: Expression, order: str) -> tuple[Tile | None, Tile | None]:
    """(previous, next) of a medium in a list that shows the newest first."""
    if order == "taken":
        same, key = Media.ordered == media.ordered, (Media.ordered, Media.id)
        newer = (Media.ordered > media.ordered) | (same & (Media.id > media.id))
        older = (Media.ordered < media.ordered) | (same & (Media.id < media.id))
    else:
        key, newer, older = (Media.id,), Media.id > media.id, Media.id < media.id
    select = Media.select(*TILE_COLUMNS).join(User)
    before = select.where(condition & newer).order_by(*key).limit(1).tuples()
    after = select.where(condition & older).order_by(*[k.desc() for k in key]).limit(1).tuples()
    return tuple(Tile(rows[0]) if rows else None for rows in (list(before), list(after)))

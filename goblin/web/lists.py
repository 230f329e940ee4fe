"""Lists of media, paged by key: page 10,000 costs what page 1 does."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from peewee import Expression

from goblin import access
from goblin.db import Prepared, packed
from goblin.models import Media, Membership, Tag, User
from goblin.refused import Refused
from goblin.web import pages
from goblin.web.answers import media_json
from goblin.web.forms import query
from goblin.web.tiles import TILE_COLUMNS, Tile, tiles_of

PAGE = 48
AFTER = re.compile(r"(?:(-?\d{4}-[\dT:.-]{6,22})\.)?(\d{1,18})")
ORDERS = ("newest", "taken")


class Source:
    """A list that pages ask for: all media a viewer may see, or those that fit `narrow(*values)`.

    `seen` says which media a way of looking shows; only a list of one's own may show more than access does.
    """

    def __init__(self, narrow: Callable[..., Expression] | None = None, seen=access.visible_as):
        self._narrow, self._seen = narrow, seen
        self._prepared: dict[tuple, Prepared] = {}

    def condition(self, sight: str, viewer_id, values) -> Expression:
        """What the media of the list have in common, for a way of looking."""
        seen = self._seen(sight, viewer_id)
        return seen & self._narrow(*values) if self._narrow else seen

    def walk(self):
        """(query of id, last change and date without conditions, the column of ids it goes along)."""
        return Media.select(Media.id, Media.updated, Media.ordered), Media.id

    def ask(self, shape: str, build, sight: str, viewer_id, values, *more) -> list[tuple]:
        """The rows of a query on this list, in no certain order.

        Its SQL is worked out once for each shape and way of looking.
        """
        prepared = self._prepared.get((shape, sight))
        if prepared is None:

            def whole(viewer_id, *marks):
                own, others = marks[: len(values)], marks[len(values) :]
                return packed(build(self.condition(sight, viewer_id, own), *others))

            prepared = self._prepared[shape, sight] = Prepared(whole)
        return prepared.unpacked(viewer_id, *values, *more)


def tagged(key) -> Expression:
    """The condition for media that carry a tag."""
    return Media.id.in_(Tag.select(Tag.media).where(Tag.key == key))


def within(collection_id) -> Expression:
    """The condition for media of a collection."""
    return Media.id.in_(Membership.select(Membership.media).where(Membership.collection == collection_id))


EVERYTHING = Source()
OF_PERSON = Source(lambda person_id: Media.user == person_id)
TAGGED = Source(tagged)
TAGGED_OF_PERSON = Source(lambda person_id, key: (Media.user == person_id) & tagged(key))
COLLECTED = Source(within)


@dataclass
class Listing:
    """One page of a list: the keys of its rows, and the address of the next page."""

    keys: list[tuple]
    next: str | None
    order: str

    @property
    def items(self) -> list[Tile]:
        return tiles_of(self.keys)

    def answer(self, viewer) -> dict:
        """The page as JSON; full media, in a fixed number of statements."""
        ids = [key[0] for key in self.keys]
        media = {m.id: m for m in Media.with_owner().where(Media.id.in_(ids))}
        return {"items": media_json([media[i] for i in ids if i in media], viewer), "next": self.next}


def asked_order() -> str:
    """The order the query string asks for."""
    return query("order") if query("order") in ORDERS else "newest"


def _where_it_goes_on() -> re.Match | None:
    """The key in ?after=, None at the beginning. Raises Refused: the first page again would look like more."""
    found = AFTER.fullmatch(query("after"))
    if found is None and query("after"):
        raise Refused(
            "This is not where a list goes on; follow the address it gives as `next`.", "after", 400
        )
    return found


def listing(source: Source, viewer, path, *values, owner=None, limit: int = PAGE, more="") -> Listing:
    """The page of a list the query string asks for: ?order=taken, ?after=KEY; `more` goes along to the next."""
    order, sight = asked_order(), access.sight(viewer, owner)
    found = _where_it_goes_on()
    ordered, id = found.groups() if found else (None, None)
    shape = f"{order} {bool(found)} {bool(ordered)} {limit}"
    marks = (
        [] if not found else [int(id)] if not (order == "taken" and ordered) else [ordered, ordered, int(id)]
    )

    def build(condition, *marks):
        query, ids = source.walk()
        if marks:
            condition &= _older(ids, *marks)
        return query.where(condition).order_by(*_by(order, ids)).limit(limit + 1)

    rows = source.ask(shape, build, sight, viewer.id if viewer else None, values, *marks)
    rows.sort(key=(lambda row: (row[2], row[0])) if order == "taken" else (lambda row: row[0]), reverse=True)
    return Listing(rows[:limit], _next(path, order, rows, limit, more), order)


def _by(order, ids=Media.id):
    return (Media.ordered.desc(), ids.desc()) if order == "taken" else (ids.desc(),)


def _older(ids, *marks):
    if len(marks) == 1:
        return ids < marks[0]
    before, same, id = marks
    # The first part is where the index is entered; an OR alone would walk it from its end.
    return (Media.ordered <= before) & ((Media.ordered < same) | (ids < id))


def _next(path, order, rows, limit, more):
    if len(rows) <= limit:
        return None
    id, _, ordered = rows[limit - 1]
    after = f"order=taken&after={ordered}.{id}" if order == "taken" else f"after={id}"
    return pages.url(f"{path}?{more}&{after}" if more else f"{path}?{after}")


def neighbours(media: Media, source: Source, viewer, *values, owner=None, order="newest"):
    """(previous, next) Tile of a medium in a list that shows the newest first; None at its ends."""
    sight = access.sight(viewer, owner)
    by_id = order == "newest"
    more = (media.id,) if by_id else (media.ordered, media.ordered, media.id)

    def newer(condition, *marks):
        select = Media.select(*TILE_COLUMNS).join(User).limit(1)
        if by_id:
            return select.where(condition & (Media.id > marks[0])).order_by(Media.id)
        later = (Media.ordered >= marks[0]) & ((Media.ordered > marks[1]) | (Media.id > marks[2]))
        return select.where(condition & later).order_by(Media.ordered, Media.id)

    def older(condition, *marks):
        select = Media.select(*TILE_COLUMNS).join(User).limit(1)
        return select.where(condition & _older(Media.id, *marks)).order_by(*_by(order))

    found = []
    for name, build in (("newer", newer), ("older", older)):
        rows = source.ask(f"{name} {order}", build, sight, viewer.id if viewer else None, values, *more)
        found.append(Tile(rows[0]) if rows else None)
    return tuple(found)

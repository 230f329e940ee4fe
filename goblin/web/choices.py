"""What can be chosen in the filter of a list: the kinds there are, the cameras and the like, in bounded statements."""

from functools import lru_cache

from peewee import SQL, Select, Value, fn

from goblin import access, media
from goblin.db import Prepared, db
from goblin.models import Media, facts
from goblin.web import names
from goblin.web.lists import Source

MOST_VALUES = 100  # offered of one fact
LOOKED_AT = 50  # media of a value, the newest first, to see whether one of them may be seen
MOST_LISTS = 128  # whose SQL is kept


def kinds() -> tuple[tuple[str, str], ...]:
    """(kind, its words) of the kinds of which there is a medium, in the order in which they are offered."""
    there = {kind for kind, _ in _kinds.rows()}
    return tuple((kind, word) for kind, word in names.kinds() if kind in there)


def texts(source: Source, kind: str, sight: str, viewer_id, values) -> dict[str, tuple[str, ...]]:
    """The values of each fact of a kind that is a text, of those media of a list whose facts one is shown."""
    table = facts.of(kind)
    asked = [name for name, type_ in media.TYPES[kind].facts.items() if type_ is str]
    if table is None or not asked:
        return {}
    found = {name: [] for name in asked}
    for name, value in _texts(source, table, tuple(asked), sight, len(values)).rows(viewer_id, *values):
        found[name].append(value)
    return {name: tuple(there) for name, there in found.items()}


def _each(column, name, most):
    """Every value of an indexed column in its order, each found by one step in the index."""
    first, other = column.model.alias(), column.model.alias()
    least = first.select(fn.MIN(getattr(first, column.name)), Value(1))
    there = least.cte(name, recursive=True, columns=("value", "n"))
    above = getattr(other, column.name)
    following = other.select(fn.MIN(above)).where(above > there.c.value)
    more = Select([there], [following, there.c.n + 1])
    return there.union_all(more.where(there.c.value.is_null(False) & (there.c.n < most)))


def _all_kinds():
    there = _each(Media.kind, "there", MOST_VALUES)
    return (
        Select([there], [there.c.value, there.c.n])
        .with_cte(there)
        .where(there.c.value.is_null(False))
        .bind(db)
    )


_kinds = Prepared(_all_kinds)


@lru_cache(maxsize=MOST_LISTS)
def _texts(source, table, asked, sight, count):
    def build(viewer_id, *values):
        seen = source.condition(sight, viewer_id, values) & access.facts_seen_as(sight, viewer_id)
        every = [_of(table, name, seen) for name in asked]
        whole = every[0]
        for one in every[1:]:
            whole = whole.union_all(one)
        return whole.bind(db)

    return Prepared(build)


def _of(table, name, seen):
    there = _each(getattr(table, name), "there_" + name, MOST_VALUES)
    few = table.alias()
    newest = few.select(few.media).where(getattr(few, name) == there.c.value)
    newest = newest.order_by(few.media.desc()).limit(LOOKED_AT)
    shown = fn.EXISTS(Media.select(SQL("1")).where(Media.id.in_(newest) & seen))
    inner = Select([there], [there.c.value.alias("value")]).with_cte(there)
    inner = inner.where(there.c.value.is_null(False) & (there.c.value != "") & shown).alias("of_" + name)
    return Select([inner], [Value(name), inner.c.value])

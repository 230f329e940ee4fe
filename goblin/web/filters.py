"""Lists narrowed to a kind and by its facts: ?kind=pdf&pages=10-, ?triangles=1000-5000, ?camera=...

Columns come from what the kinds of media declare, values are bound; nothing of an address becomes SQL. What the
newest-first order walks is the small table of the kind's facts, from its end; by date taken, it is an index of
media, asking of each id whether it is among those that fit. Neither sorts a large gallery.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from bottle import request
from peewee import Expression

from goblin import access, media
from goblin.models import Media, facts
from goblin.refused import Refused
from goblin.web import pages
from goblin.web.forms import query
from goblin.web.lists import Source
from goblin.web.names import FACTS as LABELS

KINDS = {
    "image": "Pictures",
    "video": "Films",
    "audio": "Sounds",
    "svg": "Drawings",
    "pdf": "PDF documents",
    "model": "Models",
    "text": "Texts",
    "file": "Other files",
}
NUMBER = {int: r"\d{1,15}", float: r"\d{1,15}(?:\.\d{1,9})?"}
LONGEST_TEXT = 200
YES_NO = {"yes": True, "no": False}
MOST_FILTERS = 128  # whose SQL is kept


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to: a kind, and tests of its facts with a value each."""

    kind: str = ""
    tests: tuple[tuple[str, str], ...] = ()  # (fact, one of = >= <=)
    values: tuple = ()  # the kind, then one for each test
    asked: tuple[tuple[str, str], ...] = ()  # as the address says it

    @property
    def query(self) -> str:
        """For addresses of the next page and of the other order."""
        return urlencode(self.asked)


def asked() -> Filter:
    """The filter the query string asks for. Raises Refused (400) for what cannot be."""
    if not request.query_string:  # as nearly all are
        return Filter()
    given = {name: text for name in _names() if (text := query(name).strip())}
    kind = query("kind") or _kind_of(given)
    if not kind:
        return Filter()
    if kind not in media.TYPES:
        raise Refused(f"There is no kind of media called {kind[:40]} here.", "kind", 400)
    declared = media.TYPES[kind].facts
    if wrong := next((name for name in given if name not in declared), None):
        raise Refused(f"{wrong} is nothing that is known of {kind}.", wrong, 400)
    tests = [(name, *test) for name, text in given.items() for test in _tests(name, declared[name], text)]
    shape, values = tuple(test[:2] for test in tests), tuple(test[2] for test in tests)
    return Filter(kind, shape, (kind, *values), (("kind", kind), *given.items()))


def _names() -> list[str]:
    """The facts of all kinds, by which lists can be narrowed."""
    return sorted({name for kind in media.TYPES.values() for name in kind.facts})


def _kind_of(given) -> str:
    """The only kind that has all of these facts. Raises Refused where that is not one."""
    if not given:
        return ""
    fitting = [kind for kind, known in media.TYPES.items() if given.keys() <= known.facts.keys()]
    if len(fitting) != 1:
        raise Refused("Say of which kind of media, such as kind=image.", "kind", 400)
    return fitting[0]


def _tests(name: str, type_: type, text: str) -> list[tuple]:
    """(comparison, value) of a fact; text is equal, numbers are 5, 10-, -10 or 5-20."""
    if type_ is str:
        if len(text) > LONGEST_TEXT:
            raise Refused(f"This is too long; {LONGEST_TEXT} characters at most.", name, 400)
        return [("=", text)]
    if type_ is bool:
        if text not in YES_NO:
            raise Refused("This is yes or no.", name, 400)
        return [("=", YES_NO[text])]
    return _range(name, type_, text)


def _range(name, type_, text):
    number = NUMBER[type_]
    if re.fullmatch(number, text, re.ASCII):
        return [("=", type_(text))]
    found = re.fullmatch(rf"({number})?\s*-\s*({number})?", text, re.ASCII)
    least, most = (type_(end) if end else None for end in found.groups()) if found else (None, None)
    if least is None and most is None:
        raise Refused(
            f"{label_of(name)} is a number, or a range such as 10- or 5-20, not {text[:40]}.", name, 400
        )
    if None not in (least, most) and least > most:
        raise Refused(f"{label_of(name)} from {least} to {most} leaves nothing over.", name, 400)
    return [(sign, end) for sign, end in ((">=", least), ("<=", most)) if end is not None]


def narrowed(source: Source, only: Filter, order: str) -> Source:
    """The list of those that pass; it is asked with the list's own values, then the filter's."""
    return _filtered(source, facts.of(only.kind), only.tests, order) if only.kind else source


@lru_cache(maxsize=MOST_FILTERS)
def _filtered(source, table, tests, order):
    return Filtered(source, table, tests, order)


class Filtered(Source):
    """Those of a list that are of a kind and pass tests of its facts."""

    def __init__(self, source: Source, table, tests, order: str):
        super().__init__()
        self._source, self._table, self._tests = source, table, tests
        self._leads = table is not None and order == "newest"  # whether the table of facts is what is walked

    def walk(self):
        """See Source.walk. CROSS JOIN: SQLite walks the left table (sqlite.org/optoverview.html, 8.1)."""
        if not self._leads:
            return super().walk()
        selected = self._table.select(Media.id, Media.updated, Media.ordered)
        return selected.join(Media, "CROSS JOIN"), self._table.media

    def condition(self, sight: str, viewer_id, values) -> Expression:
        """The list's own condition, and the filter's."""
        at = len(values) - 1 - len(self._tests)
        kind, *wanted = values[at:]
        condition = self._source.condition(sight, viewer_id, values[:at])
        if self._tests:
            # A fact that its owner hides must not be found out by asking for it.
            condition &= access.facts_seen_as(sight, viewer_id)
        if self._table is None:
            other = Media.alias()
            return condition & access.bare(Media.id).in_(other.select(other.id).where(other.kind == kind))
        condition &= access.bare(Media.kind) == kind
        tests = [
            self._test(name, sign, value) for (name, sign), value in zip(self._tests, wanted, strict=True)
        ]
        if self._leads:
            return _all(condition & (self._table.media == Media.id), tests)
        fitting = self._table.select(self._table.media)
        return condition & access.bare(Media.id).in_(fitting.where(*tests) if tests else fitting)

    def _test(self, name, sign, value):
        """Equality goes by the fact's index, whose entries are in the order of ids; a range would have to sort."""
        column = getattr(self._table, name)
        if sign == "=":
            return column == value
        column = access.bare(column) if self._leads else column
        return column >= value if sign == ">=" else column <= value


def _all(condition, tests):
    for test in tests:
        condition &= test
    return condition


def label_of(name: str) -> str:
    """A fact's name in words."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()


class Form(NamedTuple):
    """What the form shows: links to the kinds, and a field for each fact of the one that is chosen."""

    kind: str
    kinds: tuple[tuple[str, str, bool], ...]  # (word, address, whether it is the chosen one)
    facts: tuple[tuple[str, str, str, type], ...]  # (name, label, what was asked for, type)
    by: tuple[tuple[str, str], ...]  # what goes along from the address
    everything: str  # the address without a filter


def form_of(only: Filter, path: str, order: str) -> Form:
    """The form for the list of an address."""
    return _form(only, pages.url(path), order, tuple(media.TYPES))


@lru_cache(maxsize=MOST_FILTERS)
def _form(only, path, order, kinds):
    by = (("order", order),) if order != "newest" else ()
    given = dict(only.asked)
    declared = media.TYPES[only.kind].facts if only.kind else {}
    links = (
        (KINDS.get(k, k.capitalize()), _address(path, (*by, ("kind", k))), k == only.kind) for k in kinds
    )
    fields = ((name, label_of(name), given.get(name, ""), type_) for name, type_ in declared.items())
    return Form(only.kind, tuple(links), tuple(fields), by, _address(path, by))


def _address(path, fields):
    return path + ("?" + urlencode(fields) if fields else "")

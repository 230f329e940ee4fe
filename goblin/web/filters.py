"""Lists narrowed to a kind and by its facts: ?kind=pdf&pages=10-, ?exposure=1/1000, ?camera=canon.

Columns come from what the kinds of media declare, values are bound; nothing of an address becomes SQL. What the
newest-first order walks is the small table of the kind's facts, from its end; by date taken, it is an index of
media, asking of each id whether it is among those that fit. Neither sorts a large gallery.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from bottle import request
from peewee import Expression, fn

from goblin import access, media
from goblin.models import Media, facts
from goblin.refused import Refused
from goblin.web import choices, names, pages
from goblin.web.forms import query
from goblin.web.lists import Source
from goblin.web.measures import read_range, written
from goblin.wording import yes_or_no

LONGEST_TEXT = 200
MOST_FILTERS = 128  # whose SQL is kept
LIKE, ESCAPE = (
    "like",
    "\\",
)  # a part of a text, in small or capital letters (sqlite.org/lang_corefunc.html#like)


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to: a kind, and tests of its facts with a value each."""

    kind: str = ""
    tests: tuple[tuple[str, str], ...] = ()  # (fact, one of = >= <= like)
    values: tuple = ()  # the kind, then one for each test
    asked: tuple[tuple[str, str], ...] = ()  # as the address says it
    wrong: tuple[tuple[str, str], ...] = ()  # (field, sentence) of what cannot be; the list goes without

    @property
    def query(self) -> str:
        """For addresses of the next page and of the other order."""
        return urlencode(self.asked)


def asked() -> Filter:
    """The filter the query string asks for. A program that asks for what cannot be is refused (400)."""
    if not request.query_string:  # as nearly all are
        return Filter()
    found = _read({name: text for name in _names() if (text := query(name).strip())}, query("kind"))
    if found.wrong and pages.wants_json():
        field, sentence = found.wrong[0]
        raise Refused(sentence, field, 400)
    return found


def _names() -> list[str]:
    """The facts of all kinds, by which lists can be narrowed."""
    return sorted({name for kind in media.TYPES.values() for name in kind.facts})


def _read(given, kind) -> Filter:
    if not kind:
        fitting = [one for one, known in media.TYPES.items() if given and given.keys() <= known.facts.keys()]
        if given and len(fitting) != 1:
            return Filter(wrong=(("kind", "Choose of which kind, such as pictures (kind=image)."),))
        kind = fitting[0] if given else ""
    if not kind:
        return Filter()
    if kind not in media.TYPES:
        return Filter(wrong=(("kind", f"There is no kind of media called {kind[:40]} here."),))
    tests, wrong = [], []
    for name, text in given.items():
        try:
            tests += [(name, *test) for test in _tests(kind, name, text)]
        except Refused as refused:
            wrong.append((name, str(refused)))
    shape, values = tuple(test[:2] for test in tests), tuple(test[2] for test in tests)
    return Filter(kind, shape, (kind, *values), (("kind", kind), *given.items()), tuple(wrong))


def _tests(kind, name: str, text: str) -> list[tuple]:
    """(comparison, value) of a fact: a part of a text, yes or no, a number or a range. Raises Refused."""
    type_ = media.TYPES[kind].facts.get(name)
    if type_ is None:
        raise Refused(
            f"{names.of_fact(name)} is nothing that is known of {names.of_kind(kind).lower()}.", name
        )
    if type_ is str:
        return [(LIKE, _part(name, text))]
    if type_ is bool:
        return [("=", _yes_or_no(name, text))]
    if (ends := read_range(name, type_, text)) is None:
        raise Refused(f"Write a number or a range, such as {written(name).example}.", name)
    least, most = ends
    if None not in ends and least > most:
        raise Refused("Nothing lies between these two; the smaller one comes first.", name)
    if least == most:
        return [("=", least)]
    return [(sign, end) for sign, end in ((">=", least), ("<=", most)) if end is not None]


def _part(name, text):
    if len(text) > LONGEST_TEXT:
        raise Refused(f"This is too long; {LONGEST_TEXT} characters at most.", name)
    for special in (ESCAPE, "%", "_"):
        text = text.replace(special, ESCAPE + special)
    return f"%{text}%"


def _yes_or_no(name, text):
    try:
        return yes_or_no(text)
    except ValueError:
        raise Refused("This is yes or no.", name) from None


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
        if sign == LIKE:
            return fn.LIKE(value, column, ESCAPE)
        column = access.bare(column) if self._leads else column
        return column >= value if sign == ">=" else column <= value


def _all(condition, tests):
    for test in tests:
        condition &= test
    return condition


class Field(NamedTuple):
    """A field of the form: a fact of the kind that is chosen."""

    name: str
    label: str
    value: str  # what was asked for
    example: str
    wrong: str  # the sentence about what was asked for
    options: tuple[str, ...]  # what there is to choose from
    type: type


class Form(NamedTuple):
    """What the form shows: links to the kinds, and a field for each fact of the one that is chosen."""

    kind: str
    kinds: tuple[tuple[str, str, bool], ...]  # (word, address, whether it is the chosen one)
    facts: tuple[Field, ...]
    by: tuple[tuple[str, str], ...]  # what goes along from the address
    everything: str  # the address without a filter
    wrong: str  # what is wrong with the kind


def form_of(only: Filter, path: str, order: str, source: Source, viewer, owner, values) -> Form:
    """The form for a list, of which `source` and `values` are as without the filter."""
    sight, viewer_id = access.sight(viewer, owner), viewer.id if viewer else None
    there = choices.texts(source, only.kind, sight, viewer_id, values) if only.kind else {}
    return _form(only, pages.url(path), order, choices.kinds(), tuple(there.items()))


@lru_cache(maxsize=MOST_FILTERS)
def _form(only, path, order, kinds, texts):
    by = (("order", order),) if order != "newest" else ()
    given, wrong, there = dict(only.asked), dict(only.wrong), dict(texts)
    declared = media.TYPES[only.kind].facts if only.kind else {}
    if only.kind and only.kind not in dict(kinds):
        kinds = (*kinds, (only.kind, names.of_kind(only.kind)))
    links = ((word, _address(path, (*by, ("kind", kind))), kind == only.kind) for kind, word in kinds)
    fields = (
        Field(name, names.of_fact(name), given.get(name, ""), _example(name, type_), wrong.get(name, ""),
              there.get(name, ()), type_)
        for name, type_ in declared.items()
    )  # fmt: skip
    strange = next((sentence for name, sentence in only.wrong if name not in declared), "")
    return Form(only.kind, tuple(links), tuple(fields), by, _address(path, by), strange)


def _example(name, type_):
    return {str: "", bool: "yes or no"}.get(type_, written(name).example)


def _address(path, fields):
    return path + ("?" + urlencode(fields) if fields else "")

"""Preparing media again: which are out of date, which steps they need, how many, and the word to begin or stop."""

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field

from peewee import fn

from goblin import jobs, media, outcome
from goblin.db import db, now
from goblin.models import Media, User
from goblin.models.media import STATES
from goblin.refused import Refused

BATCH = 500


@dataclass
class Wish:
    """What is asked for: which media, which steps, with which options of their own."""

    ids: list[int] = field(default_factory=list)
    kind: str = ""
    state: str = ""
    user: User | None = None
    steps: list[str] = field(default_factory=list)
    settings: dict[str, str] | None = None  # options of their own from now on; {} takes those they have away
    beside: bool = False  # the settings go beside those they have; an empty one takes that one away
    force: bool = False  # also those that are up to date; ids name them one by one, which says the same

    def check(self):
        """Raises Refused for a kind, state, step or option that does not exist."""
        if self.kind and self.kind not in media.TYPES:
            raise Refused(f"There is no kind of media called {self.kind} here.", "kind")
        if self.state and self.state not in STATES:
            raise Refused(f"{self.state} is no state; there are {', '.join(STATES)}.", "state")
        kinds = [self.kind] if self.kind else list(media.TYPES)
        steps = {step for kind in kinds for step in media.steps_of(kind)}
        if wrong := set(self.steps) - steps:
            raise Refused(
                f"There is no step called {min(wrong)}; there are {', '.join(sorted(steps))}.", "step"
            )
        if self.settings and not self.kind:
            raise Refused("Say of which kind these options are.", "kind")
        self.typed()

    def typed(self) -> "Own | None":
        """The options of their own, each of the type it must be. Raises Refused."""
        if self.settings is None:
            return None
        given = {name: value for name, value in self.settings.items() if value != "" or not self.beside}
        if not self.settings:
            return Own({})
        if wrong := self.settings.keys() - media.TYPES[self.kind].options.keys():
            raise Refused(f"{self.kind} has no option {min(wrong)}.", "settings")
        try:
            whole = media.options_of(self.kind, given)
        except ValueError as error:
            raise Refused(f"{error}.", "settings") from None
        if self.user is not None and not self.user.admin:
            self._require_bounds(whole)
        typed = {name: whole[name] for name in given}
        return Own(typed, self.settings.keys() - given.keys() if self.beside else None)

    def _require_bounds(self, whole):
        for name in sorted(media.GUARDS & self.settings.keys()):
            if whole[name] > (most := jobs.workshop.options[self.kind][name]):
                raise Refused(f"{name} can be {most} at most in this gallery.", "settings")


@dataclass
class Own:
    """Options of their own that media get, instead of those they have or, where some are `gone`, beside them."""

    given: dict
    gone: Set[str] | None = None

    def over(self, present: dict) -> dict:
        """What a medium has from then on that has these at present."""
        if self.gone is None:
            return self.given
        return {name: value for name, value in (present | self.given).items() if name not in self.gone}


@dataclass
class Plan:
    """Which media are to be prepared again, and what is done to each."""

    work: list[tuple[int, str, str]]  # (id, kind, steps; empty for all)
    settings: Own | None
    left_out: int = 0  # failed before, and would in the same way

    def sentences(self) -> list[str]:
        """What will be done, a line for each kind and set of steps; and what will not."""
        counts = Counter((kind, steps) for _, kind, steps in self.work)
        said = [
            f"{count} {kind}: {_say_steps(kind, steps)}" for (kind, steps), count in sorted(counts.items())
        ]
        if self.left_out:
            said.append(f"{self.left_out} that did not work are left out: nothing has changed for them.")
        return said


def _say_steps(kind, steps):
    declared = media.steps_of(kind)
    names = steps.split() or list(declared)
    return ", ".join(f"{name} ({declared[name].about})" for name in names if name in declared)


def plan(wish: Wish) -> Plan:
    """Work out what a wish means, without decoding or changing anything. Raises Refused."""
    wish.check()
    settings = wish.typed()
    columns = (Media.id, Media.kind, Media.state, Media.made, Media.overrides, Media.lacks)
    work, left_out = [], 0
    for row in Media.select(*columns).where(_chosen(wish, settings)).order_by(Media.id).iterator():
        steps = _needed(row, wish, settings)
        if steps is not None:
            work.append((row.id, row.kind, " ".join(steps)))
        left_out += steps is None and row.state == "failed"
    return Plan(work, settings, left_out)


def _chosen(wish, settings):
    # What is being prepared just now is finished first: two runs would write over each other's copies.
    chosen = Media.deleted.is_null() & Media.state.in_(STATES) & (Media.state != "processing")
    if wish.ids:
        chosen &= Media.id.in_(wish.ids)
    if wish.kind:
        chosen &= Media.kind == wish.kind
    if wish.state:
        chosen &= Media.state == wish.state
    if wish.user:
        chosen &= Media.user == wish.user
    if not (wish.force or wish.ids or settings or wish.state):
        chosen &= ~_up_to_date()
    return chosen


def _up_to_date():
    """The condition for rows whose copies are made as their kind's are now: nothing is read of them."""
    condition = Media.id < 0
    for kind in media.TYPES:
        condition |= (Media.kind == kind) & (Media.made == jobs.recipe(kind))
    return condition & (Media.state == "processed")


def _needed(row, wish, settings) -> list[str] | None:
    """The steps a row needs; empty for all of them, None for nothing."""
    if row.kind not in media.TYPES:
        return None
    if row.state == "unprocessed" and not (wish.force or wish.state or settings is not None):
        return None  # it waits already
    declared = media.steps_of(row.kind)
    own = row.overrides if settings is None else settings.over(row.overrides)
    options = {**jobs.workshop.options[row.kind], **own}
    wanted, made = media.recipe(row.kind, options), outcome.read_recipe(row.made)
    if row.state != "processed":
        asked = wish.force or wish.ids or wish.state or row.lacks
        if not asked and outcome.failed_like(row, wanted):
            return None
        return _asked_for(wish, declared, made) if row.state == "failed" else []
    old = [s for s in declared if wish.force or wish.ids or wanted[s] != made.get(s)]
    steps = [s for s in old if not wish.steps or s in wish.steps]
    return _or_all(steps, declared) if steps else None


def _asked_for(wish, declared, made) -> list[str]:
    """Of what failed: the steps that were named, and those without which it would still not be whole."""
    return _or_all([s for s in declared if not wish.steps or s in wish.steps or s not in made], declared)


def _or_all(steps, declared):
    return [] if len(steps) == len(declared) else steps


def begin(work: Plan, progress=None) -> int:
    """Queue a plan; the present copies stay until the new ones are complete. Returns how many."""
    begun = 0
    for start in range(0, len(work.work), BATCH):
        with db.atomic():
            for row in work.work[start : start + BATCH]:
                begun += _queue(*row, work.settings)
        if progress:
            progress(min(start + BATCH, len(work.work)))
    return begun


def _queue(id, kind, steps, settings: Own | None) -> bool:
    """Have one prepared, unless somebody is at it by now."""
    values = {
        "state": "unprocessed",
        "todo": steps,
        "error": "",
        "detail": "",
        "attempts": 0,
        "progress": None,
    }
    if settings is not None:
        if (row := Media.by_id(id)) is None:
            return False
        values["overrides"] = settings.over(row.overrides)
        values["data"] = {outcome.HAD: row.overrides} | row.data
    idle = (Media.id == id) & (Media.state != "processing")
    if not Media.update(**values, updated=now()).where(idle).execute():
        return False
    jobs.workshop.enqueue(id, kind, steps)
    return True


def go_on(item: Media, step: str, asked: list[int]) -> bool:
    """Have a step made for what a reader opened just now, once; not while something else is done to the medium."""
    idle = (Media.id == item.id) & (Media.state == "processed") & (Media.generation == item.generation)
    values = {"state": "unprocessed", "todo": step, "attempts": 0, "data": {**item.data, "asked": asked}}
    with db.atomic():
        if begun := bool(Media.update(values).where(idle).execute()):
            jobs.workshop.enqueue(item.id, item.kind, step)
    return begun


def _first_copy_missing():
    """The condition for films whose first copy is still to be made: their preparation is not called off."""
    condition = Media.id < 0
    for kind in media.TYPES:
        for step in media.parted(kind, [])[1]:
            condition |= (Media.kind == kind) & ~Media.made.contains(f"{step}:")
    return condition


def stop(user: User | None = None, ids: list[int] | None = None, kind: str = "") -> int:
    """Call off what waits and has all its copies; what is being prepared just now is finished. Returns how many.

    Only one person's, those named, those of a kind, where that is said. Raises Refused.
    """
    Wish(kind=kind).check()
    waiting = (Media.state == "unprocessed") & Media.ready & ~_first_copy_missing()
    if user:
        waiting &= Media.user == user
    if ids:
        waiting &= Media.id.in_(ids)
    if kind:
        waiting &= Media.kind == kind
    had = f"$.{outcome.HAD}"  # nothing was made with the options they were to get
    values = {
        "overrides": fn.COALESCE(fn.json_extract(Media.data, had), Media.overrides),
        "data": fn.json_remove(Media.data, had),
    }
    return Media.update(**values, state="processed", todo="", updated=now()).where(waiting).execute()

"""Preparing media again: which are out of date, which steps they need, how many, and the word to begin or stop."""

from collections import Counter
from dataclasses import dataclass, field

from goblin import jobs, media, outcome
from goblin.db import db, now
from goblin.library import Refused
from goblin.models import Media, User
from goblin.models.media import STATES

BATCH = 500


@dataclass
class Wish:
    """What is asked for: which media, which steps, with which options of their own."""

    ids: list[int] = field(default_factory=list)
    kind: str = ""
    state: str = ""
    user: User | None = None
    steps: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
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

    def typed(self) -> dict:
        """The options of its own, each of the type it must be. Raises Refused."""
        if not self.settings:
            return {}
        if wrong := self.settings.keys() - media.TYPES[self.kind].options.keys():
            raise Refused(f"{self.kind} has no option {min(wrong)}.", "settings")
        try:
            whole = media.options_of(self.kind, self.settings)
        except ValueError as error:
            raise Refused(f"{error}.", "settings") from None
        return {name: whole[name] for name in self.settings}


@dataclass
class Plan:
    """Which media are to be prepared again, and what is done to each."""

    work: list[tuple[int, str, str]]  # (id, kind, steps; empty for all)
    settings: dict

    def sentences(self) -> list[str]:
        """What will be done, a line for each kind and set of steps."""
        counts = Counter((kind, steps) for _, kind, steps in self.work)
        return [
            f"{count} {kind}: {_say_steps(kind, steps)}" for (kind, steps), count in sorted(counts.items())
        ]


def _say_steps(kind, steps):
    declared = media.steps_of(kind)
    names = steps.split() or list(declared)
    return ", ".join(f"{name} ({declared[name].about})" for name in names if name in declared)


def plan(wish: Wish) -> Plan:
    """Work out what a wish means, without decoding or changing anything. Raises Refused."""
    wish.check()
    settings = wish.typed()
    columns = (Media.id, Media.kind, Media.state, Media.made, Media.overrides)
    work = []
    for row in Media.select(*columns).where(_chosen(wish, settings)).order_by(Media.id).iterator():
        steps = _needed(row, wish, settings)
        if steps is not None:
            work.append((row.id, row.kind, " ".join(steps)))
    return Plan(work, settings)


def _chosen(wish, settings):
    chosen = Media.deleted.is_null() & Media.state.in_(STATES)
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
    if row.state != "processed" or row.kind not in media.TYPES:
        return [] if row.kind in media.TYPES else None
    declared = media.steps_of(row.kind)
    options = {**jobs.workshop.options[row.kind], **row.overrides, **settings}
    wanted, made = media.recipe(row.kind, options), outcome.read_recipe(row.made)
    old = [s for s in declared if wish.force or wish.ids or wanted[s] != made.get(s)]
    steps = [s for s in old if not wish.steps or s in wish.steps]
    if not steps:
        return None
    return [] if len(steps) == len(declared) else steps


def begin(work: Plan, progress=None) -> int:
    """Queue a plan; the present copies stay until the new ones are complete. Returns how many."""
    for start in range(0, len(work.work), BATCH):
        with db.atomic():
            for id, kind, steps in work.work[start : start + BATCH]:
                _queue(id, kind, steps, work.settings)
        if progress:
            progress(min(start + BATCH, len(work.work)))
    return len(work.work)


def _queue(id, kind, steps, settings):
    values = {
        "state": "unprocessed",
        "todo": steps,
        "error": "",
        "detail": "",
        "attempts": 0,
        "progress": None,
    }
    if settings:
        values["overrides"] = settings
    Media.update(**values, updated=now()).where(Media.id == id).execute()
    jobs.workshop.enqueue(id, kind)


def _first_copy_missing():
    """The condition for films whose first copy is still to be made: their preparation is not called off."""
    condition = Media.id < 0
    for kind in media.TYPES:
        for step in media.parted(kind, [])[1]:
            condition |= (Media.kind == kind) & ~Media.made.contains(f"{step}:")
    return condition


def stop(user: User | None = None) -> int:
    """Call off what waits and has all its copies; what is being prepared just now is finished. Returns how many."""
    waiting = (Media.state == "unprocessed") & Media.ready & ~_first_copy_missing()
    if user:
        waiting &= Media.user == user
    return Media.update(state="processed", todo="", updated=now()).where(waiting).execute()

"""What a kind of medium is, and the register of all kinds."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

# Options that hold a machine's work in bounds: an owner may ask for less of them than the keeper, not for more.
GUARDS = frozenset(("pixels", "frames", "most", "pages", "ahead", "characters", "patience", "threads"))
BOUNDS = {
    "sizes": (16, 16_000),
    "quality": (1, 95),
    "crf": (0, 51),
    "height": (120, 4320),
    "large": (0, 16_000),
    "page": (200, 6000),
    "triangles": (100, 5_000_000),
    "audio_bitrate": (16, 512),
    "threads": (0, 64),
}
LARGEST_NUMBER = 10**12  # of an option
Progress = Callable[..., None]  # progress(per cent) or progress(per cent, "what is being done")


class Unreadable(Exception):
    """The file cannot be shown; str(e) is one friendly sentence for people."""


class Missing(Unreadable):
    """A decoder is not installed on this machine; the sentence names it, and so does `part` (see media/parts.py)."""

    def __init__(self, sentence: str, part: str = "") -> None:
        super().__init__(sentence)
        self.part = part


@dataclass(frozen=True)
class Limits:
    """What one job may use: memory and bytes (of the largest file written) in bytes, seconds of CPU.

    `memory` is for a machine with 1 GB; smaller ones give a little less, larger ones more, up to `most`.
    """

    memory: int = 256 << 20
    seconds: int = 60
    bytes: int = 512 << 20
    most: int = 0


@dataclass
class File:
    """One derivative, already written into the job's `out` folder."""

    name: str
    type: str
    width: int | None = None
    height: int | None = None


@dataclass
class Result:
    """What is known of a medium after processing.

    `columns` may be filtered and sorted by: width and height as shown (pixels), duration (seconds), taken
    (naive local ISO time), taken_offset ("+02:00"), lat and lon (degrees), title, description, placeholder
    ("#rrggbb"), animated, and the kind's own facts. `data` is JSON for templates. `files` are derivatives by
    role. `patches` are [offset, length, base64] overwrites of the original, by what they hide: place, facts;
    `data["place_stays"]` and `data["facts_stay"]` say that some cannot be, so that others get no download while
    their owner hides them.
    `needless` are steps this file has no need of: a film that browsers play as it is needs no copy. `lacks` names
    a part of media/parts.py without which this kind of file is only kept, to be prepared once that is here.
    """

    columns: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    patches: dict[str, list] = field(default_factory=dict)
    needless: list[str] = field(default_factory=list)
    lacks: str = ""


@dataclass(frozen=True)
class Step:
    """A part of the preparation that can be done again by itself.

    `roles` are the files it makes, `options` those whose change makes them out of date; a higher `version`
    says that the code makes them better now. An `after` one has a run of its own after the others, so that the
    medium is shown before it. So has a `slow` one, which may take hours: one at a time, so that nothing quick
    waits behind it. A medium is whole without what a `spare` one makes: when that fails, nothing else does. What
    reads files `beside` the medium is made anew when those come or change.
    """

    about: str
    roles: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    version: int = 1
    slow: bool = False
    after: bool = False
    spare: bool = False
    beside: bool = False

    def makes(self, role: str) -> bool:
        """Whether a file of that role is of this step; a role that ends in * stands for many: page-*."""
        return any(fnmatchcase(role, pattern) for pattern in self.roles)


class MediaType:
    """A kind of medium: subclass it, decorate with @register, save it in this folder or a plugin."""

    kind = ""
    facts: dict[str, type] = {}
    options: dict[str, tuple[Any, str]] = {}
    steps: dict[str, Step] = {}
    # Endings of attachments that `process` reads (options["beside"], path by name): of files that are nothing by
    # themselves, and of those that may be media, too.
    beside: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    limits = Limits()

    def sniff(self, head: bytes, name: str) -> str | None:
        """The mime type if the first 4 KiB are of this kind, else None. Never trust the name alone."""
        raise NotImplementedError

    def check(self, options: Mapping[str, Any]) -> None:
        """Look at typed options for values that cannot be; raises ValueError naming the option."""

    def filled(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """These options, and the default of each that is not among them."""
        return {name: default for name, (default, _) in self.options.items()} | dict(options)

    def devices(self, options: Mapping[str, Any]) -> list[str]:
        """Devices that `process` may write to, for a decoder or encoder in hardware; for kinds of goblin only."""
        return []

    def process(self, source: Path, out: Path, options: Mapping[str, Any], progress: Progress) -> Result:
        """Read `source`, write derivatives into `out`. Raises Unreadable with a sentence for people."""
        raise NotImplementedError


TYPES: dict[str, MediaType] = {}
_OWN: dict[str, MediaType] = {}


def register(cls: type[MediaType]) -> type[MediaType]:
    """Make a kind known. Kinds are asked in the order they register; a later one may replace a kind."""
    TYPES[cls.kind] = cls()
    if cls.__module__.rpartition(".")[0] == __name__:
        _OWN[cls.kind] = TYPES[cls.kind]
    return cls


def scan() -> None:
    """Import every module of this folder in name order. Packages in it are helpers, imported when needed."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        if not module.ispkg:
            importlib.import_module(f"{__name__}.{module.name}")


def reset() -> None:
    """Forget the kinds that plugins brought."""
    TYPES.clear()
    TYPES.update(_OWN)


def identify(head: bytes, name: str) -> tuple[str, str] | None:
    """(kind, mime type) of a file by its first bytes, or None when no kind wants it.

    Kinds of plugins are asked first: theirs is the narrower idea of what a file is.
    """
    brought = [kind for kind in TYPES if TYPES[kind] is not _OWN.get(kind)]
    for kind in [*brought, *(kind for kind in TYPES if kind not in brought)]:
        media_type = TYPES[kind]
        if mime := media_type.sniff(head, name):
            return kind, mime
    return None


def steps_of(kind: str) -> dict[str, Step]:
    """The steps of a kind; one for everything where it declares none."""
    media_type = TYPES[kind]
    everything = Step("everything", options=tuple(media_type.options))
    return media_type.steps or {"copies": everything}


def say_step(kind: str, step: str) -> str:
    """What a step of a kind makes, in words; what is no step is said as it stands."""
    declared = TYPES[kind].steps if kind in TYPES else {}
    return declared[step].about if step in declared else step


def parted(kind: str, steps: list[str]) -> tuple[list[str], list[str]]:
    """These steps of a kind (none: all it has) in two: those of the first run, and those that come after."""
    declared = steps_of(kind) if kind in TYPES else {}
    wanted = [name for name in declared if not steps or name in steps]
    later = [name for name in wanted if declared[name].slow or declared[name].after]
    return [name for name in wanted if name not in later], later


def only_after(kind: str, steps: list[str]) -> bool:
    """Whether a run does nothing but what readers ask for once the medium is shown."""
    declared = steps_of(kind) if kind in TYPES else {}
    return bool(steps) and all(name in declared and declared[name].after for name in steps)


def whole_without(kind: str, steps: list[str]) -> bool:
    """Whether a medium of a kind is as good as ever when just these steps fail."""
    declared = steps_of(kind) if kind in TYPES else {}
    return bool(steps) and all(name in declared and declared[name].spare for name in steps)


def steps_beside(kind: str) -> list[str]:
    """The steps of a kind that read files beside the medium."""
    return [name for name, step in steps_of(kind).items() if step.beside]


def belongs_beside(name: str) -> bool:
    """Whether a file is of use to a medium of some kind beside which it lies."""
    return any(name.lower().endswith(each.beside) for each in TYPES.values() if each.beside)


def wants(options: Mapping[str, Any], step: str) -> bool:
    """Whether a run is to do a step; without a word on steps it does them all."""
    return not options.get("steps") or step in options["steps"]


def recipe(kind: str, options: Mapping[str, Any]) -> dict[str, str]:
    """How each step of a kind is done with these options, as a short mark that changes when they do."""
    marks = {}
    for name, step in steps_of(kind).items():
        said = repr((step.version, [(option, options.get(option)) for option in step.options]))
        marks[name] = hashlib.sha256(said.encode()).hexdigest()[:8]
    return marks


def options_of(kind: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The kind's options, typed as their defaults are. Raises ValueError naming the option that is wrong."""
    typed = {}
    for option, (default, _) in TYPES[kind].options.items():
        typed[option] = _typed(option, given[option], default) if option in given else default
    TYPES[kind].check(typed)
    return typed


def _typed(option: str, value: Any, default: Any) -> Any:
    if isinstance(default, bool):
        words = {
            "yes": True,
            "true": True,
            "on": True,
            "1": True,
            "no": False,
            "false": False,
            "off": False,
            "0": False,
        }
        if str(value).strip().lower() not in words:
            raise ValueError(f"{option} must be yes or no, not {value!r}")
        return words[str(value).strip().lower()]
    if isinstance(default, str):
        return _text_like(option, str(value).strip(), default)
    least, most = BOUNDS.get(option, (0 if default == 0 else 1, LARGEST_NUMBER))
    try:
        number = type(default)(value)
        if least <= number <= most:
            return number
    except (ValueError, OverflowError):
        pass
    said = f"from {least} to {most}" if option in BOUNDS else f"of {least} or more"
    raise ValueError(f"{option} must be a number {said}, not {value!r}")


def _text_like(option: str, value: str, default: str) -> str:
    """A text option; where the default is a row of numbers, as many of them."""
    wanted = default.split()
    if wanted and all(word.isdecimal() for word in wanted):
        given = value.split()
        least, most = BOUNDS.get(option, (1, 99_999))
        whole = all(re.fullmatch("[0-9]{1,5}", word) and least <= int(word) <= most for word in given)
        if not whole or len(given) != len(wanted):
            said = f"{len(wanted)} numbers from {least} to {most}, such as {default}"
            raise ValueError(f"{option} must be {said}, not {value!r}")
    return value

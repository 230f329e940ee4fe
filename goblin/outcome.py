"""What a finished run leaves: one update, after which the new copies are in force and what was learned is known."""

import hashlib
import os
import shutil
from pathlib import Path

from goblin import events, media
from goblin.db import db, now
from goblin.models import Media, Tag, facts
from goblin.models.media import in_time
from goblin.wording import clean_line, clean_text

COLUMNS = {
    *("width", "height", "duration", "taken", "taken_offset", "lat", "lon"),
    *("title", "description", "placeholder", "animated", "kind", "pair"),
}
HAD = "had"  # in `data`: the options of its own that a medium had, while others wait to be tried
STAYS = ("place_stays", "facts_stay")
FAILED = "!"  # before the mark of a run that failed
# What a whole run may find again but must forget first.
FORGOTTEN = {"width": None, "height": None, "duration": None, "lat": None, "lon": None, "animated": False}


def keep(storage, item: Media, generation, result: media.Result, steps, later, made: dict[str, str]):
    """Put a run's result in force; `steps` were done (empty: all), `made` says how, `later` are those still to do.

    Returns (id, kind, steps) of the run that must follow, or None when the medium is done.
    """
    later = [step for step in later if step not in result.needless]
    result.columns = _clean(result.columns)
    copies = _copies(storage, item, generation, result, steps, made)
    with db.atomic():
        id, item = item.id, Media.by_id(item.id)  # as it is by now: its owner may have written meanwhile
        if item is None:
            storage.destroy(id)  # removed for good meanwhile: nobody would know of these copies
            return None
        values = _learned(item, result) | copies | _standing(item, later, copies)
        if not (quiet := _is_for_a_reader(item, steps)):
            values["updated"] = now()
        Media.update(values).where(Media.id == item.id).execute()
        item = Media.by_id(item.id)
        facts.write(item, result.columns)
        if result.data.get("tags") and "tags" not in item.fixed:
            Tag.write(item, result.data["tags"])
    storage.keep_only(item.id, generation)
    if later:
        return item.id, item.kind, item.todo
    if not quiet:
        events.fire("media.processed", item)
    return None


def _is_for_a_reader(item, steps):
    """Whether a run made nothing but what a reader opened, which is no news to others."""
    return bool(item.data.get("asked")) and media.only_after(item.kind, steps)


def _standing(item, later, copies):
    """How far a medium is, and who may have it until the rest is done, which may find again what is kept back."""
    values = {"state": "unprocessed" if later else "processed", "todo": " ".join(later)}
    values |= {name: copies[name] or bool(later and getattr(item, name)) for name in STAYS}
    return values | {"ready": _is_ready(item, later, copies["thumbs"])}


def _is_ready(item: Media, later: list[str], thumbs: str) -> bool:
    """Whether others may see it: a film whose copy is still to come can be shown by its poster."""
    if item.companion_of_id or not item.user.active:
        return False  # the photo shows it, or nobody sees what a suspended person added
    return item.ready or not later or bool(thumbs)


def do_without(item: Media, failed, steps: list[str], later: list[str], made: dict[str, str]):
    """Steps failed that the medium is whole without: it stays as it is, and they are not tried again by themselves.

    Where a decoder was lacking they are, once it is here. Returns as `keep` does.
    """
    tried = {} if failed.lacks else {step: made[step] for step in steps}
    todo = [*steps, *later] if failed.lacks else later
    values = {
        "state": "unprocessed" if later and not failed.lacks else "processed",
        "todo": " ".join(todo),
        "made": say_recipe({**read_recipe(item.made), **tried}),
        "data": _no_longer_asked(item.data),
        **{"detail": failed.detail[-4000:], "lacks": failed.lacks},
        **{"progress": None, "step": "", "attempts": 0},
    }
    if not (quiet := _is_for_a_reader(item, steps)):
        values["updated"] = now()  # whoever follows it hears that it ended
    Media.update(values).where(Media.id == item.id).execute()
    if values["state"] == "unprocessed":
        return item.id, item.kind, values["todo"]
    if (item := Media.by_id(item.id)) and not quiet:
        events.fire("media.processed", item)
    return None


def _no_longer_asked(data):
    """What a reader opened (see reprocessing.go_on) counts as drawn, though nothing is there."""
    if not data.get("asked"):
        return data
    first, _, *drawn = data["asked"]
    return {**data, "asked": None, "drawn": sorted({first, *drawn})}


def _copies(storage, item, generation, result, steps, made):
    """The columns that say which copies there are and how they were made."""
    files = _files(storage, item, generation, result, steps)
    thumbs = (files[role] for role in ("thumb", "thumb2") if role in files)
    done = {*steps, *result.needless} & made.keys() if steps else made
    done = () if result.lacks else done
    data = (item.data if item.todo else {}) | result.data | _facts_said(item, result)
    return {
        "files": files,
        "thumbs": ",".join(f"{f['name']} {f['width']} {f['height']}" for f in thumbs),
        "data": data,
        **{name: bool(data.get(name)) for name in STAYS},
        "made": say_recipe({**read_recipe(item.made), **{step: made[step] for step in done}}),
        "lacks": result.lacks,
        **{"patches": result.patches, "generation": generation, "progress": None, "step": "", "attempts": 0},
    }


def say_recipe(marks: dict[str, str]) -> str:
    """How copies were made, as a row says it: "thumbs:1a2b transcode:3c4d"."""
    return " ".join(f"{step}:{mark}" for step, mark in sorted(marks.items()))


def read_recipe(text: str) -> dict[str, str]:
    """Step and mark of what `say_recipe` said; what failed is left aside."""
    return dict(part.split(":", 1) for part in text.split() if not part.startswith(FAILED))


def with_failure(item: Media, recipe: dict[str, str]) -> str:
    """How the copies that there are were made, and how a run was to make them that failed."""
    return f"{say_recipe(read_recipe(item.made))} {FAILED}{_whole(recipe)}".strip()


def failed_like(item: Media, recipe: dict[str, str]) -> bool:
    """Whether a medium failed when it was prepared in just this way."""
    return f"{FAILED}{_whole(recipe)}" in item.made.split()


def _whole(recipe):
    return hashlib.sha256(say_recipe(recipe).encode()).hexdigest()[:8]


def _clean(columns):
    """A file's own words, whatever kind found them, fit to be shown: names on one line, descriptions on several."""
    clean = {name: clean_text if name == "description" else clean_line for name in columns}
    return {name: clean[name](v) if isinstance(v, str) else v for name, v in columns.items()}


def _learned(item, result):
    """The columns a run found; what the owner wrote by hand stays."""
    values = {k: v for k, v in result.columns.items() if k in COLUMNS}
    if not item.todo:
        values = {**FORGOTTEN, **values}
    values.update(_owners_words(item, values))
    for name in item.fixed:
        values.pop(name, None)
    values["ordered"] = in_time(values.get("taken", item.taken), item.created)
    return values


def _owners_words(item, found):
    """Title and description: the file's own only where its owner gave none."""
    kept = {}
    if item.title != Path(item.name).stem or not found.get("title"):
        kept["title"] = item.title
    if item.description or not found.get("description"):
        kept["description"] = item.description
    return kept


def _files(storage, item, generation, result, steps):
    """What there is now, by role; files of the steps that were not done and are needed come along from the old."""
    out = storage.derived(item.id, generation)
    files = {role: _said(out, file) for role, file in result.files.items()}
    declared = media.steps_of(item.kind)
    settled = [declared[name] for name in {*steps, *result.needless} if name in declared]
    for role, file in item.files.items() if steps else ():
        if role not in files and not any(step.makes(role) for step in settled):
            _bring_along(storage.derived(item.id, item.generation) / file["name"], out / file["name"])
            files[role] = file
    return files


def _said(out, file):
    size = (out / file.name).stat().st_size
    return {"name": file.name, "type": file.type, "width": file.width, "height": file.height, "bytes": size}


def _bring_along(old, new):
    try:
        os.link(old, new)
    except FileExistsError:  # two roles may share one file, which then is here already
        pass
    except OSError:  # a disk without hard links
        shutil.copyfile(old, new)


def _facts_said(item, result):
    """The kind's facts, kept beside the row too: a page that shows one medium need not ask for them."""
    names = media.TYPES[result.columns.get("kind", item.kind)].facts
    return {"facts": {n: v for n in names if (v := result.columns.get(n)) is not None}}

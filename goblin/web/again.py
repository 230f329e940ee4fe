"""Preparing media again from the browser: what it would do and how many, the word to begin, to stop; one's own, all."""

import re

from bottle import request

from goblin import jobs, library, media, reprocessing
from goblin.details import switch
from goblin.models import Media, User
from goblin.refused import Refused
from goblin.reprocessing import Plan, Wish
from goblin.web import names, pages
from goblin.web.errors import not_found, show_again
from goblin.web.forms import form, local_path, query_all, text
from goblin.web.gallery import own_medium
from goblin.web.guard import viewer
from goblin.web.media_edit import own_person
from goblin.web.sheet import Sheet

WHICH = {
    "stale": "All that are out of date",
    "failed": "Those that did not work",
    "chosen": "Those chosen in the list",
}
REPEATED = ("id", "step")
FIELDS = ("which", "kind", "force", *REPEATED)
MOST_CHOSEN = 1000


def offered() -> dict:
    """What the form offers: which media, which kinds, which steps."""
    steps = dict.fromkeys(name for kind, _ in names.kinds() for name in media.steps_of(kind))
    return {
        "which": list(WHICH.items()),
        "kinds": names.kinds(),
        "steps": [(name, names.of_step(name)) for name in steps],
    }


def _asked() -> dict:
    """What is asked for: in the address while it is only looked at, in the form when it is meant."""
    if request.method != "POST":
        values = {name: query_all(name) for name in FIELDS}
        return {name: found if name in REPEATED else found[-1] for name, found in values.items() if found}
    return {name: value for name, value in form().items() if name in FIELDS}


def _many(fields: dict, name: str) -> list[str]:
    """A field that may be given several times, as texts. Raises Refused."""
    value = fields.get(name, [])
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, (str, int)) and not isinstance(one, bool) for one in values):
        raise Refused("This must be text.", name)
    return [str(one) for one in values if one != ""]


def _ids(fields: dict) -> list[int]:
    found = _many(fields, "id")
    if len(found) > MOST_CHOSEN or not all(re.fullmatch(r"[0-9]{1,18}", one) for one in found):
        raise Refused("Those chosen are named by their numbers.", "id", 400)
    return [int(one) for one in found]


def _wish(fields: dict, person: User | None) -> Wish:
    """What the fields mean, for one person's media or (None) everybody's. Raises Refused."""
    ids = _ids(fields)
    which = text(fields, "which") or "stale"
    if ids and which == "stale":  # whoever chooses some means those
        which = "chosen"
    if which not in WHICH:
        raise Refused(f"Say which: {', '.join(WHICH)}.", "which", 400)
    if which == "chosen" and not ids:
        raise Refused("Choose some in the list first.", "id")
    return Wish(
        ids=ids if which == "chosen" else [],
        kind=text(fields, "kind"),
        state="failed" if which == "failed" else "",
        user=person,
        steps=_many(fields, "step"),
        force="force" in fields and switch(fields, "force"),
    )


def _hidden(fields: dict) -> list[tuple[str, str]]:
    """The fields once more, for the form that means it."""
    return [(name, str(value)) for name in FIELDS for value in _values(fields.get(name))]


def _values(value):
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _look(person, base):
    """What would be done and to how many; nothing is changed."""
    fields = _asked()
    plan = reprocessing.plan(_wish(fields, person))
    said = {"count": len(plan.work), "sentences": plan.sentences()}
    return pages.render(
        "again.tpl", lambda: said, **said, hidden=_hidden(fields), action=pages.url(f"{base}again/"),
        back=pages.url(base),
    )  # fmt: skip


def _begin(person, base):
    """Begin it; until it is its turn, what waits can be called off."""
    plan = reprocessing.plan(_wish(_asked(), person))
    return _begun(plan, reprocessing.begin(plan), base, f"{base}stop/")


def _begun(plan: Plan, count: int, back: str, stop: str):
    if pages.wants_json():
        said = {"count": count, "sentences": plan.sentences(), "stop": pages.absolute(stop)}
        return pages.send_json(said, 202 if count else 200)
    if not count:
        return pages.see_other(back, "There is nothing to prepare again.", "info")
    sentence = "It is being prepared again." if count == 1 else f"{count} are being prepared again."
    return pages.see_other(back, sentence, undo={"action": pages.url(stop), "label": "Stop"})


def _stop(person, base):
    fields = form()
    ids = _ids({"id": query_all("id")}) or _ids(fields)
    count = reprocessing.stop(person, ids)
    if pages.wants_json():
        return pages.send_json({"count": count})
    return pages.see_other(
        local_path(fields.get("next"), base),
        f"Called off: {count}. They keep the copies they have." if count else "Nothing waited any more.",
    )


# --- one's own


def _panel(person: User) -> str:
    return f"/u/{person.username}/panel/"


def look_own(username):
    return _look(own_person(username), _panel(viewer()))


def begin_own(username):
    return _begin(own_person(username), _panel(viewer()))


def stop_own(username):
    return _stop(own_person(username), _panel(viewer()))


# --- everybody's


def look_all():
    return _look(None, "/mod/media/")


def begin_all():
    return _begin(None, "/mod/media/")


def stop_all():
    return _stop(None, "/mod/media/")


# --- one medium, with settings of its own


def _preparable(username, slug) -> Media:
    found = own_medium(username, slug)
    if found.kind not in media.TYPES:
        raise not_found()
    return found


def _options(item: Media) -> list[dict]:
    """The options of the kind that say how its copies look, with what is in force for this medium."""
    declared = media.TYPES[item.kind].options
    # Some belong to several steps.
    used = dict.fromkeys(name for step in media.steps_of(item.kind).values() for name in step.options)
    return [
        {
            "name": name,
            "label": names.of_option(name),
            "sentence": declared[name][1],
            "value": _say(item.overrides.get(name, "")),
            "usual": _say(jobs.workshop.options[item.kind][name]),
        }
        for name in used
    ]


def _say(value) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _one(item: Media) -> dict:
    steps = [(name, step.about) for name, step in media.steps_of(item.kind).items()]
    return {"medium": Sheet(item, viewer()), "steps": steps, "options": _options(item)}


def look_one(username, slug):
    item = _preparable(username, slug)
    said = {"id": item.id, "steps": dict(_one(item)["steps"]), "options": _options(item)}
    return pages.render("again_one.tpl", lambda: said, **_one(item))


def begin_one(username, slug):
    item, fields = _preparable(username, slug), form()
    try:
        steps, settings = _many(fields, "step"), _settings(item, fields)
        plan = reprocessing.plan(Wish([item.id], item.kind, "", viewer(), steps, settings))
        count = reprocessing.begin(plan)
        if not count:
            raise Refused(library.BUSY, status=409)
    except Refused as refused:
        return show_again(refused, "again_one.tpl", (), fields, **_one(item))
    page = local_path(fields.get("next"), f"/u/{item.user.username}/m/{item.slug}/")
    return _begun(plan, count, page, f"{_panel(viewer())}stop/?id={item.id}")


def _settings(item: Media, fields: dict) -> dict[str, str] | None:
    """The options that were given, by name; those left empty are as for all of the kind. None: none were asked."""
    given = fields.get("settings")
    if given is None:
        given = {name[4:]: value for name, value in fields.items() if name.startswith("set-")}
        if not given:
            return None
    if not isinstance(given, dict):
        raise Refused("Settings are names and their values.", "settings", 400)
    known = {option["name"] for option in _options(item)}
    if wrong := given.keys() - known:
        raise Refused(f"{item.kind} has no option {min(wrong)} that can be set here.", "settings")
    said = {name: _say(value).strip() for name, value in given.items()}
    return {name: value for name, value in said.items() if value}


def routes(app):
    own, one = "/u/<username>/panel/", "/u/<username>/m/<slug>/again/"
    app.get(own + "again/", callback=look_own, need="user")
    app.post(own + "again/", callback=begin_own, need="user")
    app.post(own + "stop/", callback=stop_own, need="user")
    app.get(one, callback=look_one, need="user")
    app.post(one, callback=begin_one, need="user")
    app.get("/mod/media/again/", callback=look_all, need="admin")
    app.post("/mod/media/again/", callback=begin_all, need="admin")
    app.post("/mod/media/stop/", callback=stop_all, need="admin")

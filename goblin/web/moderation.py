"""Looking after the gallery: an overview, people."""

from peewee import fn

from goblin import jobs, library, people
from goblin.details import switch
from goblin.models import Media, User
from goblin.refused import Refused
from goblin.web import pages
from goblin.web.errors import not_found, show_again
from goblin.web.forms import form, text

SWITCHES = ("active", "uploader", "admin")


def overview():
    count, kept, failed = Media.select(
        fn.COUNT(Media.id), fn.COALESCE(fn.SUM(Media.bytes), 0), fn.SUM(Media.state == "failed")
    ).scalar(as_tuple=True)
    values = {
        "people": User.select().count(),
        "media": count,
        "kept": kept,
        "failed": failed or 0,
        "waiting_all": jobs.workshop.waiting(),
        "free": library.disk.free(),
    }
    return pages.render("mod.tpl", lambda: values, **values)


def _everybody() -> list[User]:
    rows = people.listing()
    for person in rows:
        person.bytes = person.kept
    return rows


def _person_json(person) -> dict:
    return {
        "username": person.username,
        "name": person.name,
        "email": person.email,
        "quota": person.quota,
        "created": person.created,
        **{name: getattr(person, name) for name in SWITCHES},
        "url": pages.absolute(f"/u/{person.username}/"),
    }


def _listing_json():
    rows = [{**_person_json(p), "media": p.count, "bytes": p.bytes} for p in _everybody()]
    return {"items": rows, "next": None}


def users():
    if pages.wants_json():
        return pages.send_json(_listing_json())
    return pages.render("mod_users.tpl", people=_everybody(), join_link=None, joined=None)


def add_user():
    fields = form()
    try:
        admin = switch(fields, "admin") if "admin" in fields else False
        person = people.add(text(fields, "username"), None, text(fields, "email"), admin)
    except Refused as refused:
        return _show_people_again(refused, ("username", "email"), fields)
    return _show_link(person, 201)


def _show_people_again(refused, beside, fields, unchanged=None):
    """The page with what is wrong: at the form for a new person, or at the person who is `unchanged`."""
    values = {"people": _everybody(), "join_link": None, "joined": None, "unchanged": unchanged}
    return show_again(refused, "mod_users.tpl", beside, fields, **values)


def _show_link(person, status):
    """The link by which somebody joins is shown now and never again."""
    link = pages.absolute(f"/auth/join/{people.join_token(person)}/")
    if pages.wants_json():
        return pages.send_json({**_person_json(person), "join_link": link}, status)
    values = {"people": _everybody(), "join_link": link, "joined": person.username}
    return pages.render("mod_users.tpl", status=status, **values)


def _person(username: str) -> User:
    person = User.named(username)
    if person is None:
        raise not_found()
    return person


def new_link(username):
    return _show_link(_person(username), 200)


def change_user(username):
    person, fields = _person(username), form()
    try:
        values = {name: switch(fields, name) for name in SWITCHES if name in fields}
        if "quota" in fields:
            values["quota"] = people.quota(fields["quota"])
        if values:
            person = people.set_flags(person, **values)
    except Refused as refused:
        return _show_people_again(refused, (), {}, person.username)
    if pages.wants_json():
        return pages.send_json(_person_json(person))
    return pages.see_other("/mod/users/", f"{person.username} is changed.")


def routes(app):
    app.get("/mod/", callback=overview, need="admin")
    app.get("/mod/users/", callback=users, need="admin")
    app.post("/mod/users/", callback=add_user, need="admin")
    app.post("/mod/users/<username>/", callback=change_user, need="admin")
    app.post("/mod/users/<username>/link/", callback=new_link, need="admin")

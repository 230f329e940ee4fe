"""The way out in the browser: delete, bring back, the trash, and gone for good, which is asked once more before."""

from datetime import datetime, timedelta

from bottle import HTTPResponse

from goblin import library, trash
from goblin.models import Media
from goblin.models.media import ARRIVING, GOING
from goblin.web import pages
from goblin.web.errors import not_found
from goblin.web.forms import form, local_path
from goblin.web.gallery import medium_at, own_medium
from goblin.web.guard import viewer
from goblin.web.lists import Source, listing
from goblin.web.media_edit import answer_changed, own_person


def _trashed(sight, me):
    """What is in a person's trash; films that go with a photo come and go with it."""
    there = (Media.user == me) & (Media.deleted > GOING) & Media.companion_of.is_null()
    return there & (Media.state != ARRIVING)


TRASH = Source(seen=_trashed)


def _path(media: Media, verb: str) -> str:
    """Where something is done with what is in the trash; its name may be another's by now, its number is not."""
    return f"/u/{media.user.username}/m/id:{media.id}/{verb}/"


def _final(deleted: str) -> str:
    """When something deleted then is gone for good."""
    return (datetime.fromisoformat(deleted) + timedelta(days=library.limits.trash_days)).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )


# --- there and back


def delete(username, slug):
    media = own_medium(username, slug)
    trash.delete(media, viewer())
    media = Media.by_id(media.id)
    if pages.wants_json():
        said = {"id": media.id, "deleted": media.deleted, "final": _final(media.deleted)}
        return pages.send_json({**said, "restore": pages.absolute(_path(media, "restore"))})
    target = local_path(form().get("next"), f"/u/{media.user.username}/gallery/")
    undo = {"action": pages.url(_path(media, "restore")), "label": "Undo"}
    return pages.see_other(target, f"{media.title} is in the trash.", undo=undo)


def restore(username, slug):
    return answer_changed(trash.restore(medium_at(username, slug, "edit"), viewer()), "It is back.")


# --- looking


def page(username):
    person = own_person(username)
    shown = listing(TRASH, person, f"/u/{person.username}/trash/")
    tiles = shown.items
    rows = Media.select(Media.id, Media.deleted, Media.bytes).where(Media.id.in_([t.id for t in tiles]))
    said = {id: (deleted, size) for id, deleted, size in rows.tuples()}
    return pages.render(
        "trash.tpl",
        lambda: _json(shown, said),
        items=[(tile, *said[tile.id], _final(said[tile.id][0])) for tile in tiles if tile.id in said],
        empty=pages.url(f"/u/{person.username}/trash/empty/"),
        next=shown.next,
        person=person,
    )


def _json(shown, said):
    """The trash says of each medium when it went, when it is gone for good, how it comes back or goes at once."""
    answer = shown.answer(viewer())
    for item in answer["items"]:
        one = f"/u/{item['uploader']['username']}/m/id:{item['id']}/"
        deleted = said[item["id"]][0]
        item |= {"deleted": deleted, "final": _final(deleted)}
        item |= {verb: pages.absolute(f"{one}{verb}/") for verb in ("restore", "remove")}
    return answer


# --- gone for good


def _own_trashed(username: str, slug: str) -> Media:
    media = medium_at(username, slug, "delete")
    if not media.deleted or media.deleted == GOING:
        raise not_found()
    return media


def _ask(heading: str, label: str, action: str, count: int, size: int, **said) -> HTTPResponse:
    """The page that asks once more; for a program, what would go."""
    return pages.render(
        "gone.tpl",
        lambda: {**said, "count": count, "bytes": size},
        **{"heading": heading, "label": label, "count": count, "bytes": size},
        **{"action": pages.url(action), "back": pages.url(f"/u/{viewer().username}/trash/")},
    )


def ask_remove(username, slug):
    media = _own_trashed(username, slug)
    heading = f"Remove {media.title} for good"
    return _ask(heading, "Remove it for good", _path(media, "remove"), 1, trash.bytes_of(media), id=media.id)


def remove(username, slug):
    media = _own_trashed(username, slug)
    trash.remove(media, viewer())
    if pages.wants_json():
        return pages.send_json({"id": media.id, "removed": True})
    return pages.see_other(f"/u/{viewer().username}/trash/", f"{media.title} is gone for good.")


def ask_empty(username):
    person = own_person(username)
    count, size = trash.filled(person)
    return _ask(
        "Empty the trash", f"Remove {count} for good", f"/u/{person.username}/trash/empty/", count, size
    )


def empty(username):
    person = own_person(username)
    count, size = trash.filled(person)
    trash.empty_trash_of(person)
    if pages.wants_json():
        return pages.send_json({"count": count, "bytes": size})
    return pages.see_other(f"/u/{person.username}/trash/", "The trash is empty.")


def routes(app):
    medium, own = "/u/<username>/m/<slug>/", "/u/<username>/trash/"
    app.post(medium + "delete/", callback=delete, need="user")
    app.post(medium + "restore/", callback=restore, need="user")
    app.get(medium + "remove/", callback=ask_remove, need="user")
    app.post(medium + "remove/", callback=remove, need="user")
    app.get(own, callback=page, need="user")
    app.get(own + "empty/", callback=ask_empty, need="user")
    app.post(own + "empty/", callback=empty, need="user")

"""Changing what one has: edit, retry, renew an address, collections."""

from bottle import HTTPResponse

from goblin import collecting, library, pairing
from goblin.details import LICENCES
from goblin.models import Collection, Media, User
from goblin.refused import Refused
from goblin.web import pages
from goblin.web.answers import media_json
from goblin.web.errors import not_found, show_again
from goblin.web.forms import form, local_path, text
from goblin.web.gallery import begins_with, collection_at, collections_of, own_medium
from goblin.web.guard import viewer
from goblin.web.sheet import Sheet
from goblin.web.visibilities import OF_COLLECTIONS, VISIBILITIES, of_new_collections

BESIDE = ("title", "description", "tags", "taken", "slug")  # fields at which the page shows what is wrong


def path_of(media: Media, verb: str = "") -> str:
    """The path of a medium's page, or of something that can be done with it."""
    return f"/u/{media.user.username}/m/{media.slug}/" + (f"{verb}/" if verb else "")


def answer_changed(media: Media, sentence: str) -> HTTPResponse:
    """After a change: the medium as JSON, else its page, or where the form wanted to go."""
    if pages.wants_json():
        return pages.send_json(media_json([media], viewer())[0])
    return pages.see_other(local_path(form().get("next"), path_of(media)), sentence)


# --- edit


def _offered(media: Media) -> dict:
    """What the page for changing a medium offers."""
    chosen = {c.id for c in Collection.holding(media)}
    return {
        "medium": Sheet(media, viewer()),
        "licences": list(LICENCES.items()),
        "visibilities": VISIBILITIES,
        "collections": [
            {"id": c.id, "title": c.title, "chosen": c.id in chosen} for c in Collection.of(viewer())
        ],
    }


def edit_page(username, slug):
    media = own_medium(username, slug)
    if pages.wants_json():
        return pages.send_json(media_json([media], viewer())[0])
    return pages.render("edit.tpl", **_offered(media))


def edit(username, slug):
    media, fields = own_medium(username, slug), form()
    try:
        media = library.edit(media, viewer(), fields)
    except Refused as refused:
        return show_again(refused, "edit.tpl", BESIDE, fields, **_offered(media))
    return answer_changed(media, "Your changes are kept.")


# --- whose it is


def own_person(username: str) -> User:
    """The viewer, if the address is theirs; raises the answer for what is not there."""
    if viewer().username != username.lower():
        raise not_found()
    return viewer()


# --- prepare again, a new address


def retry(username, slug):
    media = own_medium(username, slug)
    if media.state != "unprocessed":
        library.retry(media, viewer())
    return answer_changed(Media.by_id(media.id), "It is being prepared again.")


def renew(username, slug):
    media = own_medium(username, slug)
    if media.visibility != "unlisted":
        raise Refused("Only what is unlisted has an address of its own.", "visibility")
    return answer_changed(
        library.renew_address(media, viewer()), "It has a new address; the old one is dead."
    )


def part(username, slug):
    """The film that goes with a photo stands by itself again."""
    media = own_medium(username, slug)
    if not (film := pairing.films_beside([media]).get(media.id)):
        raise Refused("No film goes with this photo.", status=409)
    library.part(film, viewer())
    return answer_changed(Media.by_id(media.id), "The film is shown by itself now.")


# --- collections


def _own_collection(username: str, slug: str) -> Collection:
    person, found = collection_at(username, slug)
    if person.id != viewer().id:
        raise not_found()
    return found


def _collection_json(found: Collection) -> dict:
    address = pages.absolute(f"/u/{viewer().username}/collection/{found.slug}/")
    return {
        "id": found.id,
        "slug": found.slug,
        "title": found.title,
        "description": found.description,
        "visibility": found.visibility,
        "url": address,
    }


def _show_collection(found: Collection, sentence: str, status: int = 200) -> HTTPResponse:
    if pages.wants_json():
        said = _collection_json(found)
        return pages.send_json(said, status, Location=said["url"])
    return pages.see_other(f"/u/{viewer().username}/collection/{found.slug}/", sentence)


def add_collection(username):
    person, fields = own_person(username), form()
    known = {c.id for c in Collection.of(person)}
    try:
        title, description = text(fields, "title"), text(fields, "description")
        seen_by = text(fields, "visibility") or of_new_collections()
        collecting.check_description(description)
        collecting.check_visibility(seen_by)
        found = collecting.collect(person, title.removeprefix("id:"), seen_by)
    except Refused as refused:
        refused.field = "title" if refused.field == "collection" else refused.field
        values = {"person": person, "collections": collections_of(person), "own": True, **begins_with()}
        return show_again(refused, "collections.tpl", ("title", "description"), fields, **values)
    if found.id in known:
        return _show_collection(found, "You have this collection already.")
    return _show_collection(collecting.edit(found, person, title, description, seen_by), "It is made.", 201)


def collection_page(username, slug):
    found = _own_collection(username, slug)
    return pages.render(
        "collection_edit.tpl", lambda: _collection_json(found), **_offered_of_collection(found)
    )


def _offered_of_collection(found: Collection) -> dict:
    """What the page for changing a collection offers."""
    return {"person": viewer(), "collection": found, "visibilities": OF_COLLECTIONS}


def edit_collection(username, slug):
    found, fields = _own_collection(username, slug), form()
    title = text(fields, "title") if "title" in fields else found.title
    description = text(fields, "description") if "description" in fields else found.description
    try:
        seen_by = text(fields, "visibility") if "visibility" in fields else found.visibility
        found = collecting.edit(found, viewer(), title, description, seen_by)
    except Refused as refused:
        refused.field = "title" if refused.field == "collection" else refused.field
        values = _offered_of_collection(found)
        return show_again(refused, "collection_edit.tpl", ("title", "description"), fields, **values)
    return _show_collection(found, "Your changes are kept.")


def delete_collection(username, slug):
    found = _own_collection(username, slug)
    collecting.delete(found, viewer())
    if pages.wants_json():
        return pages.send_json({"id": found.id, "deleted": True})
    return pages.see_other(
        f"/u/{viewer().username}/collections/", f"{found.title} is gone; what was in it stays."
    )


def routes(app):
    medium, collection = "/u/<username>/m/<slug>/", "/u/<username>/collection/<slug>/"
    app.get(medium + "edit/", callback=edit_page, need="user")
    app.post(medium + "edit/", callback=edit, need="user")
    app.post(medium + "retry/", callback=retry, need="user")
    app.post(medium + "renew/", callback=renew, need="user")
    app.post(medium + "part/", callback=part, need="user")
    app.post("/u/<username>/collections/", callback=add_collection, need="user")
    app.get(collection + "edit/", callback=collection_page, need="user")
    app.post(collection + "edit/", callback=edit_collection, need="user")
    app.post(collection + "delete/", callback=delete_collection, need="user")

"""Looking: home, profile, gallery, tags, collections, the page of a medium."""

import re
from urllib.parse import unquote

from bottle import HTTPResponse, request

from goblin import access
from goblin.models import Collection, Media, User
from goblin.models.media import tag_key
from goblin.web import filters, leaves, pages, qualities
from goblin.web.answers import media_json
from goblin.web.errors import not_found
from goblin.web.forms import parts_of, query
from goblin.web.guard import viewer
from goblin.web.lists import (
    COLLECTED,
    EVERYTHING,
    OF_PERSON,
    TAGGED,
    TAGGED_OF_PERSON,
    asked_order,
    listing,
    neighbours,
    within,
)
from goblin.web.markdown import to_html
from goblin.web.sheet import Sheet
from goblin.web.tiles import Tile, tiles_of
from goblin.web.visibilities import OF_COLLECTIONS, of_new_collections

FEW = 12


def person_named(username: str) -> User:
    """The person of an address; raises the answer for what is not there."""
    if viewer() is not None and viewer().username == username:
        return viewer()
    person = User.named(username)
    if person is None or not person.active:
        raise not_found()
    return person


def show_list(template, source, path, *narrow, owner=None, **values):
    """A page of a list of media, as HTML or JSON; narrowed to a kind and by its facts where that is asked for."""
    only, order = filters.asked(), asked_order()
    fitting = filters.narrowed(source, only, order)
    shown = listing(fitting, viewer(), path, *narrow, *only.values, owner=owner, more=only.query)
    if pages.wants_json():
        return pages.send_json(shown.answer(viewer()))
    return pages.render(
        template,
        status=400 if only.wrong else 200,
        items=shown.items,
        next=shown.next,
        order=shown.order,
        narrowed=only.query,
        filter=filters.form_of(only, path, order, source, viewer(), owner, narrow),
        welcome=not (shown.keys or query("after") or only.kind or only.wrong),
        **values,
    )


def is_own(person: User) -> bool:
    """Whether the viewer looks at what is theirs."""
    return access.sight(viewer(), person) == "owner"


def home():
    return show_list("home.tpl", EVERYTHING, "/")


def profile(username):
    person = person_named(username)
    shown = listing(OF_PERSON, viewer(), f"/u/{person.username}/gallery/", person.id, owner=person, limit=FEW)
    total = Media.select().where(access.visible_of(viewer(), person)).count()
    if pages.wants_json():
        return pages.send_json({**person_json(person), "total": total, **shown.answer(viewer())})
    return pages.render(
        "profile.tpl",
        person=person,
        items=shown.items,
        collections=collections_of(person),
        total=total,
        own=is_own(person),
        bio_html=to_html(person.bio),
    )


def person_json(person: User) -> dict:
    return {
        "username": person.username,
        "name": person.name,
        "bio": person.bio,
        "bio_html": to_html(person.bio),
        "url": pages.absolute(f"/u/{person.username}/"),
    }


def gallery(username):
    person = person_named(username)
    path = f"/u/{person.username}/gallery/"
    return show_list(
        "gallery.tpl", OF_PERSON, path, person.id, owner=person, person=person, own=is_own(person)
    )


def tag(word):
    key = tag_key(word)
    return show_list("tag.tpl", TAGGED, f"/tag/{key}/", key, tag=word, person=None)


def tag_of_person(username, word):
    person = person_named(username)
    key = tag_key(word)
    values = {"tag": word, "person": person, "everyone": pages.url(f"/tag/{key}/")}
    path = f"/u/{person.username}/tag/{key}/"
    return show_list("tag.tpl", TAGGED_OF_PERSON, path, person.id, key, owner=person, **values)


def collections_of(person: User) -> list[dict]:
    """What the page of collections shows; two statements for any number."""
    seen = (Collection.user == person) & access.collections_seen(viewer())
    rows = Collection.counted(seen, access.visible(viewer()))
    rows = [row for row in rows if row.count or is_own(person)]
    covers = covers_of([row.newest for row in rows if row.newest])
    return [
        {
            "id": row.id,
            "slug": row.slug,
            "title": row.title,
            "description": row.description,
            "visibility": row.visibility,
            "href": pages.url(f"/u/{person.username}/collection/{row.slug}/"),
            "count": row.count,
            "cover": covers.get(row.newest),
        }
        for row in rows
    ]


def covers_of(ids: list[int]) -> dict[int, Tile]:
    """Tiles of media the viewer may see, by id."""
    keys = Media.select(Media.id, Media.updated).where(Media.id.in_(ids) & access.visible(viewer())).tuples()
    return {tile.id: tile for tile in tiles_of(list(keys))}


def collections(username):
    person = person_named(username)
    rows = collections_of(person)
    public = [{k: v for k, v in row.items() if k != "cover"} for row in rows]
    answer = {"items": public, "next": None}
    return pages.render(
        "collections.tpl",
        lambda: answer,
        person=person,
        collections=rows,
        own=is_own(person),
        **begins_with(),
    )


def begins_with() -> dict:
    """What the form for a new collection offers."""
    return {"visibilities": OF_COLLECTIONS, "visibility": of_new_collections()}


def collection_at(username: str, slug: str) -> tuple[User, Collection]:
    """The collection of an address, if the viewer may know of it; raises the answer for what is not there."""
    person = person_named(username)
    found = Collection.get_or_none((Collection.user == person) & (Collection.slug == slug))
    if found is None or not access.may_see_collection(viewer(), found):
        raise not_found()
    return person, found


def require_something_in(found: Collection):
    """An album of which one may see nothing says nothing, not even its name; its owner sees it empty."""
    if viewer() is not None and viewer().id == found.user_id:
        return
    if not Media.select(Media.id).where(access.visible(viewer()) & within(found.id)).limit(1).exists():
        raise not_found()


def collection(username, slug):
    person, found = collection_at(username, slug)
    require_something_in(found)
    path = f"/u/{person.username}/collection/{found.slug}/"
    own = is_own(person)
    return show_list("collection.tpl", COLLECTED, path, found.id, person=person, collection=found, own=own)


# --- one medium


def medium_at(username: str, slug: str, action: str = "view") -> Media:
    """The medium of an address, if the viewer may do that with it; raises the answer for what is not there."""
    media = Media.by_slug(username, slug)
    if media is None or not access.may(viewer(), action, media):
        raise not_found()
    return media


def own_medium(username: str, slug: str) -> Media:
    """The viewer's own medium of an address, if it is not in the trash; raises the answer for what is not there."""
    media = medium_at(username, slug, "edit")
    if media.deleted:
        raise not_found()
    return media


def medium(username, slug):
    media = medium_at(username, slug)
    if media.deleted:
        raise not_found()
    if media.companion_of_id and not pages.wants_json():
        # A film that goes with a photo is shown there.
        return pages.see_other(f"/u/{media.user.username}/m/id:{media.companion_of_id}/")
    return show_medium(media)


def unlisted(token):
    return show_medium(medium_of_token(token), token)


def medium_of_token(token: str) -> Media:
    """The unlisted medium of a secret address; raises the answer for what is not there."""
    return _let_in(Media.with_owner().where(Media.secret == token).first(), token)


def files_of_token(token: str) -> Media:
    """The same, with what sending its files takes and no more."""
    return _let_in(Media.for_files_unlisted(token), token)


def _let_in(media, token):
    if media is None or media.deleted or not access.may(viewer(), "view", media, token):
        raise not_found()
    return media


def show_medium(media: Media, key: str | None = None) -> HTTPResponse:
    """The page of a medium the viewer may see, with its neighbours in the list one came from."""

    def answer():
        return media_json([media], viewer(), key)[0]

    if pages.wants_json():
        return pages.send_json(answer())
    sheet = Sheet(media, viewer(), key)
    sheet.leaves = leaves.opened(media, sheet.page_images)
    sheet.qualities = qualities.offered(media, sheet)
    back, (previous, following) = (pages.url("/"), (None, None)) if key else _around(media)
    page = pages.render("media.tpl", medium=sheet, previous=previous, next=following, back=back)
    if key:
        page.headers["Referrer-Policy"] = "no-referrer"
        page.headers["X-Robots-Tag"] = "noindex"
    return page


# The lists whose order a medium's page may follow, and how their addresses look.
PLACES = (
    ("home", re.compile(r"/")),
    ("tag", re.compile(r"/tag/(?P<word>[^/]+)/")),
    ("tag", re.compile(r"/u/(?P<person>[^/]+)/tag/(?P<word>[^/]+)/")),
    ("collection", re.compile(r"/u/(?P<person>[^/]+)/collection/(?P<word>[^/]+)/")),
)


def _around(media):
    """(address of the list one came from, neighbours in it), and the neighbours' pages keep to that list."""
    path, order = _place(media)
    source, narrow, owner = _source_of(path, media)
    found = neighbours(media, source, viewer(), *narrow, owner=owner, order=order)
    taken = "?order=taken" if order == "taken" else ""
    for tile in filter(None, found):
        tile.href += f"?in={pages.quote(path)}" + taken.replace("?", "&")
    return pages.url(path) + taken, found


def _place(media) -> tuple[str, str]:
    """(path, order) of the list: what the address says (?in=), else where the browser came from."""
    path, order = query("in"), asked_order()
    if not path:
        came_from = parts_of(request.get_header("Referer") or "")
        if came_from.netloc == request.get_header("Host"):
            path = unquote(came_from.path).removeprefix(pages.prefix())
            order = "taken" if "order=taken" in came_from.query else "newest"
    known = any(pattern.fullmatch(path) for _, pattern in PLACES)
    return (path if known else f"/u/{media.user.username}/gallery/"), order


def _source_of(path, media):
    """(list, its values, its owner) of a path; the owner's gallery when there is no such list."""
    kind, found = next(((k, m) for k, p in PLACES if (m := p.fullmatch(path))), (None, None))
    given = found.groupdict() if found else {}
    person = User.named(given["person"]) if given.get("person") else None
    if kind == "home":
        return EVERYTHING, (), None
    if kind == "tag" and not given.get("person"):
        return TAGGED, (tag_key(given["word"]),), None
    if kind == "tag" and person:
        return TAGGED_OF_PERSON, (person.id, tag_key(given["word"])), person
    if kind == "collection" and person:
        album = Collection.get_or_none((Collection.user == person) & (Collection.slug == given["word"]))
        if album and access.may_see_collection(viewer(), album):
            return COLLECTED, (album.id,), None
    return OF_PERSON, (media.user_id,), media.user


def routes(app):
    app.get("/", callback=home, need="anyone", turn=True)
    app.get("/u/<username>/", callback=profile, need="anyone", turn=True)
    app.get("/u/<username>/gallery/", callback=gallery, need="anyone", turn=True)
    app.get("/u/<username>/tag/<word>/", callback=tag_of_person, need="anyone", turn=True)
    app.get("/tag/<word>/", callback=tag, need="anyone", turn=True)
    app.get("/u/<username>/collections/", callback=collections, need="anyone", turn=True)
    app.get("/u/<username>/collection/<slug>/", callback=collection, need="anyone", turn=True)
    app.get("/u/<username>/m/<slug>/", callback=medium, need="anyone", turn=True)
    app.get("/s/<token>/", callback=unlisted, need="anyone", turn=True)

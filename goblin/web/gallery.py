"""Looking: home, profile, gallery, tags, collections, the page of a medium."""

from bottle import HTTPResponse

from goblin import access
from goblin.models import Collection, Media, Membership, User
from goblin.models.media import tag_key
from goblin.web import pages
from goblin.web.errors import not_found
from goblin.web.forms import query
from goblin.web.guard import viewer
from goblin.web.lists import ORDERS, listing, neighbours, tagged
from goblin.web.present import TILE_COLUMNS, Sheet, Tile, media_json

FEW = 12


def person_named(username: str) -> User:
    """The person of an address; raises the answer for what is not there."""
    person = User.named(username)
    if person is None or not person.active:
        raise not_found()
    return person


def show_list(template, condition, path, join=None, **values):
    """A page of a list of media, as HTML or JSON."""
    shown = listing(condition, path, join=join)
    return pages.render(
        template, lambda: shown.answer(viewer()), items=shown.items, next=shown.next, order=shown.order, **values
    )


def home():
    person = viewer()
    shown = listing(access.visible(person), "/")
    welcome = not shown.rows and not query("after")
    return pages.render(
        "home.tpl", lambda: shown.answer(person), items=shown.items, next=shown.next, order=shown.order, welcome=welcome
    )


def profile(username):
    person = person_named(username)
    condition = access.visible_of(viewer(), person)
    shown = listing(condition, f"/u/{person.username}/gallery/", FEW)
    total = Media.select().where(condition).count()
    collections = collections_of(person)
    return pages.render(
        "profile.tpl",
        lambda: {**person_json(person), "total": total, **shown.answer(viewer())},
        person=person,
        items=shown.items,
        collections=collections,
        total=total,
    )


def person_json(person: User) -> dict:
    return {
        "username": person.username,
        "name": person.name,
        "bio": person.bio,
        "url": pages.absolute(f"/u/{person.username}/"),
    }


def gallery(username):
    person = person_named(username)
    own = viewer() is not None and viewer().id == person.id
    condition = access.visible_of(viewer(), person)
    return show_list("gallery.tpl", condition, f"/u/{person.username}/gallery/", person=person, own=own)


def tag(word, username=None):
    person = person_named(username) if username else None
    condition = access.visible_of(viewer(), person) if person else access.visible(viewer())
    condition &= tagged(tag_key(word))
    path = f"/u/{person.username}/tag/{word}/" if person else f"/tag/{word}/"
    return show_list("tag.tpl", condition, path, tag=word, person=person)


def collections_of(person: User) -> list[dict]:
    """What the page of collections shows; two statements for any number."""
    rows = Collection.counted(person, access.visible(viewer()))
    own = viewer() is not None and viewer().id == person.id
    rows = [row for row in rows if row.count or own]
    covers = {tile.id: tile for tile in tiles_of([row.newest for row in rows if row.newest])}
    return [
        {
            "id": row.id,
            "slug": row.slug,
            "title": row.title,
            "description": row.description,
            "href": pages.url(f"/u/{person.username}/collection/{row.slug}/"),
            "count": row.count,
            "cover": covers.get(row.newest),
        }
        for row in rows
    ]


def tiles_of(ids: list[int]) -> list[Tile]:
    """Tiles of media the viewer may see, by id."""
    query = Media.select(*TILE_COLUMNS).join(User).where(Media.id.in_(ids) & access.visible(viewer()))
    return [Tile(row) for row in query.tuples()]


def collections(username):
    person = person_named(username)
    own = viewer() is not None and viewer().id == person.id
    rows = collections_of(person)
    public = [{k: v for k, v in row.items() if k != "cover"} for row in rows]
    return pages.render("collections.tpl", lambda: {"items": public, "next": None}, person=person, collections=rows, own=own)


def collection_at(username: str, slug: str) -> tuple[User, Collection]:
    """The collection of an address; raises the answer for what is not there."""
    person = person_named(username)
    found = Collection.get_or_none((Collection.user == person) & (Collection.slug == slug))
    if found is None:
        raise not_found()
    return person, found


def within(collection: Collection):
    """The condition for media of a collection."""
    return Media.id.in_(Membership.select(Membership.media).where(Membership.collection == collection))


def require_something_in(found: Collection):
    """An album of which one may see nothing says nothing, not even its name; its owner sees it empty."""
    if viewer() is not None and viewer().id == found.user_id:
        return
    if not Media.select(Media.id).where(access.visible(viewer()) & within(found)).limit(1).exists():
        raise not_found()


def collection(username, slug):
    person, found = collection_at(username, slug)
    own = viewer() is not None and viewer().id == person.id
    require_something_in(found)
    condition = access.visible(viewer()) & within(found)
    path = f"/u/{person.username}/collection/{found.slug}/"
    return show_list("collection.tpl", condition, path, person=person, collection=found, own=own)


# --- one medium


def medium_at(username: str, slug: str, action: str = "view") -> Media:
    """The medium of an address, if the viewer may do that with it; raises the answer for what is not there."""
    media = Media.by_slug(username, slug)
    if media is None or not access.may(viewer(), action, media):
        raise not_found()
    return media


def medium(username, slug):
    media = medium_at(username, slug)
    if media.deleted:
        raise not_found()
    own = viewer() is not None and viewer().id == media.user_id
    if media.visibility == "unlisted" and not own:
        raise not_found()
    return show_medium(media)


def unlisted(token):
    return show_medium(medium_of_token(token), token)


def medium_of_token(token: str) -> Media:
    """The unlisted medium of a secret address; raises the answer for what is not there."""
    media = Media.with_owner().where(Media.secret == token).first()
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
    sheet.back, (previous, following) = ("", (None, None)) if key else _around(media)
    page = pages.render("media.tpl", medium=sheet, previous=previous, next=following)
    if key:
        page.headers["Referrer-Policy"] = "no-referrer"
        page.headers["X-Robots-Tag"] = "noindex"
    return page


def _around(media):
    """(address of the list, neighbours): of the collection or order named by ?in= and ?order=, else the gallery."""
    order = query("order") if query("order") in ORDERS else "newest"
    person = media.user
    path, condition = f"/u/{person.username}/gallery/", access.visible_of(viewer(), person)
    if query("in") == "home":
        path, condition = "/", access.visible(viewer())
    elif query("in"):
        found = Collection.get_or_none((Collection.user == person) & (Collection.slug == query("in")))
        if found:
            path = f"/u/{person.username}/collection/{found.slug}/"
            condition = access.visible(viewer()) & within(found)
    back = pages.url(path + ("?order=taken" if order == "taken" else ""))
    return back, neighbours(media, condition, order)


def routes(app):
    app.get("/", callback=home, need="anyone")
    app.get("/u/<username>/", callback=profile, need="anyone")
    app.get("/u/<username>/gallery/", callback=gallery, need="anyone")
    app.get("/u/<username>/tag/<word>/", callback=tag, need="anyone")
    app.get("/tag/<word>/", callback=tag, need="anyone")
    app.get("/u/<username>/collections/", callback=collections, need="anyone")
    app.get("/u/<username>/collection/<slug>/", callback=collection, need="anyone")
    app.get("/u/<username>/m/<slug>/", callback=medium, need="anyone")
    app.get("/s/<token>/", callback=unlisted, need="anyone")

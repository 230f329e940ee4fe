"""Looking around: the people, collections and tags of which there is something to see."""

from peewee import fn

from goblin import access
from goblin.models import Collection, Media, Membership, Tag, User
from goblin.refused import Refused
from goblin.web import pages
from goblin.web.forms import query
from goblin.web.gallery import covers_of
from goblin.web.guard import viewer

PAGE, WORDS = 48, 240  # people or collections on a page; tags, which are but words


def people():
    """Those who show the viewer something, by name."""
    newest = _newest(
        Media.select(Media.id).where(access.visible(viewer()) & (Media.user == User.id)), Media.id
    )
    shown = User.select(User.username, User.name, newest.alias("newest")).where(
        User.active & fn.EXISTS(newest) & (User.username > query("after"))
    )
    rows = list(shown.order_by(User.username).limit(PAGE + 1))
    items = [
        {
            "username": row.username,
            "title": row.shown_name,
            "href": pages.url(f"/u/{row.username}/"),
            "newest": row.newest,
        }
        for row in rows
    ]
    return _show("people.tpl", "/people/", items, "username")


def collections():
    """Collections the viewer may know of that hold something for them, the latest made first."""
    held = Membership.select(Membership.media).join(Media)
    held = held.where(access.visible(viewer()) & (Membership.collection == Collection.id))
    newest = _newest(held, Membership.media)
    seen = access.collections_seen(viewer()) & User.active & fn.EXISTS(newest) & _made_before()
    shown = Collection.select(Collection, User, newest.alias("newest")).join(User).where(seen)
    items = [
        {
            "id": row.id,
            "title": row.title,
            "href": pages.url(f"/u/{row.user.username}/collection/{row.slug}/"),
            "by": row.user.shown_name,
            "newest": row.newest,
        }
        for row in shown.order_by(Collection.id.desc()).limit(PAGE + 1)
    ]
    return _show("albums.tpl", "/collections/", items, "id")


def _newest(query, column):
    """Of a query for each row of another: the newest medium."""
    return query.order_by(column.desc()).limit(1)


def _made_before():
    if not (after := query("after")):
        return Collection.id.is_null(False)
    if not (after.isdecimal() and len(after) < 19):
        raise Refused(
            "This is not where the list goes on; follow the address it gives as `next`.", "after", 400
        )
    return Collection.id < int(after)


def _show(template, path, rows, key):
    """A page of covers, as HTML or JSON."""
    following = (
        pages.url(f"{path}?after={pages.quote(str(rows[PAGE - 1][key]))}") if len(rows) > PAGE else None
    )
    rows = rows[:PAGE]
    covers = covers_of([row["newest"] for row in rows])
    shown = [{**row, "cover": covers.get(row["newest"])} for row in rows]
    said = [{name: value for name, value in row.items() if name != "newest"} for row in rows]
    return pages.render(template, lambda: {"items": said, "next": following}, covers=shown, next=following)


def tags():
    """The tags of what the viewer may see, in the order of the alphabet."""
    rows = Tag.known(access.visible(viewer()), query("after"), WORDS + 1)
    following = pages.url(f"/tags/?after={pages.quote(rows[WORDS - 1][0])}") if len(rows) > WORDS else None
    items = [{"tag": word, "href": pages.url(f"/tag/{key}/")} for key, word in rows[:WORDS]]
    return pages.render("tags.tpl", lambda: {"items": items, "next": following}, tags=items, next=following)


def routes(app):
    app.get("/people/", callback=people, need="anyone", turn=True)
    app.get("/collections/", callback=collections, need="anyone", turn=True)
    app.get("/tags/", callback=tags, need="anyone", turn=True)

"""Feeds: newest media as Atom (RFC 4287), for lists of the core and of plugins."""

import re
from xml.sax.saxutils import escape, quoteattr

from bottle import HTTPResponse

from goblin import access
from goblin.models import Media
from goblin.models.media import tag_key
from goblin.web import gallery, pages
from goblin.web.answers import media_json
from goblin.web.guard import viewer
from goblin.web.lists import tagged, within

LENGTH = 30
# What XML 1.0 cannot hold (section 2.2).
UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed(title: str, path: str, condition) -> HTTPResponse:
    """The newest media a condition allows, among what the viewer may see; `path` is the page it belongs to."""
    newest = (
        Media.with_owner().where(access.visible(viewer()) & condition).order_by(Media.id.desc()).limit(LENGTH)
    )
    rows = list(newest)
    updated = max((row.updated for row in rows), default="2026-01-01T00:00:00Z")
    entries = "".join(map(_entry, rows, media_json(rows, viewer())))
    page = pages.absolute(path)
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{_text(page)}</id><title>{_text(title)}</title><updated>{updated}</updated>"
        f'<link href={_quoted(page)}/><link rel="self" href={_quoted(page + "atom/")}/>{entries}</feed>\n'
    )
    return HTTPResponse(body, 200, {"Content-Type": "application/atom+xml; charset=utf-8", **pages.PERSONAL})


def _entry(row, item):
    # The page's address changes with its title, so it is no id (section 4.2.6).
    id = pages.absolute(f"/u/{row.user.username}/m/id:{row.id}/")
    thumb = item["files"].get("view") or item["files"].get("thumb")
    picture = (
        f'<p><a href={_quoted(item["url"])}><img src={_quoted(thumb["url"])} alt=""/></a></p>'
        if thumb
        else ""
    )
    tags = "".join(f"<category term={_quoted(tag)}/>" for tag in item["tags"])
    return (
        f"<entry><id>{_text(id)}</id><title>{_text(item['title'])}</title>"
        f"<updated>{row.updated}</updated><published>{item['created']}</published>"
        f"<link href={_quoted(item['url'])}/><author><name>{_text(item['uploader']['username'])}</name>"
        f"<uri>{_text(item['uploader']['url'])}</uri></author>{tags}"
        f'<content type="html">{_text(picture + item["description_html"])}</content></entry>'
    )


def _text(text):
    return escape(UNFIT.sub("", text))


def _quoted(text):
    return quoteattr(UNFIT.sub("", text))


def everything():
    return feed(pages.site.title, "/", Media.id.is_null(False))


def of_person(username):
    person = gallery.person_named(username)
    return feed(f"{person.shown_name}: {pages.site.title}", f"/u/{person.username}/", Media.user == person)


def of_tag(word):
    key = tag_key(word)
    return feed(f"{word}: {pages.site.title}", f"/tag/{key}/", tagged(key))


def of_collection(username, slug):
    person, found = gallery.collection_at(username, slug)
    gallery.require_something_in(found)
    path = f"/u/{person.username}/collection/{found.slug}/"
    return feed(f"{found.title}: {pages.site.title}", path, within(found.id))


def routes(app):
    app.get("/atom/", callback=everything, need="anyone")
    app.get("/u/<username>/atom/", callback=of_person, need="anyone")
    app.get("/tag/<word>/atom/", callback=of_tag, need="anyone")
    app.get("/u/<username>/collection/<slug>/atom/", callback=of_collection, need="anyone")

"""Files: copies, originals and downloads, each time asked of access."""

from urllib.parse import quote

from bottle import HTTPResponse

from goblin import access, library
from goblin.models import Media
from goblin.web import pages, send
from goblin.web.errors import not_found
from goblin.web.gallery import files_of_token
from goblin.web.guard import viewer

LARGEST_ID = (1 << 63) - 1  # that SQLite knows


def by_id(id: int, action: str) -> Media:
    """The medium of an address of files, if the viewer may do that with it; raises the answer for what is not."""
    media = Media.for_files(id) if id <= LARGEST_ID else None
    if media is None or not access.may(viewer(), action, media):
        raise not_found()
    return media


def copy(id, generation, name):
    return send_copy(by_id(id, "view"), generation, name, f"/f/{id}/")


def unlisted_copy(token, generation, name):
    return send_copy(files_of_token(token), generation, name, f"/s/{token}/f/")


def send_copy(media: Media, generation: int, name: str, base: str) -> HTTPResponse:
    """A derivative; its address names the set of copies, so it may be kept for ever.

    Feed readers and pages that are open still know earlier sets: they are led to the one in force.
    """
    file = next((f for f in media.files.values() if f["name"] == name), None)
    if file is None or generation > media.generation:
        raise not_found()
    if generation < media.generation:
        present = pages.url(f"{base}{media.generation}/{quote(name)}")
        return HTTPResponse("", 302, {"Location": present, "Cache-Control": "no-store"})
    path = library.disk.derived(media.id, generation) / name
    return send.send_file(path, file["type"], etag=f"{media.id}.{generation}.{name}", cache=send.FOR_EVER)


def whole(id, what, name):
    return send_whole(by_id(id, "download"), what)


def unlisted_whole(token, what, name):
    return send_whole(files_of_token(token), what, token)


def send_whole(media: Media, what: str, key: str | None = None) -> HTTPResponse:
    """The original for whom it is meant; for others the same bytes without what the owner hides."""
    path = library.disk.find(media.id, media.original)
    if path is None:
        raise not_found()
    if what == "original":
        if not access.may(viewer(), "original", media, key):
            raise not_found()
        return send.send_file(path, media.mime, etag=media.sha256, download=media.name)
    hidden = access.hidden_from(viewer(), media)
    if access.tells_hidden(media) and not access.may(viewer(), "original", media, key):
        raise not_found()
    patches = [patch for name in hidden for patch in media.patches[name]]
    etag = media.sha256 + "".join("-" + name for name in hidden)
    name = media.name if what == "download" else ""
    return send.send_file(path, media.mime, etag=etag, download=name, patches=patches)


def routes(app):
    app.get("/f/<id:int>/<generation:int>/<name>", callback=copy, need="anyone")
    app.get("/f/<id:int>/<what:re:original|download|play>/<name>", callback=whole, need="anyone")
    app.get("/s/<token>/f/<generation:int>/<name>", callback=unlisted_copy, need="anyone")
    app.get("/s/<token>/f/<what:re:original|download|play>/<name>", callback=unlisted_whole, need="anyone")

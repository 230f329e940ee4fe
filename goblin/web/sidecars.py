"""Files beside a medium: the page on which its owner adds, changes and removes them, and how they are sent."""

import io

from bottle import FileUpload, HTTPResponse, request

from goblin import access, library, sidecars
from goblin.media.writing import languages, subtitles
from goblin.models import Media, Sidecar
from goblin.models.sidecar import SUBTITLES
from goblin.refused import Refused
from goblin.web import pages, send
from goblin.web.addresses import Files
from goblin.web.beside import Beside
from goblin.web.errors import not_found, show_again
from goblin.web.files import by_id
from goblin.web.forms import form, is_json, local_path, text
from goblin.web.gallery import files_of_token, own_medium
from goblin.web.guard import viewer
from goblin.web.submit import LARGEST_FORM, read_form
from goblin.web.tiles import tile_of

BESIDE = ("file", "language", "label", "name", "text", "kind")  # fields at which the page shows what is wrong
# Of a text that is sent back to be kept: JSON may write six bytes for one, browsers two for the end of a line.
MOST_FORM, MOST_JSON = 2 * subtitles.LARGEST_TEXT, 6 * subtitles.LARGEST_TEXT
ONE_FILE = "Choose one file."


def _of(media: Media, number: int, deleted: bool = False) -> Sidecar:
    row = Sidecar.one(media, number, deleted)
    if row is None:
        raise not_found()
    return row


def _path(media: Media, row: Sidecar | None = None, verb: str = "") -> str:
    path = f"/u/{media.user.username}/m/{media.slug}/files/"
    return path + (f"{row.id}/" if row else "") + (f"{verb}/" if verb else "")


# --- looking


def _shown(media: Media, rows: list[Sidecar] | None = None) -> Beside:
    rows = Sidecar.of([media.id]).get(media.id, []) if rows is None else rows
    return Beside(rows, Files(media, viewer(), None))


def _values(media: Media) -> dict:
    """What the page of the files beside a medium shows."""
    return {
        "medium": tile_of(media),
        "files": _shown(media),
        "here": pages.url(_path(media)),
        "edit": pages.url(f"/u/{media.user.username}/m/{media.slug}/edit/"),
        "may_add": viewer().uploader,
        "subtitled": media.kind in sidecars.SUBTITLED,
        "languages": languages.NAMES,
        "max_bytes": min(library.limits.max_file, LARGEST_FORM),
    }


def page(username, slug):
    media = own_medium(username, slug)
    if pages.wants_json():
        return pages.send_json(_shown(media).answer())
    return pages.render("files.tpl", **_values(media))


def _one_values(media: Media, row: Sidecar) -> dict:
    (shown,) = _shown(media, [row]).all
    return {
        "medium": tile_of(media),
        "file": shown,
        "text": (row.vtt or b"").decode(),
        "here": pages.url(_path(media, row)),
        "back": pages.url(_path(media)),
        "languages": languages.NAMES,
    }


def one_page(username, slug, number):
    media = own_medium(username, slug)
    row = _of(media, number)
    if pages.wants_json():
        return pages.send_json(_one_json(media, row))
    return pages.render("file.tpl", **_one_values(media, row))


def _one_json(media, row):
    (shown,) = _shown(media, [row]).all
    return shown.answer() | ({"text": row.vtt.decode()} if row.kind == SUBTITLES else {})


# --- changing


def add(username, slug):
    media, fields, files = own_medium(username, slug), {}, []
    try:
        fields, files = _sent()
        if len(files) != 1:
            raise Refused(ONE_FILE, "file")
        row, there = sidecars.add(media, viewer(), files[0].file, files[0].raw_filename, fields)
    except Refused as refused:
        return show_again(refused, "files.tpl", BESIDE, fields, **_values(media))
    finally:
        for file in files:
            file.file.close()
    if pages.wants_json():
        said = _one_json(media, _of(media, row.id)) | ({"duplicate": True} if there else {})
        return pages.send_json(said, 200 if there else 201, Location=pages.absolute(_path(media, row)))
    return pages.see_other(_path(media), "That file is here already." if there else f"{row.name} is added.")


def _sent() -> tuple[dict, list[FileUpload]]:
    """Fields and files of a form; in JSON the text of subtitles stands for a file."""
    if not is_json():
        return read_form()
    fields = form(MOST_JSON)
    name = text(fields, "name") or "subtitles.vtt"
    return fields, [FileUpload(io.BytesIO(text(fields, "text").encode()), "file", name)] * ("text" in fields)


def change(username, slug, number):
    media = own_medium(username, slug)
    row, fields = _of(media, number), _changes()
    try:
        row = sidecars.edit(media, row, viewer(), fields)
    except Refused as refused:
        return show_again(refused, "file.tpl", BESIDE, fields, **_one_values(media, row))
    if pages.wants_json():
        return pages.send_json(_one_json(media, row))
    return pages.see_other(local_path(fields.get("next"), _path(media)), "Your changes are kept.")


def _changes() -> dict:
    """What a form or JSON says, with room for the whole of the subtitles."""
    if (request.content_type or "").startswith("multipart/form-data"):
        fields, files = read_form(MOST_FORM)
        for file in files:
            file.file.close()
        return fields
    return form(MOST_JSON)


def remove(username, slug, number):
    media = own_medium(username, slug)
    row = _of(media, number)
    sidecars.remove(media, row, viewer())
    back = _path(media, row, "restore")
    if pages.wants_json():
        return pages.send_json({"id": row.id, "deleted": True, "restore": pages.absolute(back)})
    undo = {"action": pages.url(back), "label": "Undo"}
    return pages.see_other(_path(media), f"{row.name} is removed.", undo=undo)


def restore(username, slug, number):
    media = own_medium(username, slug)
    row = sidecars.restore(media, _of(media, number, deleted=True), viewer())
    return (
        pages.send_json(_one_json(media, row))
        if pages.wants_json()
        else pages.see_other(_path(media), "It is back.")
    )


# --- sending


def whole(id, what, number, name):
    return _send(by_id(id, "view"), what, number)


def unlisted_whole(token, what, number, name):
    return _send(files_of_token(token), what, number, token)


def _send(media: Media, what: str, number: int, key: str | None = None) -> HTTPResponse:
    """Subtitles as players get them; an attachment, or the file subtitles were made from, as a download."""
    row = _of(media, number)
    if not sidecars.may_see(viewer(), media, row) or (what == "subtitles" and row.kind != SUBTITLES):
        raise not_found()
    if what == "subtitles":
        return send.send_text(row.vtt, "text/vtt")
    action = "original" if row.kind == SUBTITLES else "download"
    if not row.place or not access.may(viewer(), action, media, key):
        raise not_found()
    path = library.disk.original(row.place)
    return send.send_file(path, "application/octet-stream", etag=row.sha256, download=row.name)


def routes(app):
    files = "/u/<username>/m/<slug>/files/"
    app.get(files, callback=page, need="user")
    app.post(files, callback=add, need="uploader")
    app.get(files + "<number:int>/", callback=one_page, need="user")
    app.post(files + "<number:int>/", callback=change, need="user")
    app.post(files + "<number:int>/delete/", callback=remove, need="user")
    app.post(files + "<number:int>/restore/", callback=restore, need="user")
    one = "<what:re:subtitles|attachment>/<number:int>/<name>"
    app.get("/f/<id:int>/" + one, callback=whole, need="anyone")
    app.get("/s/<token>/f/" + one, callback=unlisted_whole, need="anyone")

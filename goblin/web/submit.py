"""Adding media by a plain form or one POST of a script."""

import bottle
from bottle import FileUpload, HTTPResponse, request

from goblin import collecting, library, sidecars, storage
from goblin.details import LICENCES, Details
from goblin.models import Collection
from goblin.refused import Refused
from goblin.web import callbacks, pages
from goblin.web.answers import media_json
from goblin.web.errors import show_again
from goblin.web.forms import BROKEN_OFF, NOT_UTF8
from goblin.web.guard import viewer
from goblin.web.tiles import tile_of
from goblin.web.visibilities import VISIBILITIES

# What one form may carry, in bytes; the server takes no larger body, and Bottle's parser stops there too.
LARGEST_FORM = 1 << 30
IN_MEMORY = 64 << 10  # of one part; more goes to the disk
IN_MEMORY_TOGETHER = 16 << 20
HEAD_SIZE = 4096  # bytes that tell what a file is
BESIDE = ("file", "tags", "collection")  # fields at which the page shows what is wrong
TOO_LARGE = (
    "That is too much for one form. Turn scripts on in your browser: then files of any size go up, in parts."
)


def _choices() -> dict:
    """What the page of the form offers."""
    user = viewer()
    return {
        "collections": [{"id": c.id, "title": c.title} for c in Collection.of(user)],
        "licences": list(LICENCES.items()),
        "visibilities": VISIBILITIES,
        "visibility": library.limits.visibility,
        "max_bytes": library.limits.max_file,
        "free_bytes": library.room_left(user),
    }


def page():
    choices = _choices()
    return pages.render("submit.tpl", lambda: choices, **choices)


def submit():
    fields, files = {}, []
    try:
        fields, files = read_form()
        details = callbacks.check(Details.from_form(fields))
        if not files:
            raise Refused("Choose at least one file.", "file")
        if details.collection:
            collecting.require(viewer(), details.collection)
        taken, refused = _add_all(files, details)
        if details.callback_url:
            callbacks.call()  # for those that were there already
    except Refused as refused:
        return show_again(refused, "submit.tpl", BESIDE, fields, **_choices())
    finally:
        for file in files:
            file.file.close()
    return _as_json(taken, refused) if pages.wants_json() else _as_page(taken, refused, fields)


def read_form(longest: int = IN_MEMORY) -> tuple[dict, list[FileUpload]]:
    """The fields, each of so many bytes at most, and files of a multipart form. Raises Refused."""
    if request.content_length > LARGEST_FORM:
        raise Refused(TOO_LARGE, "file", 413)
    # request.content_type is in small letters, which the boundary need not be.
    kind, options = bottle._parse_http_header(request.get_header("Content-Type") or "")[0]
    if kind != "multipart/form-data":
        raise Refused("Send files as multipart/form-data, or resumably to /upload/.", "file", 415)
    try:
        return _sorted_parts(_parser(options.get("boundary"), longest).parse())
    except bottle.MultipartError as error:
        if "limit" in str(error.body):
            raise Refused(TOO_LARGE, "file", 413) from None
        raise Refused(BROKEN_OFF, "file", 400) from None
    except UnicodeDecodeError:
        raise Refused(NOT_UTF8, status=400) from None
    except (LookupError, ValueError):  # a part lies about its length, its encoding or its name
        raise Refused(BROKEN_OFF, "file", 400) from None


def _parser(boundary, longest):
    """Not request.files: Bottle keeps every part below one limit in memory and refuses more of them than that
    limit holds together, a handful of small pictures; and it writes the whole body to the disk once more."""
    return bottle._MultipartParser(
        request.environ["wsgi.input"],
        boundary,
        request.content_length,
        disk_limit=LARGEST_FORM,
        mem_limit=IN_MEMORY_TOGETHER,
        memfile_limit=longest,
        charset="utf8",
    )


def _sorted_parts(parts):
    fields, files = {}, []
    for part in parts:
        if part.filename is None and part.is_buffered():
            fields[part.name] = part.value.replace("\r\n", "\n").replace("\0", "") or fields.get(
                part.name, ""
            )
        elif part.name == "file" and part.filename:
            files.append(FileUpload(part.file, part.name, part.filename, part.headerlist))
    return fields, files


def _add_all(files, details):
    """What was taken as (name, medium, whether it was there), and what was not as (name, why).

    Subtitles come last: they go beside a medium, which then stands for them.
    """
    taken, refused = [], []
    for file in sorted(files, key=lambda file: sidecars.goes_beside(file.raw_filename)):
        name = storage.safe_name(file.raw_filename, longest=250)
        try:
            taken.append((name, *_add(file.file, name, details)))
        except (Refused, storage.Full) as why:
            refused.append((name, why))
    return taken, refused


def _add(stream, name, details):
    head = stream.read(HEAD_SIZE)
    stream.seek(0)
    if not sidecars.is_for_another(head, name):
        return library.add(stream, name, viewer(), details)
    film = sidecars.medium_of_sent(viewer(), name)
    return film, sidecars.add(film, viewer(), stream, name)[1]


def _status(taken, refused):
    if any(not duplicate for _, _, duplicate in taken):
        return 201
    return 200 if taken else getattr(refused[0][1], "status", 507)


def _as_json(taken, refused) -> HTTPResponse:
    media = {medium.id: medium for _, medium, _ in taken}
    fresh = {medium.id for _, medium, duplicate in taken if not duplicate}
    items = media_json(list(media.values()), viewer())
    for item in items:
        item |= {} if item["id"] in fresh else {"duplicate": True}
    answer = {"items": items, "refused": [{"name": name, "error": str(why)} for name, why in refused]}
    headers = {"Location": items[0]["url"]} if items else {}
    if not items:
        answer |= {"error": str(refused[0][1]), "field": "file"}
    return pages.send_json(answer, _status(taken, refused), **headers)


def _as_page(taken, refused, fields) -> HTTPResponse:
    if not taken and len(refused) == 1:
        why = Refused(str(refused[0][1]), "file", _status(taken, refused))
        return show_again(why, "submit.tpl", BESIDE, fields, **_choices())
    if len({medium.id for _, medium, _ in taken}) == 1 and not refused:
        medium, had = taken[0][1], all(duplicate for _, _, duplicate in taken)
        sentence = "You already have this." if had else "Thank you, it arrived. It is being prepared now."
        return pages.see_other(f"/u/{medium.user.username}/m/{medium.slug}/", sentence)
    items = [(name, tile_of(medium), duplicate) for name, medium, duplicate in taken]
    reasons = [(name, str(why)) for name, why in refused]
    return pages.render("submitted.tpl", status=_status(taken, refused), items=items, refused=reasons)


def routes(app):
    app.get("/submit/", callback=page, need="uploader")
    app.post("/submit/", callback=submit, need="uploader")

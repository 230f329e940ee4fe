"""Resumable uploads: tus 1.0.0 (tus.io/protocols/resumable-upload), with creation, expiration,
termination and checksum."""

import base64
import binascii
import hashlib
import re
import secrets
import tempfile
import threading
from collections import OrderedDict
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from bottle import HTTPResponse, request

from goblin import collecting, library, sidecars, storage
from goblin.db import db, from_now, now
from goblin.details import Details
from goblin.media.writing import subtitles
from goblin.models import Collection, Media, Upload
from goblin.refused import Refused
from goblin.web import callbacks, pages
from goblin.web.errors import not_found
from goblin.web.guard import viewer

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
ALGORITHMS = ("sha1", "sha256", "md5")
BODY = "application/offset+octet-stream"
KNOWN_DAYS = 90  # for which a file that is chosen again is known before it is sent
HEAD_SIZE = 4096  # bytes that tell what a file is
MOST_UPLOADS = 1000  # under way, of one person
NUMBER = re.compile(r"\d{1,18}", re.ASCII)
BAD_CHECKSUM = 460
PATIENCE = 1.0  # seconds that a request waits for another one on the same upload

_turn = threading.Condition()
_in_use: set[str] = set()
# What is hashed of the uploads under way, so that the last byte is not followed by reading all again.
_known: OrderedDict[str, tuple] = OrderedDict()
MOST_KNOWN = 200


# --- what every answer says


def _answer(status: int, **headers) -> HTTPResponse:
    named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return HTTPResponse("", status, {"Tus-Resumable": VERSION, "Cache-Control": "no-store", **named})


def _speaks_tus(handler):
    """Refuses a client of another version of the protocol."""

    def spoken(**args):
        if request.get_header("Tus-Resumable") != VERSION:
            sentence = f"This gallery speaks tus {VERSION}; say so in the header Tus-Resumable."
            said = {"Tus_Resumable": VERSION, "Tus_Version": VERSION}
            return pages.send_json({"error": sentence, "field": None}, 412, **said)
        return handler(**args)

    return spoken


def options(token=None):
    return _answer(
        204,
        Tus_Version=VERSION,
        Tus_Extension=EXTENSIONS,
        Tus_Max_Size=library.limits.max_file,
        Tus_Checksum_Algorithm=",".join(ALGORITHMS),
    )


def _state(upload: Upload, offset: int) -> dict:
    """The headers that say how far an upload is."""
    expires = datetime.fromisoformat(upload.expires)
    said = {"Upload_Offset": offset, "Upload_Expires": format_datetime(expires, usegmt=True)}
    if upload.medium_id:
        said["Goblin_Medium"] = _address_of(upload)
    return said


def _address_of(upload):
    medium = Media.by_id(upload.medium_id)
    return pages.url(f"/u/{medium.user.username}/m/{medium.slug}/")


# --- creation


@_speaks_tus
def create():
    length = _length()
    given = parse_metadata(request.get_header("Upload-Metadata") or "")
    details = callbacks.check(Details.from_form(given))
    if details.collection:
        collecting.require(viewer(), details.collection)
    if known := _known_file(given.get("fingerprint"), length):
        return _go_on(known, given, details)
    upload = _reserve(length, given)
    state = _state(upload, 0)
    if (request.content_type or "") == BODY:
        with _alone(upload.token):
            upload, extra = _append(upload, 0)
        state = {**_state(upload, _offset_of(upload)), **extra}
    return _answer(201, **{**state, "Location": pages.url(f"/upload/{upload.token}")})


def _length() -> int:
    if request.get_header("Upload-Defer-Length"):
        raise Refused("Say the length of the file at once; it cannot be told later.", "Upload-Length", 400)
    length = _number("Upload-Length")
    if length == 0:
        raise Refused("This file is empty.", "file")
    return length


def _number(header: str) -> int:
    text = request.get_header(header) or ""
    if not NUMBER.fullmatch(text):
        raise Refused(f"The header {header} must be a number of bytes.", header, 400)
    return int(text)


def parse_metadata(header: str) -> dict[str, str]:
    """Upload-Metadata: pairs of a key and base64 of UTF-8, parted by commas. Raises Refused."""
    pairs = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip().partition(" ")
        try:
            text = base64.b64decode(value.strip(), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused("Upload-Metadata is not base64 of UTF-8.", "Upload-Metadata", 400) from None
        if not key or key in pairs:
            raise Refused("Upload-Metadata needs keys, each once.", "Upload-Metadata", 400)
        pairs[key] = text.replace("\0", "")
    return pairs


def _known_file(fingerprint, length) -> Upload | None:
    """The upload of this very file that the same person began, or ended, earlier."""
    found = Upload.of_file(viewer(), fingerprint, length)
    there = found and (found.medium_id or library.disk.incoming_size(found.token) is not None)
    return found if there else None


def _go_on(known, given, details):
    """The answer to a file that was chosen again: how far it is, or that it is all here."""
    if known.medium_id:
        library.meet_again(known.medium, viewer(), details)
        if details.callback_url:
            callbacks.call()
        said = {"Goblin_Duplicate": 1}
    else:
        Upload.update(meta=given).where(Upload.id == known.id).execute()
        with _alone(known.token):
            known, said = _settled(known.token), {}
    place = pages.url(f"/upload/{known.token}")
    return _answer(200, Location=place, **_state(known, _offset_of(known)), **said)


def _reserve(length, meta) -> Upload:
    """A row that counts against quota and disk from now on. Raises Refused, storage.Full."""
    user, token = viewer(), secrets.token_urlsafe(24)
    with library.turn, db.atomic():
        if Upload.select().where((Upload.user == user) & Upload.medium.is_null()).count() >= MOST_UPLOADS:
            raise Refused("So many uploads are under way that some must finish first.", status=429, wait=60)
        library.require_room(user, length)
        library.disk.incoming(token).close()
        return Upload.create(
            token=token,
            user=user,
            length=length,
            fingerprint=meta.get("fingerprint", ""),
            meta=meta,
            expires=from_now(days=library.limits.resume_days),
        )


# --- one upload


def _mine(token: str) -> Upload:
    """The upload of an address, if it is the viewer's; raises the answer for what is not there."""
    upload = Upload.get_or_none((Upload.token == token) & (Upload.user == viewer()))
    if upload is None:
        raise not_found()
    if upload.expires < now():
        _forget(upload)
        raise Refused("This upload waited too long and was thrown away. Please begin again.", status=410)
    if not upload.medium_id and library.disk.incoming_size(token) is None:
        _forget(upload)
        raise Refused("What arrived of this upload is gone. Please begin again.", status=410)
    return upload


def _offset_of(upload: Upload) -> int:
    """Bytes that arrived; the file itself knows, whatever happened."""
    return upload.length if upload.medium_id else library.disk.incoming_size(upload.token)


def _forget(upload):
    _known.pop(upload.token, None)
    library.disk.drop_incoming(upload.token)
    Upload.delete().where(Upload.id == upload.id).execute()


@contextmanager
def _alone(token):
    """Only one request at a time works on an upload; the next waits a little. Raises Refused.

    It waits, because what arrived of a part whose line broke comes just when its sender asks how much that was.
    """
    with _turn:
        if not _turn.wait_for(lambda: token not in _in_use, PATIENCE):
            raise Refused("This upload is going on elsewhere. Please try again in a moment.", status=423)
        _in_use.add(token)
    try:
        yield
    finally:
        with _turn:
            _in_use.discard(token)
            _turn.notify_all()


def _settled(token) -> Upload:
    """The viewer's upload; if everything was here when we were stopped, it is a medium now."""
    upload = _mine(token)
    if not upload.medium_id and _offset_of(upload) == upload.length:
        upload, _ = _finish(upload)
    return upload


@_speaks_tus
def head(token):
    with _alone(token):
        upload = _settled(token)
    pairs = [
        f"{key} {base64.b64encode(value.encode()).decode()}".strip() for key, value in upload.meta.items()
    ]
    said = {"Upload_Metadata": ",".join(pairs)} if pairs else {}
    return _answer(200, Upload_Length=upload.length, **said, **_state(upload, _offset_of(upload)))


@_speaks_tus
def patch(token):
    if (request.content_type or "") != BODY:
        raise Refused(f"Send the bytes as {BODY}.", "Content-Type", 415)
    offset = _number("Upload-Offset")
    with _alone(token):
        upload = _mine(token)
        if offset != (here := _offset_of(upload)):
            said = {"Tus_Resumable": VERSION, "Upload_Offset": str(here)}
            sentence = f"{here} bytes of this upload have arrived; go on from there."
            return pages.send_json({"error": sentence, "field": "Upload-Offset"}, 409, **said)
        upload, extra = _append(upload, offset)
    return _answer(204, **{**_state(upload, _offset_of(upload)), **extra})


@_speaks_tus
def terminate(token):
    upload = _mine(token)
    with _alone(token):
        _forget(upload)
    return _answer(204)


@_speaks_tus
def override(token):
    """A client that cannot send PATCH or DELETE says so in a header (tus, X-HTTP-Method-Override)."""
    method = (request.get_header("X-HTTP-Method-Override") or "").upper()
    handler = {"PATCH": patch, "DELETE": terminate, "HEAD": head}.get(method)
    if handler is None:
        raise Refused("That cannot be done here.", status=405)
    return handler(token=token)


# --- bytes


def _append(upload, offset) -> tuple[Upload, dict]:
    """Take the body of the request; (upload, headers when it is whole now). Raises Refused, storage.Full."""
    if upload.medium_id:
        return upload, {"Location": _address_of(upload)}
    count = max(0, request.content_length)
    if offset + count > upload.length:
        raise Refused("That is more than the file was said to hold.", "Content-Length", 413)
    with _checked(request.environ["wsgi.input"], count) as stream:
        _receive(upload, stream, count)
    _live_on(upload)
    return _finish(upload) if _offset_of(upload) == upload.length else (upload, {})


@contextmanager
def _checked(stream, count):
    """The body; where a checksum came with it, once it is known to be right. Raises Refused."""
    header = request.get_header("Upload-Checksum")
    if not header:
        yield stream
        return
    algorithm, _, wanted = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Refused(f"A checksum is one of {', '.join(ALGORITHMS)}.", "Upload-Checksum", 400)
    with tempfile.TemporaryFile() as spool:
        found = hashlib.new(algorithm, usedforsecurity=False)
        while count and (chunk := stream.read(min(storage.CHUNK, count))):
            found.update(chunk)
            spool.write(chunk)
            count -= len(chunk)
        if base64.b64encode(found.digest()).decode() != wanted.strip():
            raise Refused(
                "These bytes were changed on their way. Please send them again.", status=BAD_CHECKSUM
            )
        spool.seek(0)
        yield spool


def _receive(upload, stream, count):
    """Append to the file; whatever arrived before a cut stays. Raises Refused, storage.Full."""
    incoming = library.disk.incoming(upload.token, _known.pop(upload.token, None))
    try:
        missing = max(0, min(HEAD_SIZE, upload.length) - incoming.size)
        incoming.copy_from(stream, min(missing, count))
        if missing and incoming.size >= min(HEAD_SIZE, upload.length):
            _recognise(upload, incoming.head())
        incoming.copy_from(stream, max(0, count - missing))
    except Refused:
        _forget(upload)
        raise
    finally:
        try:
            incoming.sync()
            _remember(upload.token, incoming)
        finally:
            _close(incoming)


def _recognise(upload, head):
    """Raises Refused for what is no medium, and no subtitles of one that is here or on its way."""
    if not sidecars.is_for_another(head, _name_of(upload)):
        library.recognise(head, _name_of(upload))
        return
    if upload.length > subtitles.LARGEST:
        raise Refused(subtitles.TOO_LARGE, "file", 413)
    with suppress(_Early):
        _film_of(upload)


class _Early(Refused):
    """Subtitles are here before their film, which is on its way."""


def _film_of(upload) -> Media:
    """The video or sound that subtitles go beside. Raises Refused, or _Early."""
    name = _name_of(upload)
    try:
        return sidecars.medium_of_sent(viewer(), name)
    except sidecars.Lonely:
        stems = {stem.casefold() for stem in sidecars.stems_of(name)}
        mine = Upload.select(Upload.meta).where((Upload.user == viewer()) & Upload.medium.is_null())
        names = [_name_of(other) for other in mine]
        if any(Path(n).stem.casefold() in stems and not sidecars.goes_beside(n) for n in names):
            raise _Early("What these subtitles belong to is still on its way.", status=423) from None
        raise


def _close(incoming):
    """What cannot be written any more has been said already."""
    with suppress(OSError):
        incoming.close()


def _remember(token, incoming):
    _known[token] = incoming.known
    while len(_known) > MOST_KNOWN:
        _known.popitem(last=False)


def _name_of(upload):
    return upload.meta.get("filename") or upload.meta.get("name") or "file"


def _live_on(upload):
    """Whoever goes on has the full time again; written at most once a day."""
    if upload.expires < from_now(days=library.limits.resume_days - 1):
        upload.expires = from_now(days=library.limits.resume_days)
        Upload.update(expires=upload.expires).where(Upload.id == upload.id).execute()


def _finish(upload) -> tuple[Upload, dict]:
    """All bytes are here: make it a medium. Raises Refused, storage.Full."""
    details = callbacks.check(Details.from_form(upload.meta))
    details.collection = _collection_of(upload, details)
    incoming = library.disk.incoming(upload.token, _known.pop(upload.token, None))
    beside = sidecars.is_for_another(incoming.head(), _name_of(upload))
    try:
        if beside:
            medium, duplicate = _put_beside(upload, incoming)
        else:
            medium, duplicate = library.take(incoming, _name_of(upload), viewer(), details, reserved=True)
    except Refused as refused:
        if refused.status not in (409, 423):  # which are worth another try
            _forget(upload)
        raise
    finally:
        _close(incoming)
    upload.medium, upload.expires = medium, from_now(days=KNOWN_DAYS)
    # Subtitles that are sent once more are looked at anew: they may have been removed.
    mark = "" if beside else upload.fingerprint
    ended = Upload.update(medium=medium, expires=upload.expires, fingerprint=mark)
    ended.where(Upload.id == upload.id).execute()
    if duplicate and details.callback_url:
        callbacks.call()
    said = {"Location": _address_of(upload)}
    return upload, said | ({"Goblin_Duplicate": 1} if duplicate else {})


def _put_beside(upload, incoming) -> tuple[Media, bool]:
    """(the film that subtitles stand beside now, whether they did before). Raises Refused."""
    film = _film_of(upload)
    with open(incoming.path, "rb") as stream:
        _, there = sidecars.add(film, viewer(), stream, _name_of(upload))
    incoming.discard()
    return film, there


def _collection_of(upload, details):
    """The collection that was chosen; one that was deleted meanwhile must not cost the upload."""
    id = details.collection.removeprefix("id:")
    if id == details.collection:
        return details.collection
    mine = (Collection.user == upload.user_id) & (Collection.id == int(id))
    return details.collection if Collection.select().where(mine).exists() else ""


def routes(app):
    _known.clear()
    app.route("/upload/", "OPTIONS", callback=options, need="nobody")
    app.route("/upload/<token>", "OPTIONS", callback=options, need="nobody")
    app.post("/upload/", callback=create, need="uploader")
    app.post("/upload/<token>", callback=override, need="uploader")
    app.route("/upload/<token>", "HEAD", callback=head, need="uploader")
    app.route("/upload/<token>", "PATCH", callback=patch, need="uploader")
    app.delete("/upload/<token>", callback=terminate, need="uploader")

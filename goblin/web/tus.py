"""Resumable uploads: tus 1.0.0 (tus.io/protocols/resumable-upload), with creation, expiration,
termination and checksum."""

import base64
import binascii
import hashlib
import re
import secrets
import tempfile
import threading
from contextlib import contextmanager
from datetime import datetime
from email.utils import format_datetime

from bottle import HTTPResponse, request

from goblin import collecting, library, storage
from goblin.db import db, from_now, now
from goblin.details import Details
from goblin.models import Media, Upload
from goblin.refused import Refused
from goblin.web import arriving, callbacks, pages
from goblin.web.errors import not_found
from goblin.web.guard import viewer

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
ALGORITHMS = ("sha1", "sha256", "md5")
BODY = "application/offset+octet-stream"
MOST_UPLOADS = 1000  # under way, of one person
NUMBER = re.compile(r"\d{1,18}", re.ASCII)
BAD_CHECKSUM = 460
PATIENCE = 1.0  # seconds that a request waits for another one on the same upload

_turn = threading.Condition()
_in_use: set[str] = set()


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
            extra = _append(upload, 0)
        state = {**_state(upload, arriving.offset_of(upload)), **extra}
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
    return _answer(200, Location=place, **_state(known, arriving.offset_of(known)), **said)


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
        arriving.forget(upload)
        raise Refused("This upload waited too long and was thrown away. Please begin again.", status=410)
    if not upload.medium_id and library.disk.incoming_size(token) is None:
        arriving.forget(upload)
        raise Refused("What arrived of this upload is gone. Please begin again.", status=410)
    return upload


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
    if not upload.medium_id and arriving.offset_of(upload) == upload.length:
        arriving.finish(upload)
    return upload


@_speaks_tus
def head(token):
    with _alone(token):
        upload = _settled(token)
    pairs = [
        f"{key} {base64.b64encode(value.encode()).decode()}".strip() for key, value in upload.meta.items()
    ]
    said = {"Upload_Metadata": ",".join(pairs)} if pairs else {}
    return _answer(200, Upload_Length=upload.length, **said, **_state(upload, arriving.offset_of(upload)))


@_speaks_tus
def patch(token):
    if (request.content_type or "") != BODY:
        raise Refused(f"Send the bytes as {BODY}.", "Content-Type", 415)
    offset = _number("Upload-Offset")
    with _alone(token):
        upload = _mine(token)
        if offset != (here := arriving.offset_of(upload)):
            said = {"Tus_Resumable": VERSION, "Upload_Offset": str(here)}
            sentence = f"{here} bytes of this upload have arrived; go on from there."
            return pages.send_json({"error": sentence, "field": "Upload-Offset"}, 409, **said)
        extra = _append(upload, offset)
    return _answer(204, **{**_state(upload, arriving.offset_of(upload)), **extra})


@_speaks_tus
def terminate(token):
    upload = _mine(token)
    with _alone(token):
        arriving.forget(upload)
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


def _append(upload, offset) -> dict:
    """Take the body of the request; the headers that say it is whole now. Raises Refused, storage.Full."""
    if upload.medium_id:
        return {"Location": _address_of(upload)}
    count = max(0, request.content_length)
    if offset + count > upload.length:
        raise Refused("That is more than the file was said to hold.", "Content-Length", 413)
    with _checked(request.environ["wsgi.input"], count) as stream:
        arriving.receive(upload, stream, count)
    arriving.live_on(upload)
    if arriving.offset_of(upload) < upload.length:
        return {}
    _, duplicate = arriving.finish(upload)
    return {"Location": _address_of(upload)} | ({"Goblin_Duplicate": 1} if duplicate else {})


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


def routes(app):
    arriving.forget_all()
    app.route("/upload/", "OPTIONS", callback=options, need="nobody")
    app.route("/upload/<token>", "OPTIONS", callback=options, need="nobody")
    app.post("/upload/", callback=create, need="uploader")
    app.post("/upload/<token>", callback=override, need="uploader")
    app.route("/upload/<token>", "HEAD", callback=head, need="uploader")
    app.route("/upload/<token>", "PATCH", callback=patch, need="uploader")
    app.delete("/upload/<token>", callback=terminate, need="uploader")

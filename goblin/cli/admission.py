"""Whose bodies may come in, and how large: asked at the head of a request, before a byte of it is on the disk."""

import json
import re
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie

from peewee import OperationalError

from goblin import auth, library, storage
from goblin.db import ensure_connected
from goblin.web import forms, guard
from goblin.web.errors import SENTENCES
from goblin.web.submit import LARGEST_FORM, TOO_LARGE

# Anybody may send as much as that: forms of log-in and set-up are smaller by far.
SMALL = forms.LARGEST
# The ends of addresses that take files; before them is the path the gallery is mounted under.
RESUMABLE = re.compile(r"/upload/[\w-]*$", re.ASCII)
FORMS = re.compile(r"(/submit|/u/[^/]+/m/[^/]+/files)/$")
STRANGER = "Please sign in first; somebody who is not signed in may not send as much as that."
TOO_MUCH = SENTENCES[413]
BUSY = "The gallery is busy just now. Please try again in a moment."


class TurnedAway(Exception):
    """A request's body is not to come in; also the answer that waitress sends (as waitress.utilities.Error)."""

    plain = False  # for a browser that shows the sentence as it is

    def __init__(self, status: str, sentence: str):
        super().__init__(sentence)
        self.status, self.sentence = status, sentence

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        body = self.sentence if self.plain else json.dumps({"error": self.sentence, "field": None})
        kind = "text/plain" if self.plain else "application/json"
        headers = [("Content-Type", f"{kind}; charset=utf-8"), ("Tus-Resumable", "1.0.0")]
        if self.status.startswith("401 "):
            headers.append(("WWW-Authenticate", 'Bearer realm="goblin"'))
        return self.status, headers, body.encode()


def largest(request) -> int:
    """How many bytes the body of a request may have, by its method, path and headers. Raises TurnedAway."""
    if not request.chunked and request.content_length <= SMALL:
        return SMALL
    try:
        _require_sender(request.headers)
    except OperationalError:
        raise TurnedAway("503 Service Unavailable", BUSY) from None
    most, sentence = _largest_of(request)
    if request.content_length > most:
        raise TurnedAway("413 Content Too Large", sentence)
    try:
        library.disk.require_room(request.content_length)
    except storage.Full as full:
        raise no_room(str(full)) from None
    return most


def no_room(sentence: str = storage.FULL) -> TurnedAway:
    """What is said when the disk cannot take a body."""
    return TurnedAway("507 Insufficient Storage", sentence)


def too_much() -> TurnedAway:
    """What is said to a body that said nothing of its length and does not end."""
    return TurnedAway("413 Content Too Large", TOO_MUCH)


def _require_sender(headers):
    who = sender(headers)
    if who is None:
        raise TurnedAway("401 Unauthorized", STRANGER)
    if who.scope == "read":
        raise TurnedAway("403 Forbidden", guard.READ_ONLY)
    if not who.user.uploader:
        raise TurnedAway("403 Forbidden", guard.NO_UPLOADER)


def sender(headers: dict[str, str]) -> guard.Visitor | None:
    """Who the headers of a request belong to; only reads, as all connections wait meanwhile."""
    ensure_connected()
    scheme, _, text = headers.get("AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        token = auth.token_of(text.strip())
        return token and guard.Visitor(token.user, token=token)
    with suppress(CookieError):
        cookie = SimpleCookie(headers.get("COOKIE", "")).get(guard.COOKIE)
        session = cookie and auth.session_of(cookie.value)
        return session and guard.Visitor(session.user, session=session)
    return None


def _largest_of(request):
    """Bytes, and what is said to more."""
    if request.command in ("POST", "PATCH") and RESUMABLE.search(request.path):
        return library.limits.max_file, TOO_MUCH
    if request.command == "POST" and FORMS.search(request.path):
        return LARGEST_FORM, TOO_LARGE
    return SMALL, TOO_MUCH

"""The one Bottle: guard and errors around every route, headers on every answer."""

from urllib.parse import urlsplit

import bottle
from bottle import Bottle, HTTPResponse, request

from goblin.web import (
    account,
    again,
    around,
    errors,
    feeds,
    files,
    forms,
    gallery,
    guard,
    health,
    media_edit,
    mod_media,
    moderation,
    pages,
    panel,
    sidecars,
    sign_in,
    static,
    submit,
    trash,
    tus,
)

AREAS = (
    gallery,
    around,
    feeds,
    files,
    sidecars,
    submit,
    tus,
    media_edit,
    trash,
    again,
    mod_media,
    panel,
    sign_in,
    account,
    moderation,
    static,
    health,
)
CSP = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(), microphone=()"),
    ("Content-Security-Policy", CSP),
)


class App(Bottle):
    """A Bottle that takes no route without its need=."""

    def add_route(self, route):
        guard.require_need(route)
        super().add_route(route)


def make_app() -> Bottle:
    """A Bottle with every route of the core; plugins add theirs to it."""
    bottle.BaseRequest.MEMFILE_MAX = forms.LARGEST
    app = App()
    app.install(errors.Errors())
    app.install(guard.Guard())
    app.default_error_handler = _unrouted
    for area in AREAS:
        area.routes(app)
    return app


def _unrouted(error):
    """Nothing matched: perhaps the last slash is missing."""
    if error.status_code == 404 and request.method in ("GET", "HEAD") and not request.path.endswith("/"):
        try:
            request.app.match({"PATH_INFO": request.path + "/", "REQUEST_METHOD": "GET"})
        except bottle.HTTPError:
            pass
        else:
            more = "?" + request.query_string if request.query_string else ""
            return HTTPResponse("", 301, {"Location": pages.url(request.path + "/") + more})
    answer = errors.fail(error.status_code)
    if allowed := error.get_header("Allow"):  # of a 405 (RFC 9110, 15.5.6)
        answer.set_header("Allow", allowed)
    return answer


def wsgi(app: Bottle, address: str = ""):
    """The app as WSGI: mounted under the path of the gallery's address, with our headers on every answer."""
    prefix = urlsplit(address).path.rstrip("/")

    def gate(environ, start_response):
        _make_legible(environ)
        if prefix:
            path = environ.get("PATH_INFO", "")
            if path == prefix or path.startswith(prefix + "/"):
                environ["PATH_INFO"] = path[len(prefix) :] or "/"
            environ["goblin.prefix"] = prefix

        def start(status, headers, exc_info=None):
            there = {name.lower() for name, _ in headers}
            headers += [(name, value) for name, value in HEADERS if name.lower() not in there]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return app(environ, start)

    return gate


def _make_legible(environ):
    """Headers that are not in UTF-8, which Bottle takes for granted."""
    for name, value in environ.items():
        if name.startswith(("HTTP_", "CONTENT_")) and not value.isascii():
            environ[name] = value.encode("latin-1").decode("utf-8", "replace").encode().decode("latin-1")

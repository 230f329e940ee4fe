"""Our own static files, compressed and cached, and the accent colour of the settings as a stylesheet."""

import gzip
import json
import mimetypes
from functools import lru_cache

from bottle import HTTPResponse, request

from goblin.web import pages, send
from goblin.web.errors import not_found

FOR_EVER = "public, max-age=31536000, immutable"
EACH_TIME = "public, no-cache"  # a module imported by another has no version in its address
COMPRESSED = (".css", ".js", ".svg")
MANIFEST = "site.webmanifest"
# What links and buttons stand on (--surface of goblin.css) in the light and in the dark, and what is needed
# to read them there (WCAG 2.2, 1.4.3).
LIGHT, DARK = (250, 248, 245), (23, 22, 20)
ENOUGH = 4.5


def static(name):
    path = pages.static_path(name)
    if path is None:
        raise not_found()
    version = pages.checksum(name)
    cache = FOR_EVER if request.query.get("v") == version else EACH_TIME
    if path.suffix in COMPRESSED and "gzip" in (request.get_header("Accept-Encoding") or ""):
        answer = _packed(path, version, cache)
    else:
        answer = send.send_file(path, "application/octet-stream", etag=version, cache=cache)
    # Our own files, unlike people's, are what they say.
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    answer.headers["Content-Type"] = kind + ("; charset=utf-8" if kind.startswith("text/") else "")
    answer.headers["Vary"] = "Accept-Encoding"
    for header in ("Content-Disposition", "Content-Security-Policy"):
        answer.headers.pop(header, None)
    return answer


def _packed(path, version, cache):
    headers = {"ETag": f'"{version}-gz"', "Cache-Control": cache}
    if headers["ETag"] in (request.get_header("If-None-Match") or ""):
        return HTTPResponse("", 304, headers)
    return HTTPResponse(_pack(path, version), 200, {**headers, "Content-Encoding": "gzip"})


@lru_cache(maxsize=128)
def _pack(path, version) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


def manifest():
    """What a phone keeps of the gallery on its start screen: under the gallery's own title, whoever named it when."""
    said = json.loads(pages.static_path(MANIFEST).read_bytes())
    body = json.dumps({**said, "name": pages.site.title, "short_name": pages.site.title}, ensure_ascii=False)
    headers = {"Content-Type": "application/manifest+json; charset=utf-8", "Cache-Control": EACH_TIME}
    return HTTPResponse(body, 200, headers)


# --- the accent colour


def accent():
    """The colour of the settings, made darker or lighter where it could not be read."""
    colour = pages.site.accent
    if not colour:
        raise not_found()
    chosen = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    light, dark = (
        _rule(_until_read(chosen, LIGHT, (0, 0, 0))),
        _rule(_until_read(chosen, DARK, (255, 255, 255))),
    )
    sheet = (
        f':root{light}@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){dark}}}'
        f':root[data-theme="dark"]{dark}'
    )
    fresh = request.query.get("v") == colour[1:]
    headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": FOR_EVER if fresh else EACH_TIME}
    return HTTPResponse(sheet, 200, headers)


def _rule(colour):
    on = max(((255, 255, 255), (17, 17, 17)), key=lambda ink: contrast(ink, colour))
    return f"{{--accent:#{bytes(colour).hex()};--on-accent:#{bytes(on).hex()}}}"


def _until_read(colour, ground, towards):
    """The colour, mixed with black or white in steps of 5 % until it is read on the ground."""
    mixed = (
        tuple(round(c + (t - c) * step / 20) for c, t in zip(colour, towards, strict=True))
        for step in range(21)
    )
    return next(one for one in mixed if contrast(one, ground) >= ENOUGH)


def contrast(one, other) -> float:
    """Contrast ratio of two sRGB colours (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour):
    red, green, blue = ((c / 255 / 12.92) if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def routes(app):
    app.get("/static/accent.css", callback=accent, need="nobody")
    app.get(f"/static/{MANIFEST}", callback=manifest, need="nobody")
    app.get("/static/<name:path>", callback=static, need="nobody")

"""The only way to a page: render(), with the values every page gets; JSON when asked."""

import hashlib
import json
import math
import re
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote, unquote, urlsplit

import bottle
from bottle import HTTPResponse, request

from goblin.config import ROOT
from goblin.models import Media
from goblin.passwords import SHORTEST
from goblin.web.guard import cookie_path, is_https, visitor
from goblin.wording import say_size

# One list, made once: Bottle's template cache is keyed by its identity.
TEMPLATE_FOLDERS: list[str] = []
STATIC_FOLDERS: dict[str, Path] = {}
SLOTS: dict[str, list[str]] = {}
MESSAGE_COOKIE = "goblin_said"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# What is made for one person: no cache keeps it for another.
PERSONAL = {"Vary": "Accept, Cookie", "Cache-Control": "private, no-cache"}
KINDS_OF_JSON = ("application/json", "text/json")
KINDS_OF_PAGE = ("text/html", "text/*", "*/*")  # the most exact first
QUALITY = re.compile(r"0(\.\d*)?|1(\.0*)?", re.ASCII)
site = SimpleNamespace(title="Goblin", words="", footer="", accent="", url="")


def setup(settings):
    """Take what pages show of the settings; forget templates and slots of an earlier boot."""
    site.title, site.words, site.footer = settings.title, settings.words, settings.footer
    site.accent, site.url = settings.accent, settings.url.rstrip("/")
    TEMPLATE_FOLDERS[:] = [str(ROOT / "views")]
    STATIC_FOLDERS.clear()
    STATIC_FOLDERS[""] = ROOT / "static"
    SLOTS.clear()
    bottle.TEMPLATES.clear()
    checksum.cache_clear()
    first_template.cache_clear()
    _piece.cache_clear()


def rename(title: str):
    """Give the gallery another title from now on."""
    site.title = title
    _piece.cache_clear()


def slot(place: str, template: str):
    """Show a plugin's template at a place of a core page."""
    SLOTS.setdefault(place, []).append(template)


def wants_json() -> bool:
    """Whether the answer should be JSON rather than a page."""
    return prefers_json(request.get_header("Accept") or "")


@lru_cache(maxsize=256)
def prefers_json(accept: str) -> bool:
    """Whether an Accept header names JSON and wants no page more (RFC 9110, 12.5.1); the earlier wins a draw."""
    wanted = {}
    for place, part in enumerate(accept.lower().split(",")):
        kind, *options = (word.strip() for word in part.split(";"))
        quality = next((o[2:] for o in options if o.startswith("q=")), "1")
        wanted.setdefault(kind, (float(quality) if QUALITY.fullmatch(quality) else 1.0, -place))
    json_ = max((wanted[kind] for kind in KINDS_OF_JSON if kind in wanted), default=(0.0, 0))
    page = next((wanted[kind] for kind in KINDS_OF_PAGE if kind in wanted), (0.0, 0))
    if "text/html" not in wanted:
        return json_[0] > 0 and json_[0] >= page[0]
    return json_[0] > 0 and json_ > page


def url(path: str) -> str:
    """An address in this gallery, wherever it is mounted."""
    return prefix() + _quoted(path)


@lru_cache(maxsize=1024)
def _quoted(path):
    return quote(path, safe="/:?=&%~@!$'()*+,;#")


def prefix() -> str:
    return request.environ.get("goblin.prefix", "")


def absolute(path: str) -> str:
    """The same with scheme and host, for JSON, feeds and sharing."""
    if site.url:
        return site.url + quote(path, safe="/:?=&%~@!$'()*+,;#")
    parts = request.urlparts
    return f"{parts.scheme}://{parts.netloc}{url(path)}"


@contextmanager
def at(home: str):
    """Outside of a request: make addresses as for somebody who knows the gallery by this one."""
    parts = urlsplit(home)
    request.bind(
        {
            "wsgi.url_scheme": parts.scheme,
            "HTTP_HOST": parts.netloc,
            "goblin.prefix": parts.path.rstrip("/"),
        }
    )
    try:
        yield
    finally:
        request.bind({})


def asset(name: str) -> str:
    """The address of a static file, which changes when the file does."""
    return f"{prefix()}/static/{name}?v={checksum(name)}"


@lru_cache(maxsize=256)
def checksum(name: str) -> str:
    path = static_path(name)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path else "0"


def static_path(name: str) -> Path | None:
    """The file of a static address; a plugin's files are below its name."""
    first, _, rest = name.partition("/")
    folder, rest = (
        (STATIC_FOLDERS[first], rest) if first in STATIC_FOLDERS and rest else (STATIC_FOLDERS[""], name)
    )
    try:
        path = (folder / rest).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError):  # a name that no file can have
        return None


def render(name: str, answer=None, status: int = 200, **values):
    """A page from a template, or its JSON: `answer` is a function that makes what the JSON says."""
    if answer is not None and wants_json():
        return send_json(answer(), status)
    body = bottle.template(name, template_lookup=TEMPLATE_FOLDERS, **{**common(), **values})
    page = HTTPResponse(body, status, {"Content-Type": "text/html; charset=utf-8", **PERSONAL})
    if request.get_cookie(MESSAGE_COOKIE):
        page.delete_cookie(MESSAGE_COOKIE, path=cookie_path())
    return page


@lru_cache(maxsize=64)
def first_template(*names: str) -> str:
    """The first of these templates that there is."""
    return next(name for name in names if any((Path(f) / name).is_file() for f in TEMPLATE_FOLDERS))


def draw(name: str, **values) -> str:
    """A piece of a page that asks nothing of the database."""
    return bottle.template(name, template_lookup=TEMPLATE_FOLDERS, **plain(), **values)


def piece(template: str, /, **values) -> str:
    """A piece of a page that depends on nothing but these values, drawn once; they must be hashable."""
    return _piece(template, prefix(), tuple(values.items()))


@lru_cache(maxsize=512)
def _piece(template, at, values):
    always = {"site": site, "url": url, "asset": asset, "_": translate, "piece": piece}
    return bottle.template(template, template_lookup=TEMPLATE_FOLDERS, **always, **dict(values))


def send_json(value, status: int = 200, **headers) -> HTTPResponse:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    headers = {k.replace("_", "-"): v for k, v in headers.items()}
    return HTTPResponse(
        body, status, {"Content-Type": "application/json; charset=utf-8", **PERSONAL, **headers}
    )


def see_other(path: str, message: str = "", kind: str = "good", undo: dict | None = None) -> HTTPResponse:
    """After a form: go to a page (303), where `message` is said once."""
    answer = HTTPResponse("", 303, {"Location": url(path)})
    if message:
        text = quote(json.dumps([[kind, message, undo]]))
        answer.set_cookie(
            MESSAGE_COOKIE,
            text,
            path=cookie_path(),
            max_age=60,
            httponly=True,
            samesite="lax",
            secure=is_https(),
        )
    return answer


def _messages():
    text = request.get_cookie(MESSAGE_COOKIE)
    try:
        said = json.loads(unquote(text)) if text else []
        return [(str(kind), str(sentence), _undo(undo)) for kind, sentence, undo in said]
    except (ValueError, TypeError, KeyError):
        return []


def _undo(said):
    return {name: str(said[name]) for name in ("action", "label")} if said else None


def common() -> dict:
    """What every page gets, beside its own values."""
    who = visitor()
    return {
        "site": site,
        "viewer": who.user,
        "waiting": Media.waiting(who.user) if who.user else 0,
        "messages": _messages(),
        **plain(),
    }


def plain() -> dict:
    """What even the error page gets: nothing here asks the database."""
    return {
        "url": url,
        "asset": asset,
        "piece": piece,
        "_": translate,
        "path": request.path,
        "slot": _render_slot,
        "fields": {},
        "wrong": {},
        "age": age,
        "day": day,
        "size": say_size,
        "clock": clock,
        "lasting": lasting,
        "shortest": SHORTEST,
    }


def _render_slot(place, **values):
    return "".join(draw(name, site=site, viewer=visitor().user, **values) for name in SLOTS.get(place, ()))


def translate(text: str) -> str:
    """The text in the reader's language; translations come with a later release, the door is here."""
    return text


def age(stamp: str) -> str:
    """How long ago: 3 days ago."""
    then = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    seconds = (datetime.now(then.tzinfo) - then).total_seconds()
    for length, word in (
        (86400 * 365, "year"),
        (86400 * 30, "month"),
        (86400, "day"),
        (3600, "hour"),
        (60, "minute"),
    ):
        if (count := int(seconds // length)) > 0:
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now"


def day(stamp: str) -> str:
    """1 August 2026."""
    year, month, date = stamp[:10].split("-")
    return f"{int(date)} {MONTHS[int(month) - 1]} {year}"


def lasting(seconds: float) -> str:
    """How long something will take, as static/says.js says it too: 35 s, 12 min, 2 h 21 min."""
    if seconds < 60:
        return translate("{count} s").format(count=max(5, math.ceil(seconds / 5) * 5))
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    if not hours:
        return translate("{count} min").format(count=minutes)
    return translate("{hours} h {minutes} min").format(hours=hours, minutes=minutes)


def clock(seconds: float) -> str:
    """1:02:03 or 2:03."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"

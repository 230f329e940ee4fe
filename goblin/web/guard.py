"""The guard: who asks, from where, and whether the route's need= is met; a route without one cannot be added."""

from bottle import HTTPResponse, request

from goblin import auth
from goblin.db import ensure_connected
from goblin.models import User
from goblin.refused import NoPeopleYet, Refused
from goblin.web.forms import parts_of
from goblin.web.turns import taking_turns

COOKIE = "goblin"
SAFE = ("GET", "HEAD", "OPTIONS")
READ_ONLY = "This access token may only read."
NO_UPLOADER = "You may not add media here. Ask the keeper of this gallery."
NEEDS = ("nobody", "anyone", "user", "uploader", "admin")


class SignInFirst(Exception):
    """The page needs somebody who is signed in."""


def require_need(route) -> str:
    """What a route needs; raises ValueError for one that does not say, so that nothing is open by mistake."""
    need = route.config.get("need")
    if need not in NEEDS:
        raise ValueError(f"{route.method} {route.rule} says need={need!r}; it must be one of {NEEDS}")
    return need


class Visitor:
    """Who asks: a person or nobody, and how they are known."""

    __slots__ = ("scope", "session", "token", "user")

    def __init__(self, user=None, session=None, token=None):
        self.user, self.session, self.token = user, session, token
        self.scope = token.scope if token else "write"


def visitor() -> Visitor:
    """Who asks for the page that is being made."""
    return request.environ["goblin.visitor"]


def viewer() -> User | None:
    """The person who asks, or None for a stranger."""
    return visitor().user


class Guard:
    """Bottle plugin: looks at every request before its handler."""

    api = 2
    name = "goblin-guard"

    def __init__(self):
        self._settled = False

    def apply(self, callback, route):
        need = require_need(route)

        def guarded(*args, **kwargs):
            if need == "nobody":  # no person, no database: health and static files
                request.environ.setdefault("goblin.visitor", Visitor())
                return callback(*args, **kwargs)
            ensure_connected()
            request.environ["goblin.visitor"] = who = identify()
            self._require_people(route)
            _require_same_origin(who)
            _require(need, who)
            return callback(*args, **kwargs)

        return taking_turns(guarded) if route.config.get("turn") else guarded

    def _require_people(self, route):
        """Nothing is public before the first account exists."""
        if self._settled or route.config.get("before_people"):
            return
        if not User.exists_any():
            raise NoPeopleYet(
                "This gallery is new. To make its first account, open the address with /setup/ that was"
                " printed where goblin was started; a new start prints a new one.",
                status=403,
            )
        self._settled = True


def identify() -> Visitor:
    """Who the cookie or the bearer token belongs to."""
    scheme, _, text = (request.get_header("Authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        token = auth.token_of(text.strip())
        if token is None:
            raise Refused("This access token is not known or not in force any more.", status=401)
        auth.note_use(token)
        return Visitor(token.user, token=token)
    cookie = request.get_cookie(COOKIE)
    session = auth.session_of(cookie) if cookie else None
    if session is None:
        return Visitor()
    auth.note_visit(session)
    return Visitor(session.user, session=session)


def _require(need, who):
    if who.scope == "read" and request.method not in SAFE:
        raise Refused(READ_ONLY, status=403)
    if need == "anyone":
        return
    if who.user is None:
        raise SignInFirst
    if need == "uploader" and not who.user.uploader:
        raise Refused(NO_UPLOADER, status=403)
    if need == "admin" and not (who.user.admin and who.session):
        raise Refused("Only an administrator may do this.", status=403)


def _require_same_origin(who):
    """Refuse an unsafe request that another site made the browser send."""
    if request.method in SAFE or who.token:
        return
    site = request.get_header("Sec-Fetch-Site")
    if site is not None:
        ok = site in ("same-origin", "none")
    elif origin := request.get_header("Origin"):
        ok = parts_of(origin).netloc == request.get_header("Host")
    else:
        ok = who.session is None
    if not ok:
        raise Refused("This request came from another site, so it was not carried out.", status=403)


def set_cookie(response: HTTPResponse, token: str, days: int):
    """Give the browser its session."""
    response.set_cookie(
        COOKIE,
        token,
        path=cookie_path(),
        max_age=days * 86400,
        httponly=True,
        samesite="lax",
        secure=is_https(),
    )


def drop_cookie(response: HTTPResponse):
    response.delete_cookie(COOKIE, path=cookie_path(), httponly=True, samesite="lax", secure=is_https())


def cookie_path() -> str:
    return request.environ.get("goblin.prefix", "") + "/"


def is_https() -> bool:
    return request.environ.get("wsgi.url_scheme") == "https"

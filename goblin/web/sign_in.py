"""Getting in and out: log-in, log-out, the first account, joining by a link."""

import math
from contextlib import contextmanager

from bottle import HTTPResponse, request

from goblin import auth, people
from goblin.auth.throttle import Throttle
from goblin.models import OneTime, User
from goblin.refused import Refused, WrongPassword
from goblin.web import guard, pages
from goblin.web.errors import not_found, show_again
from goblin.web.forms import form, local_path, query, text
from goblin.wording import clean_line

# The cookie only has to outlive the session, whose row says when it ends; browsers keep none longer.
COOKIE_DAYS = 400
LONGEST_TITLE = 100  # characters
throttle = Throttle(10, 600)
asks_title = True  # whether who makes the first account may name the gallery


def setup(accounts, may_name: bool):
    """Take the settings of [accounts]: how many tries, how long a pause; and whether the gallery may be named."""
    global throttle, asks_title
    throttle = Throttle(accounts.tries, accounts.pause_minutes * 60)
    asks_title = may_name


def enter(user: User, answer: HTTPResponse) -> HTTPResponse:
    """Sign a person in with a new session; the one the browser had ends."""
    if (before := guard.visitor().session) is not None:
        auth.close_session(before)
    guard.set_cookie(answer, auth.open_session(user, request.get_header("User-Agent") or ""), COOKIE_DAYS)
    return answer


def _entered(user, path, status=200):
    """The answer to whoever just got in: a page, or who they are as JSON."""
    if pages.wants_json():
        return enter(user, pages.send_json({"username": user.username, "admin": user.admin}, status))
    return enter(user, pages.see_other(path))


# --- log-in


def login_page():
    target = local_path(query("next"))
    if guard.viewer():
        return pages.see_other(target)
    extra = _extra_fields()
    names = ["username", "password", *(name for _, own in extra for name, _, _ in own)]
    return pages.render("login.tpl", _asks(names), fields={"next": target}, next=target, extra=extra)


def _asks(names):
    """What a form asks for, as JSON."""
    return lambda: {"fields": names}


def _extra_fields():
    """(provider's label, its own fields) of the providers that ask for more than a name and a password."""
    return [(p.label, p.fields) for p in auth.instances if p.fields]


def login():
    fields = form()
    target = local_path(fields.get("next"))
    try:
        user = _known(fields)
    except (Refused, auth.Denied) as refused:
        return show_again(
            refused, "login.tpl", (), {**fields, "next": target}, next=target, extra=_extra_fields()
        )
    return _entered(user, target)


def _known(fields):
    """The person a log-in form is of. Raises Refused, auth.Denied."""
    name = fields.get("username")
    named = isinstance(name, str) and name.strip()
    # A provider may ask for no name; its people must not share what one of them did wrong.
    with few_tries(f"name {name.strip().lower()[:100]}" if named else None):
        user = auth.sign_in(fields)
        if user is None:
            raise WrongPassword("The name or the password is not right.", status=401)
    return user


@contextmanager
def few_tries(key: str | None):
    """Around whatever looks at a password: wrong ones count for the key, if any, and for the address they come from.

    Raises Refused (429) when there were too many.
    """
    keys = (*([key] if key else []), "from " + request.environ.get("REMOTE_ADDR", ""))
    if seconds := throttle.wait(*keys):
        minutes = math.ceil(seconds / 60)
        raise Refused(f"Too many tries. Please wait {minutes} min, then try again.", status=429, wait=seconds)
    try:
        yield
    except (auth.Denied, WrongPassword):
        throttle.fail(*keys)
        raise
    if key:
        throttle.forget(key)


def logout():
    if (session := guard.visitor().session) is not None:
        auth.close_session(session)
    answer = pages.send_json({"signed_out": True}) if pages.wants_json() else pages.see_other("/")
    guard.drop_cookie(answer)
    return answer


# --- the first account


def _require_setup_link(token):
    if User.exists_any() or OneTime.open(token, "setup") is None:
        raise Refused("This address does not work any more.", status=404)


def setup_page(token):
    _require_setup_link(token)
    names = ["username", "password", *["title"] * asks_title]
    return pages.render("setup.tpl", _asks(names), asks_title=asks_title)


def set_up(token):
    _require_setup_link(token)
    fields = form()
    try:
        title = clean_line(text(fields, "title"))[:LONGEST_TITLE] if asks_title else ""
        user = people.add_first(token, text(fields, "username"), fields.get("password"), title)
    except Refused as refused:
        return show_again(refused, "setup.tpl", ("username", "password"), fields, asks_title=asks_title)
    if title:
        pages.rename(title)
    return _entered(user, "/", 201)


# --- joining


def _joining(token):
    row = OneTime.open(token, "join")
    if row is None or not row.user.active:
        raise not_found()
    return row.user


def join_page(token):
    return pages.render("join.tpl", _asks(["password"]), person=_joining(token))


def join(token):
    person, fields = _joining(token), form()
    try:
        user = people.join(token, fields.get("password"))
    except Refused as refused:
        return show_again(refused, "join.tpl", ("password",), fields, person=person)
    return _entered(user, "/")


def routes(app):
    app.get("/auth/login/", callback=login_page, need="anyone")
    app.post("/auth/login/", callback=login, need="anyone")
    app.post("/auth/logout/", callback=logout, need="anyone")
    app.get("/setup/<token>/", callback=setup_page, need="anyone", before_people=True)
    app.post("/setup/<token>/", callback=set_up, need="anyone", before_people=True)
    app.get("/auth/join/<token>/", callback=join_page, need="anyone")
    app.post("/auth/join/<token>/", callback=join, need="anyone")

"""One's own settings: password, sessions, tokens, theme, profile."""

from goblin import people
from goblin.models import Session, Token
from goblin.refused import Refused
from goblin.web import pages
from goblin.web.errors import show_again
from goblin.web.forms import form, local_path, text
from goblin.web.gallery import person_json
from goblin.web.guard import viewer, visitor
from goblin.web.sign_in import few_tries

# What a User-Agent holds, the telling ones first: every browser also claims to be most of the others.
BROWSERS = (
    *(("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox")),
    *(("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")),
)
SYSTEMS = (
    *(("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS X", "a Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def _session() -> Session:
    """The session of who asks. Raises Refused for a token: it must not reach passwords or other tokens."""
    session = visitor().session
    if session is None:
        raise Refused("An access token cannot do this; sign in with your password.", status=403)
    return session


def _shown(new_token=None) -> dict:
    """What the account page shows."""
    here, user = _session(), viewer()
    sessions = Session.select().where(Session.user == user).order_by(Session.seen.desc())
    tokens = Token.select().where(Token.user == user).order_by(Token.id.desc())
    return {
        "sessions": [
            {"id": s.id, "agent": browser_of(s.agent), "seen": s.seen, "current": s.id == here.id}
            for s in sessions
        ],
        "tokens": [
            {"id": t.id, "label": t.label, "scope": t.scope, "created": t.created, "used": t.used}
            for t in tokens
        ],
        "theme": user.theme,
        "new_token": new_token,
    }


def browser_of(agent: str) -> str:
    """What people call the browser of a User-Agent: "Firefox on Linux"; the agent itself when unknown."""
    named = [name for sign, name in BROWSERS if sign in agent]
    on = [name for sign, name in SYSTEMS if sign in agent]
    return " on ".join(named[:1] + on[:1]) if named else agent


def account():
    values = _shown()
    return pages.render(
        "account.tpl", lambda: {k: v for k, v in values.items() if k != "new_token"}, **values
    )


def change():
    """One address for every form of the page; its field `do` says which it is, or a theme stands alone."""
    session, fields = _session(), form()
    does = {"password": _password, "theme": _theme, "revoke": _revoke, "token": _token}
    try:
        if (do := does.get(text(fields, "do") or ("theme" if "theme" in fields else ""))) is None:
            raise Refused("Say what to do: password, theme, token or revoke.", "do")
        return do(session, fields)
    except Refused as refused:
        return show_again(refused, "account.tpl", ("old", "new", "label"), fields, **_shown())


def _done(sentence):
    return (
        pages.send_json({"done": sentence})
        if pages.wants_json()
        else pages.see_other("/edit/account/", sentence)
    )


def _password(session, fields):
    with few_tries(f"old {viewer().username}"):
        people.change_password(viewer(), fields.get("old"), fields.get("new"), session)
    return _done("Your password is changed. Other browsers are logged out; access tokens go on working.")


def _theme(session, fields):
    people.choose_theme(viewer(), text(fields, "theme"))
    if pages.wants_json():
        return pages.send_json({"theme": viewer().theme})
    return pages.see_other(local_path(fields.get("next"), "/edit/account/"))


def _revoke(session, fields):
    """End a session, a token, or with neither named every other session."""
    if (id := fields.get("token")) is not None:
        people.revoke(Token, viewer(), id)
        return _done("The token does not open anything any more.")
    if (id := fields.get("session")) is not None:
        people.revoke(Session, viewer(), id)
        return _done("Logged out there.")
    people.end_sessions(viewer(), session)
    return _done("Other browsers are logged out; access tokens go on working.")


def _token(session, fields):
    secret = people.add_token(viewer(), text(fields, "label"), text(fields, "scope") or "read")
    if pages.wants_json():
        row = Token.find(secret)
        return pages.send_json({"id": row.id, "label": row.label, "scope": row.scope, "token": secret}, 201)
    return pages.render("account.tpl", status=201, **_shown(secret))


def profile():
    return pages.render("profile_edit.tpl", lambda: person_json(viewer()), person=viewer())


def change_profile():
    fields = form()
    try:
        user = people.edit_profile(viewer(), fields)
    except Refused as refused:
        return show_again(refused, "profile_edit.tpl", ("name", "bio"), fields, person=viewer())
    if pages.wants_json():
        return pages.send_json(person_json(user))
    return pages.see_other(f"/u/{user.username}/", "Your profile is changed.")


def routes(app):
    app.get("/edit/account/", callback=account, need="user")
    app.post("/edit/account/", callback=change, need="user")
    app.get("/edit/profile/", callback=profile, need="user")
    app.post("/edit/profile/", callback=change_profile, need="user")

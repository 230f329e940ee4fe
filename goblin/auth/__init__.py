"""Getting in: login providers, and who a session or a token belongs to."""

from goblin.db import Prepared, from_now, now, try_at_once
from goblin.models import Session, Token, User
from goblin.models.session import fingerprint
from goblin.refused import Refused

PROVIDERS: dict[str, type["Provider"]] = {}
instances: list["Provider"] = []
session_days = 30
# A session's row is written at most this often, in minutes: a visit must not cost a write a page.
SEEN_EVERY = 15


class Denied(Exception):
    """A provider's final no: nobody else is asked. The text is one sentence."""


class Suspended(Refused):
    """Who proved who they are may not come in just now; whoever did not is not told that."""

    def __init__(self):
        found = (
            User.select(User.username, User.name).where(User.admin & User.active).order_by(User.id).limit(3)
        )
        whom = " or ".join(user.shown_name for user in found) or "whoever runs this gallery"
        super().__init__(
            f"Your account is suspended for now; nothing of yours is lost. Ask {whom} about it.", status=403
        )


class Provider:
    """A way to log in; a section [auth:NAME] with `type` makes an instance."""

    type = ""
    label = ""
    fields: tuple[tuple[str, str, str], ...] = ()  # (name, label, kind of input) beyond name and password

    def __init__(self, name: str, options: dict[str, str]):
        self.name, self.options = name, options

    def check(self, form: dict) -> User | None:
        """The person a login form is of, or None for "not mine". Raises Denied for a final no."""
        raise NotImplementedError


def register(cls: type[Provider]) -> type[Provider]:
    """Make a type of provider known."""
    PROVIDERS[cls.type] = cls
    return cls


def reset():
    """Forget the providers that were set up."""
    instances.clear()


def sign_in(form: dict) -> User | None:
    """Ask the providers in the order of goblin.ini; None when nobody knows the person. Raises Denied, Suspended."""
    for provider in instances:
        user = provider.check(form)
        if user is not None:
            if not user.active:
                raise Suspended()
            return user
    return None


def open_session(user: User, agent: str = "") -> str:
    """A new session's token."""
    return Session.issue(user=user, agent=agent[:200])


SESSION_FIELDS = (Session.id, Session.seen, *User._meta.sorted_fields)
_session = Prepared(
    lambda hash: Session.select(*SESSION_FIELDS).join(User).where((Session.hash == hash) & User.active)
)


def session_of(token: str) -> Session | None:
    """The live session of a cookie, with its person; None when it ended or the account is not active. Reads only."""
    session = _session.one(SESSION_FIELDS, fingerprint(token))
    if session is None or session.seen < from_now(days=-session_days):
        return None
    return session


def token_of(text: str) -> Token | None:
    """The personal access token of an Authorization header's text, with its person; reads only."""
    token = Token.find(text)
    return token if token and token.user.active else None


def note_visit(session: Session):
    """Keep a session alive. Nobody waits for that: where it cannot be written now, the next page does it."""
    if session.seen < from_now(minutes=-SEEN_EVERY):
        try_at_once(Session.update(seen=now()).where(Session.id == session.id))


def note_use(token: Token):
    """Remember that a token was used, as little as that may hold anybody up."""
    if not token.used or token.used < from_now(minutes=-SEEN_EVERY):
        try_at_once(Token.update(used=now()).where(Token.id == token.id))


def close_session(session: Session):
    """Sign out."""
    Session.delete().where(Session.id == session.id).execute()


def sweep():
    """Forget sessions nobody used for long."""
    Session.delete().where(Session.seen < from_now(days=-session_days)).execute()

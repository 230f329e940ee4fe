"""People: the verbs on accounts, said once for pages and commands."""

import re

from peewee import JOIN, IntegrityError, fn

from goblin import events, passwords, trash
from goblin.config import parse_size
from goblin.db import db, from_now
from goblin.models import Media, OneTime, Session, Setting, Sidecar, Token, User
from goblin.models.setting import OPTION
from goblin.models.user import is_good_name
from goblin.refused import Refused, WrongPassword
from goblin.wording import clean_line

SETUP_DAYS = 7
JOIN_DAYS = 14
THEMES = ("", "light", "dark")
LONGEST = {"name": 100, "bio": 20_000}  # characters


def check_password(password) -> str:
    """The password, if it may be one; raises Refused."""
    if not isinstance(password, str) or len(password) < passwords.SHORTEST:
        raise Refused(f"A password needs at least {passwords.SHORTEST} characters.", "password")
    if len(password) > passwords.LONGEST:
        raise Refused(f"A password has at most {passwords.LONGEST} characters.", "password")
    return password


def add(username: str, password: str | None = None, email: str = "", admin: bool = False) -> User:
    """A new account; without a password until its owner chooses one by a join link. Raises Refused."""
    username = (username or "").strip().lower()
    if not is_good_name(username):
        raise Refused(
            "A name has up to 39 small letters, digits, - and _, and starts with a letter or digit.",
            "username",
        )
    if email and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", email):
        raise Refused("This does not look like an e-mail address.", "email")
    stored = passwords.hash_password(check_password(password)) if password is not None else None
    try:
        with db.atomic():
            user = User.create(username=username, email=email.strip(), password=stored, admin=admin)
    except IntegrityError:
        raise Refused("Somebody here has that name already.", "username", 409) from None
    events.fire("user.added", user)
    return user


def add_first(token: str, username: str, password: str, title: str = "") -> User:
    """The first account, made by whoever has the address printed at the first start. Raises Refused.

    `title`: how they call the gallery; empty for what the options say.
    """
    with db.atomic():
        if User.exists_any() or OneTime.open(token, "setup") is None:
            raise Refused("This address does not work any more.", status=404)
        user = add(username, password, admin=True)
        if title:
            Setting.write(OPTION + "site.title", title)
        OneTime.delete().where(OneTime.purpose == "setup").execute()
    return user


def setup_token() -> str | None:
    """A fresh token for the first account, in place of earlier ones; None once there is an account."""
    with db.atomic():
        if User.exists_any():
            return None
        OneTime.delete().where(OneTime.purpose == "setup").execute()
        return OneTime.issue(purpose="setup", expires=from_now(days=SETUP_DAYS))


def join_token(user: User) -> str:
    """A link's token by which a person chooses a password; earlier ones stop working."""
    OneTime.delete().where((OneTime.purpose == "join") & (OneTime.user == user)).execute()
    return OneTime.issue(purpose="join", user=user, expires=from_now(days=JOIN_DAYS))


def join(token: str, password: str) -> User:
    """Choose the first password of an account. Raises Refused."""
    row = OneTime.open(token, "join")
    if row is None or not row.user.active:
        raise Refused("This address does not work any more. Ask for a new one.", status=404)
    set_password(row.user, password)
    OneTime.delete().where(OneTime.id == row.id).execute()
    return row.user


def set_password(user: User, password: str, keep_session=None):
    """Give a new password; every other session ends. Raises Refused."""
    user.password = passwords.hash_password(check_password(password))
    with db.atomic():
        User.update(password=user.password).where(User.id == user.id).execute()
        others = Session.user == user
        if keep_session is not None:
            others &= Session.id != keep_session.id
        Session.delete().where(others).execute()


def change_password(user: User, old: str, new: str, keep_session=None):
    """Change one's own password. Raises Refused."""
    if not passwords.check_password(user.password, old):
        raise WrongPassword("That is not your present password.", "old", 403)
    try:
        set_password(user, new, keep_session)
    except Refused as refused:
        raise Refused(refused.sentence, "new") from None


def end_sessions(user: User, keep: Session):
    """Sign a person out everywhere but here."""
    Session.delete().where((Session.user == user) & (Session.id != keep.id)).execute()


def add_token(user: User, label: str, scope: str) -> str:
    """A new personal access token, which is shown only now. Raises Refused."""
    if scope not in ("read", "write"):
        raise Refused("A token may read, or read and write.", "scope")
    if not (label := clean_line(label)[:100]):
        raise Refused("Say what the key is for, so that you know it again.", "label")
    return Token.issue(user=user, label=label, scope=scope)


def revoke(model: type[Session] | type[Token], user: User, id):
    """End one of a person's own sessions or tokens. Raises Refused."""
    number = int(id) if str(id).isdecimal() and len(str(id)) < 19 else 0
    if not model.delete().where((model.user == user) & (model.id == number)).execute():
        raise Refused("That is gone already.", status=404)


def choose_theme(user: User, theme: str):
    """Dark, light, or as the system is. Raises Refused."""
    if theme not in THEMES:
        raise Refused("Choose light, dark, or as your device does.", "theme")
    User.update(theme=theme).where(User.id == user.id).execute()
    user.theme = theme


def edit_profile(user: User, changes: dict) -> User:
    """Change how a person presents themselves: name, bio. Raises Refused."""
    given = {k: changes[k] for k in LONGEST if k in changes}
    for name, value in given.items():
        if not isinstance(value, str):
            raise Refused("This must be text.", name)
        if len(value) > LONGEST[name]:
            raise Refused(f"This is too long; {LONGEST[name]} characters at most.", name)
    if "name" in given:
        given["name"] = clean_line(given["name"])
    if given:
        User.update(**given).where(User.id == user.id).execute()
    return User.get_by_id(user.id)


def quota(value: int | str | None) -> int | None:
    """Bytes of what is written like 20 GB; None, or nothing written, is the gallery's own limit. Raises Refused."""
    if value is None or value == "":
        return None
    try:
        size = value if isinstance(value, int) else parse_size(value)
    except (ValueError, AttributeError, OverflowError):
        size = -1
    if isinstance(value, bool) or not 0 <= size < 1 << 62:
        raise Refused("A size is written like 20 GB; 0 means no limit.", "quota")
    return size


def set_flags(user: User, **values) -> User:
    """Change admin, active, uploader or quota; the last admin stays one. Raises Refused.

    Whoever is not active is suspended: signed out everywhere, and what they added is hidden until they are again.
    """
    losing = values.get("admin") is False or values.get("active") is False
    others = User.select().where(User.admin & User.active & (User.id != user.id))
    if losing and user.admin and not others.exists():
        raise Refused("Somebody has to look after this gallery: this is its last administrator.", status=409)
    with db.atomic():
        User.update(**values).where(User.id == user.id).execute()
        if "active" in values:
            Media.show_those_of(user, values["active"])
        if values.get("active") is False:
            Session.delete().where(Session.user == user).execute()
            Token.delete().where(Token.user == user).execute()
    return User.get_by_id(user.id)


def delete(user: User):
    """Remove an account and everything in it for good. Raises Refused."""
    set_flags(user, active=False)
    for item in Media.select().where(Media.user == user):
        trash.delete(Media.by_id(item.id) or item, User(id=user.id, active=True))
    trash.empty_trash_of(user)
    User.delete().where(User.id == user.id).execute()
    events.fire("user.deleted", user)


def listing() -> list[User]:
    """Everybody, each with `.count` of their media and `.kept` (bytes) of their files; one statement."""
    count, kept = fn.COUNT(Media.id).alias("count"), fn.COALESCE(fn.SUM(Media.bytes), 0)
    return list(
        User.select(User, count, (kept + Sidecar.sum_of(User.id)).alias("kept"))
        .join(Media, JOIN.LEFT_OUTER)
        .group_by(User.id)
        .order_by(User.username)
    )

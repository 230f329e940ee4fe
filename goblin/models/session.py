"""What lets a person in: sessions, access tokens and links that work once; only hashes are stored."""

import hashlib
import secrets

from peewee import JOIN, AutoField, ForeignKeyField, TextField

from goblin.db import Base, now
from goblin.models.user import User


def fingerprint(token: str) -> str:
    """What is stored in place of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Secret(Base):
    """A row found by the hash of a random token."""

    id = AutoField()
    hash = TextField(unique=True)
    created = TextField(default=now)

    @classmethod
    def issue(cls, **values) -> str:
        """Store a new secret and return the token, which is shown only now."""
        token = secrets.token_urlsafe(32)
        cls.create(hash=fingerprint(token), **values)
        return token

    @classmethod
    def find(cls, token: str):
        """The row of a token with its person, or None."""
        query = cls.select(cls, User).join(User, JOIN.LEFT_OUTER)
        return query.where(cls.hash == fingerprint(token)).first()


class Session(Secret):
    """A browser that is signed in."""

    user = ForeignKeyField(User, backref="sessions", on_delete="CASCADE")
    seen = TextField(default=now, index=True)
    agent = TextField(default="")


class Token(Secret):
    """A personal access token for scripts and apps."""

    user = ForeignKeyField(User, backref="tokens", on_delete="CASCADE")
    label = TextField(default="")
    scope = TextField(default="read")  # read or write
    used = TextField(null=True)


class OneTime(Secret):
    """A link that works once: the first account, joining, a forgotten password."""

    user = ForeignKeyField(User, null=True, on_delete="CASCADE")
    purpose = TextField()  # setup, join
    expires = TextField()

    @classmethod
    def open(cls, token: str, purpose: str) -> "OneTime | None":
        """The row of a link that still works, or None."""
        row = cls.find(token)
        return row if row and row.purpose == purpose and row.expires > now() else None

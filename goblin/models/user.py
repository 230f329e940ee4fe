"""People, and the accounts elsewhere that are theirs."""

import re

from peewee import AutoField, BooleanField, ForeignKeyField, IntegerField, JSONField, TextField

from goblin.db import Base, Prepared, now

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,38}")
RESERVED = {"goblin", "root", "www", "mail", "api", "static", "null", "undefined"}
# No folder can have these on Windows, where the disk may be read one day (learn.microsoft.com, Naming Files).
DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)\d")


class User(Base):
    """A person who can sign in."""

    id = AutoField()
    username = TextField(unique=True)  # lower case: addresses and folders carry it
    name = TextField(default="")
    bio = TextField(default="")
    email = TextField(default="", index=True)
    password = TextField(null=True)  # argon2 hash; null until one is chosen
    admin = BooleanField(default=False)
    uploader = BooleanField(default=True)
    active = BooleanField(default=True)
    quota = IntegerField(null=True)  # bytes; null means the site's
    theme = TextField(default="")
    options = JSONField(default=dict)
    created = TextField(default=now)

    @classmethod
    def named(cls, username: str) -> "User | None":
        return _named.one(cls._meta.sorted_fields, username.strip().lower())

    @classmethod
    def exists_any(cls) -> bool:
        """Whether anybody has an account yet."""
        return cls.select(cls.id).limit(1).exists()

    @property
    def shown_name(self) -> str:
        return self.name or self.username


_named = Prepared(lambda username: User.select().where(User.username == username))


class Identity(Base):
    """An account of a person at a login provider."""

    id = AutoField()
    user = ForeignKeyField(User, backref="identities", on_delete="CASCADE")
    provider = TextField()
    subject = TextField()

    class Meta:
        indexes = ((("provider", "subject"), True),)


def is_good_name(username: str) -> bool:
    """Whether a name can stand in addresses and as a folder on any disk."""
    return bool(NAME.fullmatch(username)) and username not in RESERVED and not DEVICES.fullmatch(username)

"""Uploads that have not arrived whole."""

from peewee import AutoField, BigIntegerField, ForeignKeyField, JSONField, TextField, fn

from goblin.db import Base, now
from goblin.models.media import Media
from goblin.models.user import User


class Upload(Base):
    """A file on its way in, resumable under its token."""

    id = AutoField()
    token = TextField(unique=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    length = BigIntegerField()  # bytes of the whole
    fingerprint = TextField(default="")
    meta = JSONField(default=dict)
    created = TextField(default=now)
    expires = TextField(index=True)
    medium = ForeignKeyField(Media, null=True, on_delete="CASCADE")  # what it became

    class Meta:
        indexes = ((("user", "fingerprint"), False),)

    @classmethod
    def reserved(cls, user=None) -> int:
        """Bytes that uploads under way may still need, of one person or of all."""
        query = cls.select(fn.COALESCE(fn.SUM(cls.length), 0)).where(cls.medium.is_null())
        return query.where(cls.user == user).scalar() if user else query.scalar()

    @classmethod
    def under_way(cls) -> list["Upload"]:
        """Everybody's uploads that have not arrived whole."""
        return list(cls.select(cls.token, cls.length).where(cls.medium.is_null()))

"""Uploads that have not arrived whole."""

from peewee import AutoField, BigIntegerField, ForeignKeyField, JSONField, TextField, fn

from goblin.db import Base, now
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

    class Meta:
        indexes = ((("user", "fingerprint"), False),)

    @classmethod
    def reserved(cls, user=None) -> int:
        """Bytes that uploads under way may still need, of one person or of all."""
        query = cls.select(fn.COALESCE(fn.SUM(cls.length), 0))
        return query.where(cls.user == user).scalar() if user else query.scalar()

"""Uploads that have not arrived whole."""

from peewee import JOIN, AutoField, BigIntegerField, ForeignKeyField, JSONField, TextField, fn

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
    def of_file(cls, user, fingerprint: str, length: int) -> "Upload | None":
        """The latest upload, begun or done, of this very file by the same person; not what they deleted since."""
        if not fingerprint:
            return None
        same = (cls.user == user) & (cls.fingerprint == fingerprint) & (cls.length == length)
        query = cls.select().join(Media, JOIN.LEFT_OUTER).where(same & (cls.expires > now()))
        return query.where(Media.deleted.is_null()).order_by(cls.id.desc()).first()

    @classmethod
    def under_way(cls) -> list["Upload"]:
        """Everybody's uploads that have not arrived whole."""
        return list(cls.select(cls.token, cls.length).where(cls.medium.is_null()))

"""Collections: flat albums such as the one of the holiday."""

from peewee import JOIN, AutoField, ForeignKeyField, TextField, fn

from goblin.db import Base, Prepared, now
from goblin.models.media import Media
from goblin.models.user import User


class Collection(Base):
    """Media of a person under a title."""

    id = AutoField()
    user = ForeignKeyField(User, backref="collections", on_delete="CASCADE")
    slug = TextField()
    title = TextField()
    description = TextField(default="")
    visibility = TextField(default="members")  # who may see that there is such a collection
    created = TextField(default=now)

    class Meta:
        indexes = ((("user", "slug"), True),)

    @classmethod
    def of(cls, user) -> list["Collection"]:
        return list(cls.select().where(cls.user == user).order_by(cls.title))

    @classmethod
    def holding(cls, media) -> list["Collection"]:
        """The collections a medium is in, with their owners."""
        return _holding.all((*cls._meta.sorted_fields, *User._meta.sorted_fields), media.id)

    @classmethod
    def counted(cls, condition, visible) -> list["Collection"]:
        """Collections a condition allows, with `.count` and `.newest` (id) of what the viewer may see in them."""
        count, newest = fn.COUNT(Media.id), fn.MAX(Media.id)
        on_media = (Membership.media == Media.id) & visible
        query = cls.select(cls, count.alias("count"), newest.alias("newest"))
        query = query.join(Membership, JOIN.LEFT_OUTER).join(Media, JOIN.LEFT_OUTER, on=on_media)
        return list(query.where(condition).group_by(cls.id).order_by(cls.title))


class Membership(Base):
    """A medium in a collection."""

    id = AutoField()
    collection = ForeignKeyField(Collection, on_delete="CASCADE")
    media = ForeignKeyField(Media, on_delete="CASCADE")
    added = TextField(default=now)

    class Meta:
        indexes = ((("collection", "media"), True),)


_holding = Prepared(
    lambda media: (
        Collection.select(Collection, User)
        .join(User)
        .switch(Collection)
        .join(Membership)
        .where(Membership.media == media)
        .order_by(Collection.title)
    )
)

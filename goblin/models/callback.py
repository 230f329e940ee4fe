"""Callbacks: who wants to be told when a medium is ready."""

from peewee import AutoField, ForeignKeyField, IntegerField, TextField

from goblin.db import Base, now
from goblin.models.media import Media

ENDED = ("processed", "failed")


class Callback(Base):
    """An address that gets a medium's JSON once, when it is prepared or has failed."""

    id = AutoField()
    media = ForeignKeyField(Media, on_delete="CASCADE")
    address = TextField()
    home = TextField()  # the gallery's own address, as the uploader knows it
    due = TextField(null=True, index=True)  # when it is to be called; null while the medium is being prepared
    tries = IntegerField(default=0)
    created = TextField(default=now)

    @classmethod
    def ready(cls):
        """Make due what waits for media that have been prepared, or failed, by now."""
        ended = Media.select(Media.id).where(Media.state.in_(ENDED))
        cls.update(due=now()).where(cls.due.is_null() & cls.media.in_(ended)).execute()

    @classmethod
    def next_due(cls) -> "Callback | None":
        """The one that is due the longest."""
        return cls.select().where(cls.due <= now()).order_by(cls.due).first()

    def claim(self, until: str) -> bool:
        """Keep every other process from calling it before then; False where one was faster."""
        same = (Callback.id == self.id) & (Callback.due == self.due)
        return bool(Callback.update(due=until).where(same).execute())

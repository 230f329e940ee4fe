"""Sidecars: files beside a medium, which are its subtitles or attached for whoever wants them."""

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    ForeignKeyField,
    IntegerField,
    TextField,
    fn,
)

from goblin.db import Base, now
from goblin.models.media import Media

SUBTITLES, ATTACHMENT = "subtitles", "attachment"
GONE = "gone"  # a track of a film whose subtitles were removed for good: they are not taken out again


class Sidecar(Base):
    """A file beside a medium; its bytes lie among the originals, where they stay until they are destroyed.

    Subtitles that were inside a film have a row only: their bytes are the film's.
    """

    id = AutoField()
    media = ForeignKeyField(Media, backref="sidecars", on_delete="CASCADE")
    kind = TextField()  # SUBTITLES or ATTACHMENT
    language = TextField(default="")  # of subtitles, as BCP 47 writes it
    label = TextField(default="")  # what its owner calls it; empty means the language's name
    name = TextField()  # the file's name, under which it is downloaded
    bytes = BigIntegerField()
    sha256 = TextField()
    place = TextField()  # path below originals/
    created = TextField(default=now)
    deleted = TextField(null=True)  # when its owner removed it
    tells_place = BooleanField(default=False)  # as what drones write beside their films
    # The subtitles as players get them, made from the file and then the owner's to edit.
    vtt = BlobField(null=True)
    track = IntegerField(null=True)  # of the film they were inside of; then there is no file, and no place
    traits = TextField(default="")  # what subtitles are besides: some of languages.TRAITS, parted by spaces

    class Meta:
        indexes = ((("media", "track"), True),)

    @classmethod
    def of(cls, ids: list[int]) -> dict[int, list["Sidecar"]]:
        """What is beside each of these media, without the subtitles' texts; one statement."""
        found: dict[int, list[Sidecar]] = {}
        there = cls.media.in_(ids) & cls.deleted.is_null()
        for row in cls.select(*BARE).where(there).order_by(cls.language, cls.id):
            found.setdefault(row.media_id, []).append(row)
        return found

    @classmethod
    def one(cls, media, id: int, deleted: bool = False) -> "Sidecar | None":
        """One that is beside a medium, whole; one that was removed only where that is asked for."""
        mine = (cls.media == media) & (cls.id == id) & cls.deleted.is_null(not deleted) & (cls.kind != GONE)
        return cls.select().where(mine).first() if id < 1 << 63 else None

    @classmethod
    def taken(cls, which) -> int:
        """Bytes that those take which a condition names."""
        return cls.select(fn.COALESCE(_SIZES, 0)).where(which).scalar()

    @classmethod
    def bytes_of(cls, user) -> int:
        """Bytes that a person's sidecars take, what they removed lately included."""
        return cls.sum_of(user).scalar()

    @classmethod
    def sum_of(cls, user):
        """The same as a query, to be asked for many people at once; `user` may be a column."""
        media = Media.alias()
        return cls.select(fn.COALESCE(_SIZES, 0)).join(media).where(media.user == user)

    @classmethod
    def files(cls):
        """Every file there must be, in order: what a backup takes and doctor looks for."""
        columns = (cls.id, cls.media, cls.name, cls.place, cls.bytes, cls.sha256)
        return cls.select(*columns).where(cls.place != "").order_by(cls.id)

    @classmethod
    def tracks_of(cls, media) -> set[int]:
        """The tracks of a film that were taken out of it, those that were removed later included."""
        return {
            track
            for (track,) in cls.select(cls.track).where(cls.media == media).tuples()
            if track is not None
        }


_SIZES = fn.SUM(Sidecar.bytes + fn.COALESCE(fn.LENGTH(Sidecar.vtt), 0))
BARE = [field for field in Sidecar._meta.sorted_fields if field is not Sidecar.vtt]

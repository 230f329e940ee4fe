"""Media: one row makes one page; and their tags."""

import re
from datetime import UTC, datetime

from peewee import (
    AutoField,
    BigIntegerField,
    BooleanField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Select,
    TextField,
    fn,
)

from goblin.db import Base, Prepared, db, now
from goblin.models.user import User
from goblin.wording import clean_line

STATES = ("unprocessed", "processing", "processed", "failed")
MOST_TAGS = 50
ARRIVING = "arriving"  # the row is there, the file may not be: not yet promised to anybody
UNDATED = "-"  # before a moment of upload: sorts before all digits, so that it comes after what has a date
GOING = "1970-01-01T00:00:00.000000Z"  # as `deleted`: its files are being removed for good


def in_time(taken: str | None, created: str) -> str:
    """Where a medium stands by date taken: at that, or after all that have a date, by its upload."""
    return taken or UNDATED + created[:19]


class Media(Base):
    """A medium: what is known of it, where its files are, who may see it."""

    id = AutoField()
    user = ForeignKeyField(User, backref="media", on_delete="CASCADE")
    slug = TextField()
    title = TextField()
    description = TextField(default="")
    kind = TextField()
    mime = TextField()
    name = TextField()  # the file's name as its owner had it
    bytes = BigIntegerField()
    sha256 = TextField()
    original = TextField()  # path below originals/
    state = TextField(default="unprocessed")  # of the work on it
    ready = BooleanField(default=False)  # there are copies to show, and their owner is not suspended
    visibility = TextField(default="members")
    deleted = TextField(null=True)  # when it went to the trash
    secret = TextField(null=True, unique=True)  # token of the unlisted address
    license = TextField(default="")
    created = TextField(default=now)
    updated = TextField(default=now)
    taken = TextField(null=True)  # local time where it was taken, 2026-08-01T17:03:11
    taken_offset = TextField(null=True)  # +02:00
    ordered = TextField(default=lambda: in_time(None, now()))  # what "by date taken" sorts by, see in_time
    width = IntegerField(null=True)  # pixels as shown
    height = IntegerField(null=True)
    duration = FloatField(null=True)  # seconds
    lat = FloatField(null=True)  # degrees
    lon = FloatField(null=True)
    animated = BooleanField(default=False)
    placeholder = TextField(default="")  # average colour, #rrggbb
    generation = IntegerField(default=0)  # which set of copies is in force
    thumbs = TextField(default="")  # the small copies for lists: "thumb.jpg 320 240,thumb2.jpg 640 480"
    files = JSONField(default=dict)  # role -> {name, type, width, height, bytes}
    data = JSONField(default=dict)  # for the kind's template, and what a run is to know; nothing asks by it
    patches = JSONField(default=dict)  # what a download leaves out: place, facts
    place_stays = BooleanField(default=False)  # a place is in the file that no patch reaches
    facts_stay = BooleanField(default=False)  # facts are, such as an author
    show_place = BooleanField(default=False)
    show_facts = BooleanField(default=True)
    share_original = BooleanField(default=False)
    made = TextField(default="")  # how the copies in force were made: "thumbs:1a2b transcode:3c4d"
    todo = TextField(default="")  # the steps to do next; empty means all
    overrides = JSONField(default=dict)  # options of its own, over those of its kind
    started = TextField(null=True)  # when the present run began
    progress = FloatField(null=True)  # per cent
    step = TextField(default="")
    error = TextField(default="")  # a sentence for people
    detail = TextField(default="")  # what the keeper wants to know
    lacks = TextField(default="")  # the decoder whose absence is why it failed, see media/parts.py
    attempts = IntegerField(default=0)
    fixed = JSONField(default=list)  # columns the owner set by hand: processing leaves them
    companion_of = ForeignKeyField("self", null=True, on_delete="CASCADE")  # the photo this film goes with
    pair = TextField(default="")  # what a phone wrote into a photo and its film

    class Meta:
        indexes = (
            (("user", "slug"), True),
            (("user", "sha256"), False),
            (("user", "pair"), False),
            (("user", "name"), False),
            (("visibility", "ready", "deleted", "id"), False),
            (("visibility", "ready", "deleted", "ordered", "id"), False),
            (("user", "deleted", "ready", "id"), False),
            (("user", "deleted", "ready", "ordered", "id"), False),
            (("user", "updated"), False),
            (("ordered", "id"), False),
            (("state", "id"), False),
            (("user", "deleted", "state"), False),
            (("kind", "made"), False),
            (("deleted", "id"), False),
        )

    @classmethod
    def with_owner(cls):
        return cls.select(cls, User).join(User)

    @classmethod
    def by_slug(cls, username: str, slug: str) -> "Media | None":
        """The medium at /u/USERNAME/m/SLUG/, where SLUG may be id:N; trashed ones too."""
        if not slug.startswith("id:"):
            return _by_slug.one(WHOLE, username.lower(), slug)
        number = slug[3:]
        known = number.isdecimal() and len(number) < 18
        return _by_number.one(WHOLE, username.lower(), int(number)) if known else None

    @classmethod
    def by_id(cls, id: int) -> "Media | None":
        return cls.with_owner().where((cls.id == id) & (cls.state != ARRIVING)).first()

    @classmethod
    def for_files(cls, id: int) -> "Media | None":
        """The little of a medium that sending its files takes; asked for by every picture of every page.

        Its `data` is not read: it holds whatever words and colours a foreign file does.
        """
        return _for_files.one(FILE_FIELDS, id)

    @classmethod
    def for_files_unlisted(cls, secret: str) -> "Media | None":
        """The same of the medium at a secret address."""
        return _for_files_unlisted.one(FILE_FIELDS, secret)

    @classmethod
    def same_file(cls, user, sha256: str) -> "Media | None":
        """The medium a person already made of this very file, if it is not in the trash."""
        same = (cls.user == user) & (cls.sha256 == sha256)
        return cls.with_owner().where(same & cls.deleted.is_null() & (cls.state != ARRIVING)).first()

    @classmethod
    def unfinished(cls):
        """What the queue must hold: not yet processed, whatever a stop left half-way; not what is in the trash."""
        waiting = cls.state.in_(("unprocessed", "processing")) & cls.deleted.is_null()
        return cls.select(cls.id, cls.kind, cls.todo).where(waiting).order_by(cls.id)

    @classmethod
    def waiting(cls, user) -> int:
        """How many of a person's media are being prepared."""
        return _waiting.first(user.id)[0]

    @classmethod
    def bytes_of(cls, user) -> int:
        """Bytes of the originals a person keeps, the trash included."""
        return cls.select(fn.COALESCE(fn.SUM(cls.bytes), 0)).where(cls.user == user).scalar()

    @classmethod
    def show_those_of(cls, user, shown: bool):
        """Show what a person added, or hide all of it from everybody, as for one who is suspended."""
        which = (cls.user == user) & (cls.ready != shown)
        if shown:
            has_copies = (cls.state == "processed") | (fn.LENGTH(cls.files) > len("{}"))
            which &= has_copies & cls.companion_of.is_null()
        cls.update(ready=shown).where(which).execute()

    @property
    def ratio(self) -> float:
        return self.width / self.height if self.width and self.height else 1.0

    @property
    def version(self) -> str:
        """Names the copies in force, so that they can be cached for ever."""
        return str(self.generation)


FILE_FIELDS = (
    *(Media.id, Media.user, Media.visibility, Media.ready, Media.deleted, Media.secret, Media.share_original),
    *(Media.show_place, Media.show_facts, Media.generation, Media.files, Media.mime, Media.name),
    *(Media.sha256, Media.original, Media.patches, Media.place_stays, Media.facts_stay),
)
_for_files = Prepared(
    lambda id: Media.select(*FILE_FIELDS).where((Media.id == id) & (Media.state != ARRIVING))
)
_for_files_unlisted = Prepared(lambda secret: Media.select(*FILE_FIELDS).where(Media.secret == secret))
WHOLE = (*Media._meta.sorted_fields, *User._meta.sorted_fields)
_by_slug = Prepared(
    lambda username, slug: Media.with_owner().where(
        (User.username == username) & (Media.slug == slug) & (Media.state != ARRIVING)
    )
)
_by_number = Prepared(
    lambda username, number: Media.with_owner().where(
        (User.username == username) & (Media.id == number) & (Media.state != ARRIVING)
    )
)
_waiting = Prepared(
    lambda user: Media.select(fn.COUNT(Media.id)).where(
        (Media.user == user) & Media.deleted.is_null() & Media.state.in_(("unprocessed", "processing"))
    )
)


EARLY_SECONDS, EARLY_PERCENT = 5, 3  # before that, how long it will take is anybody's guess


def seconds_left(started: str | None, progress: float | None) -> int | None:
    """How long a run will still take, if it goes on as since it began; None while that cannot be known."""
    if not started or not progress or progress < EARLY_PERCENT:
        return None
    run = (datetime.now(UTC) - datetime.fromisoformat(started)).total_seconds()
    return round(run * (100 - progress) / progress) if run >= EARLY_SECONDS else None


class Tag(Base):
    """A word on a medium."""

    id = AutoField()
    media = ForeignKeyField(Media, backref="tags", on_delete="CASCADE")
    word = TextField()  # as written
    key = TextField()  # as compared: lower case, spaces as dashes

    class Meta:
        indexes = ((("media", "key"), True), (("key", "media"), False))

    @classmethod
    def of(cls, media) -> list["Tag"]:
        return _tags.all(cls._meta.sorted_fields, media.id)

    @classmethod
    def known(cls, visible, after: str, limit: int) -> list[tuple[str, str]]:
        """(key, word) of tags on media of a condition, in the order of their keys.

        From each key to the next by the index, however many media carry it: the keys come in their order by
        that, and no more of them are looked at than are asked for.
        """
        other = cls.alias()
        keys = cls.select(fn.MIN(cls.key)).where(cls.key > after).cte("keys", True, ("key",))
        following = other.select(fn.MIN(other.key)).where(other.key > keys.c.key)
        keys = keys.union_all(Select([keys], [following]).where(keys.c.key.is_null(False)))
        word = cls.select(cls.word).join(Media).where((cls.key == keys.c.key) & visible).limit(1)
        found = Select([keys], [keys.c.key, word.alias("word")]).where(fn.EXISTS(word))
        return list(found.limit(limit).with_cte(keys).bind(db).tuples())

    @classmethod
    def write(cls, media, words: list[str]):
        """Give a medium these tags in place of those it has; the same word twice counts once."""
        cls.delete().where(cls.media == media).execute()
        rows = {}
        for word in words:
            word = clean_line(word)[:100]
            if key := tag_key(word):
                rows.setdefault(key, {"media": media, "word": word, "key": key})
        if rows:
            cls.insert_many(list(rows.values())[:MOST_TAGS]).execute()


_tags = Prepared(lambda media: Tag.select().where(Tag.media == media).order_by(Tag.id))


def tag_key(word: str) -> str:
    """How a tag stands in an address and is compared: lower case, letters, digits and dashes."""
    return re.sub(r"[^\w]+", "-", word.lower()).strip("-_")

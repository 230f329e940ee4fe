"""A specimen plugin: a guest book that uses every door goblin has for plugins."""

from pathlib import Path

from peewee import AutoField, TextField

from goblin import auth, events, jobs, media
from goblin.db import Base, now
from goblin.media import File, MediaType, Result
from goblin.models import Media, User
from goblin.web import pages
from goblin.web.feeds import feed
from goblin.web.forms import form, text


class GuestbookEntry(Base):
    """What a visitor wrote."""

    id = AutoField()
    said = TextField()
    written = TextField(default=now)

    class Meta:
        table_name = "guestbook_entry"


@media.register
class Haiku(MediaType):
    """Three lines of text: a kind of media in one file."""

    kind = "haiku"
    facts = {"syllables": int}
    options = {"colour": ("#445566", "the colour of the paper")}

    def sniff(self, head, name):
        return "text/x-haiku" if head.startswith(b"#!haiku\n") else None

    def process(self, source: Path, out: Path, options, progress) -> Result:
        from PIL import Image

        lines = source.read_text().splitlines()[1:]
        Image.new("RGB", (320, 200), options["colour"]).save(out / "thumb.png")
        progress(100)
        return Result(
            {"width": 320, "height": 200, "syllables": 17},
            {"lines": lines},
            {"thumb": File("thumb.png", "image/png", 320, 200)},
        )


@auth.register
class Doorman(auth.Provider):
    """Lets in whoever knows the word, as the person the options name."""

    type = "doorman"
    label = "Say the word"
    fields = (("word", "The word", "password"),)

    def check(self, fields):
        if fields.get("word") == "nobody":
            raise auth.Denied("The doorman shakes his head.")
        return User.named(self.options["person"]) if fields.get("word") == self.options["word"] else None


def show_book():
    entries = list(GuestbookEntry.select().order_by(GuestbookEntry.id.desc()).limit(50))
    return pages.render(
        "guestbook.tpl", lambda: {"items": [e.said for e in entries], "next": None}, entries=entries
    )


def write():
    GuestbookEntry.create(said=text(form(), "said")[:200])
    return pages.see_other("/guestbook/", "Thank you.")


def haiku_feed():
    return feed("Haiku", "/guestbook/", Media.kind == "haiku")


def setup(app, options):
    """Add the guest book to the gallery."""
    app.get("/guestbook/", callback=show_book, need="anyone")
    app.post("/guestbook/", callback=write, need="user")
    app.get("/guestbook/atom/", callback=haiku_feed, need="anyone")
    pages.slot("media", "guestbook_slot.tpl")
    note = jobs.workshop.background(note_later)
    events.on("media.added", lambda item: note(item.id))


def note_later(id):
    """Background work: takes an id, asks the row."""
    GuestbookEntry.create(said=f"{Media.by_id(id).title} was added")

"""The verbs, said once for pages, API and commands: add, edit, delete, restore, retry, collect."""

import re
import secrets
import threading
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from peewee import IntegrityError

from goblin import access, events, jobs, media, pairing, storage
from goblin.db import db, from_now, now
from goblin.models import Collection, Media, Membership, Tag, Upload, User
from goblin.models.media import ARRIVING

LICENCES = {
    "": "All rights reserved",
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC BY-SA 4.0",
    "https://creativecommons.org/licenses/by-nd/4.0/": "CC BY-ND 4.0",
    "https://creativecommons.org/licenses/by-nc/4.0/": "CC BY-NC 4.0",
    "https://creativecommons.org/licenses/by-nc-sa/4.0/": "CC BY-NC-SA 4.0",
    "https://creativecommons.org/licenses/by-nc-nd/4.0/": "CC BY-NC-ND 4.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0 1.0 (public domain)",
}
LONGEST = {"title": 200, "description": 20_000, "slug": 80}
# What the owner says of these, processing does not say again.
BY_HAND = {"title", "description", "taken", "taken_offset"}
TAKEN = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?")


class Refused(Exception):
    """What was asked cannot be done; the text is said to the person as it stands."""

    def __init__(self, sentence: str, field: str | None = None, status: int = 422):
        super().__init__(sentence)
        self.sentence, self.field, self.status = sentence, field, status


@dataclass
class Details:
    """What an uploader says of a file."""

    title: str = ""
    description: str = ""
    tags: list[str] = field(default_factory=list)
    license: str = ""
    visibility: str = ""
    collection: str = ""  # its title, or id:N

    @classmethod
    def from_form(cls, form: dict) -> "Details":
        """From a form, JSON or upload metadata: all texts, tags parted by commas. Raises Refused."""
        given = {
            k: form[k] for k in ("title", "description", "license", "visibility", "collection") if form.get(k)
        }
        if wrong := next((k for k, v in given.items() if not isinstance(v, str)), None):
            raise Refused("This must be text.", wrong)
        details = cls(**given, tags=split_tags(form.get("tags") or ""))
        details.check()
        return details

    def check(self):
        """Raises Refused naming the field that cannot be."""
        if self.visibility and self.visibility not in access.VISIBILITIES:
            raise Refused("Choose who may see this: public, unlisted, members or private.", "visibility")
        if self.license not in LICENCES:
            raise Refused("Choose one of the licences in the list.", "license")
        for name in ("title", "description"):
            if len(getattr(self, name)) > LONGEST[name]:
                raise Refused(f"This is too long; {LONGEST[name]} characters at most.", name)


@dataclass
class Limits:
    """What may be uploaded, in bytes, and how long things wait, in days."""

    max_file: int = 10 * 10**9
    quota: int = 0
    keep_free: int = 0
    resume_days: int = 7
    trash_days: int = 30
    visibility: str = "members"


disk: storage.Disk = None  # boot gives it
limits = Limits()
# Held while somebody looks whether there is room, or the same file, and takes it: two at once must not both.
turn = threading.Lock()


def split_tags(text) -> list[str]:
    """Tags from "sea, summer" or a list."""
    words = text.split(",") if isinstance(text, str) else text
    if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
        raise Refused("Tags are words parted by commas.", "tags")
    return [word.strip() for word in words if word.strip()]


def slug_of(title: str) -> str:
    """How a title stands in an address; letters of every script are kept."""
    words = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFKC", title).lower()).strip("-_")
    return words[: LONGEST["slug"]].strip("-_") or "untitled"


def free_slug(model, owner, wanted: str) -> str:
    """`wanted`, or `wanted-2` and so on: free among what the owner has in that table."""
    near = model.slug.startswith(wanted)
    taken = {row.slug for row in model.select(model.slug).where((model.user == owner) & near)}
    return next(
        s for n in range(1, len(taken) + 2) if (s := wanted if n == 1 else f"{wanted}-{n}") not in taken
    )


# --- coming in


def require_room(user: User, size: int, arrived: int = 0):
    """Raises Refused or storage.Full when this many bytes more are too many for file, person or disk.

    `arrived` of them are on the disk already.
    """
    if size > limits.max_file:
        raise Refused(
            f"This file is {say_size(size)}; the largest allowed is {say_size(limits.max_file)}.", "file", 413
        )
    _require_quota(user, size)
    pending = (u.length - (disk.incoming_size(u.token) or 0) for u in Upload.under_way())
    disk.require_room(size - arrived + sum(pending))


def _require_quota(user, size):
    left = room_left(user)
    if left is not None and size > left:
        raise Refused(
            f"That would be more than the {say_size(quota_of(user))} you may keep here.", "file", 413
        )


def quota_of(user: User) -> int:
    """Bytes a person may keep; 0 means as many as there is room for."""
    return limits.quota if user.quota is None else user.quota


def room_left(user: User) -> int | None:
    """Bytes a person may still add, uploads under way counted; None without a quota."""
    quota = quota_of(user)
    return max(0, quota - Media.bytes_of(user) - Upload.reserved(user)) if quota else None


def say_size(size: int) -> str:
    """Bytes in words: 3.1 GB."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return (
                f"{size:.0f} {unit}"
                if unit == "bytes" or size >= 100
                else f"{size:.1f} {unit}".replace(".0 ", " ")
            )
        size /= 1000


def recognise(head: bytes, name: str) -> tuple[str, str]:
    """(kind, mime) of a file by its first bytes; raises Refused."""
    if not head:
        raise Refused("This file is empty.", "file")
    found = media.identify(head, name)
    if found is None:
        raise Refused("This is not a kind of file this gallery can show. It may be damaged.", "file", 415)
    return found


def add(stream, name: str, user: User, details: Details, size: int | None = None) -> tuple[Media, bool]:
    """Take a file from a stream: (medium, whether the person had it already). Raises Refused, storage.Full."""
    require_room(user, size or 0)
    incoming = disk.incoming(secrets.token_urlsafe(16))
    try:
        incoming.copy_from(stream, storage.CHUNK)
        recognise(incoming.head(), name)
        incoming.copy_from(stream, limits.max_file + 1 - incoming.size)
        require_room(user, incoming.size, arrived=incoming.size)
        return take(incoming, name, user, details)
    finally:
        incoming.discard()


def take(
    incoming: storage.Incoming, name: str, user: User, details: Details, reserved: bool = False
) -> tuple[Media, bool]:
    """Make a medium of a file that has arrived whole: (medium, whether it was there already). Raises Refused.

    `reserved`: its room was set aside when it began.
    """
    kind, mime = recognise(incoming.head(), name)
    details.check()
    collection = collect(user, details.collection) if details.collection else None
    digest = incoming.finish()
    with turn:
        if same := Media.same_file(user, digest):
            incoming.discard()
            _put_into(same, collection)
            return same, True
        if not reserved:
            _require_quota(user, incoming.size)
        item = _enter(incoming, name, user, details, kind, mime, digest, collection)
    events.fire("media.added", item)
    return item, False


def _enter(incoming, name, user, details, kind, mime, digest, collection):
    """Row first, as arriving; then the file; then it is promised. A stop between leaves nothing half-known."""
    created = now()
    name = storage.safe_name(name, longest=250)
    place = disk.reserve(user.username, created, name)
    title = clean_line(details.title) or Path(name).stem
    values = {
        "title": title[: LONGEST["title"]],
        "description": details.description,
        "license": details.license,
        "visibility": details.visibility or limits.visibility,
        "fixed": [f for f in ("title", "description", "tags") if getattr(details, f)],
    }
    try:
        item = _insert(user, slug_of(title), kind=kind, mime=mime, name=name, bytes=incoming.size,
                       sha256=digest, original=place, created=created, ordered=created[:19], **values)  # fmt: skip
        disk.adopt(incoming.path, place)
    except OSError as error:
        disk.unreserve(place)
        storage.raise_full(error)
    with db.atomic():
        _make_secret(item)
        Tag.write(item, details.tags)
        _put_into(item, collection)
        Media.update(state="unprocessed").where(Media.id == item.id).execute()
        jobs.workshop.enqueue(item.id, kind)
    item.state = "unprocessed"
    return item


def _insert(user, slug, **values):
    for _ in range(20):
        try:
            with db.atomic():
                return Media.create(user=user, slug=free_slug(Media, user, slug), state=ARRIVING, **values)
        except IntegrityError:
            continue  # another upload took the address between the look and the insert
    raise Refused("This could not be saved just now. Please try again.", status=409)


def clean_line(text: str) -> str:
    """One line without control characters or direction overrides."""
    kept = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c in "\t\n\u200d")
    return " ".join(kept.split())


def _make_secret(item):
    """Unlisted media have an address of their own that cannot be guessed."""
    if item.visibility == "unlisted" and not item.secret:
        item.secret = secrets.token_urlsafe(16)
        Media.update(secret=item.secret).where(Media.id == item.id).execute()


# --- changing


def edit(item: Media, user: User, changes: dict) -> Media:
    """Change what a form or JSON names: title, description, tags, license, visibility, slug, taken,
    show_place, show_facts, share_original, collection (list of id:N or titles). Raises Refused."""
    if not access.may(user, "edit", item):
        raise Refused("Only its owner may change this.", status=403)
    values = _checked(item, changes)
    tags = split_tags(changes["tags"]) if "tags" in changes else None
    if tags == [tag.word for tag in Tag.of(item)]:
        tags = None
    with db.atomic():
        by_hand = values.keys() & BY_HAND | ({"tags"} if tags is not None else set())
        values["fixed"] = sorted(by_hand.union(item.fixed))
        Media.update(**values, updated=now()).where(Media.id == item.id).execute()
        if tags is not None:
            Tag.write(item, tags)
        if "collection" in changes:
            _set_collections(item, changes["collection"])
        item = Media.by_id(item.id)
        _make_secret(item)
    events.fire("media.edited", item)
    return item


def _checked(item, changes):
    """The columns that become something else."""
    texts = {k: changes[k] for k in ("title", "description", "license", "visibility", "slug") if k in changes}
    if wrong := next((k for k, v in texts.items() if not isinstance(v, str)), None):
        raise Refused("This must be text.", wrong)
    Details(**{k: v for k, v in texts.items() if k != "slug"}).check()
    if texts.get("visibility") == "":
        raise Refused("Choose who may see this.", "visibility")
    values = {k: v for k, v in texts.items() if k != "slug"}
    if "title" in texts:
        values["title"] = clean_line(texts["title"]) or Path(item.name).stem
    for name in ("show_place", "show_facts", "share_original"):
        if name in changes:
            values[name] = changes[name] in (True, "on", "1", "yes", "true")
    if texts.get("slug") and (slug := slug_of(texts["slug"])) != item.slug:
        values["slug"] = free_slug(Media, item.user_id, slug)
    if "taken" in changes:
        values.update(_taken(item, changes["taken"]))
    return {name: value for name, value in values.items() if value != getattr(item, name)}


def _taken(item, text):
    taken = _parse_taken(text)
    if taken and item.taken and len(text) == 16 and item.taken.startswith(taken[:16]):
        return {}  # a field for date and time shows no seconds; what is sent back unchanged changes nothing
    if taken == item.taken:
        return {}
    return {"taken": taken, "taken_offset": None, "ordered": taken or item.created[:19]}


def _parse_taken(text):
    if not text:
        return None
    if not isinstance(text, str) or not TAKEN.fullmatch(text):
        raise Refused("Write the date like 2026-08-01 or 2026-08-01 17:03.", "taken")
    try:
        return datetime.fromisoformat(text).isoformat(timespec="seconds")
    except ValueError:
        raise Refused("There is no such date.", "taken") from None


def renew_address(item: Media, user: User) -> Media:
    """A new unlisted address; the old one stops working at once. Raises Refused."""
    if not access.may(user, "edit", item):
        raise Refused("Only its owner may change this.", status=403)
    Media.update(secret=secrets.token_urlsafe(16), updated=now()).where(Media.id == item.id).execute()
    return Media.by_id(item.id)


def delete(item: Media, user: User):
    """Move a medium to the trash, from where it can be restored for a while. Raises Refused."""
    if not access.may(user, "delete", item):
        raise Refused("Only its owner may delete this.", status=403)
    if item.deleted:
        return
    moment, both = now(), [item, *pairing.films_of(item)]
    Media.update(deleted=moment, updated=moment).where(Media.id.in_([one.id for one in both])).execute()
    for one in both:
        _settle_trash(one)
    events.fire("media.deleted", item)


def _settle_trash(item):
    if disk.original(item.original).exists():
        disk.to_trash(item.id, item.original)


def restore(item: Media, user: User) -> Media:
    """Bring a medium back from the trash. Raises Refused."""
    if not access.may(user, "delete", item):
        raise Refused("Only its owner may restore this.", status=403)
    for one in (item, *pairing.films_of(item)):
        _take_back(one, item.user.username)
    if item.state in ("unprocessed", "processing"):
        retry(Media.by_id(item.id), user)
    events.fire("media.restored", item)
    return Media.by_id(item.id)


def _take_back(item, username):
    if disk.is_trashed(item.id, item.original):
        place = disk.reserve(username, item.created, Path(item.original).name)
        disk.from_trash(item.id, item.original, place)
        Media.update(original=place).where(Media.id == item.id).execute()
    Media.update(deleted=None, updated=now()).where(Media.id == item.id).execute()


def empty_trash(older_than_days: float | None = None) -> int:
    """Remove for good what has been in the trash long enough; returns how many media."""
    days = limits.trash_days if older_than_days is None else older_than_days
    return _destroy(Media.deleted.is_null(False) & (Media.deleted < from_now(days=-days)))


def empty_trash_of(user: User) -> int:
    """Remove for good everything a person has in the trash; returns how many media."""
    return _destroy(Media.deleted.is_null(False) & (Media.user == user))


def _destroy(which):
    gone = [item.id for item in Media.select(Media.id).where(which)]
    for id in gone:
        Media.delete().where(Media.id == id).execute()
        disk.destroy(id)
    return len(gone)


def retry(item: Media, user: User):
    """Prepare a medium again. Raises Refused."""
    if not access.may(user, "edit", item):
        raise Refused("Only its owner may do this.", status=403)
    prepare_again(item)


def prepare_again(item: Media):
    """Queue a medium whatever its state; its present copies stay until the new ones are complete."""
    values = {
        "state": "unprocessed",
        "error": "",
        "detail": "",
        "attempts": 0,
        "todo": "",
        "progress": None,
        "updated": now(),
    }
    with db.atomic():
        Media.update(values).where(Media.id == item.id).execute()
        jobs.workshop.enqueue(item.id, item.kind)


# --- collections


def collect(user: User, title: str) -> Collection:
    """The person's collection of that title, or `id:N`; made if there is none. Raises Refused."""
    if title.startswith("id:"):
        known = re.fullmatch(r"id:(\d{1,18})", title)
        found = known and Collection.get_or_none((Collection.user == user) & (Collection.id == int(known[1])))
        if found is None:
            raise Refused("That collection is not there any more.", "collection")
        return found
    title = clean_line(title)[: LONGEST["title"]]
    if not title:
        raise Refused("Give the collection a name.", "collection")
    with db.atomic():
        found = Collection.get_or_none((Collection.user == user) & (Collection.title == title))
        return found or Collection.create(
            user=user, title=title, slug=free_slug(Collection, user, slug_of(title))
        )


def _put_into(item, collection):
    if collection is not None:
        Membership.insert(media=item, collection=collection).on_conflict_ignore().execute()


def _set_collections(item, titles):
    titles = [titles] if isinstance(titles, str) else titles
    if not isinstance(titles, list) or not all(isinstance(t, str) for t in titles):
        raise Refused("Collections are named by their titles.", "collection")
    wanted = {collect(item.user, t).id for t in titles if t}
    mine = Collection.select(Collection.id).where(Collection.user == item.user)
    unwanted = (
        (Membership.media == item) & Membership.collection.in_(mine) & Membership.collection.not_in(wanted)
    )
    Membership.delete().where(unwanted).execute()
    for id in wanted:
        Membership.insert(media=item, collection=id).on_conflict_ignore().execute()


def edit_collection(collection: Collection, user: User, title: str, description: str) -> Collection:
    """Rename or describe a collection. Raises Refused."""
    if collection.user_id != user.id:
        raise Refused("Only its owner may change this.", status=403)
    collection.title = clean_line(title)[: LONGEST["title"]] or collection.title
    collection.description = description[: LONGEST["description"]]
    collection.save()
    return collection


def delete_collection(collection: Collection, user: User):
    """Remove a collection; its media stay. Raises Refused."""
    if collection.user_id != user.id:
        raise Refused("Only its owner may delete this.", status=403)
    Collection.delete().where(Collection.id == collection.id).execute()


def sweep():
    """The daily tidying: the trash, uploads nobody went on with."""
    empty_trash()
    for upload in Upload.select().where(Upload.expires < now()):
        disk.drop_incoming(upload.token)
        Upload.delete().where(Upload.id == upload.id).execute()
    disk.sweep({upload.token for upload in Upload.select(Upload.token)})
    for place in disk.empty_places():
        if not Media.select(Media.id).where(Media.original == place).exists():
            disk.unreserve(place)

"""The verbs on a medium, said once for pages, API and commands: add, edit, retry."""

import secrets
import threading
from dataclasses import dataclass
from pathlib import Path

from peewee import IntegrityError

from goblin import access, collecting, events, jobs, media, pairing, storage
from goblin.db import db, now
from goblin.details import LONGEST, Details, changed, split_tags
from goblin.media.writing.subtitles import is_subtitles
from goblin.models import Callback, Media, Sidecar, Tag, Upload, User
from goblin.models.media import ARRIVING, in_time
from goblin.refused import Refused
from goblin.slugs import free_slug, slug_of
from goblin.wording import clean_line, clean_text, say_size

# What the owner says of these, processing does not say again.
BY_HAND = {"title", "description", "taken", "taken_offset"}


@dataclass
class Limits:
    """What may be uploaded, in bytes, and how long things wait, in days."""

    max_file: int = 10 * 10**9
    quota: int = 0
    keep_free: int = 0
    resume_days: int = 7
    trash_days: int = 30
    visibility: str = "members"
    private_callbacks: bool = False


BUSY = "It is being prepared already. Wait until that is done, then try again."
SUBTITLES_ALONE = (
    "These are subtitles. Add them on the page of the video or sound they belong to: "
    "Change, then Subtitles and files beside it."
)

disk: storage.Disk = None  # boot gives it
limits = Limits()
# Held while somebody looks whether there is room, or the same file, and takes it: two at once must not both.
turn = threading.Lock()


# --- coming in


def require_room(user: User, size: int, arrived: int = 0):
    """Raises Refused or storage.Full when this many bytes more are too many for file, person or disk.

    `arrived` of them are on the disk already.
    """
    _require_fit(size)
    _require_quota(user, size)
    _require_disk(size - arrived)


def _require_fit(size):
    if size > limits.max_file:
        raise Refused(
            f"This file is {say_size(size)}; the largest allowed is {say_size(limits.max_file)}.", "file", 413
        )


def _require_disk(size):
    pending = (u.length - (disk.incoming_size(u.token) or 0) for u in Upload.under_way())
    disk.require_room(size + sum(pending))


def _require_quota(user, size):
    left = room_left(user)
    if left is not None and size > left:
        raise Refused(
            f"That would be more than the {say_size(quota_of(user))} you may keep here. "
            "What is in your trash counts, too.",
            "file",
            413,
        )


def quota_of(user: User) -> int:
    """Bytes a person may keep; 0 means as many as there is room for."""
    return limits.quota if user.quota is None else user.quota


def room_left(user: User) -> int | None:
    """Bytes a person may still add, uploads under way counted; None without a quota."""
    quota = quota_of(user)
    kept = Media.bytes_of(user) + Sidecar.bytes_of(user) if quota else 0
    return max(0, quota - kept - Upload.reserved(user)) if quota else None


def recognise(head: bytes, name: str) -> tuple[str, str]:
    """(kind, mime) of a file by its first bytes; raises Refused."""
    if not head:
        raise Refused("This file is empty.", "file")
    found = media.identify(head, name)
    if found is None and is_subtitles(name):
        raise Refused(SUBTITLES_ALONE, "file", 415)
    if found is None:
        raise Refused("This is not a kind of file this gallery can show, or it is damaged.", "file", 415)
    return found


def add(stream, name: str, user: User, details: Details, size: int | None = None) -> tuple[Media, bool]:
    """Take a file from a stream: (medium, whether the person had it already). Raises Refused, storage.Full."""
    _require_fit(size or 0)
    _require_disk(size or 0)
    incoming = disk.incoming(secrets.token_urlsafe(16))
    try:
        incoming.copy_from(stream, storage.CHUNK)
        recognise(incoming.head(), name)
        incoming.copy_from(stream, limits.max_file + 1 - incoming.size)
        _require_fit(incoming.size)
        _require_disk(0)
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
    collection = _collection_for(user, details) if details.collection else None
    digest = incoming.finish()
    with turn:
        if same := Media.same_file(user, digest):
            incoming.discard()
            meet_again(same, user, details)
            return same, True
        if not reserved:
            _require_quota(user, incoming.size)
        item = _enter(incoming, name, user, details, kind, mime, digest, collection)
    events.fire("media.added", item)
    return item, False


def meet_again(item: Media, user: User, details: Details):
    """The person brought a file they have already: do what was asked to come of it. Raises Refused."""
    if details.collection:
        collecting.put_into(item, _collection_for(user, details))
    _call_back(item, details)


def _collection_for(user, details):
    """The collection that is asked for; one that is not there yet is seen by those who see what goes into it."""
    return collecting.collect(user, details.collection, details.visibility or limits.visibility)


def _enter(incoming, name, user, details, kind, mime, digest, collection):
    """Row first, as arriving; then the file; then it is promised. A stop between leaves nothing half-known."""
    created, name = now(), storage.safe_name(name, longest=250)
    place = disk.reserve(user.username, created, name)
    values = {"kind": kind, "mime": mime, "name": name, "bytes": incoming.size, "sha256": digest}
    values |= {
        "original": place,
        "created": created,
        "ordered": in_time(None, created),
        **_said(details, name),
    }
    try:
        item = _insert(user, slug_of(values["title"]), **values)
        disk.adopt(incoming.path, place)
    except OSError as error:
        disk.unreserve(place)
        storage.raise_full(error)
    _promise(item, details, collection)
    return item


def _said(details, name):
    """The columns that come from what the uploader said."""
    return {
        "title": (clean_line(details.title) or Path(name).stem)[: LONGEST["title"]],
        "description": clean_text(details.description),
        "license": details.license,
        "visibility": details.visibility or limits.visibility,
        "fixed": [f for f in ("title", "description", "tags") if getattr(details, f)],
    }


def _promise(item, details, collection):
    """The file is in its place: it is there from now on, and will be prepared."""
    with db.atomic():
        _make_secret(item)
        Tag.write(item, details.tags)
        collecting.put_into(item, collection)
        _call_back(item, details)
        Media.update(state="unprocessed").where(Media.id == item.id).execute()
        jobs.workshop.enqueue(item.id, item.kind)
    item.state = "unprocessed"


def _call_back(item, details):
    """Note who is to be told when it is prepared."""
    if details.callback_url:
        Callback.create(media=item, address=details.callback_url, home=details.home)


def _insert(user, slug, **values):
    for _ in range(20):
        try:
            with db.atomic():
                return Media.create(user=user, slug=free_slug(Media, user, slug), state=ARRIVING, **values)
        except IntegrityError:
            continue  # another upload took the address between the look and the insert
    raise Refused("This could not be saved just now. Please try again.", status=409)


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
    values = changed(item, changes)
    if item.secret and values.get("visibility", "unlisted") != "unlisted":
        values["secret"] = None  # should it be unlisted again, the address of before stays dead
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
            collecting.put_only_into(item, changes["collection"])
        item = Media.by_id(item.id)
        _make_secret(item)
    events.fire("media.edited", item)
    return item


def renew_address(item: Media, user: User) -> Media:
    """A new unlisted address; the old one stops working at once. Raises Refused."""
    if not access.may(user, "edit", item):
        raise Refused("Only its owner may change this.", status=403)
    Media.update(secret=secrets.token_urlsafe(16), updated=now()).where(Media.id == item.id).execute()
    return Media.by_id(item.id)


def retry(item: Media, user: User):
    """Prepare a medium again. Raises Refused."""
    if not access.may(user, "edit", item):
        raise Refused("Only its owner may do this.", status=403)
    if not prepare_again(item):
        raise Refused(BUSY, status=409)


def part(film: Media, user: User):
    """Have a film that goes with a photo stand by itself. Raises Refused."""
    if not access.may(user, "edit", film):
        raise Refused("Only its owner may do this.", status=403)
    if left := pairing.part(film):
        jobs.workshop.enqueue(*left)


def prepare_again(item: Media) -> bool:
    """Queue a medium unless somebody works on it; its present copies stay until the new ones are complete."""
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
        idle = (Media.id == item.id) & (Media.state != "processing")
        if begun := bool(Media.update(values).where(idle).execute()):
            jobs.workshop.enqueue(item.id, item.kind)
    return begun

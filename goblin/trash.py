"""The way out: into the trash, back from it, gone for good; and the daily tidying."""

from pathlib import Path

from goblin import access, events, library, pairing, sidecars
from goblin.db import from_now, now
from goblin.models import Media, Upload, User
from goblin.models.media import GOING
from goblin.refused import Refused


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
    if library.disk.original(item.original).exists():
        library.disk.to_trash(item.id, item.original)


def restore(item: Media, user: User) -> Media:
    """Bring a medium back from the trash. Raises Refused."""
    if not access.may(user, "delete", item):
        raise Refused("Only its owner may restore this.", status=403)
    if item.deleted == GOING:
        raise Refused("This is being removed for good already.", status=409)
    for one in (item, *pairing.films_of(item)):
        _take_back(one, item.user.username)
    if item.state in ("unprocessed", "processing"):
        library.retry(Media.by_id(item.id), user)
    events.fire("media.restored", item)
    return Media.by_id(item.id)


def _take_back(item, username):
    if library.disk.is_trashed(item.id, item.original):
        place = library.disk.reserve(username, item.created, Path(item.original).name)
        library.disk.from_trash(item.id, item.original, place)
        Media.update(original=place).where(Media.id == item.id).execute()
    Media.update(deleted=None, updated=now()).where(Media.id == item.id).execute()


def empty_trash(older_than_days: float | None = None) -> int:
    """Remove for good what has been in the trash long enough; returns how many media."""
    days = library.limits.trash_days if older_than_days is None else older_than_days
    return _destroy(Media.deleted.is_null(False) & (Media.deleted < from_now(days=-days)))


def empty_trash_of(user: User) -> int:
    """Remove for good everything a person has in the trash; returns how many media."""
    return _destroy(Media.deleted.is_null(False) & (Media.user == user))


def _destroy(which):
    """Each row goes after its files: whatever a stop cuts off is known still, and the next sweep ends it."""
    going = list(Media.select().where(which))
    for item in going:
        Media.update(deleted=GOING).where(Media.id == item.id).execute()
        _settle_trash(item)
        for place in sidecars.places_of([item.id]):
            library.disk.destroy_original(place)
        library.disk.destroy(item.id)
        Media.delete().where(Media.id == item.id).execute()
    return len(going)


def sweep():
    """The daily tidying: the trash, uploads nobody went on with."""
    empty_trash()
    sidecars.empty_trash()
    for upload in Upload.select().where(Upload.expires < now()):
        library.disk.drop_incoming(upload.token)
        Upload.delete().where(Upload.id == upload.id).execute()
    library.disk.sweep({upload.token for upload in Upload.select(Upload.token)})
    for place in library.disk.empty_places():
        if not Media.select(Media.id).where(Media.original == place).exists():
            library.disk.unreserve(place)

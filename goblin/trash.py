"""The way out: into the trash, back from it, gone for good at once or in time; and the daily tidying."""

from pathlib import Path

from peewee import fn

from goblin import access, events, jobs, library, pairing, sidecars
from goblin.db import from_now, now
from goblin.models import Media, Sidecar, Upload, User
from goblin.models.media import GOING
from goblin.refused import Refused


def delete(item: Media, user: User):
    """Move a medium to the trash, from where it can be restored for a while. Raises Refused."""
    if not access.may(user, "delete", item):
        raise Refused("Only its owner may delete this.", status=403)
    if item.deleted:
        return
    _part(item)  # deleted alone, it comes back alone
    moment, both = now(), [item, *pairing.films_of(item)]
    Media.update(deleted=moment, updated=moment).where(Media.id.in_([one.id for one in both])).execute()
    for one in both:
        _settle_trash(one)
    events.fire("media.deleted", item)


def _part(item):
    """A film stands by itself when something is done to it without its photo."""
    if item.companion_of_id and (left := pairing.part(item)):
        jobs.workshop.enqueue(*left)


def _settle_trash(item):
    if library.disk.original(item.original).exists():
        library.disk.to_trash(item.id, item.original)


def restore(item: Media, user: User) -> Media:
    """Bring a medium back from the trash. Raises Refused."""
    if not access.may(user, "delete", item):
        raise Refused("Only its owner may restore this.", status=403)
    if not item.deleted:
        raise Refused("This is not in the trash.", status=409)
    if item.deleted == GOING:
        raise Refused("This is being removed for good already.", status=409)
    _part(item)  # its photo, which stays in the trash, would take it along
    for one in (item, *pairing.films_of(item, trashed=True)):
        _take_back(one, item.user.username)
        _take_up(one.id)
    events.fire("media.restored", item)
    return Media.by_id(item.id)


def _take_up(id):
    """Queue what waited when it was deleted; what is still being prepared goes on by itself."""
    item = Media.by_id(id)
    left = (item.id, item.kind, item.todo) if item.state == "unprocessed" else pairing.join(item.id)
    if left:
        jobs.workshop.enqueue(*left)


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
    """Remove for good everything a person has in the trash, and files they took from beside others.

    Returns how many media.
    """
    sidecars.destroy_removed(Sidecar.media.in_(Media.select(Media.id).where(Media.user == user)))
    return _destroy(Media.deleted.is_null(False) & (Media.user == user))


def remove(item: Media, user: User):
    """Remove a medium that is in the trash for good, with the film that goes with it. Raises Refused."""
    if not access.may(user, "delete", item):
        raise Refused("Only its owner may delete this.", status=403)
    if not item.deleted:
        raise Refused("This is not in the trash.", status=409)
    _destroy(Media.deleted.is_null(False) & _with_film(item.id))


def _with_film(id):
    return (Media.id == id) | (Media.companion_of == id)


def bytes_of(item: Media) -> int:
    """Bytes that are free once a medium is gone for good, its copies aside."""
    return _bytes(_with_film(item.id), Sidecar.media.in_(Media.select(Media.id).where(_with_film(item.id))))


def filled(user: User) -> tuple[int, int]:
    """(media in a person's trash, bytes that are free once it is empty, copies aside)."""
    there = (Media.user == user) & (Media.deleted > GOING)
    count = Media.select().where(there & Media.companion_of.is_null()).count()
    mine = Sidecar.media.in_(Media.select(Media.id).where(Media.user == user))
    beside = mine & (Sidecar.deleted.is_null(False) | Sidecar.media.in_(Media.select(Media.id).where(there)))
    return count, _bytes(there, beside)


def _bytes(which, beside):
    media = Media.select(fn.COALESCE(fn.SUM(Media.bytes), 0)).where(which).scalar()
    return media + Sidecar.taken(beside)


def _destroy(which):
    """All of them are out of reach at once; then each row goes after its files.

    Whatever a stop cuts off is known still, and the next sweep ends it. Films go before their photos: the row of
    a photo takes theirs along, and with it what says where their files lie.
    """
    Media.update(deleted=GOING).where(which).execute()
    going = list(Media.select().where(which).order_by(Media.companion_of.is_null(), Media.id))
    for item in going:
        _settle_trash(item)
        for place in sidecars.places_of([item.id]):
            library.disk.destroy_original(place)
        library.disk.destroy(item.id)
        Media.delete().where(Media.id == item.id).execute()
    return len(going)


def cut_off() -> list[tuple[int, int, Path]]:
    """Sets of copies that a stop cut off in the making, and that no run will take up: (medium, generation, folder)."""
    sets = list(library.disk.sets_of_copies())  # before the rows: what is finished meanwhile is known to them
    waiting = {row.id for row in Media.unfinished()}
    in_force = set(Media.select(Media.id, Media.generation).tuples().iterator())
    return [each for each in sets if each[0] not in waiting and each[:2] not in in_force]


def drop_cut_off() -> int:
    """Remove such sets; returns how many."""
    found = cut_off()
    for id, generation, _ in found:
        library.disk.drop_derived(id, generation)
    return len(found)


def sweep():
    """The daily tidying: the trash, copies cut off in the making, uploads nobody went on with."""
    empty_trash()
    sidecars.empty_trash()
    drop_cut_off()
    for upload in Upload.select().where(Upload.expires < now()):
        library.disk.drop_incoming(upload.token)
        Upload.delete().where(Upload.id == upload.id).execute()
    library.disk.sweep({upload.token for upload in Upload.select(Upload.token)})
    for place in library.disk.empty_places():
        if not Media.select(Media.id).where(Media.original == place).exists():
            library.disk.unreserve(place)

"""A photo and its film, which a phone keeps as two files, become one medium: the film goes with the photo."""

from datetime import datetime
from pathlib import Path

from goblin import outcome
from goblin.db import db, now
from goblin.models import Media

PHOTOS = {"image/heic", "image/heif", "image/jpeg", "image/x-adobe-dng"}
FILMS = {"video/quicktime", "video/mp4"}
LONGEST = 10.0  # seconds of such a film
UPLOADS_APART, TAKEN_APART = 24 * 3600, 10  # seconds between two that only their names join
SUFFIX = "_HEVC"  # what phones put behind the name of some films
STEP = "motion"  # what the photo's preparation makes of the film
BY_ITSELF = "companion_of"  # among what is `fixed`: its owner took the two apart


def join(id: int) -> tuple[int, str, str] | None:
    """Join a medium that is ready with its other half, if that is ready, too.

    Returns (id, kind, steps) of the run that the photo needs then, or None.
    """
    item = Media.by_id(id)
    if item is None or item.deleted or item.state != "processed" or not (_is_photo(item) or _is_film(item)):
        return None
    other = _by_mark(item) or _by_name(item)
    if other is None:
        return None
    photo, film = (item, other) if item.kind == "image" else (other, item)
    with db.atomic():
        free = (Media.id == film.id) & Media.companion_of.is_null()
        joined = Media.update(companion_of=photo.id, ready=False, updated=now()).where(free).execute()
        again = _have_moved(photo)
    return (photo.id, photo.kind, STEP) if joined and again else None


def part(film: Media) -> tuple[int, str, str] | None:
    """Have a film stand by itself again, for those who may see the photo; the two are not joined any more.

    One that only its secret address shows becomes private: it has no such address of its own. Returns as `join`.
    """
    photo = Media.by_id(film.companion_of_id)
    shown = film.state == "processed" and photo.ready
    values = {
        "companion_of": None,
        "ready": shown,
        "visibility": "private" if photo.visibility == "unlisted" else photo.visibility,
        "fixed": sorted({*film.fixed, BY_ITSELF}),
    }
    with db.atomic():
        Media.update(**values, updated=now()).where(Media.id == film.id).execute()
        return (photo.id, photo.kind, STEP) if _have_moved(photo) else None


def _have_moved(photo) -> bool:
    """Mark a photo for the run that looks at its film; one being prepared meanwhile takes the film up by itself."""
    marks = outcome.read_recipe(photo.made)
    marks.pop(STEP, None)  # so that this run counts as wanted until it was made
    waiting = Media.update(
        state="unprocessed", todo=STEP, attempts=0, made=outcome.say_recipe(marks), updated=now()
    )
    return bool(waiting.where((Media.id == photo.id) & (Media.state == "processed")).execute())


def films_of(photo, trashed: bool = False) -> list[Media]:
    """The films that go with a photo; those in the trash go there and come back with it."""
    going = (Media.companion_of == photo.id) & Media.deleted.is_null(not trashed)
    return list(Media.select().where(going).order_by(Media.id))


def films_beside(photos: list[Media]) -> dict[int, Media]:
    """The film of each photo that has one, by the photo's id; one statement at most, none where none has any."""
    ids = [photo.id for photo in photos if _has_film(photo)]
    going = Media.companion_of.in_(ids) & Media.deleted.is_null()
    return {film.companion_of_id: film for film in Media.select().where(going)} if ids else {}


def _has_film(photo) -> bool:
    there = photo.data.get("film") or photo.files.get(STEP)
    return photo.kind == "image" and there and photo.data.get("film") != "inside"


def _is_photo(item) -> bool:
    moves = item.data.get("film") == "inside" or films_of(item)
    return item.kind == "image" and item.mime in PHOTOS and not moves


def _is_film(item) -> bool:
    short = 0 < (item.duration or 0) <= LONGEST
    alone = item.companion_of_id is None and BY_ITSELF not in item.fixed
    return item.kind == "video" and item.mime in FILMS and short and alone


def _fits(item, other) -> bool:
    return _is_film(other) if item.kind == "image" else _is_photo(other)


def _candidates(item, condition):
    """The person's media that may be the other half; a film that others may not see is not shown in a photo."""
    kind = "video" if item.kind == "image" else "image"
    ready = (Media.kind == kind) & (Media.state == "processed") & Media.deleted.is_null()
    same = (Media.user == item.user_id) & (Media.visibility == item.visibility)
    found = Media.select().where(same & condition & ready).order_by(Media.id)
    return (other for other in found.limit(50) if _fits(item, other))


def _by_mark(item):
    """The same identifier in both, which the phone wrote, is certain."""
    return next(_candidates(item, Media.pair == item.pair), None) if item.pair else None


def _by_name(item):
    """The same name and one more sign that they belong together; not where identifiers say they are strangers."""
    stem = Path(item.name).stem
    stem = stem[: -len(SUFFIX)] if stem.upper().endswith(SUFFIX) else stem
    named = Media.name.between(f"{stem}.", f"{stem}.\uffff")
    named |= Media.name.between(f"{stem}{SUFFIX}.", f"{stem}{SUFFIX}.\uffff")
    return next((other for other in _candidates(item, named) if _alike(item, other)), None)


def _alike(item, other) -> bool:
    if item.pair and other.pair:
        return False
    together = _apart(item.created[:19], other.created[:19]) <= UPLOADS_APART
    sign = item.pair or other.pair or _apart(item.taken, other.taken) <= TAKEN_APART
    return bool(together and sign)


def _apart(one: str | None, other: str | None) -> float:
    """Seconds between two moments; endlessly many where one is not known."""
    if not (one and other):
        return float("inf")
    return abs((datetime.fromisoformat(one) - datetime.fromisoformat(other)).total_seconds())

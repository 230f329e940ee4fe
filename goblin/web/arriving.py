"""Uploads on their way: what arrived of them, the next bytes, and the medium once all are here."""

from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

from goblin import library, sidecars, storage
from goblin.db import from_now
from goblin.details import Details
from goblin.media.writing import subtitles
from goblin.models import Collection, Media, Upload
from goblin.refused import Refused
from goblin.web import callbacks
from goblin.web.guard import viewer

KNOWN_DAYS = 90  # for which a file that is chosen again is known before it is sent
HEAD_SIZE = 4096  # bytes that tell what a file is

# What is hashed of the uploads under way, so that the last byte is not followed by reading all again.
_known: OrderedDict[str, tuple] = OrderedDict()
MOST_KNOWN = 200


def offset_of(upload: Upload) -> int:
    """Bytes that arrived; the file itself knows, whatever happened."""
    return upload.length if upload.medium_id else library.disk.incoming_size(upload.token)


def forget(upload):
    """Throw away what arrived of an upload."""
    _known.pop(upload.token, None)
    library.disk.drop_incoming(upload.token)
    Upload.delete().where(Upload.id == upload.id).execute()


def forget_all():
    """What was hashed of uploads under way, as at a start."""
    _known.clear()


def receive(upload, stream, count):
    """Append to the file; whatever arrived before a cut stays. Raises Refused, storage.Full."""
    incoming = library.disk.incoming(upload.token, _known.pop(upload.token, None))
    try:
        missing = max(0, min(HEAD_SIZE, upload.length) - incoming.size)
        incoming.copy_from(stream, min(missing, count))
        if missing and incoming.size >= min(HEAD_SIZE, upload.length):
            _recognise(upload, incoming.head())
        incoming.copy_from(stream, max(0, count - missing))
    except Refused:
        forget(upload)
        raise
    finally:
        try:
            incoming.sync()
            _remember(upload.token, incoming)
        finally:
            _close(incoming)


def _recognise(upload, head):
    """Raises Refused for what is no medium, and no subtitles of one that is here or on its way."""
    if not sidecars.is_for_another(head, _name_of(upload)):
        library.recognise(head, _name_of(upload))
        return
    if upload.length > subtitles.LARGEST:
        raise Refused(subtitles.TOO_LARGE, "file", 413)
    with suppress(_Early):
        _film_of(upload)


class _Early(Refused):
    """Subtitles are here before their film, which is on its way."""


def _film_of(upload) -> Media:
    """The video or sound that subtitles go beside. Raises Refused, or _Early."""
    name = _name_of(upload)
    try:
        return sidecars.medium_of_sent(viewer(), name)
    except sidecars.Lonely:
        stems = {stem.casefold() for stem in sidecars.stems_of(name)}
        mine = Upload.select(Upload.meta).where((Upload.user == viewer()) & Upload.medium.is_null())
        names = [_name_of(other) for other in mine]
        if any(Path(n).stem.casefold() in stems and not sidecars.goes_beside(n) for n in names):
            raise _Early("What these subtitles belong to is still on its way.", status=423) from None
        raise


def _close(incoming):
    """What cannot be written any more has been said already."""
    with suppress(OSError):
        incoming.close()


def _remember(token, incoming):
    _known[token] = incoming.known
    while len(_known) > MOST_KNOWN:
        _known.popitem(last=False)


def _name_of(upload):
    """As it will be kept: to look for words in a name takes the longer the longer it is."""
    return storage.safe_name(upload.meta.get("filename") or upload.meta.get("name") or "file", longest=250)


def live_on(upload: Upload):
    """Whoever goes on has the full time again; written at most once a day."""
    if upload.expires < from_now(days=library.limits.resume_days - 1):
        upload.expires = from_now(days=library.limits.resume_days)
        Upload.update(expires=upload.expires).where(Upload.id == upload.id).execute()


def finish(upload) -> tuple[Media, bool]:
    """All bytes are here: (the medium they are now, whether it was here before). Raises Refused, storage.Full."""
    details = callbacks.check(Details.from_form(upload.meta))
    details.collection = _collection_of(upload, details)
    incoming = library.disk.incoming(upload.token, _known.pop(upload.token, None))
    beside = sidecars.is_for_another(incoming.head(), _name_of(upload))
    try:
        if beside:
            medium, duplicate = _put_beside(upload, incoming)
        else:
            medium, duplicate = library.take(incoming, _name_of(upload), viewer(), details, reserved=True)
    except Refused as refused:
        if refused.status not in (409, 423):  # which are worth another try
            forget(upload)
        raise
    finally:
        _close(incoming)
    upload.medium, upload.expires = medium, from_now(days=KNOWN_DAYS)
    # Subtitles that are sent once more are looked at anew: they may have been removed.
    mark = "" if beside else upload.fingerprint
    ended = Upload.update(medium=medium, expires=upload.expires, fingerprint=mark)
    ended.where(Upload.id == upload.id).execute()
    if duplicate and details.callback_url:
        callbacks.call()
    return medium, duplicate


def _put_beside(upload, incoming) -> tuple[Media, bool]:
    """(the film that subtitles stand beside now, whether they did before). Raises Refused."""
    film = _film_of(upload)
    with open(incoming.path, "rb") as stream:
        _, there = sidecars.add(film, viewer(), stream, _name_of(upload))
    incoming.discard()
    return film, there


def _collection_of(upload, details):
    """The collection that was chosen; one that was deleted meanwhile must not cost the upload."""
    id = details.collection.removeprefix("id:")
    if id == details.collection:
        return details.collection
    mine = (Collection.user == upload.user_id) & (Collection.id == int(id))
    return details.collection if Collection.select().where(mine).exists() else ""

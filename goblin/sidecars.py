"""Files beside a medium: add subtitles and attachments, change them, remove them and bring them back."""

import secrets
import tempfile
from pathlib import Path
from typing import BinaryIO

from peewee import IntegrityError

from goblin import access, attached, jobs, library, media, storage
from goblin.db import db, from_now, now
from goblin.media.sandbox import Failed
from goblin.media.writing import languages, reading, subtitles
from goblin.models import Media, Sidecar, User
from goblin.models.sidecar import ATTACHMENT, GONE, SUBTITLES
from goblin.refused import Refused
from goblin.wording import clean_line

SUBTITLED = ("video", "audio")  # kinds whose player shows subtitles
MOST = 100  # beside one medium
LONGEST_LABEL = 60
LATELY = 3600  # seconds in which what was sent belongs together

LONELY = "These are subtitles, but no video or sound of that name is here."
WHERE = "Add them on the page of what they belong to: Change, then Subtitles and files beside it."


class Lonely(Refused):
    """There is nothing by whose name subtitles go."""


def add(
    item: Media, user: User, stream: BinaryIO, name: str, said: dict | None = None, size: int = 0
) -> tuple[Sidecar, bool]:
    """Put a file beside a medium: (it, whether it was there already). Raises Refused, storage.Full.

    `said` may name its kind, language and label; what it does not say its name does.
    """
    _require_owner(item, user)
    name = storage.safe_name(name, longest=250)
    kind = _kind(item, name, (said or {}).get("kind", ""))
    library.require_room(user, size)
    incoming = library.disk.incoming(secrets.token_urlsafe(16))
    try:
        most = subtitles.LARGEST if kind == SUBTITLES else library.limits.max_file
        incoming.copy_from(stream, most + 1)
        if not incoming.size:
            raise Refused("This file is empty.", "file")
        values = {"kind": kind, "name": name, **_told(name, kind, said or {})}
        taken = _take(item, user, incoming, values)
    finally:
        incoming.discard()
    _prepare_anew(item)
    return taken


def _prepare_anew(item):
    """Where its preparation reads what lies beside it."""
    if left := attached.again(item):
        jobs.workshop.enqueue(*left)


def goes_beside(name: str) -> bool:
    """Whether a file goes beside a medium rather than being one, if there is one it fits."""
    return subtitles.is_subtitles(name) or media.belongs_beside(name)


def medium_of(user: User, name: str, near: dict[str, set[int]]) -> Media:
    """The video or sound that subtitles belong to by their name: film.de.srt to film.mp4. Raises Refused, Lonely.

    `near` holds the ids of those that lie beside them, by their names without ending, in small letters.
    """
    stems = stems_of(name)
    found = next(filter(None, (near.get(one.casefold()) for one in stems)), None)
    found = found or next(filter(None, (_named(user, one) for one in stems)), set())
    if len(found) > 1:
        raise Refused(f"These subtitles could belong to several videos or sounds. {WHERE}")
    item = Media.by_id(min(found)) if found else None
    if item is None:
        raise Lonely(f"{LONELY} {WHERE}")
    return item


def stems_of(name: str) -> list[str]:
    """What the medium of subtitles may be called without its ending, the likeliest first."""
    stem = Path(name).stem
    return list(dict.fromkeys((stem, languages.from_name(stem).stem)))


def is_for_another(head: bytes, name: str) -> bool:
    """Whether a file that was sent as a medium is subtitles, by its name and its first bytes."""
    return subtitles.is_subtitles(name) and media.identify(head, name) is None


def medium_of_sent(user: User, name: str) -> Media:
    """The same for subtitles that were sent as if they were a medium: lately sent ones are near. Raises as above."""
    near = {stem.casefold(): _named(user, stem, from_now(seconds=-LATELY)) for stem in stems_of(name)}
    try:
        return medium_of(user, name, near)
    except Lonely:
        raise Lonely(library.SUBTITLES_ALONE, "file", 415) from None


def _named(user, stem, since="") -> set[int]:
    """Ids of a person's videos and sounds of a name, whatever its ending."""
    mine = (Media.user == user) & Media.name.between(f"{stem}.", f"{stem}.\uffff") & (Media.created >= since)
    there = Media.kind.in_(SUBTITLED) & Media.deleted.is_null() & Media.companion_of.is_null()
    rows = Media.select(Media.id, Media.name).where(mine & there).limit(50).tuples()
    return {id for id, name in rows if Path(name).stem == stem}


def _require_owner(item, user):
    if not access.may(user, "edit", item):
        raise Refused("Only its owner may change this.", status=403)


def _kind(item, name, wanted):
    if wanted not in ("", SUBTITLES, ATTACHMENT):
        raise Refused("A file is added as subtitles or as an attachment.", "kind")
    if wanted == SUBTITLES and item.kind not in SUBTITLED:
        raise Refused("Only videos and sounds have subtitles; this can be an attachment.", "kind")
    return wanted or (SUBTITLES if item.kind in SUBTITLED and subtitles.is_subtitles(name) else ATTACHMENT)


def _told(name, kind, said):
    """Language and label of subtitles: what is said of them, else what their name says."""
    if kind == ATTACHMENT:
        return {}
    guessed = languages.from_name(Path(name).stem)
    language = _language(said.get("language") or guessed.tag)
    return {"language": language, "label": _label(said.get("label", "")), "traits": guessed.traits}


def _language(tag):
    if not tag:
        return languages.UNKNOWN
    found = languages.checked(tag) if isinstance(tag, str) else None
    if found is None:
        raise Refused("Write the language as a tag like de, en-GB or pt-BR.", "language")
    return found


def _label(text):
    if not isinstance(text, str):
        raise Refused("This must be text.", "label")
    return clean_line(text)[:LONGEST_LABEL]


def _take(item, user, incoming, values):
    """A file that has arrived whole; beside a medium the same one counts once."""
    digest = incoming.finish()
    if values["kind"] == SUBTITLES:
        values |= _shown(incoming.path, "file", language=values["language"])
    with library.turn:
        rows = Sidecar.of([item.id]).get(item.id, [])
        if same := next((r for r in rows if (r.sha256, r.kind) == (digest, values["kind"])), None):
            return same, True
        if len(rows) >= MOST:
            raise Refused(f"There are {MOST} files beside this already, which is the most.", "file")
        arrived = incoming.size
        library.require_room(user, arrived + len(values.get("vtt", b"")), arrived)
        return _enter(item, incoming, {**values, "sha256": digest, "bytes": arrived}), False


def _shown(path: Path, field: str, **how) -> dict:
    """What players get of subtitles, which are read apart; raises Refused for what is none."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        try:
            result = jobs.workshop.sandbox.run(reading.KIND, path, out, how, limits=reading.LIMITS)
        except Failed as failed:
            raise Refused(failed.sentence, field) from None
        vtt = (out / result.files["vtt"].name).read_bytes()
        return {"vtt": vtt, "tells_place": bool(result.data.get("tells_place"))}


def _enter(item, incoming, values):
    """The file comes before the row is promised; a stop between leaves a file that doctor sets aside."""
    created = now()
    place = library.disk.reserve(item.user.username, created, values["name"])
    try:
        with db.atomic():
            row = Sidecar.create(media=item, place=place, created=created, **values)
            library.disk.adopt(incoming.path, place)
        return row
    except IntegrityError:  # the medium went meanwhile
        library.disk.unreserve(place)
        raise Refused("What this was to be beside is not there any more.", "file", 409) from None
    except OSError as error:
        library.disk.unreserve(place)
        storage.raise_full(error)


def edit(item: Media, row: Sidecar, user: User, changes: dict) -> Sidecar:
    """Change what a form or JSON names: name; of subtitles also language, label, text. Raises Refused."""
    _require_owner(item, user)
    values = {}
    if "name" in changes:
        values["name"] = _name(row, changes["name"])
    if row.kind == SUBTITLES:
        values |= {k: check(changes[k]) for k, check in CHECKS.items() if k in changes}
        if "text" in changes:
            values |= _edited(row, user, changes["text"])
        if values.get("language", row.language) != row.language and values.get("vtt", row.vtt) == row.vtt:
            values |= _read_again(row, values["language"])
    if values:
        Sidecar.update(**values).where(Sidecar.id == row.id).execute()
        _prepare_anew(item)
    return Sidecar.one(item, row.id)


CHECKS = {"language": _language, "label": _label}


def _name(row, text):
    if not isinstance(text, str):
        raise Refused("This must be text.", "name")
    return storage.safe_name(text, longest=250) if text.strip() else row.name


def _edited(row, user, text):
    if not isinstance(text, str):
        raise Refused("This must be text.", "text")
    with tempfile.NamedTemporaryFile(suffix=".vtt") as file:
        file.write(text.encode())
        file.flush()
        shown = _shown(Path(file.name), "text", edited=True)
    library.require_room(user, max(0, len(shown["vtt"]) - len(row.vtt)))
    return shown


def _read_again(row, language):
    """Letters of old files depend on their language; what the owner wrote over them stays."""
    path = library.disk.original(row.place) if row.place else None
    if not path or not path.exists():
        return {}
    if _shown(path, "file", language=row.language)["vtt"] != row.vtt:
        return {}
    return _shown(path, "language", language=language)


def may_see(viewer: User | None, item: Media, row: Sidecar) -> bool:
    """Whether somebody who may see a medium may see this beside it: not where its owner hides the place it tells."""
    return not row.tells_place or access.may_see_place(viewer, item)


def remove(item: Media, row: Sidecar, user: User):
    """Take a file away; for a while it can be brought back. Raises Refused."""
    _require_owner(item, user)
    Sidecar.update(deleted=now()).where((Sidecar.id == row.id) & Sidecar.deleted.is_null()).execute()
    _prepare_anew(item)


def restore(item: Media, row: Sidecar, user: User) -> Sidecar:
    """Bring back a file that was removed. Raises Refused."""
    _require_owner(item, user)
    Sidecar.update(deleted=None).where(Sidecar.id == row.id).execute()
    _prepare_anew(item)
    return Sidecar.one(item, row.id)


def places_of(ids: list[int]) -> list[str]:
    """Where the files of these media's sidecars lie; to be asked before their rows go."""
    return [row.place for row in Sidecar.files().where(Sidecar.media.in_(ids))]


def empty_trash():
    """Remove for good what was taken away long enough ago."""
    destroy_removed(Sidecar.deleted < from_now(days=-library.limits.trash_days))


def destroy_removed(which):
    """Remove for good those a condition names of the files that were taken away; each row after its file.

    Of subtitles that were inside a film the row stays, so that they are not taken out of it again.
    """
    gone = Sidecar.deleted.is_null(False) & which
    emptied = Sidecar.update(kind=GONE, vtt=None, name="", label="")
    emptied.where(gone & Sidecar.track.is_null(False) & (Sidecar.kind != GONE)).execute()
    for row in list(Sidecar.files().where(gone)):
        library.disk.destroy_original(row.place)
        Sidecar.delete().where(Sidecar.id == row.id).execute()

"""Subtitles that were inside a film stand beside it as all others do, and are then the owner's to change."""

from pathlib import Path

from peewee import IntegrityError

from goblin.db import db
from goblin.media import Result
from goblin.media.av import tracks
from goblin.media.writing import languages, subtitles
from goblin.models import Media, Sidecar
from goblin.models.sidecar import SUBTITLES
from goblin.wording import clean_line


def keep(item: Media, result: Result, out: Path):
    """Take the subtitles out of what a run made; those of a track that was taken out before stay as they are."""
    files = {role: result.files.pop(role) for role in list(result.files) if role.startswith(tracks.ROLE)}
    known = result.data.pop("inside", [])[: tracks.MOST]
    there = Sidecar.tracks_of(item) if known else set()
    for each in known:
        file = files.get(f"{tracks.ROLE}{each['track']}")
        if file and each["track"] not in there:
            _enter(item, each, out / file.name)
    for file in files.values():
        (out / file.name).unlink()


def _enter(item, each, path):
    if path.stat().st_size > 2 * subtitles.LARGEST:
        return
    language = languages.checked(each["language"]) or languages.UNKNOWN
    values = {"language": language, "label": _label(each["title"], language), "traits": each["traits"]}
    values |= {"name": _name(item, language, each), "tells_place": bool(each["tells_place"])}
    try:
        with db.atomic():
            Sidecar.create(
                **{"media": item, "kind": SUBTITLES, "track": int(each["track"]), "vtt": path.read_bytes()},
                **{"bytes": 0, "sha256": "", "place": "", **values},
            )
    except IntegrityError:  # the film went meanwhile
        pass


def _label(title, language) -> str:
    """What readers choose it by: with the language where its maker wrote only what else it is; else nothing."""
    title, named = clean_line(title)[:60], languages.name_of(language)
    if not title or language == languages.UNKNOWN or named.casefold() in title.casefold():
        return "" if title.casefold() == named.casefold() else title
    return f"{named}: {title}"[:60]


def _name(item, language, each) -> str:
    words = [
        Path(item.name).stem[:100],
        str(each["track"]),
        *([language] if language != languages.UNKNOWN else []),
    ]
    return ".".join([*words, *each["traits"].split(), "vtt"])

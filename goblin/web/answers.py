"""Media as JSON, see the interface."""

from goblin import access, pairing
from goblin.models import Media, Sidecar, Tag, facts
from goblin.web import pages
from goblin.web.addresses import Files
from goblin.web.beside import Beside
from goblin.web.markdown import to_html
from goblin.web.sheet import place_of


def media_json(media: list[Media], viewer, key: str | None = None) -> list[dict]:
    """The media as JSON (see the interface); the number of statements does not grow with them."""
    ids = [m.id for m in media]
    tags = {}
    for tag in Tag.select().where(Tag.media.in_(ids)).order_by(Tag.id):
        tags.setdefault(tag.media_id, []).append(tag.word)
    known, beside, films = facts.read_many(media), Sidecar.of(ids), pairing.films_beside(media)
    return [
        _one_json(
            *(m, viewer, key, films.get(m.id), tags.get(m.id, []), known.get(m.id, {}), beside.get(m.id, []))
        )
        for m in media
    ]


def _one_json(m, viewer, key, film, tags, known, beside):
    mine, files = access.may(viewer, "edit", m), Files(m, viewer, key)
    return {
        **_words_json(m, key),
        **_state_json(m, mine),
        "tags": tags,
        "location": place_of(m, viewer),
        "facts": known if mine or m.show_facts else {},
        "comments": 0,
        "favourites": 0,
        "files": _files_json(m, files) | _film_json(film, files),
        **Beside(beside, files).answer(),
    }


def _words_json(m, key):
    """What is said of it, and by whom."""
    secret = key or (m.visibility == "unlisted" and m.secret)
    at = f"/s/{m.secret}/" if secret else f"/u/{m.user.username}/m/{m.slug}/"
    return {
        "id": m.id,
        "url": pages.absolute(at),
        "slug": m.slug,
        "title": m.title,
        "description": m.description,
        "description_html": to_html(m.description),
        "uploader": {"username": m.user.username, "url": pages.absolute(f"/u/{m.user.username}/")},
        "created": m.created[:19] + "Z",
        "taken": m.taken + (m.taken_offset or "") if m.taken else None,
        "license": m.license,
        "visibility": m.visibility,
    }


def _state_json(m, mine):
    """What it is, and how far its preparing is; what went wrong is for its owner."""
    return {
        "kind": m.kind,
        "state": m.state,
        "progress": m.progress,
        "error": (mine and m.error) or None,
        "width": m.width,
        "height": m.height,
        "duration": m.duration,
    }


def _film_json(film, files):
    """The film that came with a photo as a file of its own."""
    address = files.film(film)
    return (
        {"film": {"url": pages.absolute(address), "bytes": film.bytes, "type": film.mime}} if address else {}
    )


def _files_json(m, files):
    answer = {}
    if address := files.original():
        answer["original"] = {"url": pages.absolute(address), "bytes": m.bytes, "type": m.mime}
    if (address := files.download()) and m.ready:
        answer["download"] = {"url": pages.absolute(address), "bytes": m.bytes, "type": m.mime}
    for role, file in m.files.items():
        answer[role] = {
            "url": pages.absolute(files.copy(role)),
            **{k: file[k] for k in ("type", "width", "height", "bytes") if file.get(k)},
        }
    play, mime = files.play()
    if play and "play" not in answer:
        answer["play"] = {"url": pages.absolute(play), "type": mime}
    return answer

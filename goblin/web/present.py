"""How media are shown: a light Tile for lists, a Sheet for the page, and the JSON of both."""

import html
import math
import os.path
import threading
from collections import OrderedDict

from goblin import access, pairing
from goblin import media as kinds
from goblin.details import LICENCES
from goblin.models import Collection, Media, Sidecar, Tag, User, facts
from goblin.web import pages
from goblin.web.beside import Beside

TILE_COLUMNS = (
    *(Media.id, Media.slug, Media.title, Media.kind, Media.width, Media.height, Media.duration),
    *(Media.animated, Media.placeholder, Media.state, Media.visibility, Media.created, Media.ordered),
    *(Media.generation, Media.thumbs, Media.secret, User.username),
)
ROW = (*(column.name for column in TILE_COLUMNS[:-1]), "who")
# The widths of a tile relative to its height that the stylesheet knows; a step is 2 %, which nobody sees.
RATIO_STEP = math.log(1.02)
NARROWEST, WIDEST = 25, 500


class Tile:
    """What a list shows of a medium."""

    __slots__ = (*ROW, "_html", "href", "pages", "ratio", "srcset", "thumb")

    def __init__(self, row):
        for name, value in zip(ROW, row, strict=True):
            setattr(self, name, value)
        secret, thumbs = self.secret, self.thumbs
        at = pages.prefix()
        if self.visibility == "unlisted" and secret:
            self.href, folder = f"{at}/s/{secret}/", f"{at}/s/{secret}/f/{self.generation}/"
        else:
            self.href, folder = f"{at}/u/{self.who}/m/{self.slug}/", f"{at}/f/{self.id}/{self.generation}/"
        sizes = [part.split(" ") for part in thumbs.split(",")] if thumbs else []
        self.thumb = folder + sizes[0][0] if sizes else None
        self.srcset = (
            ", ".join([f"{folder}{name} {width}w" for name, width in sizes]) if len(sizes) > 1 else ""
        )
        self.ratio = quantise(self.width, self.height)
        self.pages = None
        self._html = {}

    @property
    def day(self) -> str:
        return self.ordered[:10]

    def html(self, lazy: bool) -> str:
        """The tile as it stands in a grid, drawn once; `lazy` for those below the first rows."""
        if lazy not in self._html:
            self._html[lazy] = pages.draw("_tile.tpl", tile=self, lazy=lazy)
        return self._html[lazy]


# Tiles drawn lately, by id, last change and where the gallery is mounted: the same few thousand are asked for
# again and again, and drawing one costs more than everything else about it.
MOST_TILES = 4000
_tiles: OrderedDict[tuple, Tile] = OrderedDict()
_tiles_lock = threading.Lock()


def tiles_of(keys: list[tuple]) -> list[Tile]:
    """Tiles of rows (id, updated, ...) that the viewer may see, in their order; one statement at the most."""
    at = pages.prefix()
    wanted = [(key[0], key[1], at) for key in keys]
    with _tiles_lock:
        found = {key: _tiles[key] for key in wanted if key in _tiles}
    if missing := [key for key in wanted if key not in found]:
        rows = (
            Media.select(*TILE_COLUMNS).join(User).where(Media.id.in_([key[0] for key in missing])).tuples()
        )
        drawn = {row[0]: Tile(row) for row in rows}
        fresh = {key: drawn[key[0]] for key in missing if key[0] in drawn}
        found |= fresh
        with _tiles_lock:
            _tiles.update(fresh)
            while len(_tiles) > MOST_TILES:
                _tiles.popitem(last=False)
    return [found[key] for key in wanted if key in found]


def forget_tiles():
    """Draw everything anew: another boot, another theme."""
    with _tiles_lock:
        _tiles.clear()


def tile_of(media: Media) -> Tile:
    """The tile of a whole row."""
    return Tile([*(getattr(media, column.name) for column in TILE_COLUMNS[:-1]), media.user.username])


def quantise(width: int | None, height: int | None) -> int:
    """width * 100 / height, clamped and rounded to the steps for which the stylesheet has a class."""
    if not width or not height:
        return 100
    ratio = min(max(width * 100 / height, NARROWEST), WIDEST)
    return min(
        max(round(100 * math.exp(round(math.log(ratio / 100) / RATIO_STEP) * RATIO_STEP)), NARROWEST), WIDEST
    )


class Files:
    """The addresses of a medium's files, as a viewer may have them."""

    def __init__(self, media: Media, viewer, key: str | None):
        self.media, self.viewer = media, viewer
        unlisted = media.visibility == "unlisted" and media.secret
        self._at = (
            f"/s/{media.secret}/f/" if unlisted and (key or _is_owner(viewer, media)) else f"/f/{media.id}/"
        )

    def copy(self, role: str) -> str | None:
        """A derivative's address, or None when there is none of that role."""
        file = self.media.files.get(role)
        return f"{self._at}{self.media.generation}/{file['name']}" if file else None

    def original(self) -> str | None:
        """The untouched file's, for whom it is meant."""
        allowed = access.may(self.viewer, "original", self.media, self.media.secret)
        return f"{self._at}original/{_in_path(self.media.name)}" if allowed else None

    def download(self) -> str | None:
        """The file with what its owner hides taken out; None when that cannot be taken out."""
        if not self.original() and self.media.data.get("place_stays") and not self.media.show_place:
            return None
        return f"{self._at}download/{_in_path(self.media.name)}"

    def film(self) -> str | None:
        """The untouched film that came with a photo that moves, for its owner."""
        beside = self.media.files.get("motion") and self.media.data.get("film") != "inside"
        films = pairing.films_of(self.media) if beside and _is_owner(self.viewer, self.media) else []
        return f"/f/{films[0].id}/original/{_in_path(films[0].name)}" if films else None

    def beside(self, row: Sidecar, name: str, what: str) -> str:
        """The address of a file beside it, under a name."""
        return f"{self._at}{what}/{row.id}/{_in_path(name)}"

    def play(self) -> tuple[str | None, str]:
        """(address, mime type) of what a browser can play."""
        if file := self.media.files.get("play"):
            return self.copy("play"), file["type"]
        if self.media.data.get("plays") and self.download():
            ending = _in_path(os.path.splitext(self.media.name)[1])
            return f"{self._at}play/{self.media.generation}{ending}", self.media.mime
        return None, ""


def _in_path(name):
    """A person's file name as a part of an address, whatever signs are in it."""
    return pages.quote(name, safe="")


def _is_owner(viewer, media):
    return viewer is not None and viewer.id == media.user_id


class Sheet(Tile):
    """What the page of a medium shows."""

    __slots__ = ("__dict__",)

    def __init__(self, media: Media, viewer, key: str | None = None):
        row = [getattr(media, c.name) for c in TILE_COLUMNS[:-1]]
        super().__init__([*row, media.user.username])
        files = Files(media, viewer, key)
        self.person, self.key, self.data, self.name, self.bytes = (
            media.user,
            key,
            media.data,
            media.name,
            media.bytes,
        )
        self.error, self.detail, self.progress, self.step = (
            media.error,
            media.detail,
            media.progress,
            kinds.say_step(media.kind, media.step),
        )
        self.description, self.description_html = media.description, to_html(media.description)
        self.taken, self.license, self.licence = (
            media.taken,
            media.license,
            LICENCES.get(media.license, ""),
        )
        self._address(files, media)
        if shown := media.data.get("shown") if media.kind == "video" else None:
            self.ratio = quantise(*shown)  # pixels of a film may be wider than high
        beside = Beside(Sidecar.of([media.id]).get(media.id, []), files)
        self.subtitles, self.attachments = beside.subtitles, beside.attachments
        self.ready, self.lacks = media.ready, media.lacks
        # A film of which there is a poster, but no copy that browsers play, yet or at all.
        slow = kinds.parted(media.kind, [])[1]
        later = any("play" in kinds.steps_of(media.kind)[step].roles for step in slow)
        self.copying = media.ready and later and not self.play and media.state != "processed"
        self.player = pages.first_template(f"player_{media.kind}.tpl", "player_file.tpl")
        tags = Tag.of(media)
        self.tags = [tag.word for tag in tags]
        self.tag_links = [(tag.word, pages.url(f"/tag/{tag.key}/")) for tag in tags]
        shows_place = access.may_see_place(viewer, media) and media.lat is not None
        self.location = {"lat": media.lat, "lon": media.lon} if shows_place else None
        self.facts = shown_facts(media) if access.may_see_facts(viewer, media) else []
        self.show_place, self.show_facts, self.share_original = (
            media.show_place,
            media.show_facts,
            media.share_original,
        )
        base = f"/u/{media.user.username}/m/{media.slug}/"
        mine = access.may(viewer, "edit", media)
        # Whoever was given the address of one medium is not told which albums there are.
        holding = Collection.holding(media) if mine or not key else ()
        self.collections = [
            (c.title, pages.url(f"/u/{c.user.username}/collection/{c.slug}/")) for c in holding
        ]
        for verb in ("edit", "delete", "retry", "renew", "again", "files"):
            setattr(self, verb, pages.url(f"{base}{verb}/") if mine else None)
        self.share = (
            pages.absolute(f"/s/{media.secret}/") if mine and media.visibility == "unlisted" else None
        )

    def _address(self, files, media):
        """The addresses of the files; those that the viewer may not have are None."""

        def ready(path):
            return pages.url(path) if path else None

        self.view, self.large, self.waveform = (ready(files.copy(r)) for r in ("view", "large", "waveform"))
        numbered = sorted(int(role[5:]) for role in media.files if role.startswith("page-"))
        self.page_images = [(ready(files.copy(f"page-{n}")), n, media.files[f"page-{n}"]) for n in numbered]
        self.copies = {role: ready(files.copy(role)) for role in media.files}
        self.poster = self.view
        shown = [
            (r, media.files[r]["width"]) for r in ("thumb", "thumb2", "view", "large") if r in media.files
        ]
        self.view_srcset = ", ".join(f"{ready(files.copy(r))} {width}w" for r, width in shown)
        self.film = ready(files.film())
        play, self.play_type = files.play()
        self.play, self.original, self.download = (
            ready(play),
            ready(files.original()),
            ready(files.download()),
        )


# What is said of a medium, in this order; what else a kind of media brings follows under its own names.
LABELS = {
    "artist": "Artist",
    "album": "Album",
    "track": "Track",
    "year": "Year",
    "genre": "Genre",
    "camera": "Camera",
    "lens": "Lens",
    "exposure": "Exposure",
    "aperture": "Aperture",
    "iso": "Sensitivity",
    "focal": "Focal length",
    "frames": "Frames",
    "codecs": "Format",
    "tracks": "Tracks of sound",
    "fps": "Pictures a second",
    "channels": "Channels",
    "triangles": "Triangles",
    "dimensions": "Dimensions",
}
UNSAID = {"codec", "audio_codec", "rotation", "size_x", "size_y", "size_z"}  # said better by another


def shown_facts(media: Media) -> list[tuple[str, str]]:
    """Label and value of what is known, ready to show; the kind's own words before bare values."""
    said = {name: media.data[name] for name in LABELS if media.data.get(name)}
    known = media.data.get("facts", {}) | said
    order = [*(n for n in LABELS if n in known), *(n for n in known if n not in LABELS and n not in UNSAID)]
    return [(LABELS.get(n) or n.replace("_", " ").capitalize(), _say(known[n])) for n in order]


def _say(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


def to_html(markdown: str) -> str:
    """Markdown as safe HTML: no raw HTML, no dangerous links."""
    if not markdown:
        return ""
    if not set(markdown) & set("*_`[]()#>-+=|~\\&<:!\n\t1234567890"):
        return f"<p>{html.escape(markdown)}</p>\n"
    from goblin.web.markdown import to_html as convert

    return convert(markdown)


def media_json(media: list[Media], viewer, key: str | None = None) -> list[dict]:
    """The media as JSON (see the interface); the number of statements does not grow with them."""
    ids = [m.id for m in media]
    tags = {}
    for tag in Tag.select().where(Tag.media.in_(ids)).order_by(Tag.id):
        tags.setdefault(tag.media_id, []).append(tag.word)
    known, beside = facts.read_many(media), Sidecar.of(ids)
    return [
        _one_json(m, viewer, key, tags.get(m.id, []), known.get(m.id, {}), beside.get(m.id, []))
        for m in media
    ]


def _one_json(m, viewer, key, tags, known, beside):
    place = access.may_see_place(viewer, m) and m.lat is not None
    at = (
        f"/s/{m.secret}/"
        if key or (m.visibility == "unlisted" and m.secret)
        else f"/u/{m.user.username}/m/{m.slug}/"
    )
    mine, files = access.may(viewer, "edit", m), Files(m, viewer, key)
    return {
        "id": m.id,
        "url": pages.absolute(at),
        "slug": m.slug,
        "title": m.title,
        "description": m.description,
        "description_html": to_html(m.description),
        "kind": m.kind,
        "state": m.state,
        "progress": m.progress,
        "error": m.error or None,
        "uploader": {"username": m.user.username, "url": pages.absolute(f"/u/{m.user.username}/")},
        "created": m.created[:19] + "Z",
        "taken": m.taken + (m.taken_offset or "") if m.taken else None,
        "license": m.license,
        "visibility": m.visibility,
        "tags": tags,
        "width": m.width,
        "height": m.height,
        "duration": m.duration,
        "location": {"lat": m.lat, "lon": m.lon} if place else None,
        "facts": known if mine or m.show_facts else {},
        "comments": 0,
        "favourites": 0,
        "files": _files_json(m, files),
        **Beside(beside, files).answer(),
    }


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

"""What the page of a medium shows."""

from goblin import access, pairing
from goblin import media as kinds
from goblin.details import LICENCES
from goblin.models import Collection, Media, Sidecar, Tag
from goblin.web import pages
from goblin.web.addresses import Files
from goblin.web.beside import Beside
from goblin.web.markdown import to_html
from goblin.web.names import FACTS, of_fact
from goblin.web.tiles import TILE_COLUMNS, Tile, quantise

UNSAID = {"codec", "audio_codec", "rotation", "size_x", "size_y", "size_z"}  # said better by another


def shown_facts(media: Media) -> list[tuple[str, str]]:
    """Label and value of what is known, ready to show; the kind's own words before bare values."""
    said = {name: media.data[name] for name in FACTS if media.data.get(name)}
    known = media.data.get("facts", {}) | said
    order = [*(n for n in FACTS if n in known), *(n for n in known if n not in FACTS and n not in UNSAID)]
    return [(of_fact(n), _say(known[n])) for n in order]


def _say(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


class Sheet(Tile):
    """A medium as its page shows it to a viewer, who may have come by the secret address `key`."""

    __slots__ = ("__dict__",)

    def __init__(self, media: Media, viewer, key: str | None = None):
        row = [getattr(media, c.name) for c in TILE_COLUMNS[:-1]]
        super().__init__([*row, media.user.username])
        if shown := media.data.get("shown") if media.kind == "video" else None:
            self.ratio = quantise(*shown)  # pixels of a film may be wider than high
        self.person, self.key = media.user, key
        files, mine = Files(media, viewer, key), access.may(viewer, "edit", media)
        self._describe(media, viewer)
        self._address(files, media)
        self._report(media)
        self._gather(media, files)
        # Whoever was given the address of one medium is not told which albums there are.
        self.collections = _albums(media, viewer) if mine or not key else []
        self._offer(media, mine)

    def _describe(self, media, viewer):
        """Its words and facts."""
        self.data, self.name, self.bytes = media.data, media.name, media.bytes
        self.description, self.description_html = media.description, to_html(media.description)
        self.taken, self.license = media.taken, media.license
        self.licence = LICENCES.get(media.license, "")
        self.location = place_of(media, viewer)
        self.facts = shown_facts(media) if access.may_see_facts(viewer, media) else []
        self.show_place, self.show_facts = media.show_place, media.show_facts
        self.share_original = media.share_original

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
        self.film = ready(files.film(pairing.films_beside([media]).get(media.id)))
        play, self.play_type = files.play()
        self.play, self.original = ready(play), ready(files.original())
        self.download = ready(files.download())

    def _report(self, media):
        """How far preparing it is, and what plays it."""
        self.error, self.detail, self.lacks = media.error, media.detail, media.lacks
        self.progress, self.step = media.progress, kinds.say_step(media.kind, media.step)
        self.ready = media.ready
        # A film of which there is a poster, but no copy that browsers play, yet or at all.
        slow = kinds.parted(media.kind, [])[1]
        later = any("play" in kinds.steps_of(media.kind)[step].roles for step in slow)
        self.copying = media.ready and later and not self.play and media.state != "processed"
        self.player = pages.first_template(f"player_{media.kind}.tpl", "player_file.tpl")

    def _gather(self, media, files):
        """What belongs to it: files beside it, tags."""
        beside = Beside(Sidecar.of([media.id]).get(media.id, []), files)
        self.subtitles, self.attachments = beside.subtitles, beside.attachments
        tags = Tag.of(media)
        self.tags = [tag.word for tag in tags]
        self.tag_links = [(tag.word, pages.url(f"/tag/{tag.key}/")) for tag in tags]

    def _offer(self, media, mine):
        """The addresses of what its owner can do with it."""
        base = f"/u/{media.user.username}/m/{media.slug}/"
        for verb in ("edit", "delete", "retry", "renew", "again", "files", "part"):
            setattr(self, verb, pages.url(f"{base}{verb}/") if mine else None)
        unlisted = mine and media.visibility == "unlisted"
        self.share = pages.absolute(f"/s/{media.secret}/") if unlisted else None


def _albums(media, viewer) -> list[tuple[str, str]]:
    """Title and address of the collections it is in, of which the viewer may know."""
    held = [album for album in Collection.holding(media) if access.may_see_collection(viewer, album)]
    return [(c.title, pages.url(f"/u/{c.user.username}/collection/{c.slug}/")) for c in held]


def place_of(media: Media, viewer) -> dict | None:
    """Where it was taken, in degrees, for those who are shown it."""
    shown = media.lat is not None and access.may_see_place(viewer, media)
    return {"lat": media.lat, "lon": media.lon} if shown else None

"""How lists show media: a light Tile each, drawn once and kept."""

import math
import threading
from collections import OrderedDict

from goblin.models import Media, User
from goblin.models.media import UNDATED
from goblin.web import pages

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

    __slots__ = (*ROW, "_html", "holes", "href", "pages", "ratio", "srcset", "thumb")

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
        self.holes = bool(self.thumb) and not self.thumb.endswith(".jpg")  # what one may see through
        self.srcset = (
            ", ".join([f"{folder}{name} {width}w" for name, width, *_ in sizes]) if len(sizes) > 1 else ""
        )
        # A film's pixels may be wider than high: then its poster says how it is shown.
        shown = sizes[0][1:] if self.width and sizes and len(sizes[0]) == 3 else (self.width, self.height)
        self.ratio = quantise(*(side and int(side) for side in shown))
        self.pages = None
        self._html = {}

    def day(self, order: str) -> str:
        """The day under which a list shows it, empty for what has no date."""
        if order != "taken":
            return self.created[:10]
        return "" if self.ordered.startswith(UNDATED) else self.ordered[:10]

    @property
    def clear(self) -> bool:
        """Whether one may see through the picture, and it is not a drawing of ours."""
        return self.holes and self.kind in ("image", "svg")

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

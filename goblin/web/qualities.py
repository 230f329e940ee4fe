"""Which copy of a film is played: the one the address asks for, else a smaller one where a browser saves data."""

from dataclasses import dataclass
from urllib.parse import urlencode

from bottle import request

from goblin.models import Media
from goblin.web.forms import query

ROLE = "play-"  # and the pixels of the shorter side
SAVING = 480  # pixels of the shorter side that are enough for who saves data


@dataclass
class Quality:
    """One copy of a film: pixels of its shorter side, where it is, and where the page that plays it is."""

    side: int
    address: str
    type: str
    bytes: int | None
    href: str
    chosen: bool = False


def offered(media: Media, sheet) -> list[Quality]:
    """The copies of a film to choose from, the largest first; none where there is one only.

    The chosen one is what the sheet plays from then on.
    """
    smaller = sorted((int(role[len(ROLE) :]) for role in media.files if role.startswith(ROLE)), reverse=True)
    if not (smaller and sheet.play):
        return []
    main = Quality(_main_side(media), sheet.play, sheet.play_type, _main_bytes(media), _href(sheet.href, ""))
    found = [main, *(_smaller(media, sheet, side) for side in smaller)]
    chosen = _choose(found)
    chosen.chosen = True
    sheet.play, sheet.play_type = chosen.address, chosen.type
    return found


def _smaller(media, sheet, side):
    role = f"{ROLE}{side}"
    file = media.files[role]
    return Quality(side, sheet.copies[role], file["type"], file["bytes"], _href(sheet.href, side))


def _main_side(media):
    file = media.files.get("play") or {}
    sizes = (file.get("width"), file.get("height"), *media.data.get("shown", ()))
    return min(filter(None, sizes[:2] if sizes[0] else sizes[2:]), default=0)


def _main_bytes(media):
    return (media.files.get("play") or {}).get("bytes") or media.bytes


def _href(page, side):
    """The page's address with that quality, in the list one came from."""
    kept = {name: query(name) for name in ("in", "order") if query(name)}
    return page.partition("?")[0] + "?" + urlencode({**kept, "quality": side or "full"})


def _choose(found):
    asked = query("quality")
    if asked:
        return next((one for one in found if str(one.side) == asked), found[0])
    if (request.get_header("Save-Data") or "").lower() == "on":
        return next((one for one in found[1:] if one.side <= SAVING), found[-1])
    return found[0]

"""What a person says of a medium, and whether it can be so."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from goblin import access
from goblin.models import Media
from goblin.models.media import MOST_TAGS, in_time
from goblin.refused import Refused
from goblin.slugs import free_slug, slug_of
from goblin.wording import clean_line, clean_text, yes_or_no

LICENCES = {
    "": "All rights reserved",
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC BY-SA 4.0",
    "https://creativecommons.org/licenses/by-nd/4.0/": "CC BY-ND 4.0",
    "https://creativecommons.org/licenses/by-nc/4.0/": "CC BY-NC 4.0",
    "https://creativecommons.org/licenses/by-nc-sa/4.0/": "CC BY-NC-SA 4.0",
    "https://creativecommons.org/licenses/by-nc-nd/4.0/": "CC BY-NC-ND 4.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0 1.0 (public domain)",
}
GIVEN = ("title", "description", "license", "visibility", "collection", "callback_url")
LONGEST = {"title": 200, "description": 20_000}
TAKEN = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?")


@dataclass
class Details:
    """What an uploader says of a file."""

    title: str = ""
    description: str = ""
    tags: list[str] = field(default_factory=list)
    license: str = ""
    visibility: str = ""
    collection: str = ""  # its title, or id:N
    callback_url: str = ""  # gets the medium's JSON once it is prepared
    home: str = ""  # the gallery's own address as the uploader knows it, for that JSON

    @classmethod
    def from_form(cls, form: dict) -> "Details":
        """From a form, JSON or upload metadata: all texts, tags parted by commas. Raises Refused."""
        given = {name: form[name] for name in GIVEN if form.get(name)}
        if wrong := next((k for k, v in given.items() if not isinstance(v, str)), None):
            raise Refused("This must be text.", wrong)
        details = cls(**given, tags=split_tags(form.get("tags") or ""))
        details.check()
        return details

    def check(self):
        """Raises Refused naming the field that cannot be."""
        if self.visibility and self.visibility not in access.VISIBILITIES:
            raise Refused("Choose who may see this: public, unlisted, members or private.", "visibility")
        if self.license not in LICENCES:
            raise Refused("Choose one of the licences in the list.", "license")
        for name in ("title", "description"):
            if len(getattr(self, name)) > LONGEST[name]:
                raise Refused(f"This is too long; {LONGEST[name]} characters at most.", name)


def split_tags(text) -> list[str]:
    """Tags from "sea, summer" or a list. Raises Refused."""
    words = text.split(",") if isinstance(text, str) else text
    if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
        raise Refused("Tags are words parted by commas.", "tags")
    words = [word.strip() for word in words if word.strip()]
    if len(words) > MOST_TAGS:
        raise Refused(f"A medium has {MOST_TAGS} tags at most; these are {len(words)}.", "tags")
    return words


def switch(fields: dict, name: str) -> bool:
    """A field that is yes or no, as a form or JSON says it; an empty one is no. Raises Refused."""
    try:
        return yes_or_no(fields[name] if fields[name] != "" else False)
    except ValueError:
        raise Refused("This is yes or no.", name) from None


def changed(item: Media, changes: dict) -> dict:
    """The columns of a medium that become something else. Raises Refused."""
    texts = {k: changes[k] for k in ("title", "description", "license", "visibility", "slug") if k in changes}
    if wrong := next((k for k, v in texts.items() if not isinstance(v, str)), None):
        raise Refused("This must be text.", wrong)
    Details(**{k: v for k, v in texts.items() if k != "slug"}).check()
    if texts.get("visibility") == "":
        raise Refused("Choose who may see this.", "visibility")
    values = {k: v for k, v in texts.items() if k != "slug"}
    if "title" in texts:
        values["title"] = clean_line(texts["title"]) or Path(item.name).stem
    if "description" in texts:
        values["description"] = clean_text(texts["description"])
    for name in ("show_place", "show_facts", "share_original"):
        if name in changes:
            values[name] = switch(changes, name)
    if texts.get("slug") and (slug := slug_of(texts["slug"])) != item.slug:
        values["slug"] = free_slug(Media, item.user_id, slug)
    if "taken" in changes:
        values.update(_taken(item, changes["taken"]))
    return {name: value for name, value in values.items() if value != getattr(item, name)}


def _taken(item, text):
    taken = _parse_taken(text)
    if taken and item.taken and len(text) == 16 and item.taken.startswith(taken[:16]):
        return {}  # a field for date and time shows no seconds; what is sent back unchanged changes nothing
    if taken == item.taken:
        return {}
    return {"taken": taken, "taken_offset": None, "ordered": in_time(taken, item.created)}


def _parse_taken(text):
    if not text:
        return None
    if not isinstance(text, str) or not TAKEN.fullmatch(text):
        raise Refused("Write the date like 2026-08-01 or 2026-08-01 17:03.", "taken")
    try:
        return datetime.fromisoformat(text).isoformat(timespec="seconds")
    except ValueError:
        raise Refused("There is no such date.", "taken") from None

"""The pages of a document on its page: a group at a time, drawn once somebody opens them."""

from bottle import request

from goblin import reprocessing
from goblin.media import parted
from goblin.models import Media
from goblin.web.forms import query

STEP = "more"  # of a kind with pages: those that a reader opened


class Leaves:
    """The group of pages a reader opened: `first` to `last` of `shown`, and which of them there are.

    `coming` says that they are still to be drawn.
    """

    def __init__(self, media: Media, images: list[tuple], number: int):
        data = media.data
        self.count = data.get("pages") or len(images)
        self.shown = data.get("shown") or len(images)
        self.group = data.get("group") or max(self.shown, 1)
        number = min(max(number, 1), max(self.shown, 1))
        self.asked = number
        self.first = (number - 1) // self.group * self.group + 1
        self.last = min(self.first + self.group - 1, self.shown)
        there = [image for image in images if self.first <= image[1] <= self.last]
        self.images = [image for image in there if image[1] >= number]  # what is asked for comes first
        self.drawn = data.get("drawn") or []
        self.missing = len(there) < self.last - self.first + 1
        self.coming = self.missing and self.first not in self.drawn and media.state != "failed"

    @property
    def before(self) -> int | None:
        """A page of those before the ones that are shown."""
        if self.asked > self.first:
            return self.first
        return self.first - self.group if self.first > 1 else None

    @property
    def after(self) -> int | None:
        return self.last + 1 if self.last < self.shown else None


def opened(media: Media, images: list[tuple]) -> Leaves | None:
    """The pages the address asks for; what is not drawn yet is, from now on. None for kinds without pages.

    A visit begins work here, though it is but a visit (and no mere look at its head): the same for everybody, once
    for each group of pages, in a child with limits of its own, and never while the medium is prepared anyway.
    """
    if STEP not in parted(media.kind, [])[1]:
        return None
    asked = query("page")
    leaves = Leaves(media, images, int(asked) if asked.isdecimal() and len(asked) < 9 else 1)
    if leaves.coming and media.state == "processed" and request.method == "GET":
        reprocessing.go_on(media, STEP, [leaves.first, leaves.last, *leaves.drawn])
    return leaves

"""Where the files of a medium are, for whom they are meant."""

import os.path

from goblin import access
from goblin.models import Media, Sidecar
from goblin.web import pages


class Files:
    """The addresses of a medium's files, as a viewer may have them."""

    def __init__(self, media: Media, viewer, key: str | None):
        self.media, self.viewer = media, viewer
        unlisted = media.visibility == "unlisted" and media.secret
        self._at = (
            f"/s/{media.secret}/f/" if unlisted and (key or is_owner(viewer, media)) else f"/f/{media.id}/"
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
        if not self.original() and access.tells_hidden(self.media):
            return None
        return f"{self._at}download/{_in_path(self.media.name)}"

    def film(self, film: Media | None) -> str | None:
        """The untouched film that came with a photo, whether the photo could be made to move or not, for its owner."""
        mine = film and is_owner(self.viewer, self.media)
        return f"/f/{film.id}/original/{_in_path(film.name)}" if mine else None

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


def is_owner(viewer, media) -> bool:
    """Whether the viewer looks at what is theirs."""
    return viewer is not None and viewer.id == media.user_id

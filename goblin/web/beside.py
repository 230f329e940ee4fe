"""How the files beside a medium are shown: its subtitles in the reader's order, its attachments, the JSON of both."""

from pathlib import Path

from bottle import request

from goblin import sidecars
from goblin.media.writing import languages
from goblin.models import Sidecar
from goblin.models.sidecar import SUBTITLES
from goblin.web import pages

WORDS = {"forced": "only what is foreign", "sdh": "for the hard of hearing"}


class Shown:
    """One of them: `href` is what players or readers get, `file` the file as it was given, for whom it is meant."""

    def __init__(self, row: Sidecar, files):
        self.id, self.kind, self.name, self.bytes = row.id, row.kind, row.name, row.bytes
        self.language, self.own_label, self.default = row.language, row.label, False
        self.tells_place = row.tells_place
        self.inside, self.traits = row.track is not None, row.traits.split()
        self._at, self.file = None, None if self.inside else files.beside(row, row.name, "attachment")
        if row.kind == SUBTITLES:
            self._at = files.beside(row, Path(row.name).stem + ".vtt", "subtitles")
            self.file = self.file if files.original() else None
        self.href = pages.url(self._at or self.file)

    @property
    def label(self) -> str:
        """What readers choose it by."""
        if self.own_label:
            return self.own_label
        unknown = self.language in ("", languages.UNKNOWN)
        named = pages.translate("Subtitles") if unknown else languages.name_of(self.language)
        besides = [pages.translate(WORDS[trait]) for trait in self.traits if trait in WORDS]
        return f"{named} ({', '.join(besides)})" if besides else named

    @property
    def order(self) -> tuple:
        """Its place among those of its language: the plain ones first, of these the one its maker preferred."""
        return "forced" in self.traits, "sdh" in self.traits, "default" not in self.traits

    def answer(self) -> dict:
        """It as JSON."""
        said = {"id": self.id, "name": self.name, "bytes": self.bytes}
        if self.kind != SUBTITLES:
            return {**said, "url": pages.absolute(self.file)}
        told = {
            "language": self.language,
            "label": self.label,
            **{trait: trait in self.traits for trait in WORDS},
            "type": "text/vtt",
            "url": pages.absolute(self._at),
        }
        return {**said, **told} | ({"original": pages.absolute(self.file)} if self.file else {})


class Beside:
    """All files beside a medium; subtitles in the reader's languages first."""

    def __init__(self, rows: list[Sidecar], files):
        seen = [row for row in rows if sidecars.may_see(files.viewer, files.media, row)]
        self.all = [Shown(row, files) for row in seen]
        self.attachments = sorted((s for s in self.all if s.kind != SUBTITLES), key=lambda s: s.name.lower())
        wanted = languages.wanted_by(request.get_header("Accept-Language") or "")
        order = {shown.id: languages.rank(shown.language, wanted) for shown in self.all}
        self.subtitles = sorted(
            (s for s in self.all if s.kind == SUBTITLES), key=lambda s: (order[s.id], s.order)
        )
        # Shown without being asked for only to those whose first language it is.
        if self.subtitles and order[self.subtitles[0].id] < 2 * bool(wanted):
            self.subtitles[0].default = True

    def answer(self) -> dict:
        """The two lists as JSON."""
        return {
            "subtitles": [shown.answer() for shown in self.subtitles],
            "attachments": [shown.answer() for shown in self.attachments],
        }

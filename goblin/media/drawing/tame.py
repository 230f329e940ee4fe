"""Writes a drawing anew with nothing in it that runs, leads out of the file or grows without bound."""

from __future__ import annotations

import re
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from goblin.media import Unreadable
from goblin.media.drawing import embedded, unpack

DEEPEST = 200  # elements within elements; the renderer calls itself for each
MOST = 300_000  # elements
LONGEST_ENTITY = 256  # characters; some programs abbreviate addresses of namespaces so
LEFT_OUT = {"script", "foreignObject", "handler", "listener", "metadata"}
LEFT_OUT |= {"animate", "animateColor", "animateMotion", "animateTransform", "set", "discard"}
LINKS = {"href", "src", "base"}
# Neither ever goes back over what it took, and each takes all up to where it ends: a step for each letter.
OUTSIDE = re.compile(r"""url\s*+\(\s*+(?!["']?\s*+\#)[^)]*+\)?""", re.IGNORECASE)
IMPORT = re.compile(r"@(?:import|font-face|charset|namespace)[^;{}]*+(?:;|\{[^}]*+\}?)?", re.IGNORECASE)
TOO_MUCH = "This drawing has more parts than the gallery can draw."
ENTITIES = "This drawing declares entities of a kind that can do harm, so it was not opened."


class Drawing:
    """What is left of an SVG: `text` to be rendered, `root` the attributes, `title` and `description`."""

    def __init__(self, xml: bytes, budget: embedded.Budget | None = None) -> None:
        self.budget = budget or embedded.Budget()
        self.root: dict[str, str] = {}
        self.said = {"title": "", "desc": ""}
        self.has_words = False
        self._written: list[str] = []
        self._path: list[str] = []
        self._elements = self._size = self._hidden = 0
        self._style: list[str] | None = None
        self._read(xml)

    @property
    def text(self) -> str:
        return "".join(self._written)

    def _read(self, xml: bytes) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler, parser.EntityDeclHandler = self._words, self._entity
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        try:
            parser.Parse(xml, True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise Unreadable(unpack.DAMAGED) from error

    def _entity(self, name, is_parameter, value, *_outside: object) -> None:
        """Short names for plain words only: nothing nested, nothing from elsewhere."""
        if is_parameter or value is None or len(value) > LONGEST_ENTITY or set(value) & set("&<%"):
            raise Unreadable(ENTITIES)

    def _write(self, text: str) -> None:
        self._size += len(text)
        if self._size > unpack.LARGEST:
            raise Unreadable(unpack.TOO_LARGE)
        self._written.append(text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._path.append(local(name))
        if self._elements > MOST or len(self._path) > DEEPEST:
            raise Unreadable(TOO_MUCH)
        self.root = self.root or attributes
        if self._hidden or self._path[-1] in LEFT_OUT:
            self._hidden += 1
            return
        self.has_words |= self._path[-1] == "text"
        if self._path[-1] == "style":
            self._style = []
        kept = ((key, self._kept(key, value)) for key, value in attributes.items())
        self._write(f"<{name}{''.join(f' {k}={quoteattr(v)}' for k, v in kept if v is not None)}>")

    def _kept(self, name: str, value: str) -> str | None:
        """An attribute's value as it may stay; None to leave the attribute out."""
        plain = local(name)
        if plain.lower() in LINKS:
            value = value.strip()
            return value if value.startswith("#") else embedded.safe(value, self.budget)
        if plain.lower().startswith("on"):
            return None
        return OUTSIDE.sub("none", value)

    def _words(self, text: str) -> None:
        if self._hidden:
            return
        if self._style is not None:
            self._style.append(text)
            return
        if len(self._path) == 2 and (said := self._path[1]) in self.said:
            self.said[said] = (self.said[said] + text)[:4000]
        self._write(escape(text))

    def _end(self, name: str) -> None:
        self._path.pop()
        if self._hidden:
            self._hidden -= 1
            return
        if self._style is not None:
            style, self._style = "".join(self._style), None
            self._write(escape(OUTSIDE.sub("none", IMPORT.sub("", style))))
        self._write(f"</{name}>")


def local(name: str) -> str:
    """The name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]

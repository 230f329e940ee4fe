"""Reads the properties of an XMP packet (ISO 16684-1) without trusting its XML."""

from __future__ import annotations

import contextlib
from xml.parsers import expat

LARGEST = 1 << 20
DEEPEST = 40
MOST = 2000
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML_LANG = "http://www.w3.org/XML/1998/namespace lang"
PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/container/item/": "Item",
}


class _Refused(Exception):
    """The packet declares entities or is too deep."""


class _Reader:
    def __init__(self) -> None:
        self.path: list[str] = []
        self.text: list[str] = []
        self.found: dict[str, list[str]] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.path) >= DEEPEST:
            raise _Refused
        self.path.append(name)
        self.text = []
        for attribute, value in attributes.items():
            if attribute != XML_LANG:
                self.keep(attribute, value)

    def end(self, name: str) -> None:
        # A value may be in the property itself or in an item of its list.
        for outer in reversed(self.path):
            if not outer.startswith(RDF):
                self.keep(outer, "".join(self.text))
                break
        self.text = []
        self.path.pop()

    def keep(self, name: str, value: str) -> None:
        space, _, local = name.rpartition(" ")
        value = value.strip()
        if space in PREFIXES and value and len(self.found) < MOST:
            values = self.found.setdefault(f"{PREFIXES[space]}:{local}", [])
            if len(values) < MOST:
                values.append(value)


def read(packet: bytes) -> dict[str, list[str]]:
    """Values by property ("dc:subject" -> [...]); {} when the packet is damaged or not to be trusted."""
    if len(packet) > LARGEST:
        return {}
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = lambda text: reader.text.append(text)
    parser.StartDoctypeDeclHandler = _refuse
    # What was read before the damage is still true.
    with contextlib.suppress(expat.ExpatError, _Refused, ValueError):
        parser.Parse(packet.strip(b"\0 \r\n\t"), True)
    return reader.found


def _refuse(*_: object) -> None:
    raise _Refused

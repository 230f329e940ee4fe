"""Reads PLY, as text and binary of both byte orders (Greg Turk, "The PLY Polygon File Format", 1994)."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import BinaryIO

from goblin.media import Unreadable
from goblin.media.mesh.lines import blocks
from goblin.media.mesh.soup import DAMAGED, MOST_POINTS, TOO_MANY, Batch, Mesh, colour_of

TYPES = {
    **{"char": "b", "int8": "b", "uchar": "B", "uint8": "B", "short": "h", "int16": "h", "ushort": "H"},
    **{"uint16": "H", "int": "i", "int32": "i", "uint": "I", "uint32": "I", "float": "f", "float32": "f"},
    **{"double": "d", "float64": "d"},
}
ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
LONGEST_HEADER = 1 << 16
MOST_CORNERS = 10_000  # of one face
BLOCK = 1 << 18
CLAIMS = "This PLY file says that it holds more than it does. It was probably cut off; try adding it again."
POINTS_ONLY = "This file holds points without a surface between them, which the gallery cannot show yet."
COLOURS = (("red", "green", "blue"), ("diffuse_red", "diffuse_green", "diffuse_blue"))
CORNERS = ("vertex_indices", "vertex_index")


@dataclass
class Element:
    """One table of the file: `fields` are (name, type of the number, type of a list's length or "")."""

    name: str
    count: int
    fields: list[tuple[str, str, str]] = field(default_factory=list)

    def place(self, *names: str) -> int:
        """Where the first of these fields stands, or -1."""
        return next((i for i, (name, _, _) in enumerate(self.fields) if name in names), -1)

    def bytes(self, order: str) -> int:
        """The least that one row takes in the file."""
        if not order:
            return 2 * len(self.fields)
        return sum(struct.calcsize(order + (length or kind)) for _, kind, length in self.fields)


def read(file: BinaryIO, size: int, mesh: Mesh, told: Callable[[int], None]) -> None:
    """Fill the mesh. Raises Unreadable when the file claims more than there is, before reading on."""
    try:
        order, elements = _header(file)
        if sum(element.count * element.bytes(order) for element in elements) > size + 1 - file.tell():
            raise Unreadable(CLAIMS)
        rows = _binary(file, order, told) if order else _text(file, told)
        _elements(elements, rows, mesh)
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, struct.error):
        raise Unreadable(DAMAGED) from None


def _header(file: BinaryIO) -> tuple[str, list[Element]]:
    order, elements = None, []
    while (line := file.readline(2000).split()) != [b"end_header"]:
        if not line and file.tell() > 4 or file.tell() > LONGEST_HEADER:
            raise Unreadable(DAMAGED)
        words = [word.decode("ascii", "replace") for word in line]
        if words[0] == "format":
            order = ORDERS[words[1]]
        elif words[0] == "element":
            elements.append(Element(words[1], int(words[2])))
        elif words[0] == "property" and words[1] == "list":
            elements[-1].fields.append((words[4], TYPES[words[3]], TYPES[words[2]]))
        elif words[0] == "property":
            elements[-1].fields.append((words[2], TYPES[words[1]], ""))
    if order is None or any(element.count < 0 for element in elements):
        raise Unreadable(DAMAGED)
    return order, elements


def _elements(elements: list[Element], rows: Callable, mesh: Mesh) -> None:
    points, tints = array("d"), array("I")
    for element in elements:
        found = rows(element)
        if element.name == "vertex":
            _points(element, found, points, tints)
        elif element.name == "face" and (place := element.place(*CORNERS)) >= 0:
            batch = Batch(mesh, points, tints)
            for row in found:
                batch.fan(row[place])
            batch.flush()
        else:
            for _ in found:
                pass
    if points and not mesh.count:
        raise Unreadable(POINTS_ONLY)


def _points(element: Element, rows: Iterable, points: array, tints: array) -> None:
    if element.count > MOST_POINTS:
        raise Unreadable(TOO_MANY.format(most=MOST_POINTS))
    places = [element.place(name) for name in ("x", "y", "z")]
    if min(places) < 0:
        raise Unreadable(DAMAGED)
    where = itemgetter(*places)
    colours = next((c for names in COLOURS if min(c := [element.place(n) for n in names]) >= 0), None)
    if not colours:
        for row in rows:
            points.extend(where(row))
        return
    full, tint = (1 if element.fields[colours[0]][1] in "fd" else 255), itemgetter(*colours)
    for row in rows:
        points.extend(where(row))
        tints.append(colour_of(*(part / full for part in tint(row))))


def _text(file: BinaryIO, told: Callable[[int], None]) -> Callable[[Element], Iterator]:
    """Rows of numbers, one a line; what a list field holds is a list."""
    lines = (words for lines in blocks(file, told) for line in lines if (words := line.split()))

    def rows(element: Element) -> Iterator[list]:
        kinds = [(float if kind in "fd" else int, length) for _, kind, length in element.fields]
        plain = not any(length for _, length in kinds)
        count = 0
        for words in islice(lines, element.count):
            count += 1
            yield (
                [kind(word) for (kind, _), word in zip(kinds, words, strict=False)]
                if plain
                else _row(kinds, words)
            )
        if count < element.count:
            raise Unreadable(CLAIMS)

    return rows


def _row(kinds: list, words: list[bytes]) -> list:
    row, at = [], 0
    for kind, length in kinds:
        if not length:
            row.append(kind(words[at]))
            at += 1
            continue
        end = at + 1 + _few(int(words[at]))
        if end > len(words):
            raise Unreadable(DAMAGED)
        row.append([kind(word) for word in words[at + 1 : end]])
        at = end
    return row


def _few(corners: int) -> int:
    if not 0 <= corners <= MOST_CORNERS:
        raise Unreadable(DAMAGED)
    return corners


def _binary(file: BinaryIO, order: str, told: Callable[[int], None]) -> Callable[[Element], Iterator]:
    """Rows of numbers from the bytes; what a list field holds is a tuple."""

    def rows(element: Element) -> Iterator:
        listed = any(length for _, _, length in element.fields)
        return (_listed if listed else _plain)(file, order, element, told)

    return rows


def _plain(file: BinaryIO, order: str, element: Element, told: Callable[[int], None]) -> Iterator[tuple]:
    one = struct.Struct(order + "".join(kind for _, kind, _ in element.fields))
    left = element.count if one.size else 0
    while left:
        many = min(left, BLOCK // one.size + 1)
        yield from one.iter_unpack(_exactly(file, many * one.size))
        left -= many
        told(file.tell())


def _listed(file: BinaryIO, order: str, element: Element, told: Callable[[int], None]) -> Iterator[list]:
    kinds = [(order, kind, length and struct.Struct(order + length)) for _, kind, length in element.fields]
    for number in range(element.count):
        yield [_field(file, *kind) for kind in kinds]
        if not number % 10_000:
            told(file.tell())


def _field(file: BinaryIO, order: str, kind: str, length: struct.Struct | str):
    if not length:
        return struct.unpack(order + kind, _exactly(file, struct.calcsize(order + kind)))[0]
    many = _few(length.unpack(_exactly(file, length.size))[0])
    return struct.unpack(f"{order}{many}{kind}", _exactly(file, many * struct.calcsize(order + kind)))


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise Unreadable(CLAIMS)
    return data

"""Reads 3MF (3MF Consortium, "Core Specification" 1.3, with the extensions Materials and Production)."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from goblin.media import Unreadable
from goblin.media.mesh import places
from goblin.media.mesh.soup import DAMAGED, MOST_POINTS, TOO_MANY, Batch, Mesh

ROOT = "3D/3dmodel.model"
RELATIONS = "_rels/.rels"
MODEL_RELATION = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
UNITS = {"micron": "µm", "millimeter": "mm", "centimeter": "cm", "inch": "in", "foot": "ft", "meter": "m"}
MOST_BYTES = 1 << 30  # of XML in one file, unpacked
MOST_PARTS = 1000  # model parts that are opened
MOST_PLACED = 20_000  # objects that stand in the scene, and those inside them
MOST_MOVED = 4 * MOST_POINTS
DEEPEST = 32  # elements inside each other, and objects inside each other
BLOCK = 1 << 18
LARGER = "This 3MF file unpacks to more than the gallery can take in."
LOCKED = "This 3MF file is locked or packed in a way that the gallery cannot open."
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
Take = Callable[..., None]
COLOUR = re.compile(r"#([0-9a-fA-F]{6})([0-9a-fA-F]{2})?")


@dataclass
class Thing:
    """An object: its own triangles, and other objects (path, number, place) that it is made of."""

    colour: int | None = None
    points: array = field(default_factory=lambda: array("d"))
    corners: array = field(default_factory=lambda: array("I"))
    colours: dict[int, int] = field(default_factory=dict)  # by the number of the triangle
    parts: list[tuple[str, str, places.Matrix]] = field(default_factory=list)


def read(file: BinaryIO, size: int, mesh: Mesh, told: Callable[[int], None]) -> None:
    """Fill the mesh with what is to be built."""
    try:
        with zipfile.ZipFile(file) as archive:
            package = Package(archive, size, told)
            root = package.part(package.root())
            mesh.unit = UNITS.get(root.unit, "mm")
            mesh.title = root.title.strip()
            Scene(package, mesh).add(root)
    except expat.ExpatError:
        raise Unreadable(DAMAGED) from None
    except BROKEN:
        raise Unreadable(LOCKED) from None
    except (ValueError, KeyError, IndexError, OverflowError):
        raise Unreadable(DAMAGED) from None


class Package:
    """The zip file, of which only parts that are models are opened, by the names it holds itself."""

    def __init__(self, archive: zipfile.ZipFile, size: int, told: Callable[[int], None]) -> None:
        self.archive, self.size, self.told = archive, size, told
        self.names = {name.lower(): name for name in archive.namelist()}
        self.left = MOST_BYTES
        self.points = 0
        self._parts: dict[str, Part] = {}

    def root(self) -> str:
        """The part that the file begins with (section 2.1)."""
        if RELATIONS in self.names:
            found: list[str] = []

            def start(name: str, given: dict[str, str]) -> None:
                if given.get("Type") == MODEL_RELATION:
                    found.append(given.get("Target", ""))

            self.parse(RELATIONS, start)
            if found:
                return found[0]
        return ROOT

    def part(self, path: str) -> Part:
        """A model part, read once. Raises Unreadable when it is not in the file."""
        path = posixpath.normpath("/" + path).lstrip("/").lower()
        if path not in self._parts:
            if path not in self.names or len(self._parts) >= MOST_PARTS:
                raise Unreadable(DAMAGED)
            self._parts[path] = part = Part(self, path)
            self.parse(path, part.start, part.end, part.text)
        return self._parts[path]

    def parse(self, path: str, start: Take, end: Take | None = None, text: Take | None = None) -> None:
        """Go through the XML of a part, never more of it than is allowed for all parts together."""
        parser = _parser(start, end, text)
        info = self.archive.getinfo(self.names[path])
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable(LOCKED)
        with self.archive.open(info) as stream:
            while data := stream.read(BLOCK):
                self.left -= len(data)
                if self.left < 0:
                    raise Unreadable(LARGER)
                parser.Parse(data, False)
                self.told(min(self.size, MOST_BYTES - self.left))
        parser.Parse(b"", True)


def _parser(start: Take, end: Take | None, text: Take | None) -> expat.XMLParserType:
    """A parser that takes no document types, so no entities, and nothing deeper than is sensible."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    depth = 0

    def opened(name: str, given: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Unreadable(DAMAGED)
        start(name.rpartition(":")[2], given)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end:
            end(name.rpartition(":")[2])

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.CharacterDataHandler = text
    return parser


def _refuse(*_: object) -> None:
    raise Unreadable(DAMAGED)


class Part:
    """What one model part says, taken in element by element."""

    def __init__(self, package: Package, path: str) -> None:
        self.package, self.path = package, path
        self.unit = self.title = ""
        self.things: dict[str, Thing] = {}
        self.items: list[tuple[str, str, places.Matrix]] = []
        self.groups: dict[str, list[int]] = {}  # colours by the number of their group
        self._thing = Thing()
        self._group: list[int] = []
        self._wants = ""
        self._starts = {
            **{"model": self._model, "metadata": self._metadata, "object": self._object},
            **{"basematerials": self._colours, "colorgroup": self._colours, "base": self._base},
            **{"color": self._base, "vertex": self._vertex, "triangle": self._triangle},
            **{"component": self._component, "item": self._item},
        }

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        if take := self._starts.get(name):
            take(given)

    def end(self, name: str) -> None:
        """An element ends."""
        self._wants = ""

    def text(self, text: str) -> None:
        """Words between elements."""
        if self._wants == "Title" and len(self.title) < 1000:
            self.title += text[:1000]

    def _model(self, given: dict[str, str]) -> None:
        self.unit = given.get("unit", "millimeter")

    def _metadata(self, given: dict[str, str]) -> None:
        self._wants = given.get("name", "")

    def _colours(self, given: dict[str, str]) -> None:
        self._group = self.groups.setdefault(given["id"], [])

    def _base(self, given: dict[str, str]) -> None:
        found = COLOUR.fullmatch(given.get("displaycolor") or given.get("color") or "")
        self._group.append(int(found[1], 16) if found else 0xFFFFFF)

    def _object(self, given: dict[str, str]) -> None:
        self._thing = self.things[given["id"]] = Thing(self._colour(given.get("pid"), given.get("pindex")))

    def _colour(self, group: str | None, number: str | None) -> int | None:
        """The colour of that number, if it is one: pictures and mixtures are passed over."""
        colours = self.groups.get(group or "")
        place = int(number or 0)
        return colours[place] if colours and 0 <= place < len(colours) else None

    def _vertex(self, given: dict[str, str]) -> None:
        self._thing.points.extend((float(given["x"]), float(given["y"]), float(given["z"])))
        self.package.points += 1
        if self.package.points > MOST_POINTS:
            raise Unreadable(TOO_MANY.format(most=MOST_POINTS))

    def _triangle(self, given: dict[str, str]) -> None:
        thing = self._thing
        if "p1" in given or "pid" in given:
            colour = self._colour(given.get("pid"), given.get("p1"))
            if colour is not None:
                thing.colours[len(thing.corners) // 3] = colour
        thing.corners.extend((int(given["v1"]), int(given["v2"]), int(given["v3"])))
        if len(thing.corners) > 9 * MOST_POINTS:
            raise Unreadable(TOO_MANY.format(most=3 * MOST_POINTS))

    def _component(self, given: dict[str, str]) -> None:
        self._thing.parts.append(self._placed(given))

    def _item(self, given: dict[str, str]) -> None:
        self.items.append(self._placed(given))

    def _placed(self, given: dict[str, str]) -> tuple[str, str, places.Matrix]:
        """(path, number, place); the path comes with the extension Production, under any prefix."""
        path = next((value for name, value in given.items() if name.rpartition(":")[2] == "path"), self.path)
        place = places.written(given["transform"]) if "transform" in given else places.SAME
        return path, given["objectid"], place


class Scene:
    """Puts the objects where they are built, those inside others too."""

    def __init__(self, package: Package, mesh: Mesh) -> None:
        self.package, self.mesh = package, mesh
        self.placed = self.moved = 0
        self._counted: set[tuple[str, str]] = set()

    def add(self, root: Part) -> None:
        """Everything that is to be built; without a word about that, every object."""
        items = root.items or [(root.path, number, places.SAME) for number in root.things]
        for path, number, matrix in items:
            self._place(path, number, matrix, 0)

    def _place(self, path: str, number: str, matrix: places.Matrix, depth: int) -> None:
        self.placed += 1
        if depth > DEEPEST or self.placed > MOST_PLACED:
            raise Unreadable(DAMAGED)
        thing = self.package.part(path).things[number]
        if thing.corners:
            self._triangles(thing, matrix, (path, number) not in self._counted)
            self._counted.add((path, number))
        for inner, its, place in thing.parts:
            self._place(inner, its, places.times(matrix, place), depth + 1)

    def _triangles(self, thing: Thing, matrix: places.Matrix, counted: bool) -> None:
        self.moved += len(thing.points) // 3
        if self.moved > MOST_MOVED:
            raise Unreadable(TOO_MANY.format(most=self.mesh.most))
        points = places.moved(thing.points, matrix)
        if max(thing.corners) >= len(points) // 3:
            raise Unreadable(DAMAGED)
        batch = Batch(self.mesh, points, counted=counted)
        corners = thing.corners
        for number, (a, b, c) in enumerate(zip(corners[0::3], corners[1::3], corners[2::3], strict=True)):
            batch.triangle(a, b, c, thing.colours.get(number, thing.colour))
        batch.flush()

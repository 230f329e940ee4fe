"""The numbers of a glTF document: buffers inside the file, views of them, accessors (sections 3.6 and 5.1)."""

from __future__ import annotations

import base64
import binascii
import struct
import sys
from array import array
from itertools import chain
from typing import Any, BinaryIO

from goblin.media import Unreadable
from goblin.media.mesh.soup import DAMAGED, MOST_POINTS, TOO_MANY

ELSEWHERE = (
    "This model keeps its shape in another file, which the gallery does not open. "
    "Export it as one file (.glb) and add that."
)
# componentType: code, and what a normalised number is divided by
NUMBERS = {
    5120: ("b", 127),
    5121: ("B", 255),
    5122: ("h", 32767),
    5123: ("H", 65535),
    5125: ("I", 0),
    5126: ("f", 0),
}
PARTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
MOST_NUMBERS = 60_000_000  # decoded of one file in all: parts of it may be asked for again and again


def whole(value: Any) -> int:
    """A number that counts or points. Raises Unreadable for everything else that JSON can hold."""
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise Unreadable(DAMAGED)
    return value


def entry(parent: dict, name: str) -> dict:
    """An object inside another, empty when it is not there."""
    value = parent.get(name, {})
    return value if isinstance(value, dict) else {}


def listed(parent: dict, name: str) -> list:
    """A list inside an object, empty when it is not there."""
    value = parent.get(name, [])
    return value if isinstance(value, list) else []


class Buffers:
    """Reads views and accessors, never beyond what the file holds."""

    def __init__(self, document: dict, file: BinaryIO, start: int, length: int) -> None:
        self.buffers, self.views = listed(document, "buffers"), listed(document, "bufferViews")
        self.accessors = listed(document, "accessors")
        self.file, self.start, self.length = file, start, length
        self._inside: dict[int, bytes] = {}
        self._decoded = 0

    def vectors(self, number: int, parts: int) -> array:
        """All numbers of an accessor whose elements have that many, normalised ones as parts of one."""
        accessor = self.accessors[whole(number)]
        if PARTS.get(accessor["type"]) != parts:
            raise Unreadable(DAMAGED)
        code, full = NUMBERS[accessor["componentType"]]
        count = whole(accessor["count"])
        self._spend(count, parts)
        if "bufferView" in accessor:
            values = self._read(accessor, code, parts, count)
        else:
            values = array(code, [0]) * (count * parts)
        if "sparse" in accessor:
            self._replace(values, accessor["sparse"], code, parts, count)
        if accessor.get("normalized") is True and full:
            return array("d", [max(value / full, -1.0) for value in values])
        return values

    def view(self, number: int) -> bytes:
        """The bytes of a whole view, such as a picture."""
        view = self.views[whole(number)]
        length = whole(view["byteLength"])
        self._spend(length // 4, 1, length)
        return self._bytes(view, 0, length)

    def _spend(self, count: int, parts: int, most: int = 3 * MOST_POINTS) -> None:
        self._decoded += count * parts
        if count > most or self._decoded > MOST_NUMBERS:
            raise Unreadable(TOO_MANY.format(most=MOST_POINTS))

    def _read(self, accessor: dict, code: str, parts: int, count: int) -> array:
        view = self.views[whole(accessor["bufferView"])]
        size = struct.calcsize(f"<{parts}{code}")
        stride = whole(view.get("byteStride", size)) or size
        if not count:
            return array(code)
        if not size <= stride <= 252:
            raise Unreadable(DAMAGED)
        data = self._bytes(view, whole(accessor.get("byteOffset", 0)), (count - 1) * stride + size)
        if stride == size:
            return _little(code, data)
        data += bytes(stride - size)
        return array(code, chain.from_iterable(struct.iter_unpack(f"<{parts}{code}{stride - size}x", data)))

    def _bytes(self, view: dict, offset: int, length: int) -> bytes:
        if offset + length > whole(view["byteLength"]):
            raise Unreadable(DAMAGED)
        number, begin = whole(view["buffer"]), whole(view.get("byteOffset", 0)) + offset
        buffer = self.buffers[number]
        if "uri" in buffer:
            data = self._data(number, buffer["uri"])[begin : begin + length]
        elif number or begin + length > self.length:
            raise Unreadable(DAMAGED)
        else:
            self.file.seek(self.start + begin)
            data = self.file.read(length)
        if len(data) < length:
            raise Unreadable(DAMAGED)
        return data

    def _data(self, number: int, address: Any) -> bytes:
        if number not in self._inside:
            self._inside[number] = inside(address)
        return self._inside[number]

    def _replace(self, values: array, sparse: dict, code: str, parts: int, count: int) -> None:
        """Numbers that differ from the rest (section 3.6.2.3)."""
        many = whole(sparse["count"])
        if many > count:
            raise Unreadable(DAMAGED)
        self._spend(many, parts + 1)
        where = self._read(sparse["indices"], NUMBERS[sparse["indices"]["componentType"]][0], 1, many)
        others = self._read(sparse["values"], code, parts, many)
        for number, place in enumerate(where):
            if not 0 <= place < count:
                raise Unreadable(DAMAGED)
            values[place * parts : place * parts + parts] = others[number * parts : number * parts + parts]


def inside(address: Any) -> bytes:
    """What a data: address holds (RFC 2397, base64 only). Raises Unreadable for any other address."""
    head, comma, text = address.partition(",") if isinstance(address, str) else ("", "", "")
    if not head.startswith("data:") or not head.endswith(";base64") or not comma:
        raise Unreadable(ELSEWHERE)
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        raise Unreadable(DAMAGED) from None


def _little(code: str, data: bytes) -> array:
    values = array(code)
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values

"""Walks the directories of a TIFF structure, which is what Exif is made of (TIFF 6.0; Exif 2.32, 4.6)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

DIRECTORIES = 64
ENTRIES = 1000
VALUE_BYTES = 1 << 16  # of a value that is read
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I"}
SUB = {0x8769: "exif", 0x8825: "gps", 0xA005: "interop", 0x014A: "sub"}

Fetch = Callable[[int, int], bytes]


@dataclass(frozen=True)
class Entry:
    """One tag. It lies at `position`, its value of `size` bytes at `place`, counted from the structure."""

    directory: str
    tag: int
    type: int
    count: int
    position: int
    place: int
    size: int
    home: int  # where the directory begins


class Exif:
    """A TIFF structure, read piece by piece with `fetch(offset, length)`; nothing in it is trusted."""

    def __init__(self, fetch: Fetch, name: str = "main") -> None:
        self.fetch = fetch
        head = fetch(0, 8)
        self.order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        self.first = struct.unpack(f"{self.order}I", head[4:8])[0] if self.order and len(head) == 8 else 0
        self.entries = list(self._walk(name)) if self.first else []

    def homes(self) -> dict[int, dict[int, Entry]]:
        """The tags of each directory, by where it begins; of those that are there twice, the first."""
        found: dict[int, dict[int, Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.home, {}).setdefault(entry.tag, entry)
        return found

    def _walk(self, name: str) -> Iterator[Entry]:
        waiting, seen = [(name, self.first)], set()
        while waiting and len(seen) < DIRECTORIES:
            name, offset = waiting.pop(0)
            if not offset or offset in seen:
                continue
            seen.add(offset)
            entries, following = self.directory(name, offset)
            for entry in entries:
                yield entry
                if entry.tag in SUB and entry.type in (4, 13):
                    places = self.numbers(entry)[:8]
                    waiting += [(SUB[entry.tag], int(place)) for place in places]
            if following and name in ("main", "next"):
                waiting.append(("next", following))

    def directory(self, name: str, offset: int) -> tuple[list[Entry], int]:
        """The entries of the directory at an offset, and where the next one is."""
        head = self.fetch(offset, 2)
        if len(head) < 2:
            return [], 0
        count = min(struct.unpack(f"{self.order}H", head)[0], ENTRIES)
        table = self.fetch(offset + 2, 12 * count + 4)
        entries = []
        for start in range(0, min(12 * count, len(table) // 12 * 12), 12):
            tag, kind, number, inline = struct.unpack(f"{self.order}HHII", table[start : start + 12])
            size = SIZES.get(kind, 0) * number
            position = offset + 2 + start
            place = position + 8 if size <= 4 else inline
            entries.append(Entry(name, tag, kind, number, position, place, size, offset))
        rest = table[12 * count :]
        return entries, struct.unpack(f"{self.order}I", rest)[0] if len(rest) == 4 else 0

    def first_of(self, directory: str, tag: int) -> Entry | None:
        return next((e for e in self.entries if e.directory == directory and e.tag == tag), None)

    def raw(self, entry: Entry) -> bytes:
        return self.fetch(entry.place, min(entry.size, VALUE_BYTES))

    def text(self, directory: str, tag: int) -> str:
        """A text value: UTF-8 as most write it, else Latin-1; "" when there is none."""
        entry = self.first_of(directory, tag)
        return decoded(self.raw(entry).partition(b"\0")[0]) if entry else ""

    def number(self, directory: str, tag: int) -> float | None:
        """The first number of a value, None when there is none or its denominator is 0."""
        entry = self.first_of(directory, tag)
        numbers = self.numbers(entry) if entry else []
        return numbers[0] if numbers else None

    def numbers(self, entry: Entry) -> list[Any]:
        raw = self.raw(entry)
        if entry.type in (5, 10):
            code = "I" if entry.type == 5 else "i"
            pairs = struct.iter_unpack(f"{self.order}2{code}", raw[: len(raw) // 8 * 8])
            return [above / below if below else None for above, below in pairs]
        if entry.type not in CODES:
            return []
        size = SIZES[entry.type]
        count = len(raw) // size
        return list(struct.unpack(f"{self.order}{count}{CODES[entry.type]}", raw[: count * size]))


class Several(Exif):
    """Structures that tell of one picture, read as one: the first that has a tag is believed."""

    def __init__(self, parts: list[Exif]) -> None:
        self.order, self.first = "<", 0
        self.entries = [entry for part in parts for entry in part.entries]
        self._home = {id(entry): part for part in parts for entry in part.entries}

    def raw(self, entry: Entry) -> bytes:
        return self._home[id(entry)].raw(entry)

    def numbers(self, entry: Entry) -> list[Any]:
        return self._home[id(entry)].numbers(entry)


def of_block(data: bytes) -> Exif:
    """The structure in a block of bytes."""
    return Exif(lambda offset, length: data[offset : offset + length])


def of_note(data: bytes, start: int, order: str) -> Exif:
    """A maker's note of one directory without a head, which begins at `start`; its name is "maker"."""
    note = of_block(data)
    note.order, note.entries = order, []
    note.entries = note.directory("maker", start)[0]
    return note


def decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")

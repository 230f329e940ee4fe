"""The record that artists of text screens put behind their work: title, name, width (SAUCE 00.5)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

SIZE = 128
MARK = b"SAUCE00"
TEXT = 1  # data type "character"
WIDEST = 320
BRIGHT = 1  # flag: blinking stands for bright grounds


@dataclass(frozen=True)
class Sauce:
    """What is said of a text; empty where nothing is."""

    title: str = ""
    author: str = ""
    columns: int = 0
    bright: bool = False


def read(tail: bytes) -> Sauce:
    """The record at the very end of a file."""
    record = tail[-SIZE:]
    if len(record) < SIZE or not record.startswith(MARK):
        return Sauce()
    title, author = (record[a:b].rstrip(b"\0 ").decode("cp437") for a, b in ((7, 42), (42, 62)))
    if record[94] != TEXT:
        return Sauce(title, author)
    columns = struct.unpack_from("<H", record, 96)[0]
    return Sauce(title, author, columns if columns <= WIDEST else 0, bool(record[105] & BRIGHT))


def people(tail: bytes) -> list[tuple[int, int]]:
    """Where author, group, date and remarks are: bytes before the end of the file, and their length."""
    record = tail[-SIZE:]
    if len(record) < SIZE or not record.startswith(MARK):
        return []
    remarks = 64 * record[104]  # lines of 64 letters, before the record
    return [(SIZE - 42, 90 - 42), *([(SIZE + remarks, remarks)] if remarks else [])]

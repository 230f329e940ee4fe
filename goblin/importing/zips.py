"""Zips from outside: their members one after another, with a sentence for each that is left alone."""

import os
import re
import stat
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from goblin.sidecars import goes_beside

# zipfile holds the whole directory in memory: about six times its bytes. 100,000 photos need some 10 MB.
LARGEST_DIRECTORY = 16 << 20
MOST_MEMBERS = 100_000
# Media hardly shrink; drawings and silence may, but not a thousandfold once they are large.
LARGEST_RATIO, RATIO_FROM = 100, 64 << 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)  # LZMA asks for what memory it likes
# APPNOTE.TXT 4.3.16, 4.3.15, 4.3.14: end of the directory, and of one beyond 32 bits.
END, LOCATOR, END_64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sLQL"), struct.Struct("<4sQ2H2L4Q")


class Unfit(Exception):
    """The whole zip is left alone; the text is one sentence."""


@dataclass(frozen=True)
class Member:
    """A file in a zip; `trouble` says why it cannot be taken."""

    path: str
    size: int  # bytes unpacked; reading never gives more
    open: partial
    trouble: str = ""

    @property
    def base(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    def inside_companion(self, folders: set[str]) -> bool:
        """Whether it lies in a hidden folder or in one of these."""
        return any(
            part.startswith(".") and part != ".." or part.lower() in folders
            for part in self.path.split("/")[:-1]
        )


def members(stream: BinaryIO) -> Iterator[Member]:
    """Every file in a zip, in its own order but for subtitles, which come last. Raises Unfit, zipfile.BadZipFile."""
    size = os.fstat(stream.fileno()).st_size
    if _directory_size(stream, size) > LARGEST_DIRECTORY:
        raise Unfit("This zip holds too many files; unpack it and import the folder.")
    with zipfile.ZipFile(stream) as archive:
        infos = archive.infolist()
        if len(infos) > MOST_MEMBERS:
            raise Unfit("This zip holds too many files; unpack it and import the folder.")
        if sum(info.file_size for info in infos) > max(RATIO_FROM, size * LARGEST_RATIO):
            raise Unfit("This zip unpacks to far more than it is, so it was left alone.")
        for info in sorted(
            infos, key=lambda info: goes_beside(info.filename)
        ):  # they go to what is there by then
            if not info.is_dir():
                yield Member(_path(info), info.file_size, partial(archive.open, info), _trouble(info))


def _directory_size(stream, size):
    """Bytes of the directory as the zip announces it, or 0; zipfile reads no more than that."""
    tail_size = min(size, END.size + 0xFFFF + LOCATOR.size)
    stream.seek(size - tail_size)
    tail = stream.read(tail_size)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < END.size:
        return 0
    announced = END.unpack_from(tail, at)[5]
    if at >= LOCATOR.size and tail[at - LOCATOR.size :][:4] == b"PK\6\7":
        # zipfile looks right before the locator, wherever that points (Lib/zipfile.py, _EndRecData64).
        stream.seek(max(0, size - tail_size + at - LOCATOR.size - END_64.size))
        record = stream.read(END_64.size)
        if len(record) == END_64.size and record[:4] == b"PK\6\6":
            return max(announced if announced != 0xFFFFFFFF else 0, END_64.unpack(record)[8])
    return announced


def _path(info):
    """The member's path; without the flag for UTF-8 many programs write UTF-8 all the same."""
    if not info.flag_bits & 0x800:
        try:
            return info.filename.encode("cp437").decode()
        except UnicodeError:
            pass
    return info.filename


def _trouble(info):
    mode = info.external_attr >> 16
    path = _path(info)
    if stat.S_ISLNK(mode):
        return "It is a link, and links are not followed."
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "It is no plain file."
    if info.flag_bits & 1:
        return "It is locked with a password; unpack the zip and import the folder."
    if re.match(r"[/\\]|[A-Za-z]:", path) or ".." in re.split(r"[/\\]", path):
        return "Its name leads out of the zip."
    if path.lower().endswith(".zip"):
        return "It is a zip inside a zip; unpack the outer one first."
    if info.compress_type not in METHODS:
        return "It is packed in a way goblin cannot read; unpack the zip and import the folder."
    if info.file_size > RATIO_FROM and info.file_size > info.compress_size * LARGEST_RATIO:
        return "It unpacks to far more than it is, so it was left alone."
    return ""

"""Telling a file's kind by its first bytes takes no time, whatever they are: it is done while the page waits."""

import time

import pytest

from goblin import media
from goblin.media.mesh import formats

HEAD = 4096
PIECES = {
    "one": b"1",
    "spaces": b" ",
    "line-ends": b"\n",
    "numbers": (b"v" + (b" " + b"1" * 8) * 7 + b" x\n") * 60,
    "exponents": b"v" + b" 1.1e1" * 600 + b"x\n",
    "faces": b"f" + b" 1/1/1" * 600 + b"x\n",
    "slashes": b"f " + b"1//" * 1300 + b"\n",
    "tags": b"<a ",
    "comments": b"<!--",
    "declaration": b"<?xml " + b" " * 4000,
    "braces": b'{"asset":',
    "comments of PLY": b"ply\n" + b"comment a\n" * 500,
    "boxes": b"\0\0\0\x08ftyp",
    "frames": b"\xff\xfb\x90\x64",
    "colours": b"\x1b[1;31m",
    "bytes": bytes(range(256)),
    "zeros": b"\0",
    "cues": b"00:00:",
    "tiff": b"II*\0\x08\0\0\0\xff\xff" + b"\1\1\4\0\1\0\0\0\1\0\0\0" * 340,
}
media.scan()
NAMES = ("a.jpg", "a.obj", "a.txt", "a.svg")


@pytest.mark.parametrize("piece", PIECES)
def test_every_kind_knows_at_once_whether_a_file_is_its_own(piece):
    head = (PIECES[piece] * (HEAD // len(PIECES[piece]) + 1))[:HEAD]
    assert len(media.TYPES) > 7
    for kind in media.TYPES.values():
        for name in NAMES:
            begun = time.process_time()
            kind.sniff(head, name)
            assert time.process_time() - begun < 0.1, (kind.kind, name)


@pytest.mark.parametrize("number", ["1", "-1.", ".5", "+1.5e-3", "1.e5"])
def test_a_point_may_be_written_in_every_way_that_numbers_are(number):
    points = "\n".join(f"v {number} {number} {number}" for _ in range(3))
    assert formats.sniff(f"{points}\nf 1 2 3\n".encode(), "a.bin") == "model/obj"


@pytest.mark.parametrize("number", [".", "1.5.5", "1e", "e5", "1-1"])
def test_what_is_no_number_makes_no_point(number):
    points = "\n".join(f"v {number} {number} {number}" for _ in range(3))
    assert formats.sniff(f"{points}\nf 1 2 3\n".encode(), "a.bin") is None

"""What a PDF that needs a password still says in the open: how many pages it has."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

MOST_NODES = 2000  # that are looked at
LARGEST = 64 << 20  # bytes that are looked through
SMALLEST_PAGE = 20  # bytes that a page takes at the least, outside of compressed streams
# ISO 32000-1, 7.7.3.2: a node of the page tree and the pages below it. Numbers are never encrypted.
NODE = re.compile(rb"/Type\s*/Pages\b")
COUNT = re.compile(rb"/Count\s+(\d{1,6})\b")


def pages(source: Path) -> int | None:
    """The largest count of any node of the page tree; None when they are not in the open."""
    with source.open("rb") as file:
        data = file.read(LARGEST)
    counts = [count for at in islice(NODE.finditer(data), MOST_NODES) if (count := _count(data, at.start()))]
    largest = max(counts, default=None)
    return largest if largest and largest * SMALLEST_PAGE < len(data) else None


def _count(data: bytes, at: int) -> int | None:
    start, end = data.rfind(b"obj", max(0, at - 4096), at), data.find(b"endobj", at, at + 65536)
    found = COUNT.search(data, max(start, 0), end if end > 0 else at)
    return int(found[1]) if found else None

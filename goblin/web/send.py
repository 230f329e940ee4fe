"""Sending files: Range, ETag, If-Range, HEAD, safe names; a seeked file handed to the server, never a generator."""

import base64
import hashlib
import io
import itertools
import os
import re
from bisect import bisect_left, bisect_right
from pathlib import Path
from urllib.parse import quote

from bottle import HTTPResponse, request

# What a browser may show by itself; everything else is a download, whatever it claims to be.
SHOWN = re.compile(
    r"(image/(jpeg|png|gif|webp|avif|bmp)|video/(mp4|webm|ogg|quicktime)|audio/[\w.+-]+|text/vtt)"
)
GUARD = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FOR_EVER = "private, max-age=31536000, immutable"
EACH_TIME = "private, no-cache"


def send_file(
    path: Path,
    mime: str,
    *,
    etag: str,
    cache: str = EACH_TIME,
    download: str = "",
    patches: list | None = None,
) -> HTTPResponse:
    """Answer with a file; `download` is the name to save it under, `patches` is what it must leave out."""
    try:
        file = open(path, "rb")  # noqa: SIM115 - the server closes it
    except OSError:
        return HTTPResponse("", 404)
    size = os.fstat(file.fileno()).st_size
    headers = _headers(mime if SHOWN.fullmatch(mime) else "application/octet-stream", etag, cache)
    if download or not SHOWN.fullmatch(mime):
        headers["Content-Disposition"] = disposition(download or path.name)
    return _unless_fresh(file, size, headers, patches or [])


def send_text(data: bytes, mime: str) -> HTTPResponse:
    """Answer with a text that is no file, in UTF-8; `mime` is one that no browser runs."""
    headers = _headers(f"{mime}; charset=utf-8", hashlib.sha256(data).hexdigest(), EACH_TIME)
    return _unless_fresh(io.BytesIO(data), len(data), headers, [])


def _headers(mime, etag, cache):
    named = {"Content-Type": mime, "ETag": f'"{etag}"', "Cache-Control": cache}
    return {**named, "Accept-Ranges": "bytes", **GUARD}


def _unless_fresh(file, size, headers, patches):
    if _is_fresh(headers["ETag"]):
        file.close()
        return HTTPResponse("", 304, headers)
    return _ranged(file, size, headers, patches)


def _ranged(file, size, headers, patches):
    # Only a GET has ranges (RFC 9110, 14.2).
    asked = request.get_header("Range") if request.method == "GET" else None
    if_range = request.get_header("If-Range")
    span = parse_range(asked, size) if asked and if_range in (None, headers["ETag"]) else None
    start, end = span or (0, size)
    if start >= end and size:
        file.close()
        return HTTPResponse(
            "", 416, {"Content-Range": f"bytes */{size}", "Cache-Control": "no-store", **GUARD}
        )
    headers["Content-Length"] = str(end - start)
    if span:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if span else 200
    if request.method == "HEAD":
        file.close()
        return HTTPResponse("", status, headers)
    file.seek(start)
    whole = end == size and not patches
    return HTTPResponse(file if whole else Window(file, end, patches), status, headers)


RANGE = re.compile(r"bytes=\s*(\d{1,18})?-(\d{1,18})?\s*")


def parse_range(text: str, size: int) -> tuple[int, int] | None:
    """(start, end) of a single byte range, end exclusive (RFC 9110, 14.1.2); empty when it cannot be met.

    None for what is not one valid range of bytes: the answer is then the whole file, as the RFC allows.
    """
    found = RANGE.fullmatch(text)
    first, last = found.groups() if found else (None, None)
    if first is None:
        return None if last is None else (max(0, size - int(last)), size)
    if last is not None and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1 if last else size, size)


def _is_fresh(etag):
    given = request.get_header("If-None-Match")
    return bool(given) and (
        given.strip() == "*" or etag in [t.strip().removeprefix("W/") for t in given.split(",")]
    )


def disposition(name: str) -> str:
    """attachment with a safe name (RFC 6266; RFC 8187 for what is not ASCII)."""
    plain = "".join(c if 32 <= ord(c) < 127 and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class Window:
    """A file up to `end`, some of its bytes overwritten: [offset, length, base64], repeated to fill the length.

    Positions are those of the file, so that a server may seek in it. Of patches that overlap the last one holds.
    """

    def __init__(self, file, end: int, patches: list):
        self._file, self._end = file, end
        self._patches = sorted(enumerate(patches), key=lambda numbered: numbered[1][0])
        self._starts = [offset for _, (offset, _, _) in self._patches]
        # How far any patch up to this one reaches, so that both ends of what a read touches are found by halving.
        ends = (offset + length for _, (offset, length, _) in self._patches)
        self._reach = list(itertools.accumulate(ends, max))

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(self._end + offset) if whence == 2 else self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self):
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        start = self._file.tell()
        left = max(0, self._end - start)
        chunk = self._file.read(left if size < 0 else min(size, left))
        touched = self._between(start, start + len(chunk))
        return _overlay(chunk, start, touched) if touched else chunk

    def _between(self, start, end):
        near = self._patches[bisect_right(self._reach, start) : bisect_left(self._starts, end)]
        return [patch for _, patch in sorted(near) if patch[0] + patch[1] > start]


def _overlay(chunk, start, patches):
    """The chunk with what patches say; a patch may be as long as the file, what is made of it is not."""
    changed = bytearray(chunk)
    for offset, length, text in patches:
        fill = base64.b64decode(text)
        first, last = max(offset, start), min(offset + length, start + len(chunk))
        shift, count = (first - offset) % len(fill), last - first
        repeated = fill * ((shift + count) // len(fill) + 1)
        changed[first - start : last - start] = repeated[shift : shift + count]
    return bytes(changed)

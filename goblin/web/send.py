"""Sending files: Range, ETag, If-Range, HEAD, safe names; a seeked file handed to the server, never a generator."""

import base64
import os
import re
from pathlib import Path
from urllib.parse import quote

from bottle import HTTPResponse, request

# What a browser may show by itself; everything else is a download, whatever it claims to be.
SHOWN = re.compile(
    r"(image/(jpeg|png|gif|webp|avif|bmp)|video/(mp4|webm|ogg|quicktime)|audio/[\w.+-]+|text/vtt)"
)
GUARD = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; img-src 'self'",
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
    headers = {"ETag": f'"{etag}"', "Cache-Control": cache, "Accept-Ranges": "bytes", **GUARD}
    headers["Content-Type"] = mime if SHOWN.fullmatch(mime) else "application/octet-stream"
    if download or not SHOWN.fullmatch(mime):
        headers["Content-Disposition"] = disposition(download or path.name)
    if _is_fresh(headers["ETag"]):
        file.close()
        return HTTPResponse("", 304, headers)
    return _ranged(Patched(file, patches) if patches else file, size, headers)


def _ranged(file, size, headers):
    asked = request.get_header("Range")
    if_range = request.get_header("If-Range")
    span = parse_range(asked, size) if asked and if_range in (None, headers["ETag"]) else (0, size)
    if span is None:
        file.close()
        return HTTPResponse("", 416, {**headers, "Content-Range": f"bytes */{size}"})
    start, end = span
    partial = span != (0, size) or (asked and if_range in (None, headers["ETag"]) and _is_single(asked))
    headers["Content-Length"] = str(end - start)
    if partial:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if request.method == "HEAD":
        file.close()
        return HTTPResponse("", 206 if partial else 200, headers)
    file.seek(start)
    return HTTPResponse(file, 206 if partial else 200, headers)


def _is_single(text):
    return bool(re.fullmatch(r"bytes=\s*(\d+-\d*|-\d+)\s*", text))


def parse_range(text: str, size: int) -> tuple[int, int] | None:
    """(start, end) of a single byte range (RFC 9110, 14.1.2), end exclusive; None when it cannot be met.

    Anything else than one range of bytes is answered with the whole, as the RFC allows.
    """
    if not _is_single(text):
        return 0, size
    first, _, last = text.partition("=")[2].strip().partition("-")
    if not first:
        length = min(int(last), size)
        return (size - length, size) if length else None
    start, end = int(first), min(int(last or size), size - 1) + 1
    if last and int(last) < int(first):
        return 0, size
    return (start, end) if start < size else None


def _is_fresh(etag):
    given = request.get_header("If-None-Match")
    return bool(given) and (
        given.strip() == "*" or etag in [t.strip().removeprefix("W/") for t in given.split(",")]
    )


def disposition(name: str) -> str:
    """attachment with a safe name (RFC 6266; RFC 8187 for what is not ASCII)."""
    plain = "".join(c if 32 <= ord(c) < 127 and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class Patched:
    """A file read with some of its bytes overwritten: [offset, length, base64], repeated to fill the length."""

    def __init__(self, file, patches: list):
        self._file = file
        self._patches = [(offset, length, base64.b64decode(fill)) for offset, length, fill in patches]

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self):
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        start = self._file.tell()
        chunk = self._file.read(size)
        end = start + len(chunk)
        touched = [p for p in self._patches if p[0] < end and p[0] + p[1] > start]
        return _overlay(chunk, start, touched) if touched else chunk


def _overlay(chunk, start, patches):
    changed = bytearray(chunk)
    for offset, length, fill in patches:
        first, last = max(offset, start), min(offset + length, start + len(chunk))
        whole = fill * ((last - offset) // len(fill) + 1)
        changed[first - start : last - start] = whole[first - offset : last - offset]
    return bytes(changed)

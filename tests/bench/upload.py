"""A large file sent the resumable way, while the server's memory is watched."""

import http.client
import time

CHUNK = 8 << 20
HEAD = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"


def send(server, token: str, size: int) -> tuple[float, float]:
    """(seconds, most MB the server weighed); the bytes begin like an MP4 so that they are taken."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    common = {"Cookie": f"goblin={token}", "Tus-Resumable": "1.0.0", "Sec-Fetch-Site": "same-origin"}
    name = {"Upload-Metadata": "filename YmlnLm1wNA==", "Upload-Length": str(size), "Content-Length": "0"}
    location = _ask(connection, "POST", "/upload/", None, {**common, **name}, 201).headers["Location"]
    path = location.partition(f":{server.port}")[2] or location
    block = HEAD + bytes(CHUNK - len(HEAD))
    offset, most, begun = 0, 0.0, time.perf_counter()
    while offset < size:
        part = block[: min(CHUNK, size - offset)]
        headers = {**common, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        _ask(connection, "PATCH", path, part, headers, 204)
        offset += len(part)
        most = max(most, server.memory())
    return time.perf_counter() - begun, most


def _ask(connection, method, path, body, headers, wanted):
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != wanted:
        raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
    return answer

"""Requests to a real server: ask for a page, send a file, make the person who sends it."""

import base64
import http.client
import json
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from pathlib import Path

from tests.commands import really_run

BOUNDARY = "part"


@dataclass
class Answer:
    """What the server answered."""

    status: int
    headers: Message
    body: bytes

    @cached_property
    def json(self):
        return json.loads(self.body)


def ask(server, path: str, method="GET", body=None, token="", **headers: str) -> Answer:
    """One request on a connection of its own, as whoever the token is of; wants JSON."""
    headers = {"Accept": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def send(server, token: str, name: str, data: bytes) -> tuple[int, dict]:
    """A file by the form, for everybody to see: status and JSON."""
    said = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="visibility"\r\n\r\npublic\r\n--{BOUNDARY}\r\n'
    )
    said += f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = said.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    answer = ask(server, "/submit/", "POST", body, token, Content_Type=kind)
    return answer.status, answer.json


def make_person(data: Path, name="ann") -> str:
    """A person of a gallery that does not serve yet, an admin; a token with which they may write."""
    for words in (("migrate",), ("user", "add", name, "--admin")):
        ended = really_run(data, *words)
        assert ended.status == 0, ended.err
    return really_run(data, "token", name, "--scope", "write").out.strip()


def send_in_parts(server, token: str, name: str, data: bytes, part: int = 256 << 10) -> tuple[int, str]:
    """A file the resumable way: the last status, and the medium's address on the server once it is whole."""
    named = {"Upload_Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}
    named |= {"Tus_Resumable": "1.0.0", "Upload_Length": str(len(data))}
    begun = ask(server, "/upload/", "POST", b"", token, **named)
    place = (begun.headers["Location"] or "").removeprefix(server.address(""))
    answer = begun
    for at in range(0, len(data) if begun.status == 201 else 0, part):
        head = {"Tus_Resumable": "1.0.0", "Upload_Offset": str(at)}
        head["Content_Type"] = "application/offset+octet-stream"
        answer = ask(server, place, "PATCH", data[at : at + part], token, **head)
        if answer.status != 204:
            return answer.status, ""
    return answer.status, (answer.headers["Location"] or "").removeprefix(server.address(""))

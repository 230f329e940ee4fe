"""Whose bodies come in, and how large: refused at the head of a request, before a byte is on the disk."""

import json
import socket
from collections import namedtuple

import pytest
from booted import full_disk
from waitress.adjustments import Adjustments

from goblin import library, storage
from goblin.cli import admission
from goblin.cli.channel import Parser
from goblin.cli.serve import NO_LIMIT
from goblin.models import Token
from tests.bench.server import Server

MB = 1 << 20
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def person(site):
    """person(scope, **flags): the head that says who sends."""

    def make(scope="write", **flags):
        token = Token.issue(user=site.person("bob", **flags), scope=scope)
        return f"Authorization: Bearer {token}\r\n"

    return make


def begin(line, length, *heads):
    parser = Parser(Adjustments(max_request_body_size=NO_LIMIT))
    said = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
    parser.received(f"{line} HTTP/1.1\r\nHost: x\r\n{''.join(heads)}{said}\r\n\r\n".encode())
    return parser


def answer(parser):
    """(status, sentence) of a refusal, or None."""
    assert bool(parser.error) == parser.completed
    if parser.error:
        status, _, body = parser.error.to_response()
        return int(status[:3]), json.loads(body)["error"]
    return None


@pytest.mark.parametrize(
    ("line", "length", "status"),
    [
        ("PATCH /upload/a-b_c", 900 * MB, None),
        ("POST /upload/", 900 * MB, None),
        ("POST /gallery/upload/", 900 * MB, None),
        ("PATCH /upload/abc", 11 * 10**9, 413),
        ("POST /submit/", 1024 * MB, None),
        ("POST /submit/", 1024 * MB + 1, 413),
        ("POST /u/ann/m/beach/files/", 1024 * MB, None),
        ("PUT /submit/", 2 * MB, 413),
        ("GET /", 2 * MB, 413),
        ("POST /u/ann/m/beach/edit/", 2 * MB, 413),
        ("POST /upload/a/b", 2 * MB, 413),
        ("POST /edit/profile/", MB, None),
    ],
)
def test_only_where_files_go_a_body_may_be_large(person, monkeypatch, line, length, status):
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda path: Usage(1 << 40, 0, 1 << 40))
    said = answer(begin(line, length, person()))
    assert (said and said[0]) == status


@pytest.mark.parametrize("length", [900 * MB, 0], ids=["length", "chunked"])
def test_who_may_not_add_may_not_send(person, length):
    assert answer(begin("POST /submit/", length)) == (401, admission.STRANGER)
    assert answer(begin("POST /submit/", length, person("read"))) == (403, "This access token may only read.")
    said = answer(begin("POST /submit/", length, person(uploader=False)))
    assert said == (403, "You may not add media here. Ask the keeper of this gallery.")


def test_room_is_asked_before_and_while_it_comes(person, monkeypatch):
    free = 100 * MB
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda path: Usage(0, 0, free))
    monkeypatch.setattr(library.disk, "keep_free", 50 * MB)
    monkeypatch.setattr(library.limits, "keep_free", 50 * MB)
    head = person()
    assert answer(begin("PATCH /upload/a", 51 * MB, head))[0] == 507
    parser = begin("PATCH /upload/a", 50 * MB, head)
    parser.received(bytes(2 * MB))
    assert answer(parser) is None
    free = 49 * MB  # somebody else sends, too
    parser.received(bytes(1))
    assert answer(parser) == (507, storage.FULL)
    parser.close()


def test_a_body_without_a_length_ends_somewhere(person):
    parser = begin("POST /edit/profile/", 0, person())
    for _ in range(2):
        assert answer(parser) is None
        parser.received(b"a0000\r\n" + bytes(0xA0000) + b"\r\n")
    assert answer(parser) == (413, admission.TOO_MUCH)
    parser.close()


def test_a_full_disk_is_said(person):
    parser = begin("POST /submit/", 5 * MB, person())
    with full_disk(700_000):
        while not parser.completed:
            parser.received(bytes(100_000))
        parser.close()
    assert answer(parser) == (507, storage.FULL)


def test_a_browser_without_script_reads_a_sentence(person):
    parser = begin("POST /submit/", 2000 * MB, person(), "Accept: text/html\r\n")
    status, headers, body = parser.error.to_response()
    assert status.startswith("413 ") and dict(headers)["Content-Type"].startswith("text/plain")
    assert body.decode() == admission.TOO_LARGE


def test_who_asks_before_sending_gets_the_refusal(tmp_path):
    """curl sends a large body after "100 Continue", which a stranger must not get."""
    with Server(tmp_path / "data") as server, socket.create_connection(("127.0.0.1", server.port)) as line:
        head = "POST /submit/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n\r\n"
        line.sendall(head.encode())
        line.settimeout(20)
        assert line.recv(65536).startswith(b"HTTP/1.1 401 ")

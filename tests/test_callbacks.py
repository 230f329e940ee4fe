"""callback_url: told once a medium is ready, tried again, and never a way into the gallery's own network."""

import base64
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from booted import JSON, picture

from goblin import boot, outward
from goblin.models import Callback, Media
from goblin.web import callbacks

ALLOWED = {"GOBLIN_UPLOADS_PRIVATE_CALLBACKS": "yes"}


class Listener:
    """A server that notes what is posted to it, and answers with the given statuses, the last for ever."""

    def __init__(self, *statuses):
        self.got, self.statuses = [], list(statuses)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((self.path, dict(self.headers), json.loads(body)))
                status = outer.statuses.pop(0) if len(outer.statuses) > 1 else outer.statuses[0]
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", outer.address("/elsewhere"))
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def address(self, path="/done?of=it") -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def listen():
    made = []

    def make(*statuses):
        made.append(Listener(*(statuses or (200,))))
        return made[-1]

    yield make
    for listener in made:
        listener.close()


def wait_until(check, seconds=10):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)


def test_whoever_asked_at_the_form_is_told_when_it_is_ready(make_site, listen):
    site, listener = make_site(**ALLOWED), listen()
    ann = site.sign_in("ann")
    medium = site.upload(ann, callback_url=listener.address(), tags="sea")
    callbacks.call()
    assert not listener.got and Callback.get().due is None, "it is being prepared still"
    site.process()
    wait_until(lambda: not Callback.select().exists())
    (path, headers, said) = listener.got[0]
    assert len(listener.got) == 1 and path == "/done?of=it"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["User-Agent"].startswith("goblin/") and "Cookie" not in headers
    assert said == ann.get("/u/ann/m/beach/", headers=JSON).json
    assert (
        said["id"] == medium.id
        and said["state"] == "processed"
        and said["url"].startswith("http://localhost/")
    )


def test_a_resumable_upload_asks_in_its_metadata(make_site, listen):
    site, listener = make_site(**ALLOWED), listen()
    data, ann = picture(), site.sign_in("ann")
    pairs = {"filename": "a.png", "callback_url": listener.address("/x")}
    meta = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs.items())
    head = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)), "Upload-Metadata": meta}
    body = {"Content-Type": "application/offset+octet-stream"}
    ann.post("/upload/", data, headers={**head, **body}, status=201)
    site.process()
    wait_until(lambda: listener.got)
    assert listener.got[0][2]["slug"] == "a"


def test_what_was_there_already_is_told_at_once(make_site, listen):
    site, listener = make_site(**ALLOWED), listen()
    ann, data = site.sign_in("ann"), picture()
    site.ready(ann, data=data)
    assert site.upload(ann, data=data, callback_url=listener.address())
    wait_until(lambda: not Callback.select().exists())
    assert listener.got[0][2]["state"] == "processed"


def test_a_failure_is_told_too(make_site, listen):
    site, listener = make_site(**ALLOWED), listen()
    site.upload(site.sign_in("ann"), data=picture()[:400], callback_url=listener.address())
    site.process()
    wait_until(lambda: listener.got)
    assert listener.got[0][2]["state"] == "failed" and listener.got[0][2]["error"].endswith(".")


@pytest.mark.parametrize("status", [500, 404, 302, 307])
def test_it_is_tried_again_after_a_restart_too_and_no_redirect_is_followed(make_site, listen, status):
    listener = listen(status, 200)
    site = make_site(**ALLOWED)
    site.ready(site.sign_in("ann"), callback_url=listener.address())
    wait_until(lambda: Callback.get().tries == 1)
    callbacks.call()
    assert len(listener.got) == 1, "not before its time"
    boot.shut()
    make_site(**ALLOWED)
    Callback.update(due="2026-01-01T00:00:00.000000Z").execute()
    callbacks.call()
    wait_until(lambda: not Callback.select().exists())
    assert [path for path, _, _ in listener.got] == ["/done?of=it"] * 2


def test_a_day_of_failures_is_enough(make_site, listen):
    site, listener = make_site(**ALLOWED), listen(500)
    site.ready(site.sign_in("ann"), callback_url=listener.address())
    wait_until(lambda: Callback.get().tries == 1)
    assert sum(callbacks.PAUSES) == pytest.approx(86400, rel=0.05) and list(callbacks.PAUSES) == sorted(
        callbacks.PAUSES
    )
    for _ in callbacks.PAUSES:
        tries = Callback.get().tries
        Callback.update(due="2026-01-01T00:00:00.000000Z").execute()
        callbacks.call()
        wait_until(lambda tries=tries: not Callback.select().where(Callback.tries == tries).exists())
    assert not Callback.select().exists() and len(listener.got) == 1 + len(callbacks.PAUSES)


INSIDE = (
    *(
        "http://127.0.0.1/",
        "http://127.1.2.3:8080/x",
        "https://10.0.0.1/",
        "http://192.168.1.1/",
        "http://172.16.0.9/",
    ),
    *(
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
    ),
    *(
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
    ),
    *("http://[fd00:ec2::254]/", "http://[fec0::1]/", "http://[ff02::1]/", "http://[::127.0.0.1]/"),
    *("http://[64:ff9b::a9fe:a9fe]/", "http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::80ff:fffe]/"),
)
STRANGE = (
    *(
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "javascript:alert(1)",
        "example.org",
    ),
    *(
        "http://",
        "http:///x",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://[::1",
        "http://a b/",
    ),
    *(
        "http://ann:secret@example.org/",
        "http://example.org/\r\nX: y",
        "http://exämple.org/",
        "http://e.org/" + "x" * 2000,
    ),
)


@pytest.mark.parametrize("address", [*INSIDE, *STRANGE], ids=range(len(INSIDE) + len(STRANGE)))
def test_no_address_inside_and_nothing_but_http_is_taken(site, address):
    answer = site.sign_in("ann").post(
        "/submit/",
        {"callback_url": address},
        upload_files=[("file", "a.png", picture())],
        headers=JSON,
        status=422,
    )
    assert answer.json["field"] == "callback_url" and answer.json["error"].endswith(".")
    assert not Media.select().exists()


@pytest.mark.parametrize("host", ["inside.example", "2130706433", "0x7f.1", "localhost"])
def test_a_name_that_leads_inside_is_not_called(site, listen, monkeypatch, host):
    listener = listen()
    look_up = socket.getaddrinfo
    there = {"inside.example": "127.0.0.1"}
    monkeypatch.setattr(socket, "getaddrinfo", lambda name, *a, **k: look_up(there.get(name, name), *a, **k))
    address = listener.address().replace("127.0.0.1", host)
    site.ready(site.sign_in("ann"), callback_url=address)
    wait_until(lambda: not Callback.select().exists())
    assert not listener.got
    assert outward.post(address, b"{}", "application/json", private=True) == 200, "it would have answered"


def test_what_was_looked_at_is_what_is_connected_to(monkeypatch):
    """A name that leads elsewhere at the second question gains nothing: there is none."""
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    asked, called = [], []

    def look_up(host, port, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in next(answers)]

    def connect(address, timeout):
        called.append(address)
        raise OSError("no network here")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(outward.Failed):
        outward.post("http://turncoat.example/", b"", "text/plain")
    assert asked == ["turncoat.example"] and called == [("8.8.8.8", 80)]


def test_of_a_name_with_several_addresses_only_a_public_one_is_called(monkeypatch):
    called = []
    found = [(0, 0, 0, "", (ip, 443)) for ip in ("127.0.0.1", "::1", "9.9.9.9")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)
    monkeypatch.setattr(socket, "create_connection", lambda address, _: called.append(address) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        outward.post("https://several.example/", b"", "text/plain")
    assert called == [("9.9.9.9", 443)]


def test_who_answers_drop_by_drop_is_cut_off(monkeypatch):
    monkeypatch.setattr(outward, "SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"

        def drip():
            line, _ = server.accept()
            with line:
                line.sendall(b"HTTP/1.1 ")
                for _ in range(100):
                    try:
                        line.sendall(b"x")
                    except OSError:
                        return
                    time.sleep(0.1)

        thread = threading.Thread(target=drip)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(outward.Failed):
            outward.post(address, b"", "text/plain", private=True)
        assert time.monotonic() - begun < 3
        thread.join()


def test_https_needs_a_server_that_speaks_it(listen):
    with pytest.raises(outward.Failed):
        outward.post(listen().address().replace("http:", "https:"), b"", "text/plain", private=True)

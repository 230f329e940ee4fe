"""A real goblin in a process of its own, on a real socket: stopped, killed, cut off and held up."""

import base64
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from PIL import Image

from tests.bench.server import ROOT, Server, free_port

PASSWORD = "correct horse"


@pytest.fixture
def data(tmp_path):
    """A data folder with one person, ann, who has a token that may write."""
    folder = tmp_path / "data"
    command = [sys.executable, str(ROOT / "goblin.py"), "--data", str(folder)]
    environment = {**os.environ, "GOBLIN_NO_BOOTSTRAP": "1"}
    run = {"env": environment, "check": True, "text": True, "capture_output": True}
    subprocess.run([*command, "migrate"], **run)
    subprocess.run(
        [*command, "user", "add", "ann", "--admin", "--password-stdin"], input=PASSWORD + "\n", **run
    )
    token = subprocess.run([*command, "token", "ann", "--scope", "write"], **run).stdout.strip()
    (tmp_path / "token").write_text(token)
    return folder


def token_for(data):
    return (data.parent / "token").read_text()


def ask(server, path, method="GET", body=None, **headers):
    """(status, headers, JSON or bytes) of a request as ann."""
    headers = {k.replace("_", "-"): v for k, v in headers.items()}
    headers = {"Authorization": f"Bearer {token_for(server.data)}", "Accept": "application/json", **headers}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    is_json = (answer.headers["Content-Type"] or "").startswith("application/json")
    return answer.status, answer.headers, json.loads(text) if is_json and text else text


def photo(path, width=1600, height=1200, seed=1):
    Image.effect_noise((width, height), 20 + seed).convert("RGB").save(path, quality=90)
    return path


def upload(server, path, title=""):
    """Upload a whole file as tus creation-with-upload; returns the medium's address."""
    names = {"filename": path.name, "title": title}
    meta = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in names.items() if v)
    head = {"Tus_Resumable": "1.0.0", "Upload_Length": str(path.stat().st_size), "Upload_Metadata": meta}
    status, headers, _ = ask(server, "/upload/", "POST", b"", **head)
    assert status == 201
    place = headers["Location"].replace(f"http://127.0.0.1:{server.port}", "")
    head = {"Tus_Resumable": "1.0.0", "Upload_Offset": "0", "Content_Type": "application/offset+octet-stream"}
    status, headers, _ = ask(server, place, "PATCH", path.read_bytes(), **head)
    assert status == 204
    return headers["Location"].replace(f"http://127.0.0.1:{server.port}", "")


def wait_until(check, seconds=40):
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)
    return found


def states(server):
    return [i["state"] for i in ask(server, "/u/ann/panel/")[2]["items"]]


def test_what_was_accepted_survives_a_kill(data, tmp_path):
    """kill -9 in the middle of processing: nothing accepted is lost, nothing is stuck."""
    with Server(data) as server:
        places = [upload(server, photo(tmp_path / f"p{n}.jpg", 3000, 2000, n)) for n in range(5)]
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
    with Server(data) as server:
        for place in places:
            wait_until(lambda place=place: ask(server, place)[2]["state"] == "processed")
    originals = sorted(p.name for p in (data / "originals").rglob("*.jpg"))
    assert originals == [f"p{n}.jpg" for n in range(5)]


def test_term_ends_it_in_seconds_even_while_it_works(data, tmp_path):
    with Server(data) as server:
        for n in range(4):
            upload(server, photo(tmp_path / f"p{n}.jpg", 4000, 3000, n))
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0
        assert time.monotonic() - begun < 8
    with Server(data) as server:
        wait_until(lambda: "unprocessed" not in states(server) and "processing" not in states(server))


def test_a_second_goblin_on_the_same_folder_refuses(data):
    with Server(data):
        command = [sys.executable, str(ROOT / "goblin.py"), "--data", str(data), "serve"]
        environment = {**os.environ, "GOBLIN_NO_BOOTSTRAP": "1", "GOBLIN_SERVER_PORT": str(free_port())}
        second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    advice = "stop it, or choose another folder with --data"
    assert second.stderr.splitlines()[-1] == f"goblin: Another goblin already serves {data}; {advice}."


def test_only_one_goblin_prepares(data, tmp_path):
    """A second one would begin anew what the first is at."""
    work = [sys.executable, str(ROOT / "goblin.py"), "--data", str(data), "work"]
    environment = {**os.environ, "GOBLIN_NO_BOOTSTRAP": "1"}
    with Server(data):
        second = subprocess.run(work, env=environment, capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert second.stderr.splitlines()[-1].startswith(
        f"goblin: Another goblin prepares what is added to {data};"
    )
    with Server(data, "--no-workers") as server:
        worker = subprocess.Popen(work, env=environment, stdout=subprocess.PIPE, text=True)
        place = upload(server, photo(tmp_path / "p.jpg", 300, 200, 1))
        wait_until(lambda: ask(server, place)[2]["state"] == "processed")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0
        worker.stdout.close()


def test_a_taken_port_is_said_in_a_sentence(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, str(ROOT / "goblin.py"), "--data", str(data), "serve"]
        environment = {**os.environ, "GOBLIN_NO_BOOTSTRAP": "1", "GOBLIN_SERVER_HOST": "127.0.0.1"}
        environment["GOBLIN_SERVER_PORT"] = str(taken.getsockname()[1])
        tried = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert tried.returncode == 1
    assert "Another program uses that port" in tried.stderr
    assert "Traceback" not in tried.stderr


def test_slow_viewers_do_not_hold_up_the_next(data, tmp_path):
    """Eight people who started a download and paused: the ninth is answered at once."""
    with Server(data) as server:
        place = upload(server, photo(tmp_path / "big.png", 3000, 3000))
        item = wait_until(lambda: (got := ask(server, place)[2])["state"] == "processed" and got)
        path = item["files"]["original"]["url"].partition(str(server.port))[2]
        slow = []
        for number in range(8):
            one = socket.create_connection(("127.0.0.1", server.port))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            ranged = "Range: bytes=1000-\r\n" if number % 2 else ""
            one.sendall(
                f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token_for(data)}\r\n{ranged}\r\n".encode()
            )
            one.recv(1000)
            slow.append(one)
        begun = time.monotonic()
        assert ask(server, "/")[0] == 200
        assert time.monotonic() - begun < 2
        for one in slow:
            one.close()


def test_an_upload_cut_anywhere_goes_on_where_it_stopped(data, tmp_path):
    """The connection breaks at random places, once the server is killed; what arrived is not sent again."""
    whole = photo(tmp_path / "cut.png", 1600, 1200).read_bytes()
    dice = random.Random(7)
    with Server(data) as server:
        meta = f"filename {base64.b64encode(b'cut.png').decode()}"
        head = {"Tus_Resumable": "1.0.0", "Upload_Length": str(len(whole)), "Upload_Metadata": meta}
        place = ask(server, "/upload/", "POST", b"", **head)[1]["Location"]
        place = place.replace(f"http://127.0.0.1:{server.port}", "")
        upto = 0
        for _ in range(4):
            offset, upto = upto, min(len(whole) - 10, upto + dice.randrange(2_000, 900_000))
            send_a_part_and_break_off(server, place, whole, offset, upto)
            wait_until(lambda upto=upto: offset_of(server, place) == upto, 10)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
    with Server(data) as server:
        offset = offset_of(server, place)
        assert offset == upto
        head = {"Tus_Resumable": "1.0.0", "Content_Type": "application/offset+octet-stream"}
        status, headers, _ = ask(server, place, "PATCH", whole[offset:], Upload_Offset=str(offset), **head)
        assert status == 204
        item = ask(server, headers["Location"].replace(f"http://127.0.0.1:{server.port}", ""))[2]
        path = item["files"]["original"]["url"].partition(str(server.port))[2]
        assert ask(server, path)[2] == whole


def offset_of(server, place):
    """Bytes that arrived; None while the server is still busy with them."""
    offset = ask(server, place, "HEAD", Tus_Resumable="1.0.0")[1]["Upload-Offset"]
    return int(offset) if offset else None


def send_a_part_and_break_off(server, place, whole, offset, upto):
    """A PATCH that says it brings everything and stops in the middle."""
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        head = (
            f"PATCH {place} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token_for(server.data)}\r\n"
            f"Tus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\n"
            f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(whole) - offset}\r\n\r\n"
        )
        line.sendall(head.encode() + whole[offset:upto])
        time.sleep(0.2)


def test_the_second_start_is_quick(data):
    """From the command to the first answer: about a second on a quiet machine, three on a busy one."""
    with Server(data) as server:
        assert time.perf_counter() - server.begun < 3


def test_a_gallery_without_people_shows_nothing(tmp_path):
    with Server(tmp_path / "new") as server:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(server.address("/"), timeout=5)
        assert refused.value.code == 403
        refused.value.close()
    assert any("/setup/" in line for line in server.said)


def heard(line) -> bytes:
    """Everything the server says until it hangs up."""
    return b"".join(iter(lambda: line.recv(65536), b""))


@pytest.mark.parametrize("cookie", ["", "Cookie: goblin=made-up\r\n", "Cookie: a=b; ;=\r\n"])
@pytest.mark.parametrize("length", ["Content-Length: 900000000", "Transfer-Encoding: chunked"])
def test_a_stranger_cannot_fill_the_disk(strangers, cookie, length):
    """The body of somebody unknown is refused at its head, before a byte of it is on the disk."""
    with socket.create_connection(("127.0.0.1", strangers.port)) as line:
        line.sendall(f"POST /auth/login/ HTTP/1.1\r\nHost: x\r\n{cookie}{length}\r\n\r\n".encode())
        said = heard(line)
    assert said.startswith(b"HTTP/1.1 401 ") and b"not signed in" in said


def test_who_is_refused_while_sending_gets_to_read_it(strangers):
    """Closed at once, the line would be reset, and the answer lost with it."""
    with socket.create_connection(("127.0.0.1", strangers.port)) as line:
        line.sendall(b"PATCH /upload/x HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n")
        for _ in range(80):
            line.sendall(bytes(100_000))
            time.sleep(0.005)
        said = heard(line)
    assert said.startswith(b"HTTP/1.1 401 ") and b"sign in first" in said


def test_who_goes_on_sending_after_a_refusal_is_cut_off(strangers):
    with socket.create_connection(("127.0.0.1", strangers.port)) as line:
        line.sendall(b"PATCH /upload/x HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n")
        with pytest.raises(ConnectionError):
            for _ in range(200):
                line.sendall(bytes(1 << 20))


def test_an_answer_without_a_body_leaves_the_line_open(strangers):
    connection = http.client.HTTPConnection("127.0.0.1", strangers.port, timeout=30)
    connection.request("GET", "/static/goblin.css")
    answer = connection.getresponse()
    etag, line = answer.headers["ETag"], connection.sock
    answer.read()
    for asked in ("keep-alive", "keep-alive", "close"):
        connection.request("GET", "/static/goblin.css", headers={"If-None-Match": etag, "Connection": asked})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (304, b"")
        assert answer.headers["Connection"] == ("close" if asked == "close" else None)
        assert asked == "close" or connection.sock is line
    connection.close()


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("strangers") / "data") as server:
        yield server

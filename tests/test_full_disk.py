"""A disk that is really full, at every step: one sentence, nothing lost, and it goes on once there is room."""

import io
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from tests import made
from tests.bench.server import Server
from tests.commands import command, environment
from tests.visiting import ask, make_person, send, send_in_parts

SIZE = 40 << 20  # bytes of the disk
MOUNT = """
mount -t tmpfs -o size="$1" none "$2" || exit 77
cp -a "$3/." "$2/"
shift 3
exec "$@"
"""
WAITING = {"arriving", "unprocessed", "processing"}
SECONDS = 60
FULL = ("full", "no space", "room", " free")


class SmallDisk(Server):
    """A goblin whose data folder is a disk of its own, which only it sees; `prepared` is what lies on it."""

    def __init__(self, data: Path, prepared: Path):
        super().__init__(data, GOBLIN_UPLOADS_KEEP_FREE="0")
        shell = ["unshare", "--mount", "--map-root-user", "sh", "-c", MOUNT, "sh", str(SIZE)]
        self._command[:0] = [*shell, str(data), str(prepared)]

    def __enter__(self):
        try:
            return super().__enter__()
        except RuntimeError as error:
            if self.process.poll() in (1, 77):
                pytest.skip("this machine does not let tests mount a small disk")
            raise error

    @property
    def disk(self) -> Path:
        """The data folder as the server sees it."""
        return Path(f"/proc/{self.process.pid}/root{self.data}")

    @contextmanager
    def leaving(self, room: int):
        """Only so many bytes are free."""
        filling = self.disk / "filling"
        with filling.open("wb") as file:
            file.write(bytes(max(self.free() - room, 0)))
        try:
            yield
        finally:
            filling.unlink()

    def free(self) -> int:
        told = os.statvfs(self.disk)
        return told.f_bavail * told.f_bsize

    def run(self, *words) -> subprocess.CompletedProcess:
        """A command of the keeper on the same disk."""
        enter = ["nsenter", "--user", "--preserve-credentials", "--mount", "--target", str(self.process.pid)]
        words = [*enter, *command(self.data, *words)]
        return subprocess.run(
            words, capture_output=True, text=True, timeout=60, env=environment(GOBLIN_UPLOADS_KEEP_FREE="0")
        )


@pytest.fixture
def small(tmp_path):
    """(server, token) of a gallery on a disk of 40 MB."""
    token = make_person(tmp_path / "prepared")
    (tmp_path / "data").mkdir()
    with SmallDisk(tmp_path / "data", tmp_path / "prepared") as server:
        yield server, token


def photo(width: int, height: int) -> bytes:
    """A picture of noise, whose copies are large too."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).save(out, "JPEG", quality=70)
    return out.getvalue()


def address_of(server, said) -> str:
    return said["items"][0]["url"].removeprefix(server.address(""))


def settled(server, token, address) -> dict:
    deadline = time.monotonic() + SECONDS
    while (item := ask(server, address, token=token).json)["state"] in WAITING:
        assert time.monotonic() < deadline, item
        time.sleep(0.1)
    return item


def is_said(sentence: str) -> bool:
    return any(word in sentence for word in FULL) and sentence.endswith(".")


def prepared_later(server, token, name, data, room):
    """A file that has room for itself but not for its copies: it fails, is kept, and is prepared with room."""
    with server.leaving(len(data) + room):
        status, address = send_in_parts(server, token, name, data)
        assert status == 204 and address
        item = settled(server, token, address)
        assert item["state"] == "failed" and is_said(item["error"]), item
        assert ask(server, "/healthz").status in (200, 503)
    assert ask(server, f"{address}retry/", "POST", b"", token).status in (200, 303)
    item = settled(server, token, address)
    assert item["state"] == "processed", item["error"]
    path = item["files"]["original"]["url"].removeprefix(server.address(""))
    assert ask(server, path, token=token).body == data
    return item


def test_copies_of_a_picture(small):
    server, token = small
    item = prepared_later(server, token, "noise.jpg", photo(2600, 2000), 400 << 10)
    assert {"thumb", "thumb2", "view"} <= set(item["files"])


def test_a_copy_of_a_film(small, tmp_path):
    server, token = small
    grainy = ("-vf", "noise=alls=90:allf=t", "-c:v", "mpeg4", "-q:v", "9")
    film = made.film(tmp_path / "a.avi", *grainy, seconds=4, size="640x360")
    item = prepared_later(server, token, "a.avi", film.read_bytes(), 900 << 10)
    assert "play" in item["files"]


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_an_office_document(small):
    """LibreOffice itself does not tell why it ended."""
    server, token = small
    data = rb"{\rtf1 {\info{\title Of the sea}} words \page more words}"
    assert "page-1" in prepared_later(server, token, "a.rtf", data, 200 << 10)["files"]


def test_adding_changing_importing_saving(small, tmp_path):
    server, token = small
    first, second = photo(300, 200), photo(300, 201)
    (tmp_path / "third.jpg").write_bytes(photo(300, 202))
    address = address_of(server, send(server, token, "first.jpg", first)[1])
    settled(server, token, address)
    importing = ("import", "--user", "ann", tmp_path / "third.jpg")
    saving = ("backup", server.data / "backups" / "all.tar")
    change = {"body": b"title=Again", "token": token, "Content_Type": "application/x-www-form-urlencoded"}
    with server.leaving(0):
        status, said = send(server, token, "second.jpg", second)
        assert status == 507 and is_said(said["error"]), said
        answer = ask(server, f"{address}edit/", "POST", **change)
        assert answer.status in (200, 507) and (answer.status == 200 or is_said(answer.json["error"]))
        assert ask(server, "/u/ann/gallery/").status == 200
        assert ask(server, address, token=token).json["state"] == "processed"
        for words in (importing, saving):
            ended = server.run(*words)
            assert ended.returncode == 1 and "Traceback" not in ended.stderr, (words, ended.stderr)
            assert is_said(ended.stderr.strip().splitlines()[-1]), (words, ended.stderr)
        assert list((server.disk / "incoming").iterdir()) == []
        assert [p.name for p in (server.disk / "originals").rglob("*.*")] == ["first.jpg"]
        assert list((server.disk / "backups").iterdir()) == []
    assert send(server, token, "second.jpg", second)[0] == 201
    assert ask(server, f"{address}edit/", "POST", **change).status in (200, 303)
    for words in (importing, saving):
        assert server.run(*words).returncode == 0

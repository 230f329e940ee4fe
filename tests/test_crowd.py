"""Many uploads at once, to a real server: each is answered, none is lost, none is stuck, others still see pages."""

import io
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from tests.bench.server import Server
from tests.visiting import ask, make_person, send

SLOWEST_ANSWER = 60.0  # seconds that one of a thousand may wait for its turn
SECONDS_EACH = 0.6  # to prepare a small picture on a slow machine


@pytest.fixture
def crowded(tmp_path):
    """A serving gallery and the token of somebody who may add."""
    token = make_person(tmp_path / "data")
    with Server(tmp_path / "data", GOBLIN_UPLOADS_KEEP_FREE="0") as server:
        yield server, token


def small(number: int) -> bytes:
    """A picture of its own for each number."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (number % 256, number // 256, 99)).save(out, "PNG")
    return out.getvalue()


def add_all(server, token, count, hands) -> list[tuple[int, float]]:
    """(status, seconds) of each upload, from so many hands at once."""

    def add(number):
        begun = time.monotonic()
        status, _ = send(server, token, "same name.png", small(number))
        return status, time.monotonic() - begun

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(add, range(count)))


def settled(server, token, count):
    """The states of all media once none waits any more."""
    deadline = time.monotonic() + 20 + count * SECONDS_EACH
    while ask(server, "/u/ann/panel/?since=2026-01-01T00:00:00.000000Z", token=token).json["waiting"]:
        assert time.monotonic() < deadline, "some are stuck"
        time.sleep(0.2)
    states, path = Counter(), "/u/ann/gallery/"
    while path:
        page = ask(server, path, token=token).json
        states.update(item["state"] for item in page["items"])
        path = page["next"] and page["next"].removeprefix(server.address(""))
    return states


def look_on(server, over: threading.Event) -> list[tuple[int, float]]:
    """What somebody else is answered meanwhile: (status, seconds)."""
    seen = []
    while not over.wait(0.1):
        begun = time.monotonic()
        seen.append((ask(server, "/u/ann/gallery/").status, time.monotonic() - begun))
    return seen


def hold(crowded, count, hands, slowest):
    server, token = crowded
    over = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look_on, server, over)
        try:
            answers = add_all(server, token, count, hands)
        finally:
            over.set()
        others = looking.result()
    assert Counter(status for status, _ in answers) == {201: count}
    assert max(seconds for _, seconds in answers) < SLOWEST_ANSWER
    assert settled(server, token, count) == {"processed": count}
    originals = [path for path in (server.data / "originals").rglob("*") if path.is_file()]
    assert len(originals) == count and all(path.stat().st_size for path in originals)
    assert list((server.data / "incoming").iterdir()) == []
    assert {status for status, _ in others} == {200}
    assert max(seconds for _, seconds in others) < slowest
    assert server.process.poll() is None


def test_sixty_at_once(crowded):
    hold(crowded, 60, 20, slowest=5)


@pytest.mark.long
def test_a_thousand_at_once(crowded):
    hold(crowded, 1000, 50, slowest=10)

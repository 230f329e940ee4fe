"""How long others wait for a page while a film of 1 GB is transcoded and 500 photos wait for their turn."""

import http.client
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.bench import seed
from tests.bench.server import ROOT, Server

PHOTOS, FILM_BYTES = 500, 1_000_000_000
PAUSE = 0.05  # seconds between two requests: a few people who look around
PAGE = "/u/ann/gallery/"
JPEG_START = b"\xff\xd8"


def film(target: Path, size: int = FILM_BYTES) -> Path:
    """Full HD in Motion JPEG, which no browser plays: some seconds of it, as often as make that size."""
    quiet = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    short = target.with_name("short.avi")
    source = "testsrc2=size=1920x1080:rate=25:duration=4,noise=alls=12:allf=t"
    subprocess.run([*quiet, "-f", "lavfi", "-i", source, "-c:v", "mjpeg", "-q:v", "3", short], check=True)
    times = str(max(0, size // short.stat().st_size))
    subprocess.run([*quiet, "-stream_loop", times, "-i", short, "-c", "copy", target], check=True)
    short.unlink()
    return target


def photos(folder: Path, source: Path, count: int = PHOTOS) -> Path:
    """Files of the same photo, each with a comment of its own (ITU-T T.81, B.2.4.5)."""
    data = source.read_bytes()
    folder.mkdir()
    for number in range(count):
        words = f"photo {number}".encode()
        comment = b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words
        (folder / f"photo-{number}.jpg").write_bytes(JPEG_START + comment + data[2:])
    return folder


def take_in(server: Server, *paths: Path):
    """Import files while nobody serves: they wait for the next start."""
    command = [
        sys.executable,
        str(ROOT / "goblin.py"),
        "--data",
        str(server.data),
        "import",
        *map(str, paths),
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*command, "--user", "ann"], env=server._environment, check=True, **quiet)


def ask(server: Server, token: str, seconds: float) -> list[float]:
    """How long each answer of the gallery took, sorted; milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.perf_counter()
        connection.request("GET", PAGE, headers={"Cookie": f"goblin={token}"})
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - begun) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{PAGE}: {answer.status}")
        time.sleep(PAUSE)
    return sorted(times)


def waiting(server: Server, token: str) -> tuple[int, str]:
    """(how many media wait or are being prepared, how far the film is)."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    headers = {"Cookie": f"goblin={token}", "Accept": "application/json"}
    connection.request("GET", "/u/ann/panel/?since=2026-01-01T00:00:00.000000Z", headers=headers)
    left = json.loads(connection.getresponse().read())["waiting"]
    connection.request("GET", "/u/ann/m/film/", headers=headers)
    film = json.loads(connection.getresponse().read())
    return left, f"{film['state']} ({film['progress'] or 0:.0f} %)"


def report(name: str, times: list[float]) -> float:
    """Print a line; returns the p99."""
    p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    load = os.getloadavg()[0]
    print(f"| {name} | {len(times)} | {p50:.1f} | {p99:.1f} | {times[-1]:.1f} | {load:.1f} |", flush=True)
    return p99


def run(folder: Path, photo: Path, seconds: float = 30):
    """Idle, then busy; the film must still be at work at the end, or the figure says nothing."""
    data = folder / "bench-busy"
    token = seed.seed(data, 1_000)
    print("| gallery, signed in | requests | p50 ms | p99 ms | most ms | load |\n" + "|---" * 6 + "|")
    with Server(data) as server:
        ask(server, token, 2)
        idle = report("idle", ask(server, token, seconds))
    take_in(server, film(folder / "film.avi"), photos(folder / "photos", photo))
    with Server(data) as server:
        ask(server, token, 2)
        busy = report("a film and 500 photos", ask(server, token, seconds))
        left, how_far = waiting(server, token)
    print(f"\np99 is {busy / idle:.1f} times as long; {left} media were left, the film was {how_far}.")

"""python -m tests.bench [pages] [memory] [photos] [upload] [busy]: prints a table in Markdown."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from tests.bench import seed
from tests.bench.server import ROOT, Server, free_port, wait_for

SECONDS = float(os.environ.get("BENCH_SECONDS", 4))
PAGES = ("/", "/u/ann/gallery/", "/u/ann/m/photo-7/")


def load(port: int, path: str, cookie: str = "", connections: int = 4) -> dict:
    """The figures of one address under load."""
    command = [
        sys.executable,
        "-m",
        "tests.bench.load",
        "127.0.0.1",
        str(port),
        path,
        str(connections),
        str(SECONDS),
    ]
    return json.loads(
        subprocess.run([*command, *filter(None, [cookie])], cwd=ROOT, check=True, capture_output=True).stdout
    )


def floor() -> float:
    """Requests per second of waitress saying hello."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.hello", str(port)], cwd=ROOT)
    try:
        wait_for(f"http://127.0.0.1:{port}/", process)
        return load(port, "/")["per_second"]
    finally:
        process.terminate()
        process.wait()


def pages(folder: Path):
    """Requests per second and latency of pages, and how much slower 100,000 media are than 1,000."""
    print(
        "| page | media | who | per second | of hello | p50 ms | p99 ms | statements |\n" + "|---" * 8 + "|"
    )
    print(f"| waitress saying hello | | | {floor():.0f} | 1 | | | |")
    for count in (1_000, 100_000):
        data = folder / f"bench-{count}"
        token = seed.seed(data, count)
        counted = statements(data, token)
        with Server(data) as server:
            for path in (*PAGES, thumb(server)):
                for who, cookie in (("stranger", ""), ("signed in", token)):
                    hello = floor()
                    got = load(server.port, path, cookie)
                    name = path if not path.startswith("/f/") else "a thumb"
                    row = (
                        name,
                        f"{count:,}",
                        who,
                        f"{got['per_second']:.0f}",
                        f"{got['per_second'] / hello:.2f}",
                    )
                    told = counted.get((path, who), "")
                    print(f"| {' | '.join(row)} | {got['p50']:.1f} | {got['p99']:.1f} | {told} |", flush=True)


def thumb(server) -> str:
    request = urllib.request.Request(server.address("/"), headers={"Accept": "application/json"})
    item = json.load(urllib.request.urlopen(request))["items"][0]
    return item["files"]["thumb"]["url"].partition(f":{server.port}")[2]


def statements(data: Path, token: str) -> dict:
    """SQL statements of each page, counted inside one process."""
    from webtest import TestApp

    from goblin import boot, config
    from goblin.db import statements as count

    site = TestApp(boot.boot(config.load(data=data, environ={})))
    site.get("/")
    seen, told = count(), {}
    for path in PAGES:
        for who, headers in (("stranger", {}), ("signed in", {"Cookie": f"goblin={token}"})):
            seen.clear()
            site.get(path, headers=headers)
            told[path, who] = len(seen)
    boot.shut()
    return told


def memory(folder: Path):
    """Start time and idle memory of everything."""
    data = folder / "bench-idle"
    token = seed.seed(data, 1_000)
    with Server(data) as server:
        started = time.perf_counter() - server.begun
        for path in PAGES * 3:
            request = urllib.request.Request(server.address(path), headers={"Cookie": f"goblin={token}"})
            urllib.request.urlopen(request).read()
        time.sleep(12)
        before, begun = server.cpu(), time.monotonic()
        time.sleep(5)
        idle = (server.cpu() - before) / (time.monotonic() - begun)
        print("| figure | value |\n|---|---|")
        print(f"| from the command to the first answer | {started:.2f} s |")
        print(
            f"| idle memory of everything (PSS) | {server.memory():.1f} MB in {len(server.tree())} processes |"
        )
        print(f"| CPU when idle | {idle * 100:.1f} % of a core |")


def photos(folder: Path, count: int = 20):
    """CPU seconds for all copies of a 12-megapixel photo, beside libjpeg's scaled decode and three encodes."""
    from goblin.media import options_of, scan
    from goblin.media.sandbox import Sandbox

    scan()
    source = twelve_megapixels(folder)
    bare = min(_cpu_of(lambda: _draft(source, folder)) for _ in range(5))
    print("| figure | value | floor | ratio |\n|---|---|---|---|")
    peak = _Peak()
    for name, more in (("320, 640, 1280", {"large": 0}), ("these and a large one of 2000", {})):
        sandbox, before = Sandbox(idle=10), _all_cpu()
        with peak:
            for number in range(count):
                out = folder / f"copies-{name}-{number}"
                out.mkdir()
                sandbox.run("image", source, out, options_of("image", {}) | more)
        sandbox.close()
        each = (_all_cpu() - before) / count
        print(f"| 12 MP JPEG to {name}, CPU s | {each:.3f} | {bare:.3f} | {each / bare:.2f} |")
    print(f"| peak of the decoding processes, PSS | {peak.most:.0f} MB | | |")


def twelve_megapixels(folder: Path) -> Path:
    """A 12 MP photo: the corpus's when it is there, else one made here."""
    real = (
        Path(os.environ.get("GOBLIN_CORPUS", ROOT.parent / "shared" / "corpus"))
        / "photos"
        / "IMG_20200827_231612.jpg"
    )
    if real.exists():
        return real
    from PIL import Image

    made = folder / "twelve.jpg"
    Image.effect_noise((4000, 3000), 30).convert("RGB").save(made, quality=85)
    return made


def _draft(source, folder):
    from PIL import Image

    with Image.open(source) as picture:
        picture.draft("RGB", (1280, 1280))
        for size in (1280, 640, 320):
            picture.thumbnail((size, size))
            picture.save(folder / "floor.jpg", quality=82)


def _cpu_of(function):
    before = time.process_time()
    function()
    return time.process_time() - before


def _all_cpu():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


class _Peak:
    """Watches what our children weigh, together."""

    def __enter__(self):
        self.most, self._on = 0, True
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self):
        from tests.bench.server import _children, _pss

        while self._on:
            self.most = max(self.most, sum(map(_pss, _children(os.getpid()))))
            time.sleep(0.02)

    def __exit__(self, *_):
        self._on = False
        self._thread.join()


def upload(folder: Path, size: int = 2_000_000_000):
    """A file of 2 GB by the resumable way: throughput, and how much memory grows."""
    from tests.bench.upload import send

    data = folder / "bench-upload"
    token = seed.seed(data, 10)
    with Server(data) as server:
        time.sleep(2)
        before = server.memory()
        took, most = send(server, token, size)
        begun = time.perf_counter()
        source, copy = data / "incoming" / "floor", data / "incoming" / "floor.copy"
        with open(source, "wb") as file:
            file.truncate(0)
            for _ in range(size // (1 << 22)):
                file.write(os.urandom(64) * (1 << 16))
        begun = time.perf_counter()
        subprocess.run(["cp", source, copy], check=True)
        os.sync()
        copied = time.perf_counter() - begun
        print("| figure | value | floor: cp and sync |\n|---|---|---|")
        print(
            f"| upload of {size / 1e9:.1f} GB | {size / 1e6 / took:.0f} MB/s | {size / 1e6 / copied:.0f} MB/s |"
        )
        print(f"| memory grows by | {most - before:.1f} MB | |")


def busy(folder: Path):
    """Latency of a page for others while there is much to prepare."""
    from tests.bench import busy as work

    work.run(folder, twelve_megapixels(folder))


PARTS = {"memory": memory, "pages": pages, "photos": photos, "upload": upload, "busy": busy}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for part in sys.argv[1:] or PARTS:
            print(f"\n### {part}\n", flush=True)
            PARTS[part](Path(name))

"""A goblin that serves in a process of its own, and what it weighs."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`goblin.py serve` on a free port of 127.0.0.1, stopped at the end of a with block."""

    def __init__(self, data: Path, *arguments: str, **environment: str):
        self.port, self.data = free_port(), data
        self._command = [sys.executable, str(ROOT / "goblin.py"), "--data", str(data), "serve", *arguments]
        self._environment = {
            **os.environ,
            "GOBLIN_SERVER_HOST": "127.0.0.1",
            "GOBLIN_SERVER_PORT": str(self.port),
            "GOBLIN_NO_BOOTSTRAP": "1",
            "GOBLIN_NO_FFMPEG": "1",
            "GOBLIN_SERVED": os.devnull,
            **environment,
        }

    def __enter__(self):
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            self._command, env=self._environment, stdout=subprocess.PIPE, text=True
        )
        self.said = []
        wait_for(self.address("/healthz"), self.process)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.said += self.process.communicate(timeout=20)[0].splitlines()

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def tree(self) -> list[int]:
        """Process ids of the server and everything it started."""
        return [self.process.pid, *_children(self.process.pid)]

    def memory(self) -> float:
        """PSS of the whole tree in MB: private memory, and a fair share of what is shared."""
        return sum(map(_pss, self.tree()))

    def cpu(self) -> float:
        """CPU seconds of the tree, those that ended included."""
        return sum(map(_cpu, self.tree()))


def wait_for(address: str, process, seconds: float = 30):
    """Until the server answers. Raises RuntimeError when it ends or never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            return urllib.request.urlopen(address, timeout=5).read()
        except OSError:
            time.sleep(0.01)
    raise RuntimeError("the server did not answer")


def _children(pid):
    try:
        found = Path(f"/proc/{pid}/task").iterdir()
        direct = [int(c) for task in found for c in (task / "children").read_text().split()]
    except OSError:
        return []
    return [p for child in direct for p in (child, *_children(child))]


def _pss(pid):
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1]) / 1024


def _cpu(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

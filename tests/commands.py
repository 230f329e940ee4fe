"""Runs goblin's commands: in this process, or as a keeper does, in one of their own."""

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from goblin import cli

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Ended:
    """How a command ended: exit status, and what it said."""

    status: int
    out: str
    err: str


def run(data: Path, *words) -> Ended:
    """A command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = cli.main(["--data", str(data), *map(str, words)])
        except SystemExit as stop:  # argparse: wrong usage, --help
            status = stop.code
    return Ended(status, out.getvalue(), err.getvalue())


def command(data: Path, *words) -> list[str]:
    """The words of a real command."""
    return [sys.executable, str(ROOT / "goblin.py"), "--data", str(data), *map(str, words)]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "GOBLIN_NO_BOOTSTRAP": "1", "GOBLIN_NO_FFMPEG": "1", **more}


def really_run(data: Path, *words, **more: str) -> Ended:
    """A command in a process of its own."""
    told = {"capture_output": True, "text": True, "timeout": 60, "env": environment(**more)}
    ended = subprocess.run(command(data, *words), **told)
    return Ended(ended.returncode, ended.stdout, ended.stderr)

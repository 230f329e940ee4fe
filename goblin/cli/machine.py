"""What this machine gives goblin: Python, the parts and their versions, the decoders, decoding apart."""

import os
import platform
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from goblin import __version__
from goblin.checkup import NOTE, OK, WRONG, Finding
from goblin.config import ROOT
from goblin.media import Missing, ffmpeg, parts

PARTS = ("bottle", "peewee", "huey", "waitress", "Pillow", "argon2-cffi", "mistune", "segno", "tqdm")
# Asked of a child: a decoder that crashes when it is loaded must not take the report with it.
ASK_PART = "import {module}; from importlib.metadata import version; print(version({name!r}))"
ASK_FEATURE = "from PIL import features; print(features.version({feature!r}))"
ASK_NETWORK = "from goblin.media.child import confine; print(confine.cut_network())"
SECONDS = 30


def check_machine(program: str) -> Iterator[Finding]:
    """`program` is the ffmpeg of the options, or empty."""
    yield Finding(OK, f"goblin {__version__} in {ROOT}.")
    yield Finding(OK, f"Python {platform.python_version()} ({sys.executable}) on {platform.machine()}.")
    yield from _parts()
    yield from _ffmpeg(program)
    yield from _decoders()
    if ask(ASK_NETWORK) == "True":
        yield Finding(OK, "Files are decoded without a network.")
    else:
        yield Finding(NOTE, "This system does not let goblin cut decoders off from the network.")


def _parts():
    found, lacking = [f"SQLite {sqlite3.sqlite_version}"], []
    for name in PARTS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lacking.append(name)
    yield Finding(OK, ", ".join(found) + ".")
    if lacking:
        yield Finding(WRONG, f"{', '.join(lacking)} cannot be found; `goblin.py serve` fetches them.")


def _ffmpeg(given):
    try:
        path = ffmpeg.find(given)
        said = ffmpeg.call(path, ["-version"], SECONDS).output.decode("utf-8", "replace")
    except Missing as missing:
        yield Finding(WRONG, f"{missing} {parts.cure('ffmpeg')} brings one; it is found by itself then.")
        return
    number = re.match(r"ffmpeg version (\S+)", said)
    yield Finding(OK, f"ffmpeg {number[1] if number else 'of unknown version'} ({path}).")


def _decoders():
    """What is lost without each of the decoders goblin can do without, and how to get it."""
    found = []
    for name, part in parts.PARTS.items():
        if name == "ffmpeg":
            continue
        if said := _has(name, part):
            found.append(f"{part.shows} ({said})")
            continue
        lost = f"{part.shows} cannot be shown on this machine: {name} is not here"
        yield Finding(
            NOTE, f"{lost[0].upper()}{lost[1:]}. {parts.cure(name)} brings it, if there is one for it."
        )
    if found:
        yield Finding(OK, f"Can be shown: {', '.join(found)}.")


def _has(name, part) -> str:
    """A decoder with its version, or the program that it is; empty when it is not here."""
    if part.programs:
        return name if parts.here(name) else ""
    words = ASK_PART if part.module else ASK_FEATURE
    said = ask(words.format(name=name, module=part.module, feature=part.feature))
    return f"{name} {said}" if said not in ("", "None") else ""


def ask(code: str) -> str:
    """What a few lines of Python print in a process of their own; empty when they fail."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, env=environment, cwd=ROOT
        )
    except subprocess.TimeoutExpired:
        return ""
    return ended.stdout.strip() if ended.returncode == 0 else ""

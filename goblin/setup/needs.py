"""What goblin needs from outside, and whether this Python has it."""

import configparser
import contextlib
import importlib.util
import os
import sys
from pathlib import Path
from typing import NamedTuple


class Need(NamedTuple):
    """Things that are fetched together."""

    lock: str  # file in requirements/: what exactly is installed
    modules: tuple[str, ...]  # what can be imported then
    download: int  # MB, about
    unpacked: int  # MB, about
    words: str  # what a keeper calls it


CORE = ("bottle", "peewee", "huey", "waitress", "PIL", "argon2", "mistune", "segno", "tqdm")
TEST = (
    "pytest",
    "xdist",
    "webtest",
    "hypothesis",
    "playwright",
    "axe_playwright_python",
    "aiosmtpd",
    "ruff",
    "babel",
)
NEEDS = {
    "core": Need("core.lock", CORE, 15, 60, "the libraries goblin is built on"),
    "test": Need("test.lock", TEST, 80, 250, "what the tests need"),
    "ffmpeg": Need("ffmpeg.lock", ("imageio_ffmpeg",), 68, 170, "ffmpeg, which prepares video and sound,"),
}


def lock_of(need):
    """Name of the file in requirements/ for this machine."""
    return "arm32.txt" if need == "core" and small_arm() else NEEDS[need].lock


def small_arm():
    """Is this a 32-bit ARM, perhaps under a 64-bit kernel? The locked wheels do not fit it."""
    machine = os.uname().machine
    return machine in ("armv6l", "armv7l") or (machine == "aarch64" and sys.maxsize < 2**32)


def missing(needs):
    """Modules that this Python does not find; looks only, imports nothing."""
    return [name for need in needs for name in NEEDS[need].modules if not importlib.util.find_spec(name)]


def command_of(arguments):
    """The command among the arguments, behind goblin's own options; None without one."""
    rest = iter(arguments)
    for argument in rest:
        if argument in ("-c", "--data"):
            next(rest, None)
        elif not argument.startswith("-"):
            return argument
    return None


def names_ffmpeg(root, arguments):
    """Does the keeper name an ffmpeg ([work] ffmpeg)? What is wrong with their file is said by goblin itself."""
    if os.environ.get("GOBLIN_WORK_FFMPEG") or os.environ.get("GOBLIN_WORK_FFMPEG_FILE"):
        return True
    data = Path(_value_of("--data", arguments) or root / os.environ.get("GOBLIN_SITE_DATA", "data"))
    options = configparser.ConfigParser(interpolation=None, strict=False)
    with contextlib.suppress(configparser.Error, OSError, UnicodeDecodeError):
        options.read(_value_of("-c", arguments) or data / "goblin.ini", encoding="utf-8")
    return bool(options.get("work", "ffmpeg", fallback="").strip())


def _value_of(option, arguments):
    """What is said after an option of goblin's own, or with = in the same word; None when it is not there."""
    for word, after in zip(arguments, [*arguments[1:], ""], strict=True):
        if word == option:
            return after
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None

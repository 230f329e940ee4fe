"""Sets goblin up on a fresh machine, in the folder .venv beside goblin.py, and goes on inside it.

Standard library only: whatever else goblin needs is fetched here. Nothing outside .venv is written.
"""

import os
import shutil
import sys
import time
from pathlib import Path

from goblin.setup.environment import Environment
from goblin.setup.needs import NEEDS, command_of, missing, names_ffmpeg
from goblin.setup.words import Stop, cannot, say

__all__ = ["Stop", "enter"]

ROOT = Path(__file__).resolve().parent.parent.parent
MB = 1000 * 1000
DAY = 24 * 3600  # seconds


def enter(arguments):
    """What is left of the arguments, once this process is the right Python with everything in it.

    Where it is not, this process becomes that Python and does not return. `test` becomes pytest.
    Raises Stop with a sentence.
    """
    offline = "--offline" in arguments or bool(os.environ.get("GOBLIN_NO_BOOTSTRAP"))
    arguments = [argument for argument in arguments if argument != "--offline"]
    environment, command = Environment(ROOT), command_of(arguments)
    python = prepare(environment, needs_of(environment, arguments), offline)
    if command == "test":
        os.chdir(ROOT)
        _become(python, ["-m", "pytest", *arguments[arguments.index("test") + 1 :]])
    if python != sys.executable and not environment.active():
        _become(python, [str(ROOT / "goblin.py"), *arguments])
    return arguments


def _become(python, words):
    # The full path has to be the first word, or Python does not find its environment.
    os.execv(python, [python, *words])


def needs_of(environment, arguments):
    """Names of NEEDS, in the order in which they are fetched."""
    needs, command = ["core"], command_of(arguments)
    if command == "test":
        needs.append("test")
    if command in ("serve", "work", "test") and _wants_ffmpeg(environment, arguments):
        needs.append("ffmpeg")
    return needs


def _wants_ffmpeg(environment, arguments):
    """No ffmpeg here, none refused or named, and none looked for in vain since yesterday."""
    if os.environ.get("GOBLIN_NO_FFMPEG") or shutil.which("ffmpeg") or names_ffmpeg(ROOT, arguments):
        return False
    return time.time() - environment.tried("ffmpeg") > DAY


def prepare(environment, needs, offline=False):
    """Path of the Python to go on with; makes or completes the environment unless told to stay offline."""
    required = [need for need in needs if need != "ffmpeg"]
    if not environment.active() and not missing(required):
        return sys.executable
    if environment.ready(needs) or offline and environment.ready(required):
        return environment.python
    if not offline:
        set_up(environment, needs)
        return environment.python
    if missing(required):
        raise Stop(
            f"What goblin needs is missing here and may not be fetched: {', '.join(missing(required))}."
        )
    return sys.executable


def set_up(environment, needs):
    """Make the environment hold what is needed; one set-up at a time."""
    try:
        with environment.alone():
            if not environment.whole():
                check_room(environment.root, NEEDS["core"])
                environment.create()
            for need in needs:
                if not environment.holds(need):
                    _add(environment, need)
    except OSError as error:
        raise cannot(error, environment.root) from error


def _add(environment, need):
    wanted = NEEDS[need]
    size = f"{wanted.download} MB to fetch, {wanted.unpacked} MB on the disk"
    say(f"Setting up {wanted.words} in {environment.folder} (about {size}).")
    try:
        check_room(environment.root, wanted)
        environment.install(need)
    except Stop as stop:
        if need != "ffmpeg":
            raise
        environment.note_try(need)
        say(f"{stop} Goblin starts all the same; `sudo apt install ffmpeg` is another way to get it.")


def check_room(folder, need):
    """Raises Stop unless the disk has room for it."""
    room, free = need.download + need.unpacked, shutil.disk_usage(folder).free // MB
    if free < room:
        raise Stop(f"The disk is full: {room} MB are needed in {folder}, {free} MB are free.")

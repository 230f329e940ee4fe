#!/usr/bin/env python3
"""The command: sees that goblin has what it needs, then hands over to goblin.cli.

Old Pythons have to be able to read this file, so that it can say that they are too old.
"""

import os
import sys

OLDEST = (3, 11)


def too_old():
    """A sentence for a Python that cannot run goblin, naming a newer one if it is here."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    names = ["python3.{}".format(minor) for minor in range(20, OLDEST[1] - 1, -1)]
    newer = [name for name in names for folder in folders if os.access(os.path.join(folder, name), os.X_OK)]
    hint = ": try `{} goblin.py`".format(newer[0]) if newer else ""
    return "goblin: Python 3.{} or newer is needed, this is {}.{}{}.".format(
        OLDEST[1], sys.version_info[0], sys.version_info[1], hint
    )


def start():
    from goblin import setup

    try:
        arguments = setup.enter(sys.argv[1:])
    except setup.Stop as stop:
        return "goblin: {}".format(stop)
    from goblin.cli import main

    return main(arguments)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(too_old())
    try:
        sys.exit(start())
    except KeyboardInterrupt:
        sys.exit(130)

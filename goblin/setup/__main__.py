"""`python3 -m goblin.setup core ffmpeg` sets these up and starts nothing, as an image wants it."""

import sys

from goblin.setup import ROOT, Stop, set_up
from goblin.setup.environment import Environment
from goblin.setup.needs import NEEDS

if __name__ == "__main__":
    needs = sys.argv[1:] or ["core"]
    if unknown := set(needs) - set(NEEDS):
        sys.exit(f"goblin: {', '.join(sorted(unknown))}: not among {', '.join(NEEDS)}.")
    environment = Environment(ROOT)
    try:
        set_up(environment, needs)
    except Stop as stop:
        sys.exit(f"goblin: {stop}")
    sys.exit(not environment.ready(needs))

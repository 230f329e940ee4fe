"""Runs pip and apt: quietly, in a scratch folder, with their words kept for an explanation."""

import os
import subprocess
import sys

from goblin.setup.words import explain


def run(command, need, environment) -> str:
    """Run a helper to its end and return what it said; raises Stop when it fails.

    It inherits the lock, so that a set-up whose starter was killed still keeps others out.
    """
    scratch = str(environment.scratch)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    kept.update(LC_ALL="C.UTF-8", TMPDIR=scratch, PYTHONUNBUFFERED="1")
    helper = subprocess.Popen(
        command,
        cwd=scratch,
        env=kept,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=[environment.guard],
    )
    with helper:
        output = _follow(helper.stdout)
    if helper.returncode:
        raise explain(output, need)
    return output


def _follow(lines):
    """All that is said; on a terminal the step it is at is shown meanwhile."""
    kept, shown = [], sys.stderr.isatty()
    for line in lines:
        kept.append(line)
        if shown and line.startswith(("Collecting ", "Installing ", "Get:")):
            print(f"\r\033[K  {line.split('==')[0].strip():.70}", end="", file=sys.stderr, flush=True)
    if shown:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return "".join(kept)

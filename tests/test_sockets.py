"""Where a process may not have a network of its own, its sockets are refused."""

import subprocess
import sys

import pytest

from goblin.config import ROOT

TRY = """
import socket, subprocess, sys
from goblin.media.child import confine, sockets
{before}
assert {cut}()
socket.socketpair()
local = socket.socket(socket.AF_UNIX)
for family in (socket.AF_INET, socket.AF_INET6):
    try:
        socket.socket(family).connect(("localhost", int(sys.argv[1])))
    except OSError as error:
        print(error.errno)
    else:
        print("connected")
told = subprocess.run([sys.executable, "-c", "import socket; socket.socket()"], capture_output=True, text=True)
print(told.stderr.splitlines()[-1] if told.stderr else "open")
"""


def attempt(before, cut):
    command = [sys.executable, "-c", TRY.format(before=before, cut=cut), "9"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_sockets_are_refused_to_it_and_to_what_it_starts():
    assert attempt("", "sockets.refuse_sockets") == [
        "13",
        "13",
        "PermissionError: [Errno 13] Permission denied",
    ]


@pytest.mark.parametrize("before", ["", "confine._unshare = lambda flags: False"], ids=["free", "container"])
def test_no_way_to_the_network_is_left(before):
    assert "connected" not in attempt(before, "confine.cut_network")[:2]


def test_a_machine_that_is_not_known_says_so():
    before = "sockets.platform.machine = lambda: 'vax'"
    command = f"from goblin.media.child import sockets\n{before}\nprint(sockets.refuse_sockets())"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.stdout.strip() == "False"

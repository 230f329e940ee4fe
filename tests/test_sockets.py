"""Where a process may not have a network of its own, its sockets are refused."""

import platform
import subprocess
import sys

import pytest

from goblin.config import ROOT

TRY = """
import socket, subprocess, sys
from goblin.media.child import calls, confine
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
    assert attempt("", "calls.refuse") == [
        "13",
        "13",
        "PermissionError: [Errno 13] Permission denied",
    ]


@pytest.mark.parametrize("before", ["", "confine._unshare = lambda flags: False"], ids=["free", "container"])
def test_no_way_to_the_network_is_left(before):
    assert "connected" not in attempt(before, "confine.cut_network")[:2]


def test_a_machine_that_is_not_known_says_so():
    before = "calls.platform.machine = lambda: 'vax'"
    command = f"from goblin.media.child import calls\n{before}\nprint(calls.refuse())"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.stdout.strip() == "False"


AROUND = """
import ctypes, mmap, os, signal
from goblin.media.child import calls
assert calls.refuse()
call = ctypes.CDLL(None, use_errno=True).syscall
for number, *words in ((0x40000000 | 41, 2, 1, 0), (425, 1, ctypes.create_string_buffer(200))):
    print(call(number, *words), ctypes.get_errno())
print(os.access("/tmp", os.W_OK), flush=True)
# The calls of 32 bits: socket(AF_INET, SOCK_STREAM, 0) by int 0x80.
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex("53 b867010000 bb02000000 b901000000 31d2 cd80 5b c3"))
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))())
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="machine code of x86_64")
def test_no_way_around_the_filter_is_left():
    """The second table of calls, a ring of calls, and the calls of another machine, at which it is ended."""
    done = subprocess.run(
        [sys.executable, "-c", AROUND], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.stdout.split("\n")[:3] == ["-1 13", "-1 13", "True"], done.stderr
    assert done.returncode < 0 and len(done.stdout.splitlines()) == 3

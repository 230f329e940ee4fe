"""A goblin in a network of its own whose every packet is read: python -m tests.watched WORK [--bare] FILE...

Prints as JSON what became of each file, how the pages went on meanwhile, and every packet that was neither a
visit nor its answer. The network has one road, lo, for every IPv4 address in the world, and each packet on it is
read as the kernel hands it over: connections, names that are asked for, all else. What it cannot see: a job behind
the sandbox's own wall, whose packets go nowhere, so `--bare` takes that wall away and nothing else; and a call to
an IPv6 address that was not asked for by name, for there is no road to any. A plugin that does call out shows what
the watch is worth.
"""

import argparse
import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from goblin.media.child.confine import CLONE_NEWNET, CLONE_NEWUSER
from tests.bench.server import Server
from tests.visiting import ask, make_person, send

# linux/sockios.h, linux/if.h, linux/route.h, linux/if_ether.h
ADD_ROUTE, SET_FLAGS, SET_ADDRESS, UP, EVERY_PACKET = 0x890B, 0x8914, 0x8916, 0x1, 3
OURS = "198.18.0.1"  # of the range for tests, RFC 2544
TCP, UDP = 6, 17
WAITING = {"arriving", "unprocessed", "processing"}
PATIENCE = 240.0  # seconds in which something must settle
AT_ONCE = 4
CANARY = b"#!canary\n"
CALLED = "192.0.2.80"  # nobody's: RFC 5737
PLUGIN = f'''"""Calls out, to be seen."""
import socket
from contextlib import suppress
from goblin import media

@media.register
class Canary(media.MediaType):
    kind = "canary"

    def sniff(self, head, name):
        return "text/x-canary" if head.startswith({CANARY!r}) else None

    def process(self, source, out, options, progress):
        with socket.socket() as line, suppress(OSError):
            line.settimeout(0.1)
            line.connect(("{CALLED}", 443))
        return media.Result()

def setup(app, options):
    pass
'''
# The server as it is, except that its decoders stay in the network it is in.
BARE = """
import subprocess, sys, types
from goblin.media import sandbox
import_line, wall = "from goblin.media.child import zygote;", "zygote.confine.cut_network = lambda: False;"

def bare(words, **more):
    assert import_line in words[-1]
    return subprocess.Popen([*words[:-1], words[-1].replace(import_line, import_line + wall)], **more)

sandbox.subprocess = types.SimpleNamespace(**{**vars(subprocess), "Popen": bare})
from goblin.cli import main
sys.exit(main(sys.argv[1:]))
"""


def enter_a_network():
    """Leave the machine's network for a new one, where lo leads everywhere. Raises OSError if not allowed."""
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no network of one's own")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        Path("/proc/self", name).write_text(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as four:
        for name, address in ((b"lo", "127.0.0.1"), (b"lo:1", OURS)):
            fcntl.ioctl(four, SET_ADDRESS, struct.pack("16s16s", name, _address(address)))
            fcntl.ioctl(four, SET_FLAGS, struct.pack("16sh14x", name, UP))
        name = ctypes.create_string_buffer(b"lo")
        anywhere = _address("0.0.0.0") * 3  # rtentry: destination, gateway, mask
        road = struct.pack("@L48sHhLPhPLLH", 0, anywhere, UP, 0, 0, 0, 0, ctypes.addressof(name), 0, 0, 0)
        fcntl.ioctl(four, ADD_ROUTE, road)


def _address(text: str) -> bytes:
    return struct.pack("@HH4s8x", socket.AF_INET, 0, socket.inet_aton(text))


class Ear(threading.Thread):
    """Hears every packet; keeps where those went that are no visits to the gallery on `port`."""

    def __init__(self):
        super().__init__(daemon=True)
        self.line = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(EVERY_PACKET))
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.visits, self.port, self.heard = 0, 0, Counter()

    def run(self):
        while True:
            packet, (_, family, *_) = self.line.recvfrom(65536)
            road = _road(packet)
            if road and road[1:3] == ("127.0.0.1", "127.0.0.1") and self.port in road[3:]:
                self.visits += 1
            elif road:
                self.heard[" ".join(map(str, (road[0], road[2], road[4])))] += 1
            else:
                self.heard[f"something of family {family:#x}"] += 1


def _road(packet: bytes):
    """(protocol, from, to, port, port) of a packet of IPv4 or IPv6; None for neither."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 20:
        kind, start = packet[9], (packet[0] & 15) * 4
        ends = [socket.inet_ntoa(packet[at : at + 4]) for at in (12, 16)]
    elif version == 6 and len(packet) >= 40:
        kind, start = packet[6], 40
        ends = [socket.inet_ntop(socket.AF_INET6, packet[at : at + 16]) for at in (8, 24)]
    else:
        return None
    known = kind in (TCP, UDP) and len(packet) >= start + 4
    ports = struct.unpack(">HH", packet[start : start + 4]) if known else (0, 0)
    return (f"ip{version}/{kind}", *ends, *ports)


class Bare(Server):
    """A server whose decoders have no wall towards the network."""

    def __init__(self, data: Path, **environment: str):
        super().__init__(data, **environment)
        self._command[1:2] = ["-c", BARE]


class Others(threading.Thread):
    """Somebody else, who looks at pages all the while: how long the answers took, and which were none."""

    def __init__(self, server: Server):
        super().__init__(daemon=True)
        self.server, self.took, self.wrong, self.most = server, [], [], 0
        self.over = threading.Event()

    def run(self):
        for path in _again("/", "/u/ann/", "/healthz"):
            begun = time.monotonic()
            try:
                status = ask(self.server, path).status
            except OSError as error:
                status = repr(error)
            self.took.append(time.monotonic() - begun)
            if status != 200:
                self.wrong.append(f"{path}: {status}")
            self.most = max([self.most, *map(_resident, self.server.tree())])
            if self.over.wait(0.05):
                return


def _again(*paths):
    while True:
        yield from paths


def _resident(process: int) -> int:
    """Bytes of memory in use by a process."""
    with suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def run(folder: Path, files: list[Path], bare: bool) -> dict:
    """Add the files to a gallery in this network, a few at a time, and wait until each has settled."""
    ear = Ear()
    ear.start()
    (folder / "data" / "plugins" / "canary").mkdir(parents=True)
    (folder / "data" / "plugins" / "canary" / "__init__.py").write_text(PLUGIN)
    (folder / "data" / "goblin.ini").write_text("[plugin:canary]\n")
    token = make_person(folder / "data")
    server = (Bare if bare else Server)(folder / "data", GOBLIN_UPLOADS_KEEP_FREE="0")
    ear.port = server.port
    with server:
        others = Others(server)
        others.start()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            settled = pool.map(lambda path: settle(server, token, path.name, path.read_bytes()), files)
            became = dict(zip(map(str, files), settled, strict=True))
        time.sleep(1)  # for what was sent late
        before = dict(ear.heard)
        settle(server, token, "canary.txt", CANARY)
        others.over.set()
        others.join()
        alive = server.process.poll() is None
    took = sorted(others.took)
    return {
        **{"files": became, "heard": before, "canary": dict(ear.heard - Counter(before)), "alive": alive},
        **{"visits": len(took), "packets": ear.visits, "wrong": others.wrong, "slowest": took[-1]},
        **{"median": took[len(took) // 2], "resident": others.most},
    }


def settle(server: Server, token: str, name: str, data: bytes) -> list:
    """(state, sentence, seconds) of a file once it has settled; state is a status where it was refused."""
    begun = time.monotonic()
    status, said = send(server, token, name, data)
    if status not in (200, 201):
        return [status, said["error"], time.monotonic() - begun]
    address = said["items"][0]["url"].partition(str(server.port))[2]
    while (item := ask(server, address, token=token).json)["state"] in WAITING:
        if time.monotonic() - begun > PATIENCE:
            break
        time.sleep(0.05)
    return [item["state"], item["error"] or "", time.monotonic() - begun]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="an empty folder")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--bare", action="store_true", help="without the wall around decoders")
    args = parser.parse_args()
    enter_a_network()
    print(json.dumps(run(args.work, args.files, args.bare)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

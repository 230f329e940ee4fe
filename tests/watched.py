"""A goblin in a network of its own whose every packet is read: python -m tests.watched WORK [--bare] FILE...

Prints as JSON what became of each file, how the pages went on meanwhile, and every packet that was neither a
visit nor its answer. The network has one road, lo, for every address in the world, and each packet on it is read
as the kernel hands it over: names that are asked for, UDP and IPv6 too. What it cannot see: a job behind the
sandbox's own wall, whose packets go nowhere. So `--bare` takes that wall away and nothing else, and a plugin
that does call out shows in both ways what the watch is worth.
"""

import argparse
import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from goblin.media.child.confine import CLONE_NEWNET, CLONE_NEWUSER
from tests.bench.server import ROOT, Server, environment_of, tree_of

# linux/sockios.h, linux/if.h, linux/route.h, linux/ipv6_route.h, linux/if_ether.h
ADD_ROUTE, SET_FLAGS, SET_ADDRESS, INDEX, UP, EVERY_PACKET = 0x890B, 0x8914, 0x8916, 0x8933, 0x1, 3
OURS, OURS_6 = "198.18.0.1", "2001:2::1"  # of the ranges for tests, RFC 2544 and RFC 5180
TCP, UDP = 6, 17
SETTLED = {"processed", "failed"}
PATIENCE = 240.0  # seconds for one file
CANARY = b"#!canary\n"
# Where the plugin of the watch calls: nobody's, RFC 5737 and RFC 3849.
CALLED, CALLED_6 = "192.0.2.80", "2001:db8::80"
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
        for family, address in ((socket.AF_INET, "{CALLED}"), (socket.AF_INET6, "{CALLED_6}")):
            with socket.socket(family, socket.SOCK_DGRAM) as line, suppress(OSError):
                line.sendto(b"x", (address, 53))
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
    """Leave the machine's network for a new one, where lo leads everywhere. Raises OSError where that is not allowed."""
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no network of one's own")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", name).write_text(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as four:
        for name, address in ((b"lo", "127.0.0.1"), (b"lo:1", OURS)):
            fcntl.ioctl(four, SET_ADDRESS, struct.pack("16s16s", name, _address(address)))
            fcntl.ioctl(four, SET_FLAGS, struct.pack("16sh14x", name, UP))
        name = ctypes.create_string_buffer(b"lo")
        anywhere = _address("0.0.0.0") * 3  # rtentry: destination, gateway, mask
        road = struct.pack("@L48sHhLPhPLLH", 0, anywhere, UP, 0, 0, 0, 0, ctypes.addressof(name), 0, 0, 0)
        fcntl.ioctl(four, ADD_ROUTE, road)
        index = struct.unpack("16si", fcntl.ioctl(four, INDEX, struct.pack("16si", b"lo", 0)))[1]
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as six:
        ours = socket.inet_pton(socket.AF_INET6, OURS_6)
        fcntl.ioctl(six, SET_ADDRESS, struct.pack("@16sIi", ours, 128, index))
        # in6_rtmsg: destination, source, gateway; type, lengths, metric, info, flags, interface
        fcntl.ioctl(six, ADD_ROUTE, struct.pack("@48xIHHILIi", 0, 0, 0, 1, 0, UP, index))


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

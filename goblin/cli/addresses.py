"""The addresses under which browsers find this machine."""

import fcntl
import ipaddress
import socket
import struct
from contextlib import suppress
from pathlib import Path

EVERYWHERE = ("0.0.0.0", "::", "*")  # hosts that stand for all addresses of the machine
SIOCGIFADDR = 0x8915  # man 7 netdevice; the answer is a struct ifreq: 16 bytes of name, then a sockaddr_in
IF_INET6 = Path("/proc/net/if_inet6")  # man 5 proc: address, index, length of prefix, scope, flags, name
GLOBAL = 0
PASSING = 0x01 | 0x20 | 0x40  # IFA_F_TEMPORARY, _DEPRECATED, _TENTATIVE (linux/if_addr.h)
# Where a datagram would go to tells the address of the default route; these are of no real machine (RFC 5737, 3849).
SOMEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}


def addresses_of(host: str, port: int, families: set[int]) -> list[str]:
    """What to type into a browser, the most useful first; `families` are those that are listened to."""
    if host not in EVERYWHERE:
        return [_written(host, port)]
    here = "localhost" if socket.AF_INET in families else "::1"
    found = [a for family in (socket.AF_INET, socket.AF_INET6) if family in families for a in lan(family)]
    return [_written(address, port) for address in (*found, here)]


def _written(host, port):
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def lan(family: int) -> list[str]:
    """This machine's addresses in its networks, that of the default route first."""
    every = _ipv4() if family == socket.AF_INET else _ipv6()
    return list(dict.fromkeys(a for a in (*_of_default_route(family), *every) if _is_reachable(a)))


def _is_reachable(text):
    address = ipaddress.ip_address(text)
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def _of_default_route(family):
    """Nothing is sent: a datagram socket only picks a route."""
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((SOMEWHERE[family], 9))
        return [probe.getsockname()[0]]
    return []


def _ipv4():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # this one has no such address, or the system is not Linux
                asked = struct.pack("256s", name.encode()[:15])
                yield socket.inet_ntoa(fcntl.ioctl(probe, SIOCGIFADDR, asked)[20:24])


def _ipv6():
    with suppress(OSError):
        for line in IF_INET6.read_text().splitlines():
            packed, _, _, scope, flags, _ = line.split()
            if int(scope, 16) == GLOBAL and not int(flags, 16) & PASSING:
                yield str(ipaddress.IPv6Address(bytes.fromhex(packed)))

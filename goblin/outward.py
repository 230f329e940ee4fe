"""Requests that goblin makes by itself: never into the network it stands in, unless its keeper allows that."""

import http.client
import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from urllib.parse import SplitResult, urlsplit

from goblin import __version__

LONGEST_ADDRESS = 2000  # characters
SECONDS = 10  # for a whole request, from the connection to the answer
MOST_ANSWER = 1024  # bytes of an answer that are read
PORTS = {"http": 80, "https": 443}
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address


class Forbidden(Exception):
    """An address that goblin does not call; the text is one sentence."""


class Failed(Exception):
    """A call that did not work this time; the text says why, for the keeper."""


def parts_of(address: str) -> SplitResult:
    """An http or https address in its parts. Raises Forbidden for everything else."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in PORTS and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or len(address) > LONGEST_ADDRESS or not address.isascii() or not address.isprintable():
        raise Forbidden("This must be an address such as https://example.org/done.")
    if "@" in parts.netloc or " " in address:
        raise Forbidden("This must be an address without a name, a password or spaces in it.")
    return parts


def require_callable(address: str, private: bool):
    """As much as can be told of an address without asking for its host's. Raises Forbidden."""
    host = parts_of(address).hostname
    with suppress(ValueError):
        if not private and not is_public(host):
            raise Forbidden("This gallery does not call addresses inside its own network.")


def is_public(host: str) -> bool:
    """Whether a numeric address is one of the open internet's. Raises ValueError for a name."""
    address = ipaddress.ip_address(host)
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(str(inside))
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def post(address: str, body: bytes, content_type: str, private: bool = False) -> int:
    """Send a body and return the status of the answer; redirects are not followed.

    The host's name is looked up once, and what was looked at is what is connected to: a name that leads
    elsewhere a moment later gains nothing. Raises Forbidden, Failed.
    """
    parts = parts_of(address)
    target = parts.path or "/"
    headers = {"Content-Type": content_type, "User-Agent": f"goblin/{__version__}", "Connection": "close"}
    try:
        with _connected(parts, private) as connection:
            connection.request("POST", f"{target}?{parts.query}" if parts.query else target, body, headers)
            with connection.getresponse() as answer:
                answer.read(MOST_ANSWER)
                return answer.status
    except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
        raise Failed(f"{type(error).__name__}: {error}") from None


@contextmanager
def _connected(parts, private):
    """A connection to one of the host's addresses that may be called, cut when the time is over."""
    port = parts.port or PORTS[parts.scheme]
    lines = [socket.create_connection((_address_of(parts.hostname, port, private), port), SECONDS)]
    watch = threading.Timer(SECONDS, _cut, (lines,))
    watch.daemon = True
    watch.start()
    connection = http.client.HTTPConnection(parts.hostname, port)
    connection.default_port = PORTS[parts.scheme]
    try:
        if parts.scheme == "https":
            secure = ssl.create_default_context()
            lines[0] = secure.wrap_socket(
                lines[0], server_hostname=parts.hostname, do_handshake_on_connect=False
            )
            lines[0].do_handshake()
        connection.sock = lines[0]
        yield connection
    finally:
        watch.cancel()
        connection.close()
        lines[0].close()


def _cut(lines):
    """End a connection at once, whoever waits for it."""
    with suppress(OSError):
        socket.socket.shutdown(lines[0], socket.SHUT_RDWR)


def _address_of(host, port, private) -> str:
    """The first address of a host that may be called. Raises Forbidden, OSError."""
    found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if private:
        return found[0]
    if public := [address for address in found if is_public(address)]:
        return public[0]
    raise Forbidden(f"{host} is inside the network of this gallery.")

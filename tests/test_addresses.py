"""The addresses that a start prints: those of this machine that are listened to, the most useful first."""

import errno
import socket
from types import SimpleNamespace

import pytest
from commands import really_run

from goblin import people
from goblin.cli import addresses, serve
from goblin.cli.addresses import addresses_of

V4, V6 = socket.AF_INET, socket.AF_INET6
# As Linux writes it: of a LAN, passing (privacy extensions), of the link, and the machine's own.
IF_INET6 = """\
20010db8000000000000000000000007 02 40 00 80     eth0
20010db8000000000000000000000009 02 40 00 01     eth0
fe800000000000000000000000000007 02 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with two networks and IPv6, whose default route may be taken away."""
    (tmp_path / "if_inet6").write_text(IF_INET6)
    monkeypatch.setattr(addresses, "IF_INET6", tmp_path / "if_inet6")
    monkeypatch.setattr(addresses, "_ipv4", lambda: ["127.0.0.1", "10.0.0.7", "192.168.1.7", "169.254.1.1"])
    routes = {V4: ["192.168.1.7"], V6: ["2001:db8::7"]}
    monkeypatch.setattr(addresses, "_of_default_route", lambda family: routes.get(family, []))
    return routes


IPV4 = ["http://192.168.1.7:80/", "http://10.0.0.7:80/"]
IPV6 = ["http://[2001:db8::7]:80/"]


@pytest.mark.parametrize(
    ("host", "families", "expected"),
    [
        ("0.0.0.0", {V4}, [*IPV4, "http://localhost:80/"]),
        ("::", {V6}, [*IPV6, "http://[::1]:80/"]),
        ("*", {V4, V6}, [*IPV4, *IPV6, "http://localhost:80/"]),
        ("192.168.1.7", {V4}, IPV4[:1]),
        ("2001:db8::7", {V6}, IPV6),
        ("localhost", {V4, V6}, ["http://localhost:80/"]),
    ],
)
def test_only_what_is_listened_to_is_printed(machine, host, families, expected):
    assert addresses_of(host, 80, families) == expected


def test_a_network_without_a_gateway_has_addresses_too(machine):
    machine.clear()
    assert addresses_of("0.0.0.0", 80, {V4}) == [
        "http://10.0.0.7:80/",
        "http://192.168.1.7:80/",
        "http://localhost:80/",
    ]


def test_the_one_time_address_is_one_that_others_reach(machine, monkeypatch, capsys):
    monkeypatch.setattr(people, "setup_token", lambda: "abc")
    server = SimpleNamespace(host="0.0.0.0", port=80)
    serve.greet(SimpleNamespace(server=server, site=SimpleNamespace(url="")), {V4})
    assert capsys.readouterr().out.splitlines()[-1] == "  http://192.168.1.7:80/setup/abc/"


@pytest.mark.parametrize("family", [V4, V6], ids=["IPv4", "IPv6"])
def test_the_addresses_are_this_machines(family):
    for address in addresses.lan(family):
        with socket.socket(family) as probe:
            probe.bind((address, 0))  # only an address of one's own can be bound
    every = list(addresses._ipv4() if family == V4 else addresses._ipv6())
    assert family == V6 or "127.0.0.1" in every


def test_the_families_are_those_of_the_sockets():
    server = SimpleNamespace(host="127.0.0.1", port=0, threads=1, trusted_proxy="")
    made = serve.make_server(lambda environ, start: [], SimpleNamespace(server=server))
    assert {one.family for one in serve._sockets(made)} == {V4}
    made.close()


@pytest.mark.parametrize("host", ["203.0.113.9", "no..name"])
def test_a_host_that_is_not_here_is_named(tmp_path, host):
    said = really_run(tmp_path, "serve", GOBLIN_SERVER_HOST=host)
    sentence = f"goblin: [server] host is {host}, which is no address of this machine."
    assert (said.status, said.err.splitlines()[-1]) == (1, sentence)


def test_a_port_for_root_alone_is_named():
    why = serve._why_not(SimpleNamespace(port=80), PermissionError(errno.EACCES, "denied"))
    assert str(why) == "You may not use port 80; choose one above 1023 as [server] port."

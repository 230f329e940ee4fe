"""The systemd unit: whom it runs as, what it starts, and that systemd itself finds no fault with it."""

import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from commands import ROOT, run

from goblin.cli import service


def lines(text):
    """The unit as (key, value), in order."""
    return [tuple(line.split("=", 1)) for line in text.splitlines() if "=" in line]


def test_a_users_own_unit_starts_this_checkout_with_this_data(tmp_path):
    ended = run(tmp_path, "install-service", "--print")
    unit = dict(lines(ended.out))
    assert ended.status == 0
    # In the environment that goblin makes for itself, the Python it was made with: it can make it anew.
    own = Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
    python = os.path.realpath(sys.executable) if own else sys.executable
    assert unit["ExecStart"] == f"{python} {ROOT}/goblin.py --data {tmp_path} serve"
    assert unit["WantedBy"] == "default.target" and unit["NoNewPrivileges"] == "yes" and "User" not in unit


def test_a_unit_for_the_machine_is_held_back_but_may_decode_apart(tmp_path):
    ended = run(tmp_path, "install-service", "--system", "--run-as", "nobody", "--print")
    unit = dict(lines(ended.out))
    assert (unit["User"], unit["WantedBy"], unit["ProtectSystem"]) == (
        "nobody",
        "multi-user.target",
        "strict",
    )
    assert str(ROOT) in unit["ReadWritePaths"] and str(tmp_path) in unit["ReadWritePaths"]
    assert unit["CapabilityBoundingSet"] == ""
    # Each of these would keep decoders from their namespace without a network.
    assert (
        not {"RestrictNamespaces", "SystemCallFilter", "PrivateUsers", "MemoryDenyWriteExecute"} & unit.keys()
    )


def test_a_low_port_gets_the_one_right_it_needs(tmp_path, monkeypatch):
    monkeypatch.setenv("GOBLIN_SERVER_PORT", "80")
    unit = dict(lines(run(tmp_path, "install-service", "--system", "--run-as", "nobody", "--print").out))
    assert unit["AmbientCapabilities"] == unit["CapabilityBoundingSet"] == "CAP_NET_BIND_SERVICE"


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("/plain", "/plain"),
        ("/a b", '"/a b"'),
        ("/100%", "/100%%"),
        ('/"x"', '"/\\"x\\""'),
        ("/a\\b", '"/a\\\\b"'),
    ],
)
def test_paths_are_quoted_as_systemd_reads_them(word, quoted):
    assert service.quote(word) == quoted


@pytest.mark.parametrize("kind", ["user", "system"])
def test_systemd_finds_no_fault_with_it(tmp_path, kind):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    data = tmp_path / "our photos 100%"
    data.mkdir()
    name = pwd.getpwuid(os.getuid()).pw_name if os.getuid() else "www-data"
    words = ["--system", "--run-as", name] if kind == "system" else []
    unit = tmp_path / "goblin.service"
    unit.write_text(run(data, "install-service", "--print", *words).out)
    told = {"capture_output": True, "text": True, "env": {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}}
    checked = subprocess.run(["systemd-analyze", f"--{kind}", "verify", str(unit)], **told)
    assert checked.returncode == 0 and "goblin.service" not in checked.stderr, checked.stderr


def test_root_is_refused_and_so_are_strangers(tmp_path):
    ended = run(tmp_path, "install-service", "--system", "--run-as", "root", "--print")
    assert ended.status == 1 and "should not run as root" in ended.err
    ended = run(tmp_path, "install-service", "--system", "--run-as", "nobody-of-that-name", "--print")
    assert ended.status == 1 and "There is no user" in ended.err


def test_without_systemd_it_says_so_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(service, "BOOTED", tmp_path / "not there")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    ended = run(tmp_path, "install-service")
    assert ended.status == 1 and "does not run systemd" in ended.err
    assert not (tmp_path / "config").exists()


def test_it_is_written_and_the_next_steps_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(service, "BOOTED", tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GOBLIN_SITE_TITLE", "Ours")
    ended = run(tmp_path, "install-service")
    written = Path(tmp_path / "config" / "systemd" / "user" / "goblin.service").read_text()
    assert ended.status == 0 and written == run(tmp_path, "install-service", "--print").out
    for words in ("systemctl --user enable --now goblin", "enable-linger", "GOBLIN_SITE_TITLE"):
        assert words in ended.out
    ended = run(tmp_path / "no data", "install-service")
    assert ended.status == 1 and "There is no folder" in ended.err


def test_our_own_environment_is_started_by_the_python_it_was_made_with(monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(ROOT / ".venv"))
    assert service.python() == os.path.realpath(sys.executable)


def test_the_image_asks_for_its_health_where_it_listens():
    check = (ROOT / "Dockerfile").read_text().replace("\\\n", "").split("HEALTHCHECK")[1].splitlines()[0]
    program = json.loads(check.partition("CMD ")[2])[2]
    asked = []
    with patch("urllib.request.urlopen", lambda address, timeout: asked.append(address)):
        for environ in ({}, {"GOBLIN_SERVER_PORT": "8080"}):
            with patch.dict("os.environ", environ):
                exec(program, {})
    assert asked == ["http://127.0.0.1:6543/healthz", "http://127.0.0.1:8080/healthz"]

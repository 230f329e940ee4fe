"""install-service: a systemd unit that starts this checkout, with its Python and data folder, at boot."""

import os
import pwd
import sys
from pathlib import Path

from goblin import config
from goblin.cli import add_command, settings_of
from goblin.refused import Refused

BOOTED = Path("/run/systemd/system")  # there while systemd runs (man sd_booted)
SYSTEM = Path("/etc/systemd/system")
NAME = "goblin.service"
# For the whole machine only: a user's own systemd can do this just where users may make namespaces.
# Nothing here may forbid namespaces: every file is decoded in one without a network.
# Of devices only those are open that encode films in hardware.
HARDENING = """\
ProtectSystem=strict
ReadWritePaths={root} {data}
PrivateTmp=yes
DevicePolicy=closed
DeviceAllow=char-drm rw
DeviceAllow=char-video4linux rw
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
CapabilityBoundingSet={capability}
AmbientCapabilities={capability}
"""
UNIT = """\
[Unit]
Description=goblin, a media gallery
Documentation=file://{readme}
{after}RequiresMountsFor={root} {data}
StartLimitIntervalSec=300
StartLimitBurst=10

[Service]
{user}WorkingDirectory={directory}
ExecStart={command}
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec=30
UMask=0027
NoNewPrivileges=yes
{hardening}
[Install]
WantedBy={target}
"""


def add_commands(commands):
    sentence = "Have goblin started after every reboot: writes a systemd unit and says how to switch it on."
    command = add_command(commands, "install-service", install, sentence)
    command.add_argument("--system", action="store_true", help="for the whole machine; needs root")
    command.add_argument(
        "--run-as", metavar="NAME", help="with --system: whom it runs as (default: the folder's owner)"
    )
    command.add_argument("--print", action="store_true", help="only show the unit")


def install(args):
    settings = settings_of(args)
    runner = _runner(args, Path(settings.site.data)) if args.system else None
    text = unit(args, settings, runner)
    if args.print:
        print(text, end="")
        return
    if not BOOTED.is_dir():
        raise Refused(
            "This machine does not run systemd; `install-service --print` shows what it would be told."
        )
    if not Path(settings.site.data).is_dir():
        raise Refused(f"There is no folder {settings.site.data} yet; `goblin.py serve` makes it.")
    path = SYSTEM / NAME if args.system else _user_folder() / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    print(f"{path} is written. To start it now and after every reboot:")
    for line in _next_steps(args.system):
        print(f"  {line}")
    if names := sorted(n for n in os.environ if n.startswith("GOBLIN_") and n not in config.NOT_OPTIONS):
        print(
            f"Write these from the environment into goblin.ini, as it does not go along: {', '.join(names)}"
        )


def _user_folder():
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def _next_steps(system):
    if system:
        return ["systemctl daemon-reload", "systemctl enable --now goblin"]
    return [
        "systemctl --user daemon-reload",
        "systemctl --user enable --now goblin",
        f"sudo loginctl enable-linger {pwd.getpwuid(os.getuid()).pw_name}   # or it waits until you sign in",
    ]


def _runner(args, data):
    """Whom a system unit runs as: never root, who could not be held back by anything."""
    if os.geteuid() and not args.print:
        raise Refused("--system writes into /etc and needs root: put sudo in front.")
    owners = (path.stat().st_uid for path in (data, config.ROOT) if path.exists())
    name = args.run_as or os.environ.get("SUDO_USER") or pwd.getpwuid(next(owners)).pw_name
    try:
        if pwd.getpwnam(name).pw_uid == 0:
            raise Refused("Goblin should not run as root; name whom it runs as with --run-as.")
    except KeyError:
        raise Refused(f"There is no user {name} on this machine.") from None
    return name


def unit(args, settings, runner: str | None) -> str:
    """The text of the unit; `runner` is a user's name for the whole machine's systemd, None for one's own."""
    root, data = quote(config.ROOT), quote(settings.site.data)
    words = [python(), config.ROOT / "goblin.py", "--data", settings.site.data]
    if args.config:
        words += ["-c", Path(args.config).absolute()]
    capability = "CAP_NET_BIND_SERVICE" if settings.server.port < 1024 else ""
    return UNIT.format(
        readme=str(config.ROOT / "README.md").replace("%", "%%").replace(" ", "%%20"),
        after="Wants=network-online.target\nAfter=network-online.target\n" if runner else "",
        root=root,
        data=data,
        user=f"User={runner}\n" if runner else "",
        directory=str(config.ROOT).replace("%", "%%"),
        command=" ".join(quote(word).replace("$", "$$") for word in [*words, "serve"]),
        hardening=HARDENING.format(root=root, data=data, capability=capability) if runner else "",
        target="multi-user.target" if runner else "default.target",
    )


def python() -> str:
    """This Python; for goblin's own environment the one it was made with, so that it may be set up anew."""
    ours = Path(sys.prefix).resolve() == (config.ROOT / ".venv").resolve()
    return os.path.realpath(sys.executable) if ours else sys.executable


def quote(word) -> str:
    """A word as systemd reads it (man systemd.syntax, quoting; man systemd.unit, specifiers)."""
    word = str(word).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{word}"' if set(word) & set(" \t'\"\\;") else word

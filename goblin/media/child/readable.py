"""What a job may read: its files, the interpreter, the decoders and what they load; no other original, no database."""

from __future__ import annotations

import contextlib
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from goblin import media
from goblin.media import ffmpeg, office

GOBLIN = Path(media.__file__).parents[1]
# Programs and libraries as systems keep them, what their loader and LibreOffice read, and fonts (Debian's, Nix's,
# Guix's places).
SYSTEM = (
    *("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/nix/store", "/gnu/store"),
    *("/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/alternatives", "/etc/fonts", "/var/cache/fontconfig"),
    *("/etc/libreoffice", "/var/lib/libreoffice", "/var/spool/libreoffice", "/etc/papersize", "/etc/OpenCL"),
    *("/etc/localtime", "/etc/locale.alias", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf"),
    *("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"),
)
# Of the kernel's own folders: this process, and how many cores and how much memory there is.
KERNEL = (
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/proc/sys/vm"),
    *("/sys/devices/system/cpu", "/sys/devices/system/node"),
)
HARDWARE = (
    "/sys/dev/char",
    "/sys/devices",
    "/sys/class/drm",
    "/sys/class/video4linux",
)  # what drivers look up
INTERPRETER = ("stdlib", "platstdlib", "purelib", "platlib")


def by(order: Mapping[str, Any], devices: Sequence[str] = ()) -> list[Path]:
    """Files and folders that this job may read, besides its `out`; `devices` are those it works with."""
    options = order["options"]
    own = [order["source"], options.get("film"), *(options.get("beside") or {}).values()]
    return [Path(each) for each in own if each] + [
        *map(Path, (*SYSTEM, *KERNEL, *(HARDWARE if devices else ()))),
        GOBLIN,
        *_python(),
        *_programs(options),
    ]


def _python() -> Iterator[Path]:
    yield from (Path(sysconfig.get_path(name)) for name in INTERPRETER)
    yield from (Path(base, "lib") for base in (sys.prefix, sys.base_prefix))
    yield from (Path(sys.executable), Path(sys.executable).resolve(), Path(sys.prefix, "pyvenv.cfg"))


def _programs(options: Mapping[str, Any]) -> Iterator[Path]:
    with contextlib.suppress(media.Missing):
        yield Path(ffmpeg.find(str(options.get("ffmpeg") or ""))).resolve()
    if program := office.find():
        yield Path(program).resolve().parents[1]  # its libraries lie beside it, or beside the folder it is in


def of_module(order: Mapping[str, Any]) -> Iterator[Path]:
    """Where a plugin's module and what it imports are found; only that module where media lie below, too."""
    top = str(order["module"]).partition(".")[0]
    for folder in map(Path, order["path"]):
        if any(Path(order[each]).is_relative_to(folder) for each in ("source", "out")):
            yield from (folder / top, folder / f"{top}.py")
        else:
            yield folder

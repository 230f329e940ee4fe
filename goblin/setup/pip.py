"""Finds a pip for the environment: one that is on this machine, else one fetched for this once."""

import configparser
import hashlib
import importlib.util
import os
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

from goblin.setup.helper import run
from goblin.setup.needs import Need
from goblin.setup.words import Stop, Unexplained, explain, say

DEBIAN_WHEELS = "usr/share/python-wheels"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
DEBIAN = Need("", (), 15, 85, "pip, the installer")
ADVICE = (
    "This Python has no pip to fetch goblin's libraries with: run `sudo apt install python3-venv` (or what"
    " gives it one on this system) and start again."
)


def find(environment) -> list[str]:
    """The beginning of a command that is pip working for the environment; raises Stop if there is none."""
    wheel = bundled()
    if not wheel and usable_here():
        return [sys.executable, "-m", "pip", "--python", environment.python]
    wheel = wheel or from_apt(environment) or from_index(environment)
    if not wheel:
        raise Stop(ADVICE)
    return [environment.python, "-I", str(wheel / "pip")]


def options(environment) -> list[str]:
    """What pip is always told; the locks are complete, so it has nothing to resolve."""
    quiet = ["--no-input", "--disable-pip-version-check", "--no-warn-script-location", "--progress-bar=off"]
    certificates = environment.scratch / "certificates"
    trust = ["--cert", str(certificates)] if certificates.exists() else []
    return ["--only-binary=:all:", "--no-deps", "--no-cache-dir", "--no-user", "--retries=2", *quiet, *trust]


def bundled() -> Path | None:
    """The pip wheel that comes with Python, or with Debian's python3-venv."""
    spec = importlib.util.find_spec("ensurepip")
    folders = [Path(folder, "_bundled") for folder in spec.submodule_search_locations] if spec else []
    return newest([*folders, Path("/", DEBIAN_WHEELS)])


def newest(folders) -> Path | None:
    wheels = [wheel for folder in folders for wheel in folder.glob("pip-*-none-any.whl")]
    return max(wheels, key=lambda wheel: version_of(wheel.name), default=None)


def version_of(wheel: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", wheel.split("-")[1])]


def usable_here() -> bool:
    """Has this Python a pip that can work for another environment (22.3 and newer)?"""
    try:
        return [int(part) for part in metadata.version("pip").split(".")[:2]] >= [22, 3]
    except (metadata.PackageNotFoundError, ValueError):
        return False


def from_apt(environment) -> Path | None:
    """Debian's own pip wheel, fetched by apt without any rights and installed nowhere."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return None
    say("This Python has no pip: asking apt for one, for this set-up only.")
    trusting = CERTIFICATES.exists() or "PIP_CERT" in os.environ
    packages = ["python3-pip-whl"] + ([] if trusting else ["ca-certificates"])
    try:
        _download(environment, packages)
        unpacked = environment.scratch / "debian"
        for package in environment.scratch.glob("*.deb"):
            run(["dpkg-deb", "-x", str(package), str(unpacked)], DEBIAN, environment)
    except Unexplained:
        return None
    _join_certificates(unpacked, environment.scratch / "certificates")
    return newest([unpacked / DEBIAN_WHEELS])


def _download(environment, packages):
    """With the system's lists of packages, or with fresh ones where it has none."""
    try:
        _apt(environment, {}, "download", *packages)
    except Stop:
        lists = environment.scratch / "lists"
        (lists / "partial").mkdir(parents=True)
        own = {"Dir::State::Lists": lists}
        heard = _apt(environment, own, "update")
        try:
            _apt(environment, own, "download", *packages)
        except Unexplained:  # apt calls an update that fetched nothing a success
            raise explain(heard, DEBIAN) from None


def _apt(environment, own, *words):
    """apt-get with caches of its own, which an ordinary user may write."""
    cache = environment.scratch / "cache"
    (cache / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    own = {
        "Dir::Cache": cache,
        "Debug::NoLocking": 1,
        "Acquire::Languages": "none",
        "Acquire::Retries": 1,
        **own,
    }
    if os.getuid() == 0:
        own["APT::Sandbox::User"] = "root"
    return run(
        ["apt-get", "-q", *[f"-o{name}={value}" for name, value in own.items()], *words], DEBIAN, environment
    )


def _join_certificates(unpacked, bundle):
    """Debian's certificates in one file, as pip wants them, for a machine that has none."""
    certificates = sorted((unpacked / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    if certificates:
        bundle.write_text("\n".join(path.read_text() for path in certificates))


def from_index(environment) -> Path | None:
    """A pip wheel from the package index that this machine's pip settings name, if they name one."""
    for index in named_indexes():
        try:
            with urlopen(f"{index.rstrip('/')}/pip/", timeout=30) as answer:
                page, address = answer.read().decode(), answer.url
            links = re.findall(r'href="([^"#]*?(pip-[\d.]+-py3-none-any\.whl))#sha256=(\w{64})"', page)
            if links:
                link, name, digest = max(links, key=lambda found: version_of(found[1]))
                return _fetch(urljoin(address, link), digest, environment.scratch / name)
        except (OSError, ValueError):
            continue  # the next one may have it
    return None


def _fetch(address, digest, path):
    with urlopen(address, timeout=60) as answer:
        wheel = answer.read()
    if hashlib.sha256(wheel).hexdigest() != digest:
        raise Stop("What came is not what the package index announced for pip, so it was not used.")
    path.write_bytes(wheel)
    return path


def named_indexes() -> list[str]:
    settings = configparser.RawConfigParser()
    settings.read(["/etc/pip.conf", os.path.expanduser("~/.config/pip/pip.conf")])
    found = []
    for option in ("index-url", "extra-index-url"):
        named = os.environ.get("PIP_" + option.upper().replace("-", "_"))
        found += (named or settings.get("global", option, fallback="")).split()
    return found

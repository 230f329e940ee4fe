"""The options: defaults from goblin.ini, the keeper's file over them, the environment over both."""

import configparser
import os
import re
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace

from goblin.wording import yes_or_no

ROOT = Path(__file__).resolve().parent.parent
DEFAULTS = ROOT / "goblin.ini"
# Variables that steer the program itself and are no options.
NOT_OPTIONS = {
    "GOBLIN_NO_BOOTSTRAP",
    "GOBLIN_NO_FFMPEG",
    "GOBLIN_CHROMIUM",
    "GOBLIN_CORPUS",
    "GOBLIN_RELOADED",
    "GOBLIN_SERVED",
}
FREE_SECTIONS = ("plugin:", "media:", "auth:")
SECRETS = re.compile("password|secret|token|key")
YEARS = 3650  # ten of them, in days
MOST = 1 << 62  # bytes; more than any disk, and still a number for the database
# What numbers may be, so that none ends in a fault later.
BOUNDS = {
    ("server", "port"): (1, 65535),
    ("server", "threads"): (1, 256),
    ("uploads", "max_file"): (1, MOST),
    ("uploads", "quota"): (0, MOST),
    ("uploads", "keep_free"): (0, MOST),
    ("uploads", "resume_days"): (1, YEARS),
    ("uploads", "trash_days"): (0, YEARS),
    ("work", "workers"): (1, 64),
    ("work", "idle"): (0, 86400),
    ("work", "memory"): (0, MOST),
    ("accounts", "session_days"): (1, YEARS),
    ("accounts", "tries"): (1, 1_000_000),
    ("accounts", "pause_minutes"): (0, 10_080),
}
UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


class Mistake(Exception):
    """An option that cannot be used; the text is one sentence for the keeper."""


def parse_size(text: str) -> int:
    """Bytes in a size such as "500 MB"; raises ValueError."""
    number, unit = re.fullmatch(r"([\d.]+)\s*([KMGT]?B?)", text.strip().upper()).groups()
    try:
        return int(float(number) * UNITS[unit if unit in UNITS else unit + "B"])
    except OverflowError:
        raise ValueError(text) from None


def _reader_of(default: str):
    """What turns an option's text into its value, told by the shape of its default."""
    if default in ("yes", "no"):
        return yes_or_no, "yes or no"
    if re.fullmatch(r"\d+ [KMGT]B", default):
        return parse_size, "a size such as 500 MB"
    if default == "0":  # of some that is where a size may stand
        return lambda text: parse_size(text) if re.search("[KMGTB]", text.upper()) else int(text), "a number"
    if default.isdecimal():
        return int, "a number"
    return str.strip, "text"


def read(default: str, text: str, where: str):
    """The value of an option whose default is written `default`; raises Mistake."""
    reader, wanted = _reader_of(default)
    try:
        return reader(text)
    except (ValueError, KeyError, AttributeError):
        raise Mistake(f"{where} must be {wanted}, not {text!r}.") from None


def _parse(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str.lower
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except (configparser.Error, UnicodeDecodeError) as error:
        raise Mistake(f"{path} cannot be read: {str(error).splitlines()[0]}.") from None
    except OSError as error:
        raise Mistake(f"{path} cannot be opened: {error.strerror}.") from None
    return parser


def variable(section: str, key: str) -> str:
    """The environment variable that sets an option."""
    return "GOBLIN_" + re.sub(r"\W", "_", f"{section}_{key}").upper()


class Settings:
    """What is in force: settings.server.port, with where each value came from in `origins`."""

    def __init__(self):
        self.origins: dict[tuple[str, str], str] = {}
        self.free: dict[str, dict[str, str]] = {}
        self._defaults = _parse(DEFAULTS)
        self._plugins: list[str] = []  # sections of those in the data folder
        for section in self._fixed():
            setattr(self, section, SimpleNamespace())
            for key, text in self._defaults[section].items():
                self._set(section, key, text, "default")

    def _set(self, section, key, text, origin):
        value = read(self._defaults[section][key], text, f"[{section}] {key} ({origin})")
        setattr(getattr(self, section), key, value)
        self.origins[section, key] = origin

    def _fixed(self):
        """The sections of the program itself; those of kinds of media are declared by their types."""
        return [s for s in self._defaults.sections() if not s.startswith(FREE_SECTIONS)]

    def known(self):
        """Every fixed option as (section, key)."""
        return [(s, k) for s in self._fixed() for k in self._defaults[s]]

    def is_fixed(self, section: str, key: str) -> bool:
        """Whether the keeper's file or the environment set it, so that nobody may in the browser."""
        return self.origins.get((section, key), "default") != "default"

    def add_file(self, path: Path):
        """Lay the keeper's file over what is there; raises Mistake naming any unknown line."""
        parser = _parse(path)
        for section in parser.sections():
            if section.startswith(FREE_SECTIONS):
                self.free.setdefault(section, {}).update(parser[section])
                self.origins.update({(section, key): str(path) for key in parser[section]})
                continue
            if section not in self._fixed():
                raise Mistake(f"{path} has a section [{section}] that goblin does not know.")
            for key, text in parser[section].items():
                if key not in self._defaults[section]:
                    raise Mistake(f"{path} has an option {key} in [{section}] that goblin does not know.")
                self._set(section, key, text, str(path))

    def find_plugins(self, folder: Path):
        """Know the plugins of a folder, so that a variable may name one with _ in its name."""
        if folder.is_dir():
            self._plugins = [f"plugin:{path.name}" for path in folder.iterdir() if path.is_dir()]

    def add_chosen(self, chosen: dict[str, str]):
        """Lay what was chosen in the browser ("site.title": text) under the keeper's file and the environment."""
        for name, text in chosen.items():
            section, _, key = name.partition(".")
            if not self.is_fixed(section, key):
                self._set(section, key, text, "chosen in the browser")

    def add_environment(self, environ):
        """Lay GOBLIN_SECTION_KEY and GOBLIN_SECTION_KEY_FILE over everything."""
        names = {variable(s, k): (s, k) for s, k in self.known()}
        for name in sorted(n for n in environ if n.startswith("GOBLIN_") and n not in NOT_OPTIONS):
            base = name.removesuffix("_FILE")
            if name in names:
                self._set(*names[name], environ[name], name)
            elif base in names:
                self._set(*names[base], _read_secret(name, environ[name]), name)
            elif not self._add_free(name, environ[name]):
                raise Mistake(f"The environment sets {name}, which is no option that goblin knows.")

    def _add_free(self, name, text):
        """GOBLIN_MEDIA_IMAGE_QUALITY and the like: sections whose options others declare."""
        section, key = self._named_by(name)
        if not section:
            return False
        if key.endswith("_file"):
            key, text = key.removesuffix("_file"), _read_secret(name, text)
        self.free.setdefault(section, {})[key] = text
        self.origins[section, key] = name
        return True

    def _named_by(self, name):
        """(section, option) of a variable: of a section that there is, the longest, else the first word names it."""
        there = [
            s for s in (*self.free, *self._defaults.sections(), *self._plugins) if s.startswith(FREE_SECTIONS)
        ]
        for section in sorted(there, key=len, reverse=True):
            if name.startswith(start := variable(section, "")) and len(name) > len(start):
                return section, name.removeprefix(start).lower()
        found = re.fullmatch(r"GOBLIN_(PLUGIN|MEDIA|AUTH)_([A-Z0-9]+)_(\w+)", name)
        kind, label, key = (part.lower() for part in found.groups()) if found else ("", "", "")
        return (f"{kind}:{label}", key) if found else ("", "")

    def sections(self, prefix: str) -> dict[str, dict[str, str]]:
        """The free sections [prefix:NAME] as NAME -> options, in the order written."""
        return {s.partition(":")[2]: dict(o) for s, o in self.free.items() if s.startswith(prefix + ":")}

    def rows(self):
        """(section, key, text, origin) of everything in force, secrets masked."""
        for section, key in self.known():
            yield section, key, _mask(key, getattr(getattr(self, section), key)), self.origins[section, key]
        free = [s for s in self._defaults.sections() if s not in self._fixed()]
        for section in dict.fromkeys([*free, *self.free]):
            defaults = self._defaults[section] if section in free else {}
            for key, text in {**defaults, **self.free.get(section, {})}.items():
                yield section, key, _mask(key, text), self.origins.get((section, key), "default")


def _mask(key, value):
    return "********" if value and SECRETS.search(key) else value


def _read_secret(name, path):
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Mistake(f"{name} names {path}, which cannot be opened: {error.strerror}.") from None


def load(file=None, data=None, environ=None) -> Settings:
    """The settings in force; `file` and `data` come from the command line. Raises Mistake."""
    environ = os.environ if environ is None else environ
    settings = Settings()
    early = Settings()
    if file:
        early.add_file(Path(file))
    early.add_environment(environ)
    folder = (ROOT / (data or early.site.data)).absolute() if not data else Path(data).absolute()
    keepers = Path(file) if file else folder / "goblin.ini"
    if file or keepers.is_file():
        settings.add_file(keepers)
    settings.find_plugins(folder / "plugins")
    settings.add_environment(environ)
    if not (file or data) and settings.origins["site", "data"] == str(keepers):
        _require_same_folder(settings.site.data, folder, keepers)
    settings.site.data = folder
    if data:
        settings.origins["site", "data"] = "--data"
    _check(settings)
    return settings


def _require_same_folder(said, folder, keepers):
    """Options in the data folder cannot say which folder that is. Raises Mistake."""
    if (ROOT / said).absolute() != folder:
        raise Mistake(
            f"{keepers} sets [site] data, which is too late in that folder itself;"
            f" say `goblin.py --data {said} ...` or set GOBLIN_SITE_DATA instead."
        )


def _check(settings):
    if settings.site.visibility not in ("public", "unlisted", "members", "private"):
        raise Mistake("[site] visibility must be public, unlisted, members or private.")
    if settings.site.accent and not re.fullmatch("#[0-9a-fA-F]{6}", settings.site.accent):
        raise Mistake("[site] accent must be a colour such as #2f7d32.")
    if settings.site.url and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", settings.site.url):
        raise Mistake("[site] url must be an address such as https://pictures.example.org/.")
    if settings.server.trusted_proxy:
        settings.server.trusted_proxy = _address(settings.server.trusted_proxy)
    for (section, key), (least, most) in BOUNDS.items():
        if not least <= getattr(getattr(settings, section), key) <= most:
            raise Mistake(f"[{section}] {key} must be between {least} and {most}.")


def _address(text):
    """As the server writes it, which compares texts."""
    try:
        return str(ip_address(text))
    except ValueError:
        raise Mistake("[server] trusted_proxy must be an IP address such as 127.0.0.1.") from None

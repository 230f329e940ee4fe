"""Plugins: a folder with setup(app, options), loaded by a section [plugin:NAME]; bundled ones live here."""

import importlib
import re
import sys
from pathlib import Path

from goblin.config import Mistake
from goblin.web import pages

OWN = "plugins"  # the folder beside the keeper's goblin.ini, and the package its plugins are in
MARK = "/."  # tells our line in sys.path from others


class Plugin:
    """A plugin that was found: its name, folder, module and options."""

    def __init__(self, name: str, module, options: dict[str, str]):
        self.name, self.module, self.options = name, module, options
        self.folder = Path(module.__file__).parent

    def setup(self, app):
        """Show its pages and files, then let it add what it brings. Raises Mistake."""
        if (self.folder / "views").is_dir():
            pages.TEMPLATE_FOLDERS.append(str(self.folder / "views"))
        if (self.folder / "static").is_dir():
            pages.STATIC_FOLDERS[self.name] = self.folder / "static"
        try:
            self.module.setup(app, self.options)
        except Exception as error:
            raise Mistake(f"The plugin {self.name} could not be set up: {error}.") from error


def load(sections: dict[str, dict[str, str]], folder: Path) -> list[Plugin]:
    """Import every plugin named in the options. Raises Mistake with a sentence for one that fails."""
    _forget(folder)
    return [_load(name, dict(options), folder) for name, options in sections.items()]


def _forget(folder):
    """Have the keeper's plugins found as plugins.NAME, and imported anew, whatever was booted before."""
    for name in [n for n in sys.modules if n == OWN or n.startswith(OWN + ".")]:
        del sys.modules[name]
    sys.path[:] = [path for path in sys.path if not path.endswith(MARK)]
    sys.path.append(f"{folder}{MARK}")
    importlib.invalidate_caches()


def _load(name, options, folder):
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise Mistake(f"[plugin:{name}] must be named with small letters, digits and _.")
    module_name = options.pop("module", None)
    try:
        module = _import(name, module_name, folder)
    except Exception as error:
        raise Mistake(f"The plugin {name} could not be loaded: {error}.") from error
    if not callable(getattr(module, "setup", None)):
        raise Mistake(f"The plugin {name} has no setup(app, options).")
    return Plugin(name, module, options)


def _import(name, module_name, folder):
    """plugins/NAME in the data folder, else a bundled one, else any module that can be imported."""
    if module_name is None:
        own = (folder / OWN / name / "__init__.py").is_file()
        module_name = f"{OWN}.{name}" if own else f"goblin.plugins.{name}"
    for loaded in [n for n in sys.modules if n == module_name or n.startswith(module_name + ".")]:
        del sys.modules[loaded]  # so that what it registers is registered in every boot
    return importlib.import_module(module_name)

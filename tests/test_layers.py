"""Who may import whom: downward only, and each library in its own place."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "goblin"
# fmt: off
ORDER = (
    "wording", "config", "served", "refused", "outward", "db", "passwords", "models", "access", "events", "storage",
    "media", "outcome", "pairing", "attached", "inside", "workshop", "jobs", "resuming", "slugs", "details",
    "collecting", "library", "sidecars", "trash", "reprocessing", "people", "lock", "importing", "backup", "checkup",
    "auth", "web", "plugins", "boot", "cli",
)
# fmt: on
PLACES = {
    "bottle": {"web", "plugins"},
    "PIL": {"media"},
    "subprocess": {"media", "cli", "setup"},
    "huey": {"workshop"},
    "waitress": {"cli"},
    "argon2": {"passwords"},
}
FILES = sorted(ROOT.rglob("*.py"))


def layer(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imports(path: Path):
    """Every module a file imports, also inside functions, as dotted names."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down(path):
    own = layer(path)
    if own in ("__init__", "setup"):
        assert not [
            name
            for name in imports(path)
            if name.startswith("goblin.") and not name.startswith("goblin.setup")
        ]
        return
    for name in imports(path):
        top, _, rest = name.partition(".")
        if top == "goblin" and (other := rest.split(".")[0]) not in ("__version__", own, ""):
            assert ORDER.index(other) < ORDER.index(own), f"{own} must not import {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_libraries_stay_in_their_place(path):
    for name in imports(path):
        top = name.partition(".")[0]
        assert top not in PLACES or layer(path) in PLACES[top], f"{top} does not belong into {layer(path)}"


def test_media_knows_nothing_of_the_rest():
    for path in (ROOT / "media").rglob("*.py"):
        assert not [n for n in imports(path) if n.startswith("goblin.") and not n.startswith("goblin.media")]


def test_every_file_says_what_it_is_for():
    silent = [str(p) for p in FILES if not (ast.get_docstring(ast.parse(p.read_text())) or "").strip()]
    assert not silent

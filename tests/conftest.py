"""What all tests share: the long ones, the corpus."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser):
    parser.addoption("--all", action="store_true", help="run the long tests too")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--all"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: runs with `test --all`"))


@pytest.fixture(scope="session")
def corpus():
    """The folder of real photos, videos and sounds; tests that need it are skipped where it is missing."""
    folder = Path(os.environ.get("GOBLIN_CORPUS") or ROOT.parent / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip(f"the corpus of real files is not here ({folder}); GOBLIN_CORPUS may name another folder")
    return folder

"""What all tests share: the long ones, the corpus, galleries, the browser."""

import gc
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
os.environ["GOBLIN_SERVED"] = os.devnull  # folders of tests need not be remembered as galleries


def pytest_addoption(parser):
    parser.addoption("--all", action="store_true", help="run the long tests too")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--all"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: runs with `test --all`"))


def pytest_collection_finish():
    """Thousands of collected tests need not be looked through at every collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def corpus():
    """The folder of real photos, videos and sounds; tests that need it are skipped where it is missing."""
    folder = Path(os.environ.get("GOBLIN_CORPUS") or ROOT.parent / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip(f"the corpus of real files is not here ({folder}); GOBLIN_CORPUS may name another folder")
    return folder


@pytest.fixture
def make_site(tmp_path, monkeypatch):
    """Makes booted galleries, one open at a time: make_site(GOBLIN_UPLOADS_QUOTA="1 MB"); see booted.Site."""
    import booted

    booted.cheapen(monkeypatch)
    made = []

    def make(**environ):
        made.append(booted.Site(tmp_path / "data", **environ))
        return made[-1]

    yield make
    for site in made[-1:]:
        site.shut()


@pytest.fixture
def site(make_site):
    """A booted gallery in a temporary folder with one person, ann, an admin. See tests/booted.py:

    ann = site.sign_in("ann"); medium = site.ready(ann); ann.get("/u/ann/gallery/"); site.browser() is a
    stranger; site.sign_in("bob") makes bob; site.bearer("ann", "read") is a program with a token.
    """
    site = make_site()
    site.person("ann", admin=True)
    return site


@pytest.fixture(scope="module")
def sandbox():
    """The child process that decodes, with every kind of media known."""
    from goblin import media
    from goblin.media.sandbox import Sandbox

    media.scan()
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def decode(sandbox, tmp_path):
    """decode(path, kind) -> Result, made in the child; see tests/decoded.py."""
    from decoded import Decoder

    return Decoder(sandbox, tmp_path)


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, one for all tests of a process; where it is missing, they fail."""
    import browsing

    playwright, browser = browsing.open_chromium()
    yield browser
    browser.close()
    playwright.stop()


@pytest.fixture(scope="module")
def live(tmp_path_factory, chromium):
    """A goblin in a process of its own that Chromium can visit, with ann, an admin. See tests/browsing.py."""
    import browsing

    live = browsing.Live(tmp_path_factory.mktemp("live") / "data", chromium)
    yield live
    live.server.__exit__()


@pytest.fixture
def visit(live):
    """Opens pages: visit("/submit/", size=PHONE, scheme="dark"); see browsing.Live.visit.

    A test fails when a page logged an error or broke the Content-Security-Policy; what it provokes on purpose
    it takes out with live.forgive("status of 415").
    """
    yield live.visit
    assert live.leave() == []

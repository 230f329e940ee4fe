"""A real gallery in a temporary folder, and browsers that visit it through WSGI."""

import functools
import io
import os
import random
import resource
import shutil
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path

from argon2 import PasswordHasher
from PIL import Image

from goblin import auth, boot, config, jobs, passwords, people, workshop
from goblin.media.sandbox import Sandbox
from goblin.models import Media, Token, User

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # webtest's own webob still imports cgi
    from webtest import TestApp

PASSWORD = "correct horse"
CHEAP = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1)
SAME_ORIGIN = {
    "HTTP_HOST": "localhost",
    "HTTP_SEC_FETCH_SITE": "same-origin",
    "HTTP_USER_AGENT": "Test browser",
    "REMOTE_ADDR": "192.0.2.7",
}
JSON = {"Accept": "application/json"}
TEMPORARY = tempfile.gettempdir()  # a boot sets another one


class Site:
    """A fresh gallery without people; options are GOBLIN_* variables. Nothing is prepared until process()."""

    def __init__(self, folder, **environ):
        environ = {"GOBLIN_UPLOADS_KEEP_FREE": "0", **environ}
        self.folder = Path(folder)
        _begin(self.folder)
        self.settings = config.load(data=str(folder), environ=environ)
        self.wsgi = boot.boot(self.settings)

    def browser(self, **environ) -> TestApp:
        """A browser that nobody signed in with."""
        return TestApp(self.wsgi, extra_environ={**SAME_ORIGIN, **environ})

    def person(self, name: str, **flags) -> User:
        """The person of that name, made if there is none, with PASSWORD. Flags: admin, uploader, quota ..."""
        user = User.named(name) or people.add(name, PASSWORD)
        return people.set_flags(user, **flags) if flags else user

    def sign_in(self, name: str, **flags) -> TestApp:
        """A browser in which that person is signed in."""
        browser = self.browser()
        browser.set_cookie("goblin", auth.open_session(self.person(name, **flags), "Test browser"))
        return browser

    def bearer(self, name: str, scope: str = "write") -> TestApp:
        """A program that uses a token of that person."""
        token = Token.issue(user=self.person(name), label="test", scope=scope)
        environ = {
            "HTTP_AUTHORIZATION": f"Bearer {token}",
            "HTTP_HOST": "localhost",
            "REMOTE_ADDR": "192.0.2.8",
        }
        return TestApp(self.wsgi, extra_environ=environ)

    def upload(self, browser: TestApp, name: str = "beach.png", data: bytes | None = None, **fields) -> Media:
        """Add a file by the form, as that browser's person; a picture made up when no data is given."""
        files = [("file", name, picture() if data is None else data)]
        answer = browser.post("/submit/", fields, upload_files=files, headers=JSON)
        return Media.by_id(answer.json["items"][0]["id"])

    def process(self):
        """Prepare whatever waits; what is slow comes after all that is quick."""
        for _ in ("quick", "slow", "slow again"):
            for row in list(Media.unfinished()):
                jobs.process(row.id)

    def ready(self, browser: TestApp, name: str = "beach.png", data: bytes | None = None, **fields) -> Media:
        """Add a file and prepare it."""
        medium = self.upload(browser, name, data, **fields)
        self.process()
        return Media.by_id(medium.id)

    def shut(self):
        boot.shut()


def picture(size=(64, 48), form: str = "PNG", seed=None) -> bytes:
    """A picture of noise; each is another unless a seed is given."""
    noise = random.Random(seed).randbytes(size[0] * size[1] * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", size, noise).save(out, form)
    return out.getvalue()


@contextmanager
def full_disk(size: int):
    """No file grows beyond a size; for the program this is a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _begin(folder: Path):
    """Begin a fresh gallery with the tables that a boot made before: making them takes most of a boot."""
    if not folder.exists():
        shutil.copytree(_begun().name, folder)


@functools.cache
def _begun() -> tempfile.TemporaryDirectory:
    """The folder of a gallery that was booted once, without people or plugins."""
    folder = tempfile.TemporaryDirectory(dir=TEMPORARY)
    boot.boot(config.load(data=folder.name, environ={"GOBLIN_UPLOADS_KEEP_FREE": "0"}))
    boot.shut()
    return folder


class _Standing(Sandbox):
    """Decoding children that outlive a gallery: starting them for each would take longer than the tests do."""

    def close(self):
        pass  # they go by themselves when they have waited long enough


def _standing(memory, idle) -> Sandbox:
    return _children(memory, idle, os.environ["PATH"])


@functools.cache
def _children(memory, idle, path) -> Sandbox:
    """Those that find their programs along that path."""
    return _Standing(memory, idle)


def cheapen(monkeypatch):
    """Passwords in a thousandth of the time; one lot of decoding children for all galleries of a process."""
    monkeypatch.setattr(passwords, "hasher", CHEAP)
    monkeypatch.setattr(passwords, "_nobody", None)
    monkeypatch.setattr(workshop, "Sandbox", _standing)

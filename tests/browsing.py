"""A real Chromium that visits a real goblin: pages of signed-in people, and what went wrong in them."""

import os
import signal
import subprocess
import time
from pathlib import Path
from shutil import which

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.server import Server

PASSWORD = "correct horse"
# The build without windows needs a quarter of the processor time of the other, and half the wall time.
CHROMIUM = os.environ.get("GOBLIN_CHROMIUM") or which("chromium-headless-shell") or which("chromium")
# As root there is no sandbox; the rest keeps it from talking to anybody but us.
FLAGS = (
    *("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-pings"),
    *("--disable-sync", "--disable-default-apps", "--no-first-run", "--disable-domain-reliability"),
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,"
    "SpareRendererForSitePerProcess",  # which would be started for each page and hardly ever used
)
PHONE, DESK = (360, 740), (1280, 800)
JSON = {"Accept": "application/json"}


class Live:
    """A goblin in a process of its own with ann, an admin, and the Chromium that visits it."""

    def __init__(self, folder: Path, chromium: Browser, **environ: str):
        self.chromium, self._signed_in, self._opened = chromium, {}, []
        self.troubles: list[str] = []
        self.server = Server(folder, GOBLIN_UPLOADS_KEEP_FREE="0", **environ)
        self._run("migrate")
        self._run("user", "add", "ann", "--admin", "--password-stdin", input=PASSWORD + "\n")
        self.server.__enter__()

    def _run(self, *words, **options):
        command = [*self.server._command[: self.server._command.index("serve")], *words]
        told = {"env": self.server._environment, "check": True, "text": True, "stdout": subprocess.DEVNULL}
        subprocess.run(command, **told, **options)

    def address(self, path: str) -> str:
        return self.server.address(path)

    def visit(self, path="/", name: str | None = "ann", size=DESK, scheme="light", **options) -> Page:
        """A page of a fresh context, signed in as that person (None: a stranger).

        Options are those of a context: java_script_enabled=False, has_touch=True ... page.request asks the
        server as the same person.
        """
        view = {"width": size[0], "height": size[1]}
        state = self._state_of(name) if name else None
        context = self.chromium.new_context(
            viewport=view, color_scheme=scheme, storage_state=state, base_url=self.address(""), **options
        )
        context.set_default_timeout(10_000)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        self._opened.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    def _hear(self, message):
        """Violations of the Content-Security-Policy are errors of the console too."""
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.type} at {message.location.get('url')}: {message.text}")

    def _state_of(self, name):
        if name not in self._signed_in:
            context = self.chromium.new_context(base_url=self.address(""))
            form = {"username": name, "password": PASSWORD}
            answer = context.request.post("/auth/login/", form=form, headers=JSON)
            assert answer.ok, answer.text()
            self._signed_in[name] = context.storage_state()
            context.close()
        return self._signed_in[name]

    def hang(self, files, **fields: str):
        """Add files for everybody by the plain form of a browser without script, and wait until they are ready.

        Fields are those of the form: collection="Holiday", tags="sea".
        """
        page = self.visit("/submit/", java_script_enabled=False)
        page.set_default_timeout(30_000)
        page.get_by_label("Everybody").check()
        for name, value in fields.items():
            page.fill(f"[name={name}]", value)
        page.get_by_label("Choose files").set_input_files(files)
        page.get_by_role("button", name="Add them").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Thank you, these arrived"
        until = time.monotonic() + 60
        while page.request.get("/u/ann/panel/?since=2026-01-01T00:00:00Z", headers=JSON).json()["waiting"]:
            assert time.monotonic() < until, "still being prepared after a minute"
            time.sleep(0.2)

    def forgive(self, *parts: str):
        """Drop the troubles a test made on purpose: those that contain one of these."""
        self.troubles = [said for said in self.troubles if not any(part in said for part in parts)]

    def leave(self):
        """Close what was visited and hand out what went wrong there."""
        for context in self._opened:
            context.close()
        said, self.troubles, self._opened = self.troubles, [], []
        return said

    def stop(self, how=signal.SIGTERM):
        """End the server; SIGKILL is a power cut."""
        self.server.process.send_signal(how)
        self.server.process.communicate(timeout=20)

    def start(self):
        """The server again, on the same port and data."""
        self.server.__enter__()


def open_chromium():
    """(playwright, browser): the one is to be stopped after the other is closed. A missing one is a failure."""
    if not CHROMIUM:
        raise AssertionError(
            "Chromium is missing: apt install chromium-headless-shell, or set GOBLIN_CHROMIUM"
        )
    playwright = sync_playwright().start()
    return playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))


def axe_findings(page: Page, *rules: str) -> list[str]:
    """What axe finds serious or critical on a page, by all of its rules or by some."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    # Its other findings, such as what is right, would only be carried over.
    found = page.evaluate("async options => (await axe.run(options)).violations", options)
    return [
        f"{one['id']} at {node['target']}: {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]

"""serve and work: answering requests and preparing media until told to stop."""

import errno
import logging
import os
import signal
import sys
import threading
import time

from goblin import boot, config, people, served, storage
from goblin.cli import add_command, settings_of
from goblin.cli.addresses import addresses_of

NO_LIMIT = 1 << 62  # bytes; goblin.cli.admission knows a better one for each address
# How long a thread keeps the others from running, in seconds. A page gives way at each of its statements, and each
# time waits this long for a worker thread that writes down what came of a photo; by default it is ten times that.
TURN = 0.0005
log = logging.getLogger("goblin")


def add_commands(commands):
    command = add_command(commands, "serve", serve, "Show the gallery to browsers and prepare what is added.")
    command.add_argument("--no-workers", action="store_true", help="leave preparing to `goblin.py work`")
    command.add_argument(
        "--reload", action="store_true", help="start again when the code changes (for development)"
    )
    sentence = "begin a new gallery where another one was served before"
    command.add_argument("--new", action="store_true", help=sentence)
    add_command(commands, "work", work, "Only prepare what is added, for a gallery served with --no-workers.")


def serve(args):
    """Boot, bind, start workers, then answer until TERM or INT."""
    settings = settings_of(args)
    if args.reload and not os.environ.get("GOBLIN_RELOADED"):
        return _serve_again_and_again()
    storage.Disk(settings.site.data).prepare(args.new)
    boot.take_lock(settings.site.data)
    application = boot.boot(settings)
    served.remember(settings.site.data)
    server = make_server(application, settings)
    if not args.no_workers:
        sys.setswitchinterval(TURN)
        boot.start(settings)
    stop_on_signals()
    greet(settings, {one.family for one in _sockets(server)})
    try:
        server.run()
    except SystemExit:
        pass
    finally:
        server.close()
        boot.shut()
    return 0


def make_server(application, settings):
    """Waitress, bound to its port; raises Mistake when it may not be."""
    import waitress

    from goblin.cli.channel import Channel

    try:
        server = waitress.create_server(application, **_adjustments(settings.server))
    except (OSError, ValueError) as error:  # waitress calls a name that is not known a ValueError
        raise _why_not(settings.server, error) from error
    for one in _sockets(server):
        one.channel_class = Channel
    return server


def _adjustments(wanted):
    """What waitress is told; `wanted` is [server]."""
    told = {
        "host": wanted.host,
        "port": wanted.port,
        "threads": wanted.threads,
        "max_request_body_size": NO_LIMIT,
        "asyncore_use_poll": True,
        "clear_untrusted_proxy_headers": True,
        "ident": None,
    }
    if wanted.trusted_proxy:
        told |= {
            "trusted_proxy": wanted.trusted_proxy,
            "trusted_proxy_count": 1,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
        }
    return told


def _why_not(wanted, error):
    """Why that address cannot be listened to, as a sentence about the option that says so."""
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        sentence = "Another program uses that port; choose another: GOBLIN_SERVER_PORT, or goblin.ini."
    elif number == errno.EACCES:
        sentence = f"You may not use port {wanted.port}; choose one above 1023 as [server] port."
    elif number == errno.EADDRNOTAVAIL or isinstance(error, ValueError):
        sentence = f"[server] host is {wanted.host}, which is no address of this machine."
    else:
        return error
    return config.Mistake(sentence)


def _sockets(server):
    """The parts of a server that listen to one address each."""
    from waitress.server import BaseWSGIServer, MultiSocketServer

    if not isinstance(server, MultiSocketServer):
        return [server]
    return [one for one in server.map.values() if isinstance(one, BaseWSGIServer)]


def stop_on_signals():
    """End on TERM and INT; set after huey's consumer, which would take them for itself."""

    def stop(number, frame):
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def greet(settings, families: set[int]):
    """Say where the gallery is, and how to make the first account; `families` are those listened to."""
    host, port = settings.server.host, settings.server.port
    addresses = [settings.site.url] if settings.site.url else addresses_of(host, port, families)
    print("Goblin is running:", flush=True)
    for address in addresses:
        print(f"  {address}", flush=True)
    if token := people.setup_token():
        first = addresses[0].rstrip("/") + f"/setup/{token}/"
        print("To make the first account, open this address once:", flush=True)
        print(f"  {first}", flush=True)
        show_qr(first)


def show_qr(text: str):
    """The address as a QR code, where a person looks at the terminal."""
    if sys.stdout.isatty():
        import segno

        segno.make(text, error="l").terminal(compact=True)


def work(args):
    """Workers only."""
    settings = settings_of(args)
    boot.boot(settings)
    boot.start(settings)
    stop_on_signals()
    print("Goblin is preparing what is added.", flush=True)
    try:
        threading.Event().wait()
    except SystemExit:
        boot.shut()
    return 0


def _serve_again_and_again():
    """Run ourselves as a child and start it again whenever a source file changes."""
    import subprocess

    while True:
        before = _newest()
        environment = {**os.environ, "GOBLIN_RELOADED": "1"}
        child = subprocess.Popen([sys.executable, *sys.argv], env=environment)
        while child.poll() is None and _newest() == before:
            time.sleep(0.5)
        if child.poll() is not None:
            return child.returncode
        child.terminate()
        child.wait()


def _newest():
    folders = ("goblin", "views", "static")
    return max(p.stat().st_mtime for f in folders for p in (config.ROOT / f).rglob("*") if p.is_file())

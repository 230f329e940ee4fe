"""From settings to a running gallery, in order: the table of contents."""

import contextlib
import tempfile
from pathlib import Path

from goblin import auth, config, db, events, jobs, library, lock, media, plugins, resuming, storage, trash
from goblin.auth import local  # noqa: F401 - registers itself
from goblin.config import Mistake, Settings
from goblin.models import Setting, facts
from goblin.refused import Refused
from goblin.web import callbacks, pages, sign_in, tiles
from goblin.web.app import make_app, wsgi

MIGRATIONS = Path(__file__).parent / "migrations"
_held, _working = contextlib.ExitStack(), contextlib.ExitStack()


class Busy(Exception):
    """Another goblin is at this data folder; the text is one sentence."""


def boot(settings: Settings, immediate: bool = False):
    """Open everything and return the WSGI application; no thread is started.

    Raises config.Mistake, db.TooNew, storage.NotHere, Refused or OSError, each with a sentence.
    """
    shut()
    _forget()
    disk = library.disk = storage.Disk(settings.site.data, settings.uploads.keep_free)
    disk.prepare()
    tempfile.tempdir = str(disk.folder / "incoming")  # /tmp is memory on a Pi
    db.open_database(disk.folder / "goblin.db")
    loaded = plugins.load(settings.sections("plugin"), settings.site.data)
    migrate(disk, loaded)
    settings.add_chosen(Setting.options())
    _put_in_force(settings)
    _open_workshop(settings, disk, immediate)
    callbacks.listen()
    app = make_app()
    for plugin in loaded:
        plugin.setup(app)
    return wsgi(app, settings.site.url)


def _forget():
    """What an earlier boot of this process left in the registries."""
    events.reset()
    media.reset()
    media.scan()
    auth.reset()
    facts.reset()
    tiles.forget_tiles()


def _put_in_force(settings):
    """Hand each part the settings that it works by."""
    uploads = settings.uploads
    library.limits = library.Limits(
        max_file=uploads.max_file,
        quota=uploads.quota,
        keep_free=uploads.keep_free,
        resume_days=uploads.resume_days,
        trash_days=uploads.trash_days,
        visibility=settings.site.visibility,
        private_callbacks=uploads.private_callbacks,
    )
    auth.session_days = settings.accounts.session_days
    auth.instances[:] = _providers(settings)
    pages.setup(settings.site)
    sign_in.setup(settings.accounts, may_name=not settings.is_fixed("site", "title"))


def _open_workshop(settings, disk, immediate):
    """The queue, and what is to be done again and again."""
    work = settings.work
    options = _media_options(settings)
    workshop = jobs.open_workshop(
        disk.folder, disk, options, idle=work.idle, memory=work.memory, immediate=immediate
    )
    workshop.often(resuming.tend)
    workshop.often(callbacks.call)
    workshop.every_day(trash.sweep)
    workshop.every_day(auth.sweep)


def migrate(disk: storage.Disk, loaded) -> list[str]:
    """Bring the tables up to date, the core's first; the database is copied aside before anything changes."""
    modules = [("core", MIGRATIONS), *((p.name, p.folder / "migrations") for p in loaded)]
    modules = [(name, folder) for name, folder in modules if folder.is_dir()]
    if any(db.pending(name, folder) for name, folder in modules):
        db.copy_aside(disk.folder / "backups")
    done = [f"{name} {step}" for name, folder in modules for step in db.migrate(name, folder)]
    for kind, media_type in media.TYPES.items():
        facts.declare(kind, media_type.facts)
    return done


def _media_options(settings):
    """The options of each kind of media, typed; raises Mistake for one that is unknown or wrong."""
    given = settings.sections("media")
    if unknown := given.keys() - media.TYPES.keys():
        raise Mistake(f"[media:{min(unknown)}] is for a kind of media that goblin does not know.")
    options = {}
    for kind, media_type in media.TYPES.items():
        lines = given.get(kind, {})
        if wrong := lines.keys() - media_type.options.keys():
            raise Mistake(f"[media:{kind}] has an option {min(wrong)} that goblin does not know.")
        try:
            options[kind] = {**media.options_of(kind, lines), "ffmpeg": settings.work.ffmpeg}
        except ValueError as error:
            raise Mistake(f"[media:{kind}] {error}.") from None
    return options


def _providers(settings):
    sections, made = dict(settings.sections("auth")), []
    # Another way to log in comes beside the accounts here; only [auth:local] itself can say they are not asked.
    if all(options.get("type", name) != "local" for name, options in sections.items()):
        sections["local"] = {"type": "local"}
    for name, options in sections.items():
        kind = options.get("type", name)
        if kind not in auth.PROVIDERS:
            raise Mistake(f"[auth:{name}] has type {kind}, which goblin does not know.")
        if config.read("yes", options.pop("enabled", "yes"), f"[auth:{name}] enabled"):
            made.append(auth.PROVIDERS[kind](name, options))
    return made


def take_lock(folder: Path):
    """Be the only goblin that serves this folder, for as long as this process lives; raises Busy."""
    try:
        _held.enter_context(lock.hold(folder, lock.SERVING))
    except Refused:
        beside = "stop it, or choose another folder with --data"
        raise Busy(f"Another goblin already serves {folder}; {beside}.") from None


def start(settings: Settings):
    """Take up what a stop left and start the worker threads; raises Busy where another has workers."""
    try:
        _working.enter_context(lock.hold(settings.site.data, lock.WORKING))
    except Refused:
        beside = "`serve --no-workers` runs beside it"
        raise Busy(f"Another goblin prepares what is added to {settings.site.data}; {beside}.") from None
    resuming.recover()
    jobs.workshop.start(settings.work.workers)
    callbacks.call()


def shut():
    """Stop the workers and close the database."""
    jobs.stop()
    callbacks.stop()
    _working.close()
    if not db.db.is_closed():
        db.db.close()

"""The command: python3 goblin.py COMMAND."""

import argparse
import logging
import sqlite3
import sys
from pathlib import Path

from peewee import OperationalError

from goblin import __version__, boot, config, db, storage
from goblin.refused import Refused

# Every fault that is said in one sentence instead of shown as a trace.
FAULTS = (config.Mistake, db.TooNew, storage.NotHere, storage.Full, boot.Busy, Refused)


def main(argv: list[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 failed with a sentence, 2 wrong usage."""
    args = parser().parse_args(sys.argv[1:] if argv is None else argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("huey", "huey.consumer", "waitress.queue", "peewee.migrations"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        return args.run(args) or 0
    except FAULTS as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(say_os_error(error))
    except (OperationalError, sqlite3.OperationalError) as error:
        return fail(say_database_error(error))
    except KeyboardInterrupt:
        return 130


def fail(sentence: str) -> int:
    print(f"goblin: {sentence}", file=sys.stderr)
    return 1


def say_os_error(error: OSError) -> str:
    """What the system said, as a sentence for the keeper."""
    import errno

    where = f" ({error.filename})" if error.filename else ""
    known = {
        errno.ENOSPC: f"The disk is full{where}; make room and start again.",
        errno.EACCES: f"This may not be written by you{where}; change its owner or choose --data.",
        errno.EROFS: f"This disk is read-only{where}; choose another folder with --data.",
    }
    return known.get(error.errno, f"{error.strerror or error}{where}.")


def say_database_error(error: Exception) -> str:
    """What SQLite said, as a sentence for the keeper."""
    said = db.fault_of(error)
    known = {
        "full": "The disk is full; make room and start again.",
        "readonly": "The database may not be written by you; change the owner of the data folder.",
        "unable to open": "The database cannot be opened; may you write in the data folder?",
        "locked": "The database is held by another program; try again in a moment.",
    }
    sentences = [sentence for word, sentence in known.items() if word in said]
    return f"{(sentences or [f'The database failed: {said}.'])[0]} `goblin.py doctor` tells more."


TESTS = "`goblin.py test` runs goblin's own tests, for who changes it: see CONTRIBUTING.md."


def parser() -> argparse.ArgumentParser:
    """The command line, put together from the files beside this one."""
    from goblin.cli import backup, doctor, imports, keep, media, people, serve, service, shell

    root = argparse.ArgumentParser(
        prog="goblin.py", description="A media gallery for a small box at home.", epilog=TESTS
    )
    root.add_argument("--version", action="version", version=__version__)
    root.add_argument(
        "-c",
        dest="config",
        metavar="FILE",
        help="the keeper's options, in place of goblin.ini in the data folder",
    )
    root.add_argument("--data", metavar="DIR", help="the data folder (default: data beside goblin.py)")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for part in (serve, shell, service, people, imports, media, backup, doctor, keep):
        part.add_commands(commands)
    return root


def add_command(commands, name: str, run, sentence: str):
    """A command with its one sentence of help; returns its parser for options."""
    command = commands.add_parser(name, help=sentence, description=sentence)
    command.set_defaults(run=run)
    return command


def settings_of(args) -> config.Settings:
    """The settings in force for this command line."""
    return config.load(args.config, args.data)


def open_gallery(args):
    """Boot without serving, for commands that run beside a serving goblin."""
    settings = settings_of(args)
    if not (Path(settings.site.data) / "goblin.db").exists():
        raise config.Mistake(
            f"There is no gallery in {settings.site.data} yet; `goblin.py serve` starts one."
        )
    boot.boot(settings)
    return settings

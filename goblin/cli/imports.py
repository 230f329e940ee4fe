"""import: files, folders and zips from this machine, for one person."""

import signal
import sys
import time
from pathlib import Path

from goblin import access, importing, library, lock, storage
from goblin.cli import add_command, fail, open_gallery
from goblin.cli.people import person
from goblin.details import Details
from goblin.importing import sources
from goblin.refused import Refused
from goblin.wording import clean_line

PAUSE = 3  # seconds between two looks


def add_commands(commands):
    sentence = "Add files, folders and zips to the gallery; what is there already is skipped."
    command = add_command(commands, "import", take, sentence)
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    command.add_argument("--user", metavar="NAME", required=True, help="whose they become")
    command.add_argument(
        "--collection",
        metavar="TITLE",
        default="",
        help="put them into a collection; made if it is not there",
    )
    command.add_argument(
        "--visibility",
        choices=access.VISIBILITIES,
        default="",
        help="who may see them (default: as for uploads)",
    )
    command.add_argument("--watch", action="store_true", help="go on looking for new files until stopped")


def take(args):
    """Exit status 1 when there was nothing that could be taken."""
    settings = open_gallery(args)
    missing = next((path for path in args.paths if not path.exists()), None)
    if missing:
        raise Refused(f"There is no file or folder {missing}.")
    details = Details(collection=args.collection, visibility=args.visibility)
    task = importing.Import(person(args.user), details)
    settled = importing.Settled()
    walk = sources.Walk(args.paths, library.disk.folder, *[settled] * args.watch)
    try:
        _watch(task, walk, settled) if args.watch else _once(task, walk, _count(args.paths))
    except storage.Full as full:
        _sum_up(task, walk, settings)
        return fail(str(full))
    _sum_up(task, walk, settings)
    if args.watch or task.added or task.had:
        return 0
    return fail("There was nothing that could be taken.")


def _count(paths):
    """How many files are there, for the length of the bar; None where no bar is shown."""
    if sys.stderr.isatty():
        return sum(1 for found in sources.Walk(paths, library.disk.folder))
    return None


def _once(task, walk, total):
    from tqdm import tqdm

    for found in tqdm(
        walk, total=total, unit=" files", disable=not sys.stderr.isatty(), file=sys.stderr, leave=False
    ):
        _say(found.label, task.take(found), quiet=sys.stderr.isatty())


def _watch(task, walk, settled):
    """Look, wait, look again; TERM and INT end it between two files or within one."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print("Looking for files; stop with Ctrl-C.", flush=True)
    try:
        while True:
            walk.passed = 0
            for found in walk:
                if outcome := look_at(task, found, settled):
                    _say(found.label, outcome, quiet=False)
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        pass


def look_at(task, found, settled) -> str | None:
    """Take one file of a watched folder: what became of it, or None when that was said before."""
    known = found.label in task.lonely
    outcome = task.take(found)
    if found.label not in task.lonely:
        return outcome
    if found.key:
        settled.again(found.key)  # the film of these subtitles may still be on its way
    return None if known else outcome


def _say(label, outcome, quiet):
    """One line for each file; on a terminal only what could not be taken, above the bar."""
    label = clean_line(label)  # a name may hold what moves a terminal's cursor
    line = f"{outcome}: {label}" if outcome in ("added", "had already") else f"not taken: {label}: {outcome}"
    if not quiet:
        print(line, flush=True)
    elif line.startswith("not"):
        from tqdm import tqdm

        tqdm.write(line)


def _sum_up(task, walk, settings):
    refused = task.refused.total()
    print(f"{task.added} added, {task.had} had already, {refused} not taken, {walk.passed} passed over.")
    for sentence, count in task.refused.most_common(20):
        print(f"  {count} not taken: {sentence}")
    if task.added and lock.is_served(Path(settings.site.data)):
        print("The running gallery prepares them now.")
    elif task.added:
        print("They are prepared when goblin runs: python3 goblin.py serve")

"""doctor: what is right and what is wrong, one line each; --repair mends what can be mended."""

from pathlib import Path

from peewee import DatabaseError

from goblin import boot, checkup, db, lock
from goblin.checkup import NOTE, OK, WRONG, Finding
from goblin.checkup.repair import repair
from goblin.cli import FAULTS, add_command, fail, hardware, machine, settings_of


def add_commands(commands):
    command = add_command(commands, "doctor", examine, "Say what is right and what is wrong, a line each.")
    command.add_argument("--repair", action="store_true", help="mend what can be mended; deletes no original")
    command.add_argument(
        "--deep", action="store_true", help="compare every bit of the originals; takes its time"
    )


def examine(args):
    """Exit status 1 when something is wrong that --repair did not mend."""
    settings = settings_of(args)
    faults = _report(machine.check_machine(settings.work.ffmpeg))
    faults += _report(_check_gallery(settings, args))
    if faults:
        return fail(f'Something is wrong: see the lines above that begin with "{WRONG}".')
    folder = Path(settings.site.data)
    if _is_there(folder):
        print("All is well.")
    else:
        print(f"The machine is fine, but no gallery was looked at: there is none in {folder}.")
        print("If there should be one, name its folder: `goblin.py --data FOLDER doctor`.")
    return 0


def _is_there(folder):
    return (folder / "goblin.db").exists()


def _report(findings):
    """Print them as they come; how many are wrong."""
    faults = 0
    for finding in findings:
        print(f"{finding.mark:5}  {finding.sentence}", flush=True)
        faults += finding.mark == WRONG
    return faults


def _check_gallery(settings, args):
    folder = Path(settings.site.data)
    if not _is_there(folder):
        yield Finding(NOTE, f"There is no gallery in {folder} yet; `goblin.py serve` starts one.")
        return
    yield Finding(OK, f"The gallery is in {folder}.")
    yield from checkup.check_folder(folder, settings.uploads.keep_free)
    served = lock.is_served(folder)
    tables = list(_check_tables(folder))
    yield from tables
    if any(finding.mark == WRONG for finding in tables):
        return
    try:
        boot.boot(settings)
    except FAULTS as fault:
        yield Finding(WRONG, str(fault))
        return
    if args.repair:
        yield from (Finding(NOTE, sentence) for sentence in repair(served))
    yield from _check_media(served, args.deep)
    yield from hardware.check_encoders()


def _check_tables(folder):
    """Without booting: a damaged database must not be migrated."""
    try:
        db.open_database(folder / "goblin.db")
        pending = db.pending("core", boot.MIGRATIONS)
    except db.TooNew as fault:
        yield Finding(WRONG, str(fault))
    except DatabaseError as error:
        yield Finding(
            WRONG, f"The database cannot be read ({error}); restore a backup or a copy in backups/."
        )
    else:
        if pending:
            yield Finding(
                WRONG,
                "The tables are older than this goblin; `migrate` brings them up to date.",
            )
        else:
            yield from checkup.check_tables()


def _check_media(served, deep):
    yield from checkup.check_clock()
    yield from checkup.check_originals(deep)
    yield from checkup.check_strays()
    yield from checkup.check_copies()
    yield from checkup.check_cut_off()
    yield from checkup.check_uploads()
    yield from checkup.check_work(served)

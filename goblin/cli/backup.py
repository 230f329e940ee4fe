"""backup and restore: the whole gallery in one file, and back."""

import contextlib
import os
import shutil
import sys
from pathlib import Path

from goblin import backup, boot, db
from goblin.backup import restore
from goblin.cli import add_command, open_gallery, settings_of
from goblin.refused import Refused
from goblin.wording import say_size


def add_commands(commands):
    command = add_command(
        commands, "backup", save, "Write everything into one tar file, while the gallery runs."
    )
    command.add_argument("file", metavar="FILE", help="- for standard output")
    command.add_argument("--force", action="store_true", help="replace FILE if it is there")
    sentence = "Bring a backup back into an empty data folder; copies are made again at the next start."
    command = add_command(commands, "restore", bring_back, sentence)
    command.add_argument("file", metavar="FILE", help="- for standard input")
    command.add_argument(
        "--force", action="store_true", help="move what is in the data folder aside; nothing is deleted"
    )


def save(args):
    open_gallery(args)
    if args.file == "-":
        with _bar(backup.size_of()) as progress:
            report = backup.write(sys.stdout.buffer, progress)
        sys.stdout.buffer.flush()
    else:
        report = _save_to(Path(args.file), args.force)
    _say_report(report, "standard output" if args.file == "-" else args.file)
    if args.config:
        print(f"Your options in {args.config} are not in it; keep a copy of that file.", file=sys.stderr)


def _save_to(path, force):
    """Written beside its place and renamed once it is whole and on the disk."""
    if path.exists() and (not force or not path.is_file()):
        raise Refused(f"{path} is there already; give another name, or --force to replace it.")
    size, free = backup.size_of(), shutil.disk_usage(path.absolute().parent).free
    if size > free:
        raise Refused(
            f"{path.absolute().parent} has {say_size(free)} free; this backup needs about {say_size(size)}."
        )
    print(f"Writing about {say_size(size)}.", flush=True)
    part = path.with_name(path.name + ".part")
    try:
        # It holds private pictures and hashes of passwords: for its owner only.
        with (
            open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
            _bar(size) as progress,
        ):
            report = backup.write(file, progress, skip=os.fstat(file.fileno()))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return report


def _say_report(report, where):
    """On standard error, as standard output may be the backup itself."""
    for place in report.missing:
        print(f"The original {place} was not on the disk, so it is not in this backup.", file=sys.stderr)
    for place in report.altered:
        print(
            f"The original {place} is not what was once uploaded; it was kept as it is now.", file=sys.stderr
        )
    print(f"{report.files} files, {say_size(report.bytes)}, are in {where}.", file=sys.stderr)


def bring_back(args):
    folder = Path(settings_of(args).site.data)
    with contextlib.ExitStack() as stack:
        if args.file == "-":
            stream, size = sys.stdin.buffer, None
        else:
            stream = stack.enter_context(open(args.file, "rb"))
            size = os.fstat(stream.fileno()).st_size
        print("Reading the backup and comparing every file with its hash.", flush=True)
        progress = stack.enter_context(_bar(size))
        restored = restore.restore(stream, folder, _check, args.force, progress)
    print(f"{restored.media} media are back in {folder}; their copies are made again at the next start.")
    print("Everybody signs in again, and programs need new access tokens.")
    if restored.missing:
        print(f"The originals of {restored.missing} of them were missing when the backup was made.")
    if restored.aside:
        print(f"What was there before is in {restored.aside}.")


def _check(database):
    """Raises db.TooNew when the backup knows more than we do."""
    db.open_database(database)
    try:
        db.pending("core", boot.MIGRATIONS)
    finally:
        db.db.close()


@contextlib.contextmanager
def _bar(size):
    """A bar of bytes on a terminal; gives what to call with each number of bytes."""
    from tqdm import tqdm

    with tqdm(
        total=size, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), file=sys.stderr, leave=False
    ) as bar:
        yield bar.update

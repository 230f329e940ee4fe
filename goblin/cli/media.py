"""reprocess: make the copies of media again."""

from goblin import library
from goblin.cli import add_command, open_gallery
from goblin.cli.people import person
from goblin.models import Media
from goblin.models.media import STATES


def add_commands(commands):
    command = add_command(
        commands, "reprocess", reprocess, "Make the copies of media again; the serving goblin does the work."
    )
    command.add_argument("ids", nargs="*", type=int, metavar="ID")
    command.add_argument("--kind")
    command.add_argument("--state", choices=STATES)
    command.add_argument("--user", metavar="NAME")


def reprocess(args):
    open_gallery(args)
    which = Media.deleted.is_null() & Media.state.in_(STATES)
    if args.kind:
        which &= Media.kind == args.kind
    if args.state:
        which &= Media.state == args.state
    if args.user:
        which &= Media.user == person(args.user)
    if args.ids:
        which &= Media.id.in_(args.ids)
    found = list(Media.select().where(which))
    for item in found:
        library.prepare_again(item)
    print(f"{len(found)} media will be prepared again.")

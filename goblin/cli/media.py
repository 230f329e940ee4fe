"""reprocess: make the copies of media again."""

from goblin import reprocessing
from goblin.cli import add_command, open_gallery
from goblin.cli.people import person
from goblin.refused import Refused


def add_commands(commands):
    command = add_command(
        commands,
        "reprocess",
        reprocess,
        "Bring the copies of media up to date; the serving goblin does the work.",
    )
    command.add_argument("ids", nargs="*", type=int, metavar="ID", help="just these, up to date or not")
    command.add_argument("--kind", default="", help="image, video, audio ...")
    command.add_argument("--state", default="", help="such as failed")
    command.add_argument("--user", metavar="NAME")
    command.add_argument(
        "--step", action="append", default=[], help="only this step, such as thumbs; repeatable"
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="OPTION=VALUE",
        help="another setting, kept for these media; OPTION= takes it away again",
    )
    command.add_argument("--force", action="store_true", help="also those that are up to date")
    command.add_argument("--dry-run", action="store_true", help="only say what would be done")
    command.add_argument(
        "--stop", action="store_true", help="call off what waits, or of it the IDs, --kind, --user"
    )


def reprocess(args):
    open_gallery(args)
    user = person(args.user) if args.user else None
    if args.stop:
        _stop(args, user)
        return
    settings = dict(map(_pair, args.set)) or None
    wish = reprocessing.Wish(
        args.ids, args.kind, args.state, user, args.step, settings, beside=True, force=args.force
    )
    plan = reprocessing.plan(wish)
    for sentence in plan.sentences():
        print(sentence)
    if not args.dry_run:
        print(f"{reprocessing.begin(plan)} media will be prepared again.")


def _stop(args, user):
    """Call off what is named; a word that says nothing about what waits is not passed over in silence."""
    beside = ("state", "step", "set", "force", "dry_run")
    if idle := next((name for name in beside if getattr(args, name)), None):
        raise Refused(f"--stop goes with IDs, --kind and --user, not with --{idle.replace('_', '-')}.")
    count = reprocessing.stop(user, args.ids, args.kind)
    print(f"{count} media were called off; they keep the copies they have.")


def _pair(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise Refused(f"{text} is not OPTION=VALUE.")
    return name.strip(), value.strip()

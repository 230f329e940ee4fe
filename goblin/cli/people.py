"""user and token: people and their access tokens."""

import argparse
import socket
import sys
from datetime import datetime

from goblin import people
from goblin.cli import add_command, open_gallery
from goblin.cli.addresses import addresses_of
from goblin.models import Token, User
from goblin.refused import Refused
from goblin.wording import say_size

RIGHTS = (("admin", "may look after the gallery"), ("active", "may sign in"), ("uploader", "may add media"))


def add_commands(commands):
    user = add_command(commands, "user", None, "Add, list, change or delete people.")
    verbs = user.add_subparsers(dest="verb", metavar="VERB", required=True)
    _offer_add(verbs)
    add_command(verbs, "list", show, "List everybody.")
    _offer_set(verbs)
    _offer_delete(verbs)
    _offer_token(commands)


def _offer_add(verbs):
    sentence = "Add a person; without a password, a link to choose one is printed."
    command = add_command(verbs, "add", add, sentence)
    command.add_argument("name")
    command.add_argument("--email", default="")
    command.add_argument("--admin", action="store_true", help="may look after the gallery")
    _add_password(command)


def _offer_set(verbs):
    command = add_command(verbs, "set", change, "Change a person's rights, room or password.")
    command.add_argument("name")
    for flag, sentence in RIGHTS:
        command.add_argument(f"--{flag}", action=argparse.BooleanOptionalAction, help=sentence)
    room = "how much they may keep, such as 20 GB; 0 for no limit, site for the site's"
    command.add_argument("--quota", metavar="SIZE", help=room)
    _add_password(command)


def _offer_delete(verbs):
    command = add_command(verbs, "delete", delete, "Delete a person with everything they added, for good.")
    command.add_argument("name")
    command.add_argument("--yes", action="store_true", help="do not ask")


def _offer_token(commands):
    sentence = "Print a new personal access token; it is shown only now."
    command = add_command(commands, "token", token, sentence)
    command.add_argument("name")
    command.add_argument("--scope", choices=("read", "write"), default="read")
    command.add_argument("--label", default="made on the command line")


def _add_password(command):
    command.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )


def _password():
    return sys.stdin.readline().rstrip("\r\n")


def person(name: str) -> User:
    """The person of that name. Raises Refused."""
    user = User.named(name)
    if user is None:
        raise Refused(f"There is nobody called {name} here.")
    return user


def add(args):
    settings = open_gallery(args)
    user = people.add(args.name, _password() if args.password_stdin else None, args.email, args.admin)
    print(f"{user.username} was added.")
    if not args.password_stdin:
        print(f"They choose a password at {_home(settings)}auth/join/{people.join_token(user)}/")


def _home(settings) -> str:
    """The address under which others find the gallery, with a slash at its end."""
    families = {socket.AF_INET6} if ":" in settings.server.host else {socket.AF_INET}
    found = settings.site.url or addresses_of(settings.server.host, settings.server.port, families)[0]
    return found.rstrip("/") + "/"


def show(args):
    open_gallery(args)
    for user in people.listing():
        marks = [word for word, on in (("admin", user.admin), ("not active", not user.active)) if on]
        joined = datetime.fromisoformat(user.created).date()
        print(
            f"{user.username}\t{user.count} media\t{say_size(user.kept)}\tsince {joined}\t{', '.join(marks)}".rstrip()
        )


def change(args):
    open_gallery(args)
    user = person(args.name)
    values = {flag: on for flag in ("admin", "active", "uploader") if (on := getattr(args, flag)) is not None}
    if args.quota is not None:
        values["quota"] = people.quota("" if args.quota == "site" else args.quota)
    if values:
        people.set_flags(user, **values)
    if args.password_stdin:
        people.set_password(user, _password())
    print(f"{user.username} was changed.")


def delete(args):
    open_gallery(args)
    user = person(args.name)
    if not args.yes:
        print(
            f"This deletes {user.username} and all their media for good. Write the name again to go on: ",
            end="",
            flush=True,
        )
        if sys.stdin.readline().strip() != user.username:
            raise Refused("Nothing was deleted.")
    people.delete(user)
    print(f"{user.username} was deleted.")


def token(args):
    open_gallery(args)
    print(Token.issue(user=person(args.name), scope=args.scope, label=args.label))

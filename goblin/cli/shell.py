"""shell: Python with the gallery open."""

import code

from goblin import collecting, db, library, models, people, storage, trash
from goblin.cli import add_command, open_gallery


def add_commands(commands):
    add_command(commands, "shell", shell, "Python with the gallery open, to look and to mend.")


def shell(args):
    settings = open_gallery(args)
    names = {name: getattr(models, name) for name in models.__all__ if name != "ALL"}
    names |= {"db": db.db, "collecting": collecting, "library": library, "trash": trash}
    names |= {"people": people, "storage": storage, "settings": settings}
    banner = f"The gallery in {settings.site.data} is open; what you change is changed at once.\n"
    code.interact(banner + "Here are: " + ", ".join(sorted(names)), local=names, exitmsg="")

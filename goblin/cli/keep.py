"""config and migrate: what is in force, and tables brought up to date."""

from goblin import boot
from goblin.cli import add_command, settings_of


def add_commands(commands):
    add_command(commands, "config", show_config, "Print every option in force and where it came from.")
    add_command(commands, "migrate", migrate, "Bring the tables up to date without serving.")


def show_config(args):
    last = None
    for section, key, value, origin in settings_of(args).rows():
        if section != last:
            print(f"[{section}]")
            last = section
        print(f"{key} = {value}   # {origin}")


def migrate(args):
    boot.boot(settings_of(args))
    print("The tables are up to date.")

"""config and migrate: what is in force, and tables brought up to date."""

from goblin import boot, db
from goblin.cli import add_command, settings_of
from goblin.models import Setting


def add_commands(commands):
    add_command(commands, "config", show_config, "Print every option in force and where it came from.")
    add_command(commands, "migrate", migrate, "Bring the tables up to date without serving.")


def show_config(args):
    settings, last = settings_of(args), None
    if (database := settings.site.data / "goblin.db").exists():
        db.open_database(database)
        settings.add_chosen(Setting.options())
    for section, key, value, origin in settings.rows():
        if section != last:
            print(f"[{section}]")
            last = section
        print(f"{key} = {value}   # {origin}")


def migrate(args):
    boot.boot(settings_of(args))
    print("The tables are up to date.")

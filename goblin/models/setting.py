"""Settings that live in the database: what was chosen in the browser, and what the program remembers."""

from peewee import JSONField, TextField

from goblin.db import Base

OPTION = "option "  # before the name of an option


class Setting(Base):
    """One value under a name."""

    key = TextField(primary_key=True)
    value = JSONField()

    @classmethod
    def read(cls, key: str, default=None):
        row = cls.get_or_none(cls.key == key)
        return row.value if row else default

    @classmethod
    def options(cls) -> dict[str, str]:
        """What was chosen in place of defaults, by the option's name: "site.title"."""
        rows = cls.select().where(cls.key.startswith(OPTION))
        return {row.key.removeprefix(OPTION): row.value for row in rows}

    @classmethod
    def write(cls, key: str, value):
        cls.replace(key=key, value=value).execute()

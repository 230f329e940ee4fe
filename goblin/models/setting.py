"""Settings that live in the database: what the panel may change, and what the program remembers."""

from peewee import JSONField, TextField

from goblin.db import Base


class Setting(Base):
    """One value under a name."""

    key = TextField(primary_key=True)
    value = JSONField()

    @classmethod
    def read(cls, key: str, default=None):
        row = cls.get_or_none(cls.key == key)
        return row.value if row else default

    @classmethod
    def write(cls, key: str, value):
        cls.replace(key=key, value=value).execute()

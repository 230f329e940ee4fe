"""The database: one SQLite file, its pragmas, and migrate(name, folder)."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from peewee import SQL, Model, OperationalError, Select, SqliteDatabase, fn

# FULL, not NORMAL: an upload we said yes to must survive a power cut (sqlite.org/pragma.html#pragma_synchronous).
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "busy_timeout": 15_000,  # milliseconds
    "cache_size": -2000,  # KiB, for each thread's connection
    "temp_store": "memory",
    "journal_size_limit": 16 << 20,  # bytes the log keeps on the card after a checkpoint
}
COPIES_KEPT = 5

# lock_type: every write takes the write lock at its beginning, so that no lock upgrade can fail half-way.
db = SqliteDatabase(None, autoconnect=False, lock_type="IMMEDIATE")


class Base(Model):
    """What every table of the core and of plugins inherits."""

    class Meta:
        database = db
        legacy_table_names = False


class TooNew(Exception):
    """The data was written by a newer goblin; the text is one sentence."""


def now() -> str:
    """This moment in UTC as stored everywhere: 2026-11-22T10:00:00.123456Z, which sorts as text."""
    return stamp(datetime.now(UTC))


def from_now(**span) -> str:
    """A moment so many days, hours, minutes or seconds from now (negative: ago), as stored."""
    return stamp(datetime.now(UTC) + timedelta(**span))


def stamp(moment: datetime) -> str:
    """A moment in UTC as stored."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def fault_of(error: Exception) -> str:
    """What SQLite said of a failed statement: its first word, not how the undoing went."""
    while isinstance(error.__context__, OperationalError | sqlite3.Error):
        error = error.__context__
    return str(error)


def open_database(path: Path):
    """Bind `db` to a file and connect this thread."""
    if not db.is_closed():
        db.close()
    db.init(str(path), pragmas=PRAGMAS)
    db.connect()


def ensure_connected():
    """Connect this thread if it is not; threads keep their connection."""
    if db.is_closed():
        db.connect()


def try_at_once(query) -> bool:
    """Carry out a write that may be left out: without waiting for other writers; returns whether it was done."""
    db.execute_sql("PRAGMA busy_timeout = 0")
    try:
        query.execute()
    except OperationalError:  # somebody else writes, or the disk is full
        return False
    finally:
        db.execute_sql(f"PRAGMA busy_timeout = {PRAGMAS['busy_timeout']}")
    return True


def pending(name: str, folder: Path) -> list[str]:
    """Migrations of a module that have not been applied; raises TooNew when the file knows more than we do."""
    from playhouse.migrations import Runner

    runner = Runner(db, str(folder), table_name=_history(name))
    unknown = [m.name for m in runner.status() if m.path is None]
    if unknown:
        raise TooNew(
            f"This data folder was used by a newer goblin ({name} {unknown[-1]}); "
            "start that one, or restore a backup from before."
        )
    return [m.name for m in runner.status() if not m.applied]


def migrate(name: str, folder: Path) -> list[str]:
    """Apply a module's pending migrations, each in a transaction of its own; returns their names."""
    from playhouse.migrations import Runner

    return Runner(db, str(folder), table_name=_history(name)).up()


def _history(name):
    return "migrations_" + name.replace("-", "_").replace(".", "_")


def copy_aside(folder: Path) -> Path | None:
    """Copy the database before it is changed; the newest few copies are kept."""
    source = Path(db.database)
    if not source.exists() or not db.get_tables():
        return None
    folder.mkdir(exist_ok=True)
    target = folder / f"goblin-{now()[:19].replace(':', '')}.db"
    copy_to(target)
    for old in sorted(folder.glob("goblin-*.db"))[:-COPIES_KEPT]:
        old.unlink()
    return target


def copy_to(target: Path):
    """A consistent copy of the database while others go on using it.

    In one step: between two, any write would start the copy over (sqlite.org/c3ref/backup_finish.html), and
    in WAL mode a reader that takes its time holds up nobody.
    """
    with sqlite3.connect(target) as copy:
        db.connection().backup(copy)
    copy.close()


def statements():
    """A list that fills with every statement run from now on, by any thread; for tests and the benchmark."""
    seen = []
    db.query_hooks.append(lambda event: seen.append(event.sql))
    return seen


class Prepared:
    """A query whose SQL is worked out once and then asked with other values.

    `build` gets a stand-in for every value and returns a peewee query. Working the SQL out costs more than
    running it, so what every page asks is prepared.
    """

    def __init__(self, build):
        self._build, self._sql, self._places = build, None, None

    def rows(self, *values) -> list[tuple]:
        """All rows as the database gives them: numbers and texts."""
        return self._ask(values).fetchall()

    def first(self, *values) -> tuple | None:
        """The first row, or None."""
        return self._ask(values).fetchone()

    def unpacked(self, *values) -> list[tuple]:
        """All rows of a query that was `packed`."""
        return list(map(tuple, json.loads(self.first(*values)[0])))

    def one(self, fields, *values) -> Model | None:
        """The first row as an `instance` of `fields` (those selected, in order), or None."""
        row = self.first(*values)
        return row and instance(fields, row)

    def all(self, fields, *values) -> list[Model]:
        """All rows as instances."""
        return [instance(fields, row) for row in self.rows(*values)]

    def _ask(self, values):
        if self._sql is None:
            marks = [_Mark(number) for number in range(len(values))]
            sql, self._places = self._build(*(SQL("?", (mark,)) for mark in marks)).sql()
            self._sql = sql
        given = [values[place.number] if isinstance(place, _Mark) else place for place in self._places]
        return db.execute_sql(self._sql, given)


def instance(fields, row) -> Model:
    """An instance of the first field's model from a bare row; fields of a second model make what it points to."""
    model, last = fields[0].model, fields[-1].model
    known, beside = {}, {}
    for field, value in zip(fields, row, strict=True):
        (known if field.model is model else beside)[field.name] = field.python_value(value)
    made = model(**known)
    if beside:
        pointer = next(key.name for key, other in model._meta.refs.items() if other is last)
        setattr(made, pointer, last(**beside))
    return made


def packed(query) -> Select:
    """A query that gives all rows of another as one: a JSON text of their columns, in no certain order.

    Python lets go of its lock at every row that SQLite gives, and with many readers each time another thread
    takes it: half the time of a list went into that.
    """
    rows = query.alias("rows")
    columns = [getattr(rows.c, field.column_name) for field in query.selected_columns]
    return Select([rows], [fn.json_group_array(fn.json_array(*columns))]).bind(db)


class _Mark:
    """Where a value goes."""

    def __init__(self, number):
        self.number = number

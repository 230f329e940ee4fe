"""The facts of a kind: a table media_KIND beside the main one, made from what the media type declares."""

from peewee import BooleanField, FloatField, ForeignKeyField, IntegerField, TextField

from goblin.db import Base, db
from goblin.models.media import Media

FIELDS = {int: IntegerField, float: FloatField, str: TextField, bool: BooleanField}
_models: dict[str, type[Base]] = {}


def declare(kind: str, facts: dict[str, type]):
    """Have the table of a kind's facts, with a column for each; columns are added, never dropped."""
    if not facts:
        return
    fields = {name: FIELDS[type_](null=True, index=True) for name, type_ in facts.items()}
    fields["media"] = ForeignKeyField(Media, primary_key=True, on_delete="CASCADE", backref="facts_" + kind)
    meta = type("Meta", (), {"table_name": "media_" + kind})
    model = type("Facts_" + kind, (Base,), {**fields, "Meta": meta})
    _models[kind] = model
    if not model.table_exists():
        model.create_table()
    _add_columns(model, facts)


def _add_columns(model, facts):
    from playhouse.migrate import SchemaMigrator, migrate

    table = model._meta.table_name
    there = {column.name for column in db.get_columns(table)}
    migrator = SchemaMigrator.from_database(db)
    for name in facts.keys() - there:
        migrate(migrator.add_column(table, name, getattr(model, name)))


def of(kind: str) -> type[Base] | None:
    """The model of a kind's facts, to filter and sort by."""
    return _models.get(kind)


def write(media, values: dict):
    """Store the facts of a medium in place of what was known."""
    model = _models.get(media.kind)
    if model is not None:
        known = {name: value for name, value in values.items() if name in model._meta.fields}
        model.replace(media=media.id, **known).execute()


def read(media) -> dict:
    """The facts known of a medium, by name; without those that are not."""
    model = _models.get(media.kind)
    row = model.select().where(model.media == media.id).dicts().first() if model else None
    return {name: value for name, value in (row or {}).items() if name != "media" and value is not None}


def read_many(media: list) -> dict[int, dict]:
    """The facts of several media by id; one statement for each kind among them."""
    known = {}
    for kind in {m.kind for m in media} & _models.keys():
        model = _models[kind]
        for row in model.select().where(model.media.in_([m.id for m in media if m.kind == kind])).dicts():
            known[row["media"]] = {k: v for k, v in row.items() if k != "media" and v is not None}
    return known


def reset():
    """Forget which kinds were declared."""
    _models.clear()

"""Tables: migrations make what the models say, old databases upgrade, newer ones are refused."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from goblin import boot, models
from goblin.db import TooNew, db
from goblin.models import Collection, Media, Token, User

OLD = sorted((Path(__file__).parent / "old").glob("*.sql"))  # a database as it was on that day


@pytest.mark.parametrize("old", OLD, ids=lambda path: path.stem)
def test_old_databases_upgrade(make_site, tmp_path, old):
    from playhouse.schema_diff import diff_models

    folder = tmp_path / "data"
    make_site().shut()
    (folder / "goblin.db").unlink()
    with closing(sqlite3.connect(folder / "goblin.db")) as raw:
        raw.executescript(old.read_text())
    site = make_site()
    assert not diff_models(db, models.ALL)
    assert db.execute_sql("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)
    hold_what_was_there(site)


def hold_what_was_there(site):
    """Who and what was in the gallery that the old databases were taken from."""
    assert [user.username for user in User.select().order_by(User.id)] == ["ann", "bob"]
    ann = site.sign_in("ann")
    items = ann.get("/u/ann/gallery/", headers={"Accept": "application/json"}).json["items"]
    assert [item["title"] for item in items] == ["A note", "A day at the beach"]
    assert ann.get("/tag/sea/").status_int == ann.get("/u/ann/panel/").status_int == 200
    assert "A day at the beach" in site.browser().get("/u/ann/m/a-day-at-the-beach/")
    assert (Collection.select().count(), Token.select().count()) == (0, 1)
    undated = Media.select(Media.ordered).where(Media.taken.is_null())
    assert all(row.ordered.startswith("-") for row in undated)
    assert site.upload(ann).id == 4


def test_the_migrations_make_what_the_models_say(site):
    from playhouse.schema_diff import diff_models

    changes = diff_models(db, models.ALL)
    assert not changes, changes


def test_ids_of_media_are_never_given_again(site):
    """Addresses of files are cached for a year: a new medium must not have an old one's."""
    ann = site.sign_in("ann")
    first = site.upload(ann)
    Media.delete().where(Media.id == first.id).execute()
    assert site.upload(ann).id > first.id


def test_a_copy_is_kept_before_tables_change(make_site, tmp_path):
    make_site()
    boot.shut()
    db.close()
    with sqlite3.connect(tmp_path / "data" / "goblin.db") as raw:
        names = [row[0] for row in raw.execute("SELECT name FROM migrations_core ORDER BY id")]
        raw.execute("DELETE FROM migrations_core WHERE name = ?", (names[-1],))
    raw.close()
    with pytest.raises(Exception, match="already exists|duplicate column"):
        make_site()
    assert list((tmp_path / "data" / "backups").glob("goblin-*.db"))


def test_a_newer_database_is_refused(make_site, tmp_path):
    make_site()
    db.execute_sql(
        "INSERT INTO migrations_core (name, applied) VALUES ('9999_from_the_future', '2030-01-01')"
    )
    boot.shut()
    with pytest.raises(TooNew, match=re.escape("newer goblin (core 9999_from_the_future)")):
        make_site()


def test_collections_of_before_are_seen_by_those_who_saw_all_that_was_for_others(make_site, tmp_path):
    site = make_site()
    ann = site.sign_in("ann")
    held = {"Open": "public private", "Mixed": "public members", "Own": "private unlisted", "Kept": "members"}
    for title, kinds in held.items():
        for kind in kinds.split():
            site.upload(ann, visibility=kind, collection=title)
    boot.shut()
    db.close()
    with closing(sqlite3.connect(tmp_path / "data" / "goblin.db")) as raw, raw:
        raw.execute("ALTER TABLE collection DROP COLUMN visibility")
        raw.execute("DELETE FROM migrations_core WHERE name LIKE '0005%'")
    make_site()
    seen = {one.title: one.visibility for one in Collection.select()}
    assert seen == {"Open": "public", "Mixed": "members", "Own": "private", "Kept": "members"}


def test_an_integrity_check_finds_nothing(site):
    assert db.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)
    assert db.execute_sql("PRAGMA foreign_key_check").fetchall() == []


def test_the_pragmas_are_in_force(site):
    def pragma(name):
        return db.execute_sql(f"PRAGMA {name}").fetchone()[0]

    assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)

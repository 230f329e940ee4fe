"""Nobody waits for another writer only so that their visit can be noted."""

import sqlite3
import time
from contextlib import closing

import pytest

from goblin.cli import admission
from goblin.db import db, from_now
from goblin.models import Session, Token

LONG_AGO = {"hours": -2}


@pytest.fixture
def ann(site):
    browser = site.sign_in("ann")
    Session.update(seen=from_now(**LONG_AGO)).execute()
    return browser


@pytest.fixture
def other_writer(site):
    with closing(sqlite3.connect(site.folder / "goblin.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_a_visit_is_noted(ann):
    ann.get("/")
    assert Session.get().seen > from_now(minutes=-1)


def test_a_page_does_not_wait_for_another_writer(ann, other_writer):
    begun = time.monotonic()
    assert ann.get("/").status_code == 200
    assert time.monotonic() - begun < 5
    other_writer.rollback()
    assert Session.get().seen < from_now(hours=-1)
    ann.get("/")
    assert Session.get().seen > from_now(minutes=-1)


def test_a_token_does_not_wait_either(site, other_writer):
    other_writer.rollback()
    program = site.bearer("ann", "read")
    other_writer.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    assert program.get("/u/ann/").status_code == 200
    assert time.monotonic() - begun < 5
    other_writer.rollback()
    assert Token.get().used is None
    program.get("/u/ann/")
    assert Token.get().used


def test_other_writes_wait_as_before(ann, other_writer):
    ann.get("/")
    assert db.execute_sql("PRAGMA busy_timeout").fetchone() == (15_000,)


def test_who_sends_is_told_by_reading_only(ann):
    """It is asked where all connections are read: what waits there holds up everybody."""
    before = Session.get().seen
    assert admission.sender({"COOKIE": f"goblin={ann.cookies['goblin']}"})
    assert Session.get().seen == before

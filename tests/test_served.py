"""A gallery whose disk is not mounted is missed, not begun anew."""

import os
import shutil

import pytest
from commands import run

from goblin import served, storage
from goblin.setup.environment import Environment
from tests.bench.server import Server


@pytest.fixture
def notes(tmp_path, monkeypatch):
    monkeypatch.setenv("GOBLIN_SERVED", str(tmp_path / "notes" / "served"))
    return tmp_path / "notes" / "served"


def serve_once(folder, *words, notes):
    with Server(folder, *words, GOBLIN_SERVED=str(notes)) as server:
        pass
    return server.said


COMMANDS = ("serve", "work", "migrate")


def test_a_folder_that_was_served_and_is_empty_is_not_begun_anew(tmp_path, notes):
    folder = tmp_path / "mnt" / "goblin"
    serve_once(folder, notes=notes)
    shutil.move(folder.parent, tmp_path / "elsewhere")
    refused = [run(folder, command) for command in COMMANDS]  # not even the mount point is there
    assert not folder.parent.exists()
    folder.mkdir(parents=True)
    refused += [run(folder, command) for command in COMMANDS]
    assert not list(folder.iterdir())
    assert {(said.status, said.err.splitlines()[-1]) for said in refused} == {
        (
            1,
            f"goblin: The gallery that was in {folder} is not there; is its disk mounted?"
            " To begin a new one in its place: `goblin.py serve --new`.",
        )
    }
    assert any("/setup/" in line for line in serve_once(folder, "--new", notes=notes))
    shutil.rmtree(folder.parent)
    shutil.move(tmp_path / "elsewhere", folder.parent)
    serve_once(folder, notes=notes)
    assert notes.read_text() == f"{folder}\n"


def test_a_database_without_its_marker_is_not_touched(tmp_path):
    (tmp_path / "goblin.db").touch()
    for new in (False, True):
        with pytest.raises(storage.NotHere, match=r"not the file \.goblin"):
            storage.Disk(tmp_path).prepare(new)
    assert os.listdir(tmp_path) == ["goblin.db"]


def test_a_folder_that_goblin_makes_is_its_keepers_alone(tmp_path):
    storage.Disk(tmp_path / "disk" / "data").prepare()
    assert (tmp_path / "disk" / "data").stat().st_mode & 0o777 == 0o700
    (tmp_path / "mine").mkdir(mode=0o750)
    storage.Disk(tmp_path / "mine").prepare()
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o750


def test_where_nothing_can_be_noted_goblin_serves_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("GOBLIN_SERVED", str(tmp_path))
    served.remember(tmp_path / "data")
    assert not served.is_known(tmp_path / "data")


def test_a_new_environment_keeps_what_was_noted(tmp_path):
    environment = Environment(tmp_path)
    environment.folder.mkdir()
    (environment.folder / "pyvenv.cfg").write_text("prompt = 'goblin'\n")
    (environment.folder / "served").write_text("/mnt/pictures\n")
    (environment.folder / "other").touch()
    environment.create()
    assert (environment.folder / "served").read_text() == "/mnt/pictures\n"
    assert not (environment.folder / "other").exists()

"""Every command: its help, its exit status, and one sentence for what keepers get wrong."""

import argparse
import os
import re
import shutil
import socket
import subprocess

import pytest
from commands import Ended, command, environment, really_run, run

from goblin import cli, lock
from goblin.models import Media

COMMANDS = {
    *("serve", "work", "shell", "install-service", "user", "token", "import", "reprocess"),
    *("backup", "restore", "doctor", "config", "migrate"),
}


def choices(parser):
    """Name -> parser of the commands below one."""
    below = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {name: sub for action in below for name, sub in action.choices.items()}


def test_the_commands_of_the_interface_are_there():
    assert choices(cli.parser()).keys() >= COMMANDS


@pytest.mark.parametrize("name", sorted(choices(cli.parser())))
def test_every_command_and_verb_has_help(name, tmp_path):
    ended = run(tmp_path, name, "--help")
    assert ended.status == 0 and ended.out.startswith("usage: ")
    verbs = choices(choices(cli.parser())[name])
    for verb, parser in verbs.items():
        assert run(tmp_path, name, verb, "--help").status == 0
        assert parser.description
    assert choices(cli.parser())[name].description.endswith(".")
    assert list(tmp_path.iterdir()) == []  # asking for help makes nothing


@pytest.mark.parametrize("words", [[], ["no-such-command"], ["import"], ["serve", "--no-such"], ["user"]])
def test_wrong_usage_exits_with_2(words, tmp_path):
    ended = run(tmp_path, *words)
    assert ended.status == 2 and "usage: " in ended.err


def test_a_real_command_says_its_version(tmp_path):
    ended = really_run(tmp_path, "--version")
    assert (ended.status, ended.err) == (0, "") and ended.out.strip()


def assert_sentence(ended, *words):
    """It failed, and its last line says why."""
    assert ended.status == 1 and "Traceback" not in ended.err
    last = ended.err.splitlines()[-1]
    assert last.startswith("goblin: ") and last.endswith("."), ended.err
    assert all(word in last for word in words), ended.err


@pytest.mark.parametrize(
    "words",
    [
        ["user", "list"],
        ["token", "ann"],
        ["backup", "x.tar"],
        ["reprocess"],
        ["shell"],
        ["import", ".", "--user", "a"],
    ],
)
def test_without_a_gallery_nothing_is_made(words, tmp_path):
    assert_sentence(run(tmp_path / "data", *words), "There is no gallery", "serve")
    assert not (tmp_path / "data").exists()


def test_a_mistake_in_the_options_is_named(tmp_path):
    (tmp_path / "goblin.ini").write_text("[server]\nprot = 80\n")
    assert_sentence(really_run(tmp_path, "serve"), "prot", "[server]", "goblin.ini")
    (tmp_path / "goblin.ini").write_text("[server]\nport = eighty\n")
    assert_sentence(run(tmp_path, "config"), "port", "a number", "'eighty'")
    assert_sentence(really_run(tmp_path / "other", "config", GOBLIN_SERVER_PROT="1"), "GOBLIN_SERVER_PROT")


def test_a_port_that_is_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        here = {"GOBLIN_SERVER_HOST": "127.0.0.1", "GOBLIN_SERVER_PORT": str(taken.getsockname()[1])}
        assert_sentence(really_run(tmp_path, "serve", **here), "Another program uses that port")


def test_a_folder_that_is_served_by_another(tmp_path):
    with lock.hold(tmp_path, lock.SERVING):
        ended = really_run(tmp_path, "serve", GOBLIN_SERVER_HOST="127.0.0.1")
    assert_sentence(ended, "Another goblin already serves", str(tmp_path))


def test_a_folder_that_may_not_be_written(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o555)
    words = command(folder, "serve")
    if os.getuid() == 0:  # who may write everywhere, unless that right is given up
        if not shutil.which("setpriv"):
            pytest.skip("setpriv is not on this machine")
        words = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *words]
    ended = subprocess.run(words, capture_output=True, text=True, env=environment())
    assert_sentence(
        Ended(ended.returncode, ended.stdout, ended.stderr), "may not be written by you", str(folder)
    )


SMALL_DISK = """
mount -t tmpfs -o size=1m none "$1" || exit 77
shift
"$@"
"""


def test_a_disk_that_is_full(tmp_path):
    """A disk of one megabyte, in a namespace of its own."""
    folder = tmp_path / "data"
    folder.mkdir()
    words = ["unshare", "--mount", "--map-root-user", "sh", "-c", SMALL_DISK, "sh", str(folder)]
    fill = f"dd if=/dev/zero of='{folder}/filling' bs=1k count=940 2>/dev/null; "
    words += ["sh", "-c", fill + 'exec "$@"', "sh", *command(folder, "migrate")]
    ended = subprocess.run(words, capture_output=True, text=True, env=environment())
    if ended.returncode == 77 or "unshare" in ended.stderr:
        pytest.skip("this machine does not let tests mount a small disk")
    assert_sentence(Ended(ended.returncode, ended.stdout, ended.stderr), "The disk is full")


def test_a_database_of_a_newer_goblin(site):
    from goblin import db

    db.db.execute_sql("UPDATE migrations_core SET name = '9999_later' WHERE id = 1")
    site.shut()
    for words in (["serve"], ["user", "list"], ["migrate"], ["backup", "x.tar"]):
        ended = really_run(site.folder, *words, GOBLIN_SERVER_HOST="127.0.0.1")
        assert_sentence(ended, "used by a newer goblin", "9999_later")


def test_config_tells_what_is_in_force_and_keeps_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("GOBLIN_SERVER_PORT", "8080")
    (tmp_path / "goblin.ini").write_text("[site]\ntitle = Ours\n[plugin:mail]\npassword = swordfish\n")
    out = run(tmp_path, "config").out
    assert "port = 8080   # GOBLIN_SERVER_PORT" in out and f"title = Ours   # {tmp_path}/goblin.ini" in out
    assert "threads = 4   # default" in out and "swordfish" not in out


def test_migrate_makes_a_gallery_and_again_changes_nothing(tmp_path):
    assert really_run(tmp_path / "data", "migrate").status == 0
    assert really_run(tmp_path / "data", "migrate").out == "The tables are up to date.\n"


def test_shell_has_the_gallery_open(site):
    site.upload(site.sign_in("ann"))
    site.shut()
    said = subprocess.run(
        command(site.folder, "shell"),
        input="print('count', Media.select().count(), User.named('ann').username)\n",
        capture_output=True,
        text=True,
        env=environment(),
    )
    assert said.returncode == 0 and "count 1 ann" in said.stdout


def test_help_names_every_way_to_start(site):
    said = run(site.folder, "--help").out
    assert "goblin.py test" in said


def test_a_room_that_cannot_be_is_said(site):
    site.person("ben")
    for size in ("99999999999TB", "-1 GB", "much", "9" * 400):
        ended = run(site.folder, "user", "set", "ben", f"--quota={size}")
        assert (
            ended.status == 1 and "A size is written like 20 GB" in ended.err and "Traceback" not in ended.err
        )
    assert run(site.folder, "user", "set", "ben", "--quota", "2 GB").status == 0
    assert site.person("ben").quota == 2 * 10**9
    assert run(site.folder, "user", "set", "ben", "--quota", "site").status == 0
    assert site.person("ben").quota is None


def test_reprocess_stops_only_what_is_named(site):
    ann = site.sign_in("ann")
    first, second = site.ready(ann, "a.png"), site.ready(ann, "b.png")
    run(site.folder, "reprocess", "--force")
    for words in (["--kind", "video"], ["--user", "bob"], [10**6]):
        site.person("bob")
        assert "0 media were called off" in run(site.folder, "reprocess", "--stop", *words).out, words
    assert "1 media were called off" in run(site.folder, "reprocess", "--stop", second.id).out
    assert [Media.by_id(one.id).state for one in (first, second)] == ["unprocessed", "processed"]
    for words in (["--state", "failed"], ["--step", "thumbs"], ["--force"], ["--dry-run"]):
        said = run(site.folder, "reprocess", "--stop", *words)
        assert said.status == 1 and f"not with {words[0]}" in said.err
    assert "no kind of media called smell" in run(site.folder, "reprocess", "--stop", "--kind", "smell").err
    assert "1 media were called off" in run(site.folder, "reprocess", "--stop", "--kind", "image").out


def test_reprocess_takes_what_is_named(site):
    ann = site.sign_in("ann")
    first, second = site.ready(ann, "a.png"), site.ready(ann, "b.png")
    assert "1 media will be prepared again." in run(site.folder, "reprocess", second.id).out
    assert [Media.by_id(m.id).state for m in (first, second)] == ["processed", "unprocessed"]
    assert "0 media" in run(site.folder, "reprocess", "--kind", "video").out
    site.process()
    assert "0 media" in run(site.folder, "reprocess", "--user", "ann").out
    assert "2 media" in run(site.folder, "reprocess", "--user", "ann", "--force").out


def test_people_from_the_command_line(tmp_path):
    data = tmp_path / "data"
    run(data, "migrate")
    told = {"capture_output": True, "text": True, "env": environment(), "input": "correct horse\n"}
    ended = subprocess.run(command(data, "user", "add", "ann", "--admin", "--password-stdin"), **told)
    assert ended.returncode == 0
    assert re.search(r"at http://[\w.:]+/auth/join/[\w-]+/\n", run(data, "user", "add", "bob").out)
    assert_sentence(run(data, "user", "add", "bob"), "has that name already")
    assert_sentence(run(data, "user", "set", "ann", "--no-admin"), "last administrator")
    assert run(data, "user", "set", "bob", "--quota", "20 GB", "--no-active").status == 0
    assert "ann" in (out := run(data, "user", "list").out) and "not active" in out
    assert len(run(data, "token", "ann").out.strip()) > 30
    assert run(data, "user", "delete", "bob", "--yes").status == 0
    assert_sentence(run(data, "token", "bob"), "nobody called bob")

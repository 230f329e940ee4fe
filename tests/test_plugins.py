"""Plugins: a specimen that uses every door, and what happens to one that cannot be loaded."""

import shutil
from pathlib import Path

import booted
import pytest

from goblin import auth, jobs
from goblin.config import Mistake
from goblin.db import db
from goblin.models import Media, facts

SPECIMEN = Path(__file__).parent / "specimen" / "plugins"
HAIKU = b"#!haiku\nan old silent pond\na frog jumps into the pond\nsplash silence again\n"


@pytest.fixture
def plugged(make_site, tmp_path):
    """A gallery with the specimen plugin in its data folder."""
    install(tmp_path / "data")
    return make_site()


def install(folder, options=""):
    shutil.copytree(SPECIMEN, folder / "plugins")
    (folder / "goblin.ini").write_text(
        f"[plugin:guestbook]\n{options}\n[media:haiku]\ncolour = #ff0000\n"
        "[auth:door]\ntype = doorman\nword = sesame\nperson = ann\n"
    )


def test_routes_tables_pages_and_static_files(plugged):
    ann = plugged.sign_in("ann", admin=True)
    page = ann.post("/guestbook/", {"said": "Lovely <b>walls</b>"}).follow()
    assert "Lovely &lt;b&gt;walls&lt;/b&gt;" in page
    assert "Thank you." in page
    style = page.html.find("link", href=lambda h: h and "book.css" in h)["href"]
    assert ".guestbook" in ann.get(style).text
    assert ann.get("/guestbook/", headers=booted.JSON).json["items"] == ["Lovely <b>walls</b>"]
    plugged.browser().post("/guestbook/", {"said": "no"}, status=401)


def test_a_media_type_in_one_file(plugged):
    ann = plugged.sign_in("ann", admin=True)
    medium = plugged.ready(ann, "pond.txt", HAIKU, visibility="public")
    assert (medium.kind, medium.state, medium.error) == ("haiku", "processed", "")
    assert facts.read(medium) == {"syllables": 17}
    table = facts.of("haiku")
    assert [row.media_id for row in table.select().where(table.syllables > 9)] == [medium.id]
    page = ann.get(f"/u/ann/m/{medium.slug}/")
    assert "a frog jumps into the pond" in page.html.find("blockquote", "haiku").text
    item = ann.get(f"/u/ann/m/{medium.slug}/", headers=booted.JSON).json
    assert item["facts"] == {"syllables": 17}
    assert ann.get(item["files"]["thumb"]["url"]).content_type == "image/png"


def test_slot_feed_event_and_background_work(plugged):
    ann = plugged.sign_in("ann", admin=True)
    medium = plugged.ready(ann, "pond.txt", HAIKU, visibility="public")
    assert "Write about pond in the" in ann.get(f"/u/ann/m/{medium.slug}/").text
    feed = plugged.browser().get("/guestbook/atom/")
    assert feed.content_type == "application/atom+xml"
    assert "<title>pond</title>" in feed
    for huey in jobs.workshop.lanes.values():
        while (task := huey.dequeue()) is not None:
            huey.execute(task)
    assert "pond was added" in ann.get("/guestbook/")


def test_private_media_stay_out_of_a_plugins_feed(plugged):
    plugged.ready(plugged.sign_in("ann", admin=True), "pond.txt", HAIKU, visibility="private")
    assert "pond" not in plugged.browser().get("/guestbook/atom/").text


def test_a_login_provider_with_a_field_of_its_own(plugged):
    plugged.person("ann", admin=True)
    page = plugged.browser().get("/auth/login/")
    assert page.html.find("input", attrs={"name": "word"})
    browser = plugged.browser()
    browser.post("/auth/login/", {"username": "", "password": "", "word": "sesame"}, status=303)
    assert "ann" in browser.get("/u/ann/panel/")
    refused = plugged.browser().post("/auth/login/", {"word": "nobody"}, status="4*")
    assert "The doorman shakes his head." in refused


def test_another_way_to_log_in_comes_beside_the_accounts_here(make_site, tmp_path):
    install(tmp_path / "data")
    ini = tmp_path / "data" / "goblin.ini"
    site = make_site()
    site.person("ann")
    site.browser().post("/auth/login/", {"username": "ann", "password": booted.PASSWORD}, status=303)
    assert [provider.name for provider in auth.instances] == ["door", "local"]
    ini.write_text(ini.read_text() + "[auth:local]\nenabled = no\n")
    make_site()
    assert [provider.name for provider in auth.instances] == ["door"]
    ini.write_text(ini.read_text().replace("enabled = no", "enabled = perhaps"))
    with pytest.raises(Mistake, match="auth:local. enabled must be yes or no"):
        make_site()


def test_its_migrations_are_its_own(plugged):
    names = {row[0] for row in db.execute_sql("SELECT name FROM migrations_guestbook")}
    assert names == {"0001_entries"}


def test_two_boots_in_one_process(make_site, tmp_path):
    """What a plugin registers is there in every boot, and gone in a boot without it."""
    install(tmp_path / "data")
    make_site()
    second = make_site()
    medium = second.ready(second.sign_in("ann"), "pond.txt", HAIKU)
    assert medium.kind == "haiku"
    (tmp_path / "data" / "goblin.ini").write_text("")
    third = make_site()
    third.sign_in("ann").get("/guestbook/", status=404)
    assert Media.get_by_id(medium.id).kind == "haiku"
    assert third.sign_in("ann").get(f"/u/ann/m/{medium.slug}/").status_int == 200


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import a_module_that_is_not_there", "The plugin broken could not be loaded"),
        ("x = 1", "The plugin broken has no setup"),
        ("def setup(app, options):\n    1 / 0", "The plugin broken could not be set up"),
        ("def setup(app, options):\n    app.get('/x/', callback=print)", "says need=None"),
    ],
)
def test_one_that_fails_stops_the_start_with_a_sentence(make_site, tmp_path, code, sentence):
    folder = tmp_path / "data" / "plugins" / "broken"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(code)
    (tmp_path / "data" / "goblin.ini").write_text("[plugin:broken]\n")
    with pytest.raises(Mistake, match=sentence):
        make_site()


def test_options_of_a_plugins_media_type_are_checked(make_site, tmp_path):
    install(tmp_path / "data")
    with open(tmp_path / "data" / "goblin.ini", "a") as file:
        file.write("[media:image]\nsharpness = 3\n")
    with pytest.raises(Mistake, match=r"\[media:image\] has an option sharpness"):
        make_site()

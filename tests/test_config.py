"""Options: defaults, the keeper's file, the environment, and every mistake named."""

import configparser
import re

import pytest

from goblin import config, media
from goblin.config import Mistake


def load(tmp_path, text="", **environ):
    (tmp_path / "goblin.ini").write_text(text)
    return config.load(data=tmp_path, environ=environ)


def test_every_option_has_a_sentence():
    lines = config.DEFAULTS.read_text().splitlines()
    for number, line in enumerate(lines):
        if re.match(r"\w+ =", line):
            assert re.match("# .*", lines[number - 1]), f"{line} has no sentence above it"
            assert lines[number - 1].rstrip().endswith((".", ":")) or lines[number - 1].startswith("# ")


def test_the_file_wins_over_the_default_and_the_environment_over_both(tmp_path):
    assert load(tmp_path).server.port == 6543
    settings = load(tmp_path, "[server]\nport = 7000\n")
    assert settings.server.port == 7000
    assert settings.is_fixed("server", "port")
    assert load(tmp_path, "[server]\nport = 7000\n", GOBLIN_SERVER_PORT="8000").server.port == 8000


def test_a_secret_may_be_in_a_file(tmp_path):
    (tmp_path / "title").write_text("From a file\n")
    assert load(tmp_path, GOBLIN_SITE_TITLE_FILE=str(tmp_path / "title")).site.title == "From a file"


def test_sizes(tmp_path):
    settings = load(tmp_path, "[uploads]\nmax_file = 1.5 GB\nquota = 20 GB\n")
    assert settings.uploads.max_file == 1_500_000_000
    assert settings.uploads.quota == 20_000_000_000


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[sever]\nport = 1\n", "has a section [sever]"),
        ("[server]\nprot = 1\n", "has an option prot in [server]"),
        ("[server]\nport = many\n", "must be a number, not 'many'"),
        ("[server]\nport = 70000\n", "between 1 and 65535"),
        ("[server]\nport = 6K\n", "must be a number, not '6K'"),
        ("[server]\ntrusted_proxy = caddy\n", "must be an IP address"),
        ("[uploads]\nmax_file = 0\n", "[uploads] max_file must be between 1 and"),
        ("[uploads]\nquota = 99999999999 TB\n", "[uploads] quota must be between 0 and"),
        ("[uploads]\nresume_days = 0\n", "[uploads] resume_days must be between 1 and 3650"),
        ("[uploads]\nresume_days = 9999999999\n", "[uploads] resume_days must be between 1 and 3650"),
        ("[work]\nworkers = 0\n", "[work] workers must be between 1 and 64"),
        ("[accounts]\nsession_days = 0\n", "[accounts] session_days must be between 1 and 3650"),
        ("[accounts]\nsession_days = 9999999\n", "[accounts] session_days must be between 1 and 3650"),
        ("[accounts]\ntries = 0\n", "[accounts] tries must be between 1 and"),
        ("[uploads]\nmax_file = huge\n", "must be a size"),
        ("[site]\nvisibility = everybody\n", "must be public, unlisted, members or private"),
        ("[site]\nurl = gallery\n", "must be an address"),
        ("[site]\naccent = green\n", "must be a colour"),
        ("port = 1\n", "cannot be read"),
    ],
)
def test_a_mistake_is_named(tmp_path, text, sentence):
    with pytest.raises(Mistake, match=re.escape(sentence)):
        load(tmp_path, text)


def test_every_number_has_bounds():
    settings = config.Settings()
    numbers = {(s, k) for s, k in settings.known() if type(getattr(getattr(settings, s), k)) is int}
    assert numbers == set(config.BOUNDS)


def test_a_proxy_is_written_as_the_server_writes_addresses(tmp_path):
    assert load(tmp_path, "[server]\ntrusted_proxy = 0:0::1\n").server.trusted_proxy == "::1"


def test_an_unknown_variable_is_named(tmp_path):
    with pytest.raises(Mistake, match="GOBLIN_SERVER_PROT"):
        load(tmp_path, GOBLIN_SERVER_PROT="1")


def test_a_variable_reaches_a_plugin_whose_name_has_an_underscore(tmp_path):
    given = {"GOBLIN_PLUGIN_MY_BLOG_TITLE": "Ann's", "GOBLIN_PLUGIN_OTHER_API_URL": "x"}
    wanted = {"my_blog": {"title": "Ann's"}, "other": {"api_url": "x"}}
    assert load(tmp_path, "[plugin:my_blog]\n", **given).sections("plugin") == wanted
    (tmp_path / "goblin.ini").unlink()
    (tmp_path / "plugins" / "my_blog").mkdir(parents=True)
    assert config.load(data=tmp_path, environ=given).sections("plugin") == wanted


def test_a_data_folder_cannot_say_that_it_is_another(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "ROOT", tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "goblin.ini").write_text("[site]\ndata = elsewhere\n")
    with pytest.raises(Mistake, match="too late in that folder itself"):
        config.load(environ={})
    assert config.load(environ={"GOBLIN_SITE_DATA": "data"}).site.data == tmp_path / "data"
    (tmp_path / "data" / "goblin.ini").write_text("[site]\ndata = data\n")
    assert config.load(environ={}).site.data == tmp_path / "data"


def test_a_percent_or_dollar_sign_is_just_that(tmp_path):
    assert load(tmp_path, "[site]\ntitle = 100 % $HOME ${x}\n").site.title == "100 % $HOME ${x}"


def test_the_defaults_are_all_the_tracked_file_says():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(config.DEFAULTS)
    fixed = {(s, k) for s in parser.sections() for k in parser[s] if ":" not in s}
    assert fixed == set(config.Settings().known())


def test_the_tracked_file_says_every_option_of_every_kind_of_media():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(config.DEFAULTS)
    media.reset()
    media.scan()
    for kind, media_type in media.TYPES.items():
        said = dict(parser[f"media:{kind}"]) if media_type.options else {}
        assert media.options_of(kind, said) == {
            name: default for name, (default, _) in media_type.options.items()
        }
        assert said.keys() == media_type.options.keys()


def test_secrets_are_masked(tmp_path):
    rows = load(tmp_path, "[plugin:x]\napi_token = abc\n").rows()
    assert ("plugin:x", "api_token", "********", str(tmp_path / "goblin.ini")) in list(rows)

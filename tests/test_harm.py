"""Files that mean harm, watched: nobody is called, every file settles, and the pages go on meanwhile."""

import json
import subprocess
import sys
import time

import pytest

from goblin import media
from goblin.media.sandbox import SENTENCES, Failed
from tests import bombs, harm
from tests.commands import ROOT, environment

# Those of the corpus that name an address or a file elsewhere; the rest is for the long run.
CALLING = (
    *("svg_xlink_http.svg", "svg_xxe_http.svg", "svg_css_import.svg", "svg_stylesheet_pi.svg"),
    *(
        "hls_http.m3u8",
        "hls_as.avi",
        "hls_concat.mp4",
        "ffconcat_as.mp4",
        "ffmpeg_read_passwd.avi",
        "dash.mpd",
    ),
    *("mov_dref_file.mov", "gltf_external.gltf", "obj_mtllib_traversal.obj", "pdf_uri.pdf", "pdf_launch.pdf"),
)
SLOWEST_PAGE = 2.0  # seconds, on a machine that decodes at the same time
SETTLED_WITHIN = 60.0  # seconds for one file; the least that any kind of file is given
MOST_MEMORY = 1536 << 20  # bytes of one process: what the largest kind may use


def watch(tmp_path, files, *words) -> dict:
    """What tests/watched.py saw."""
    command = [sys.executable, "-m", "tests.watched", *words, str(tmp_path), *map(str, files)]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment(), timeout=1200)
    if "no network of one's own" in said.stderr:
        pytest.skip("this machine lets nobody have a network of their own")
    assert said.returncode == 0, said.stderr[-3000:]
    return json.loads(said.stdout)


def hold(seen: dict):
    """Nobody was called, all settled in time, in memory and in words, and the pages went on."""
    assert seen["heard"] == {}
    assert seen["packets"] > seen["visits"] > 0, "the watch heard nothing at all"
    for path, (state, sentence, seconds) in seen["files"].items():
        assert state in ("processed", "failed", 413, 415, 422), (path, state, sentence)
        assert state == "processed" or sentence.endswith("."), (path, sentence)
        assert seconds < SETTLED_WITHIN, path
    assert seen["alive"] and seen["wrong"] == []
    assert seen["slowest"] < SLOWEST_PAGE
    assert 0 < seen["resident"] < MOST_MEMORY


@pytest.mark.long
def test_nobody_is_called_even_without_the_wall(corpus, tmp_path):
    """The decoders themselves call nobody; the plugin that does is heard, so others would have been."""
    seen = watch(tmp_path, [corpus / "hostile" / name for name in CALLING], "--bare")
    hold(seen)
    assert any("192.0.2.80 443" in packet for packet in seen["canary"])


@pytest.mark.parametrize("name", [name for name in bombs.MAKERS if name != "model.3mf"])  # takes longer
def test_what_grows_is_bounded(decode, name):
    """Taken within its limits, or refused in a sentence; a picture on a model costs only itself."""
    begun = time.monotonic()
    path = decode.write(name, bombs.MAKERS[name]())
    assert path.stat().st_size < 2 << 20
    kind = media.identify(path.read_bytes()[:4096], name)[0]
    beside = {}
    if name == "skin.obj":
        files = {"a.mtl": bombs.MATERIAL, "skin.png": bombs.wide_png()}
        beside = {name: str(decode.write(name, data)) for name, data in files.items()}
    try:
        result = decode(path, kind, beside=beside)
        assert kind == "model" or max(result.columns["width"], result.columns["height"]) <= 100
    except Failed as failed:
        assert failed.sentence.endswith(".") and not name.startswith("skin"), failed.detail
        assert failed.sentence not in (SENTENCES["time"], SENTENCES["killed"], SENTENCES["crash"]), (
            failed.detail
        )
    assert time.monotonic() - begun < SETTLED_WITHIN


@pytest.mark.long
@pytest.mark.parametrize("words", [(), ("--bare",)], ids=["wall", "bare"])
def test_all_that_means_harm(corpus, tmp_path, words):
    """The same of the whole corpus, as the gallery is and without the wall, which stops the plugin, too."""
    (tmp_path / "files").mkdir()
    hostile = sorted(path for path in (corpus / "hostile").iterdir() if path.is_file())
    for name, make in bombs.MAKERS.items():
        (tmp_path / "files" / name).write_bytes(make())
        hostile.append(tmp_path / "files" / name)
    seen = watch(tmp_path, [*hostile, *harm.write_all(tmp_path / "files")], *words)
    hold(seen)
    assert bool(seen["canary"]) == bool(words)

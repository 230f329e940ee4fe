"""Files that mean harm, watched: nobody is called, every file settles, and the pages go on meanwhile."""

import json
import subprocess
import sys

import pytest

from tests import harm
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


def test_nobody_is_called_even_without_the_wall(corpus, tmp_path):
    """The decoders themselves call nobody; the plugin that does is heard, so others would have been."""
    (tmp_path / "files").mkdir()
    ours = [path for path in harm.write_all(tmp_path / "files") if path.suffix != ".mp4"]
    seen = watch(tmp_path, [*(corpus / "hostile" / name for name in CALLING), *ours], "--bare")
    hold(seen)
    assert any("192.0.2.80 443" in packet for packet in seen["canary"])


@pytest.mark.long
@pytest.mark.parametrize("words", [(), ("--bare",)], ids=["wall", "bare"])
def test_all_that_means_harm(corpus, tmp_path, words):
    """The same of the whole corpus, as the gallery is and without the wall, which stops the plugin, too."""
    (tmp_path / "files").mkdir()
    hostile = sorted(path for path in (corpus / "hostile").iterdir() if path.is_file())
    seen = watch(tmp_path, [*hostile, *harm.write_all(tmp_path / "files")], *words)
    hold(seen)
    assert bool(seen["canary"]) == bool(words)

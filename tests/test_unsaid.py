"""What people are told of failed work names no place on the machine, and nobody works on for whom nobody listens."""

import os
import sys
import time
from pathlib import Path

import pytest
from booted import JSON

from goblin import media
from goblin.media.sandbox import Sandbox
from goblin.models import Media

BROKEN = {
    "my secret.gif": b"GIF89a" + b"\x10\x00\x10\x00\xf7\x00\x00" + bytes(40),
    "my secret.mp4": b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"
    + b"\x00\x00\x00\x08moov" * 3,
    "my secret.flac": b"fLaC" + b"\x80\x00\x00\x22" + bytes(60),
}


@pytest.mark.parametrize("name", BROKEN)
def test_no_path_and_no_name_stands_in_a_failure(site, name):
    ann = site.sign_in("ann")
    item = site.ready(ann, name, BROKEN[name])
    assert item.state == "failed" and item.detail
    root = str(Path(media.__file__).parents[2])
    assert "secret" not in item.detail and str(site.folder) not in item.detail and root not in item.detail
    assert f"{sys.prefix}/" not in item.detail
    assert item.detail.strip() in ann.get("/u/ann/panel/", headers=JSON).json["items"][0].get(
        "detail", item.detail
    )


def children(pid):
    tasks = Path(f"/proc/{pid}/task").iterdir()
    direct = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return direct + [below for child in direct for below in children(child)]


def test_a_job_ends_when_its_listener_does(tmp_path, corpus):
    """As when per cent cannot be written down, for want of room: the folder it works in is gone then."""
    media.scan()
    sandbox = Sandbox()
    before = set(children(os.getpid()))

    def full(*_):
        raise OSError("no room")

    film = next((corpus / "video").glob("*bigbuckbunny*"), None) or next((corpus / "video").glob("*.mp4"))
    options = {**media.options_of("video", {"preset": "veryslow"}), "steps": [], "ffmpeg": "", "height": 240}
    (tmp_path / "out").mkdir()
    with pytest.raises(OSError, match="no room"):
        sandbox.run("video", film, tmp_path / "out", options, full)
    deadline = time.monotonic() + 10
    while len(set(children(os.getpid())) - before) > 1:  # the one that waits for the next job stays
        assert time.monotonic() < deadline
        time.sleep(0.05)
    sandbox.close()


def test_what_an_owner_asks_for_stays_within_the_keepers_bounds(site):
    ben = site.sign_in("ben")
    item = site.ready(ben)
    address = f"/u/ben/m/{item.slug}/again/"
    for settings in ({"pixels": "1000000000000"}, {"quality": "1000"}, {"quality": "0"}, {"frames": "1001"}):
        answer = ben.post_json(address, {"step": ["thumbs"], "settings": settings}, headers=JSON, status=422)
        assert next(iter(settings)) in answer.json["error"]
    assert Media.get_by_id(item.id).overrides == {}
    ben.post_json(address, {"step": ["thumbs"], "settings": {"quality": "60"}}, headers=JSON)
    assert Media.get_by_id(item.id).overrides == {"quality": 60}


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("model", {"triangles": "0"}),
        ("image", {"quality": "1000"}),
        ("image", {"quality": "0"}),
        ("video", {"crf": "99"}),
    ],
)
def test_options_that_cannot_be_are_refused(kind, lines):
    media.scan()
    with pytest.raises(ValueError, match="must be a number"):
        media.options_of(kind, lines)

"""Encoders in hardware: used when doctor saw them work, given up at once when they fail. One is played here."""

import stat
import time

import pytest
from commands import run

from goblin import config, jobs
from goblin.cli import hardware, machine
from goblin.media import Unreadable, ffmpeg, options_of
from goblin.media.av import encoders
from goblin.models import Setting
from tests import made

# An ffmpeg that has the encoder of a Raspberry Pi; where it works, the processor's does it in its place.
PLAYED = """#!/usr/bin/env python3
import os, sys
words = sys.argv[1:]
if "h264_v4l2m2m" in words:
    if {broken!r} == "says so":
        sys.exit("[h264_v4l2m2m @ 0x1] Could not find a valid device")
    if {broken!r} == "lies":
        words[words.index("-vf") + 1] += ",lutyuv=y=16:u=90:v=54"
    at = words.index("-num_capture_buffers")
    words[at:at + 2] = ["-preset", "ultrafast"]
    words[words.index("h264_v4l2m2m")] = "libx264"
elif "libx264" in words and {only!r}:
    sys.exit("Error while opening encoder for output stream #0:0")
os.execv({real!r}, [{real!r}, *words])
"""


@pytest.fixture
def play(tmp_path, monkeypatch):
    """play(broken="", only=False) -> the path of an ffmpeg of a machine with such an encoder."""
    real = ffmpeg.find()

    def write(broken="", only=False):
        program = tmp_path / "ffmpeg"
        program.write_text(PLAYED.format(real=real, broken=broken, only=only))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        devices = {"h264_v4l2m2m": ["/dev/video11"]}
        monkeypatch.setattr(hardware.encoders, "devices", lambda name: devices.get(name, []))
        monkeypatch.setattr(machine, "check_machine", lambda program: [])
        monkeypatch.setenv("GOBLIN_WORK_FFMPEG", str(program))
        monkeypatch.setenv("GOBLIN_UPLOADS_KEEP_FREE", "0")
        return {"GOBLIN_WORK_FFMPEG": str(program)}

    return write


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return made.film(tmp_path_factory.mktemp("film") / "old.avi", "-c:v", "mpeg4", "-c:a", "mp3").read_bytes()


def prepared(site, film):
    medium = site.ready(site.sign_in("ann"), "old.avi", film)
    return medium.state, medium.data.get("encoder"), medium


def test_one_that_works_is_found_by_doctor_and_used_from_then_on(make_site, play, film, tmp_path):
    site = make_site(**play(only=True))
    state, _, medium = prepared(site, film)
    assert state == "failed"  # nobody proved it yet, and this processor cannot
    out = run(site.folder, "doctor").out
    assert "h264_v4l2m2m (the video core of a Raspberry Pi) encodes films." in out
    assert "Films are encoded by h264_v4l2m2m." in out
    assert Setting.read(jobs.PROVEN) == "h264_v4l2m2m"
    other = made.silent(tmp_path / "other.avi", "-c:v", "mpeg4").read_bytes()
    state, encoder, medium = prepared(site, other)
    assert (state, encoder, medium.detail) == ("processed", "h264_v4l2m2m", "")
    assert medium.files["play"]["type"] == "video/mp4"


@pytest.mark.parametrize("broken", ["says so", "lies"])
def test_one_that_does_not_is_said_and_not_used(make_site, play, film, broken):
    site = make_site(**play(broken))
    Setting.write(jobs.PROVEN, "h264_v4l2m2m")  # it worked once
    out = run(site.folder, "doctor").out
    assert "does not work here, so it is not used: " in out
    assert ("valid device" if broken == "says so" else "not those of the film") in out
    assert "no encoder in hardware was seen working here" in out and Setting.read(jobs.PROVEN) == ""
    assert prepared(site, film)[:2] == ("processed", "libx264")


def test_a_film_it_fails_on_is_encoded_by_the_processor_at_once(make_site, play, film):
    site = make_site(**play("says so"))
    Setting.write(jobs.PROVEN, "h264_v4l2m2m")
    state, encoder, medium = prepared(site, film)
    assert (state, encoder) == ("processed", "libx264") and "play" in medium.files
    assert "h264_v4l2m2m could not" in medium.detail and "Could not find a valid device" in medium.detail
    fold = site.sign_in("ann").get("/u/ann/panel/").html.find("details", class_="fold")
    assert "Could not find a valid device" in fold.text


def test_what_the_options_say_comes_before(make_site, play, film, monkeypatch):
    monkeypatch.setenv("GOBLIN_MEDIA_VIDEO_ENCODER", "software")
    site = make_site(**play("says so"), GOBLIN_MEDIA_VIDEO_ENCODER="software")
    Setting.write(jobs.PROVEN, "h264_v4l2m2m")
    assert prepared(site, film)[2].detail == ""
    assert "Films are encoded by software, as the options say." in run(site.folder, "doctor").out


def test_an_encoder_there_is_not_stops_the_start(make_site):
    with pytest.raises(
        config.Mistake, match="encoder must be one of auto, software, h264_v4l2m2m, h264_vaapi"
    ):
        make_site(GOBLIN_MEDIA_VIDEO_ENCODER="h265_magic")


def test_what_this_machine_really_has_is_tried_honestly(site):
    """Where no such device is, ffmpeg's own words say why; where one is, it has to work."""
    for name in encoders.HARDWARE:
        why = hardware.prove(name, {**options_of("video", {}), "ffmpeg": ""})
        assert encoders.devices(name) or why.startswith(f"{name} could not: ffmpeg ended with"), why
    assert [found.mark for found in hardware.check_encoders()][-1] == "ok"


def test_an_encoder_that_says_nothing_any_more_is_ended(monkeypatch):
    begun = time.monotonic()
    with pytest.raises(Unreadable, match="too long"):
        endless = ["-f", "lavfi", "-re", "-i", "sine", "-f", "null", "-"]
        ffmpeg.call(ffmpeg.find(), endless, 60, silence=0.5)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("size", "fps", "quality", "kilobits"),
    [
        ((1280, 720), 30, 23, 2765),
        ((1280, 720), 30, 29, 1382),
        ((426, 240), None, 23, 307),
        ((9, 9), 1, 23, 300),
    ],
)
def test_bits_for_encoders_that_know_no_quality(size, fps, quality, kilobits):
    assert round(encoders.bits(size, fps, quality) / 1000) == kilobits


def test_a_child_may_write_to_the_devices_of_its_encoder_only(tmp_path):
    from goblin.media.video import Video

    assert Video().devices({"encoder": "software"}) == []
    assert Video().devices({"encoder": "h264_vaapi"}) == encoders.devices("h264_vaapi")

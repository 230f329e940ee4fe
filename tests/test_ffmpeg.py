"""Finding ffmpeg, opening nothing but the file, reading what it says in all its versions."""

import random
import shutil
import sys
import time
import types

import pytest

from goblin.media import Missing, Unreadable, ffmpeg
from goblin.media.av import facts, formats, hiding, matroska, mp4, tags
from tests import made

OLD = """Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'x':
  Metadata:
    creation_time   : 2019-12-20T20:08:34.000000Z
  Duration: 00:01:01.60, start: 0.000000, bitrate: 14711 kb/s
    Stream #0:0(eng): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv), 720x404 [SAR 404:405 DAR 16:9]
    Metadata:
      rotate          : 90
    Side data:
      displaymatrix: rotation of -90.00 degrees
    Stream #0:1(eng): Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo, fltp, 96 kb/s (default)
At least one output file must be specified
"""
NEW = """[in#0 @ 0x5] stream 0, timescale not set
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'x':
  Metadata:
    title           : Stream #0:9: Video: fake, 1x1
  Duration: N/A, start: 0.000000, bitrate: N/A
  Stream #0:0[0x1](und): Audio: mp3 (mp3float), 44100 Hz, 5.1(side), fltp, 160 kb/s, start 0.025057
  Stream #0:1[0x2]: Video: hevc (Main 10) (hvc1 / 0x31637668), yuv420p10le(tv, bt2020nc/bt2020/smpte2084), \
3840x2160, 59.94 fps, 60 tbr, 600 tbn (default)
      Side data:
        Display Matrix: rotation of 180.00 degrees
  Stream #0:2[0x0]: Video: png, rgb24(pc, gbr/unknown/unknown), 2x3 [SAR 1:1 DAR 2:3], 90k tbr (attached pic)
Stream mapping:
Output #0, ffmetadata, to 'pipe:1':
  Stream #0:3: Video: h264, yuv420p, 9x9
"""


def test_reads_what_old_versions_say():
    found = facts.read(OLD)
    assert (found.duration, found.bitrate, len(found.streams)) == (61.6, 14711, 2)
    assert (found.video.codec, found.video.profile, found.video.pixels) == ("h264", "High", "yuv420p")
    assert (found.video.turned, found.video.shown, found.video.rotation) == ((404, 720), (404, 718), 90)
    assert (found.audio.codec, found.audio.rate, found.audio.channels) == ("aac", 48000, "stereo")


def test_reads_what_new_versions_say_and_nothing_from_tags_or_outputs():
    found = facts.read(NEW)
    assert found.duration is None and [stream.index for stream in found.streams] == [0, 1, 2]
    assert (found.video.index, found.video.profile, found.video.fps) == (1, "Main 10", 59.94)
    assert "smpte2084" in found.video.colour and found.video.rotation == 180
    assert [cover.index for cover in found.covers] == [2]


def test_finds_the_path_then_the_package_then_says_what_is_missing(monkeypatch, tmp_path):
    here = shutil.which("ffmpeg")
    assert here, "ffmpeg must be installed to run these tests"
    assert ffmpeg.find(here) == here
    with pytest.raises(Missing, match="settings"):
        ffmpeg.find(str(tmp_path / "nowhere"))
    monkeypatch.setenv("PATH", str(tmp_path))
    package = types.SimpleNamespace(get_ffmpeg_exe=lambda: here)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", package)
    assert ffmpeg.find() == here
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(Missing, match="ffmpeg"):
        ffmpeg.find()


def test_one_run_is_bounded_in_time(tmp_path):
    endless = ["-f", "lavfi", "-re", "-i", "sine", "-f", "null", "-"]
    begun = time.monotonic()
    with pytest.raises(Unreadable, match="too long"):
        ffmpeg.call(ffmpeg.find(), endless, 0.5)
    assert time.monotonic() - begun < 5


def test_a_playlist_forced_as_video_reads_nothing_else(tmp_path):
    secret = made.tone(tmp_path / "secret.ts", "-c:a", "aac", "-f", "mpegts")
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n")
    for demuxer in ("mov", "avi", "matroska", "mp3", "mpegts"):
        args = [*ffmpeg.reading(playlist, demuxer), "-f", "null", "-"]
        ended = ffmpeg.call(ffmpeg.find(), args, 20)
        assert ended.code != 0 and "secret" not in ended.log
    args = ["-format_whitelist", "mov", "-i", f"file:{playlist}", "-f", "null", "-"]
    assert ffmpeg.call(ffmpeg.find(), args, 20).code != 0


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\n",
        b"<?xml version='1.0'?><MPD/>",
        b"[playlist]\nFile1=http://127.0.0.1/\n",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
        b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00avifmif1",
        b"\xff\xd8\xff\xe0" + bytes(100),
        b"GIF89a" + bytes(100),
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"\xff\xff\xff\xff" * 200,
    ],
)
def test_what_is_neither_video_nor_sound_is_not_taken(head):
    assert formats.sniff(head) is None


@pytest.mark.parametrize("size", [0, 1, 3, 4, 7, 9, 11, 40, 400])
def test_short_and_cut_heads_never_raise(size):
    heads = (
        b"ID3\x04\x00\x00\x00\x00\x07\x76",
        b"\x1a\x45\xdf\xa3",
        b"\x00\x00\x00\x20ftyp",
        b"\xff\xfb\x90\x64",
    )
    for head in heads:
        formats.sniff((head + bytes(400))[:size])


def test_tags_are_clean_and_bounded():
    text = "title=Größe\\=\\;\\#\x00\x1b[31m\u202egnp\ncomment=one\\\ntwo\nlong={}\n[STREAM]\ntitle=no\n"
    found = tags.parse(text.format("x" * 9999).encode() + b"\xff\xfe=\xff\n")
    assert found["title"] == "Größe=;#[31mgnp"
    assert found["comment"] == "one\ntwo" and len(found["long"]) == tags.LONGEST_TEXT
    assert len(tags.line({"a": "b " * 999}, "a")) <= 300


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("+49.1989+016.6071+222.469/", 49.1989, 16.6071),
        ("-15.8355-048.0153/", -15.8355, -48.0153),
        ("+4911.93+01636.43/", 49.198833, 16.607167),
        ("+491156.0-0163625.5/", 49.198889, -16.607083),
        ("+27.5916+086.5640+8850CRSWGS_84/", 27.5916, 86.564),
    ],
)
def test_places_in_iso_6709(text, lat, lon):
    found = tags.place({"location": text})
    assert (found["lat"], found["lon"]) == (pytest.approx(lat, abs=1e-5), pytest.approx(lon, abs=1e-5))


@pytest.mark.parametrize("text", ["", "+00.0000+000.0000/", "+91.0+000.1/", "north", "+1e9+1e9/", "+49.1989"])
def test_no_place_where_there_is_none(text):
    assert tags.place({"location": text}) == {}


def test_taken_prefers_the_phones_own_clock():
    both = {"creation_time": "2026-05-23T10:18:57.000000Z"}
    assert tags.taken(both) == {"taken": "2026-05-23T10:18:57", "taken_offset": "+00:00"}
    both["com.apple.quicktime.creationdate"] = "2026-03-23T15:57:19+0100"
    assert tags.taken(both) == {"taken": "2026-03-23T15:57:19", "taken_offset": "+01:00"}
    assert tags.taken({"creation_time": "1970-01-01T00:00:00.000000Z"}) == {}
    assert tags.taken({"creation_time": "2026-13-45T99:00:00Z", "date": "2021"}) == {}


def test_box_and_element_walks_end_however_the_file_lies(tmp_path):
    lies = {
        "deep": b"\x00\x00\x10\x00moov" * 500,
        "endless": b"\x00\x00\x00\x01moov\xff\xff\xff\xff\xff\xff\xff\xff" + b"\x00\x00\x00\x08free" * 50_000,
        "small": b"\x00\x00\x00\x04moov" * 10,
        "keys": b"\x00\x00\x00\x30moov\x00\x00\x00\x28meta\x00\x00\x00\x20keys" + b"\xff" * 24,
    }
    for name, data in lies.items():
        (tmp_path / name).write_bytes(data)
        boxes = mp4.Boxes(tmp_path / name)
        mp4.patches(tmp_path / name, boxes)
        assert len(boxes.found) <= mp4.MOST_BOXES
    ebml = tmp_path / "ebml"
    for data in (
        b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + b"\xec\x80" * 5000,
        random.Random(2).randbytes(5000),
        b"\x1a\x45\xdf\xa3",
    ):
        ebml.write_bytes(data)
        matroska.patches(ebml)


def _ebml(id: int, content: bytes) -> bytes:
    return (
        id.to_bytes((id.bit_length() + 7) // 8, "big") + (1 << 56 | len(content)).to_bytes(8, "big") + content
    )


def _tagged(source, target, tags: int, elements: int = 1):
    """A film with many more tags, written where its segment of known size ends."""
    data = bytearray(source.read_bytes())
    tag = _ebml(
        matroska.SIMPLE, _ebml(matroska.TAG_NAME, b"LOCATION") + _ebml(matroska.TAG_STRING, b"+54.32+10.12/")
    )
    more = _ebml(matroska.TAGS, _ebml(matroska.TAG, tag * tags)) * elements
    at = data.index(matroska.SEGMENT.to_bytes(4, "big")) + 4
    size = int.from_bytes(data[at + 1 : at + 8], "big") + len(more)
    data[at + 1 : at + 8] = size.to_bytes(7, "big")
    target.write_bytes(bytes(data) + more)
    return target


def test_many_tags_are_hidden_by_few_overwrites(tmp_path):
    source = made.film(tmp_path / "film.mkv", *made.H264)
    many = _tagged(source, tmp_path / "many.mkv", 20_000)
    seen = matroska.patches(many)[0]
    assert seen["place"] and len(seen["place"]) < 50 and len(seen["facts"]) < 50
    given = made.patched(many, tmp_path / "given.mkv", "place", patches=seen)
    assert b"54.32" in many.read_bytes() and b"54.32" not in given.read_bytes()
    assert facts.probe(ffmpeg.find(), given, formats.of(given)).video
    few = matroska.patches(_tagged(source, tmp_path / "few.mkv", 20))[0]
    assert len(few["place"]) >= 20  # these are hidden one by one, other tags stay


def test_a_film_with_too_many_overwrites_is_not_given_away(tmp_path):
    source = made.film(tmp_path / "film.mkv", *made.H264)
    odd = _tagged(source, tmp_path / "odd.mkv", 1, 8000)
    hidden = hiding.look(odd, formats.of(odd), types.SimpleNamespace(tags={}))
    assert hidden.stays and hidden.patches == {}


@pytest.mark.parametrize("text", ["The quick brown fox", "a", "ÿ\n", "Grüße " * 20])
def test_a_short_text_in_utf16_is_no_sound(text):
    assert formats.sniff(text.encode("utf-16")) is None


def test_a_single_frame_of_sound_is_known():
    assert formats.sniff(b"\xff\xfb\x90\x64" + bytes(100)) == formats.MP3

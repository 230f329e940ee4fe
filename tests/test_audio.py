"""Sounds of every kind: tags, cover, waveform, the playable copy, hostile files."""

import io
import random
import struct
import subprocess
import tracemalloc
import wave
from array import array

import pytest
from PIL import Image, ImageStat

from goblin import media
from goblin.media import Unreadable, audio, ffmpeg
from goblin.media.audio import Audio
from goblin.media.av import facts, formats, hiding, poster, waveform
from goblin.media.av.facts import Facts
from goblin.media.av.formats import Format
from goblin.media.video import Video
from tests import made

SAMPLE = ("beets_full.ape", "id3v23", "piano_cover.m4a", "coffee_info", "coffee_cbr", "beets_full.opus")
TAGS = {
    "title": "Größe ✓",
    "artist": "Søren",
    "album": "Wald",
    "genre": "Ambient",
    "date": "2021",
    "track": "3/9",
}
WORDS = [part for name, value in TAGS.items() for part in ("-metadata", f"{name}={value}")]


def process(source, out, progress=lambda percent, step="": None, **options):
    out.mkdir(exist_ok=True)
    return Audio().process(source, out, options, progress)


def probe(path):
    return facts.probe(ffmpeg.find(), path, formats.of(path))


@pytest.mark.parametrize(
    ("name", "mime", "args", "plays"),
    [
        ("a.mp3", "audio/mpeg", ["-c:a", "libmp3lame"], True),
        ("a.m4a", "audio/mp4", ["-c:a", "aac"], True),
        ("a.flac", "audio/flac", [], True),
        ("a.wav", "audio/wav", ["-c:a", "pcm_s24le"], True),
        ("a.ogg", "audio/ogg", ["-c:a", "libvorbis"], True),
        ("a.opus", "audio/ogg", ["-c:a", "libopus"], True),
        ("b.m4a", "audio/mp4", ["-c:a", "alac"], False),
        ("b.wav", "audio/wav", ["-c:a", "pcm_f32le"], False),
        ("a.aiff", "audio/aiff", ["-write_id3v2", "1"], False),
        ("a.wma", "audio/x-ms-wma", ["-c:a", "wmav2"], False),
        ("a.wv", "audio/x-wavpack", [], False),
        ("a.mka", "video/x-matroska", ["-c:a", "flac"], False),
        ("a.aac", "audio/aac", ["-c:a", "aac"], False),
        ("a.au", "audio/basic", [], False),
        ("a.tta", "audio/x-tta", [], False),
        ("a.ac3", "audio/ac3", ["-c:a", "ac3"], False),
    ],
)
def test_every_format_plays_as_it_is_or_gets_a_copy(tmp_path, name, mime, args, plays):
    source = made.tone(tmp_path / name, *WORDS, *args)
    head = source.read_bytes()[:4096]
    assert (Audio().sniff(head, "x.bin") or Video().sniff(head, "x.bin")) == mime
    told = []
    result = process(source, tmp_path / "out", lambda part, *_: told.append(part))
    assert result.columns["duration"] == pytest.approx(1, abs=0.2) and result.data["plays"] == plays
    assert told == sorted(told) and told[-1] == 100
    if not name.endswith((".aac", ".au", ".ac3", ".tta")):  # these hold no tags
        found = result.columns
        assert (found["title"], found["artist"], found["album"]) == ("Größe ✓", "Søren", "Wald")
        assert (found["genre"], found["year"], found["track"]) == ("Ambient", 2021, 3)
    if not plays:
        copy = probe(tmp_path / "out" / result.files["play"].name)
        assert copy.audio.codec == "aac" and copy.duration == pytest.approx(1, abs=0.2)
        assert not {"title", "artist", "date"} & set(copy.tags)


def test_id3_of_all_ages(tmp_path):
    for version in ("3", "4"):
        source = made.tone(tmp_path / f"{version}.mp3", *WORDS, "-id3v2_version", version)
        assert process(source, tmp_path / "out").columns["artist"] == "Søren"
    old = made.tone(tmp_path / "old.mp3", "-id3v2_version", "0")
    fields = (b"TAG", b"Lied".ljust(30, b"\0"), "Søren".encode("latin-1").ljust(30, b"\0"), b"Wald".ljust(30))
    old.write_bytes(old.read_bytes() + b"".join(fields) + b"1998" + bytes(29) + b"\x07" + bytes([26]))
    found = process(old, tmp_path / "out").columns
    assert (found["title"], found["artist"], found["album"]) == ("Lied", "Søren", "Wald")
    assert (found["year"], found["track"], found["genre"]) == (1998, 7, "Ambient")


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"\xff\xd8\xff\xe0" + random.Random(1).randbytes(2000),
        b"",
    ],
)
def test_what_is_no_picture_is_no_cover(tmp_path, data):
    assert poster.cover(data, 1280) is None
    result = process(_with_cover(tmp_path, data or b"x"), tmp_path / "out")
    assert result.data["cover"] is False and result.files["thumb"].type == "image/png"


def test_a_huge_cover_is_refused_before_it_is_decoded(tmp_path):
    tracemalloc.start()
    assert poster.cover(_picture("PNG", (12000, 12000), 0, "1"), 1280) is None
    assert tracemalloc.get_traced_memory()[1] < 10 << 20
    tracemalloc.stop()


def _picture(kind, size, colour, mode="RGB"):
    target = io.BytesIO()
    Image.new(mode, size, colour).save(target, kind, quality=95)
    return target.getvalue()


def _with_cover(folder, data):
    """An MP3 whose ID3v2.3 tag holds `data` as its cover (ID3v2.3 section 4.15)."""
    body = b"\x00image/jpeg\x00\x03\x00" + data
    frame = b"APIC" + struct.pack(">I", len(body)) + b"\x00\x00" + body
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    plain = made.tone(folder / "plain.mp3", "-id3v2_version", "0")
    target = folder / "cover.mp3"
    target.write_bytes(b"ID3\x03\x00\x00" + size + frame + plain.read_bytes())
    return target


def test_the_waveform_shows_loud_and_quiet(tmp_path):
    source = tmp_path / "steps.wav"
    _write_wave(source, [0.0, 1.0, 0.25, 0.5])
    sound = waveform.listen(ffmpeg.find(), ffmpeg.reading(source, "wav"), 0, 20)
    assert sound.seconds == pytest.approx(4, abs=0.05)
    loud = [loudest for loudest, _ in waveform.bars(sound.peaks, 4)]
    assert loud == [pytest.approx(level, abs=0.08) for level in (0, 1, 0.25, 0.5)] or loud[0] < 0.1
    picture = waveform.picture(sound.peaks, 640, 320)
    heights = [_height(picture, part) for part in (0.1, 0.35, 0.6, 0.9)]
    assert heights[0] < 12 and heights[1] > 280 and 50 < heights[2] < 110 and 120 < heights[3] < 190
    assert picture.getpixel((0, 0))[3] == 0


def _height(picture, part):
    """How tall the bar around this part of the width is, in pixels."""
    x = int(part * picture.width)
    box = picture.crop((x, 0, x + 10, picture.height)).getchannel("A").getbbox()
    return box[3] - box[1]


def _write_wave(target, levels, rate=8000):
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        for level in levels:
            file.writeframes(array("h", [int(32767 * level), int(-32767 * level)] * (rate // 2)).tobytes())


def test_waveforms_have_the_gallerys_sizes(tmp_path):
    files = process(made.tone(tmp_path / "a.flac"), tmp_path / "out").files
    sizes = {"view": (1280, 640), "thumb2": (640, 320), "thumb": (320, 160), "waveform": (1280, 240)}
    for role, size in sizes.items():
        with Image.open(tmp_path / "out" / files[role].name) as image:
            assert image.size == size == (files[role].width, files[role].height) and image.mode == "RGBA"


def test_duration_is_what_is_there_not_what_is_claimed(tmp_path):
    source = tmp_path / "claims.wav"
    _write_wave(source, [0.5, 0.5])
    data = bytearray(source.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    source.write_bytes(data)
    assert process(source, tmp_path / "out").columns["duration"] == pytest.approx(2, abs=0.1)


def test_variable_rate_without_a_header_lasts_right(tmp_path):
    quiet = [
        "-f",
        "lavfi",
        "-i",
        "anoisesrc=duration=3:amplitude=0.001",
        "-f",
        "lavfi",
        "-i",
        "anoisesrc=duration=9",
    ]
    vbr = [
        "-filter_complex",
        "[0][1]concat=n=2:v=0:a=1",
        "-q:a",
        "5",
        "-write_xing",
        "0",
        "-id3v2_version",
        "0",
    ]
    source = made.make(tmp_path / "vbr.mp3", *quiet, *vbr)
    assert process(source, tmp_path / "out").columns["duration"] == pytest.approx(12, abs=0.3)


def test_ogg_gets_a_copy_for_older_safari_unless_told_otherwise(tmp_path):
    source = made.tone(tmp_path / "a.ogg", "-c:a", "libvorbis")
    assert process(source, tmp_path / "out").files["play"].type == "audio/mp4"
    assert "play" not in process(source, tmp_path / "out", ogg_copy=False).files


def test_moving_pictures_in_a_sound_container_become_video(tmp_path):
    source = made.film(tmp_path / "clip.m4a", "-f", "ipod", *made.H264)
    source.write_bytes(source.read_bytes().replace(b"M4V ", b"M4A "))
    assert Audio().sniff(source.read_bytes()[:4096], "x")
    result = process(source, tmp_path / "out")
    assert result.columns["kind"] == "video" and result.columns["width"] == 160


def test_silence_and_noise_end_well(tmp_path):
    silence = made.make(tmp_path / "silent.flac", "-f", "lavfi", "-i", "anullsrc=r=44100", "-t", "0.01")
    assert process(silence, tmp_path / "out").files["thumb"]
    for head in (
        b"fLaC",
        b"OggS",
        b"RIFF\xff\xff\xff\xffWAVEfmt ",
        b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f",
        b"MAC ",
        b"wvpk",
    ):
        noise = tmp_path / "noise"
        noise.write_bytes(head + random.Random(len(head)).randbytes(3000))
        with pytest.raises(Unreadable):
            process(noise, tmp_path / "out")


def test_a_place_in_a_voice_memo_is_hidden(tmp_path):
    source = made.tone(tmp_path / "memo.m4a", "-metadata", "location=+54.3233+010.1228/", "-f", "mp4")
    result = process(source, tmp_path / "out")
    assert result.columns["lat"] == pytest.approx(54.3233, abs=1e-4)
    given = made.patched(source, tmp_path / "given.m4a", "place", patches=result.patches)
    assert b"54.3233" not in given.read_bytes() and probe(given).audio
    heard = subprocess.run(
        [ffmpeg.find(), "-v", "error", "-i", given, "-f", "null", "-"], capture_output=True
    )
    assert heard.returncode == 0 and not heard.stderr


@pytest.mark.long
def test_hostile_files_end_in_a_sentence_or_a_right_result(corpus, tmp_path):
    ends = (".mp3", ".flac", ".wav", ".ogg")
    rows = [row for row in made.ground_truth(corpus, "hostile/") if row["path"].endswith(ends)]
    assert len(rows) >= 11
    for row in rows:
        source = corpus / row["path"]
        known = media.identify(source.read_bytes()[:4096], source.name)
        if known is None:
            assert source.stat().st_size == 0
            continue
        try:
            result = process(source, tmp_path / source.name)
        except Unreadable as sentence:
            assert str(sentence).endswith(".")
            continue
        assert result.data["cover"] is False and result.columns["duration"] < 10
        assert all(file.type in ("image/png", "audio/mp4") for file in result.files.values())


def _check(row, corpus, out):
    result = process(corpus / row["path"], out)
    columns, said = result.columns, made.facts_of(row)
    assert columns["duration"] == pytest.approx(float(row["duration_s"]), abs=0.2), row["path"]
    assert (columns.get("title") or "") == row["title"], row["path"]
    for name in ("artist", "album", "genre"):
        assert (columns[name] or "") == said.get(name, ""), row["path"]
    assert str(columns["year"] or "") == said.get("date", "")
    assert columns["track"] == (int(said["track"].partition("/")[0]) if "track" in said else None)
    assert result.data["cover"] == ("cover" in said), row["path"]
    assert columns["codec"] == said["audio_codec"] and (result.data["plays"] or "play" in result.files)


def test_sample_of_the_corpus(corpus, tmp_path):
    rows = [row for row in made.ground_truth(corpus, "audio/") if any(name in row["path"] for name in SAMPLE)]
    assert len(rows) == len(SAMPLE)
    for row in rows:
        _check(row, corpus, tmp_path / "out")


@pytest.mark.long
def test_all_of_the_corpus(corpus, tmp_path):
    for row in made.ground_truth(corpus, "audio/"):
        _check(row, corpus, tmp_path / "out")


def test_pictures_of_a_sound_follow_the_option(tmp_path):
    sizes = {"sizes": "100 200 400"}
    bare = process(made.tone(tmp_path / "a.flac"), tmp_path / "bare", **sizes).files
    assert (bare["view"].width, bare["thumb2"].width, bare["thumb"].width) == (400, 200, 100)
    assert (bare["waveform"].width, bare["waveform"].height) == (400, 75)
    files = process(
        _with_cover(tmp_path, _picture("PNG", (900, 600), "red")), tmp_path / "out", **sizes
    ).files
    assert (files["view"].width, files["thumb2"].width, files["thumb"].height) == (400, 200, 67)


def test_a_cover_is_opened_as_what_its_first_bytes_say(monkeypatch):
    opened = []
    open_ = Image.open
    monkeypatch.setattr(
        Image, "open", lambda *a, formats: opened.append(formats) or open_(*a, formats=formats)
    )
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        assert poster.cover(_picture(kind, (9, 6), "red"), 1280)
        assert opened.pop() == [kind]
    assert poster.cover(_picture("TIFF", (9, 6), "red"), 1280) is None and not opened


def halves(target, seconds=60):
    """Loud in its first half, quiet in the second."""
    loud = f"0.5*sin(300*2*PI*t)*(1-0.9*gte(t,{seconds / 2}))"
    return made.make(target, "-f", "lavfi", "-i", f"aevalsrc='{loud}':s=8000:d={seconds}")


@pytest.mark.parametrize("name", ["a.mp3", pytest.param("a.flac", marks=pytest.mark.long)])
def test_a_long_sound_is_listened_to_here_and_there(tmp_path, name, monkeypatch):
    source, heard = halves(tmp_path / name), []
    listen = waveform.listen

    def counted(*args, **more):
        heard.append(listen(*args, **more))
        return heard[-1]

    monkeypatch.setattr(waveform, "listen", counted)
    monkeypatch.setattr(audio, "LONG_SECONDS", 30)
    result = process(source, tmp_path / "out", steps=["facts", "thumbs"])
    assert result.columns["duration"] == pytest.approx(60, abs=0.2)
    assert 5 < sum(sound.seconds for sound in heard) < 20 and len(heard) == waveform.MOMENTS
    with Image.open(tmp_path / "out" / result.files["waveform"].name) as band:
        alpha = band.getchannel("A")
        high = [
            ImageStat.Stat(alpha.crop((x, 0, x + 200, band.height))).sum[0] for x in (100, band.width - 300)
        ]
    assert high[0] > 2 * high[1]


def test_a_long_sound_that_was_cut_off_is_as_long_as_what_is_there(tmp_path, monkeypatch):
    source = halves(tmp_path / "a.flac")
    with source.open("r+b") as file:
        file.truncate(source.stat().st_size // 3)
    monkeypatch.setattr(audio, "LONG_SECONDS", 10)
    assert 10 < process(source, tmp_path / "out").columns["duration"] < 40


def test_looking_here_and_there_ends_in_time(tmp_path, monkeypatch):
    """A format that has to be read from its beginning each time gives a coarser picture."""
    monkeypatch.setattr(audio, "LONG_SECONDS", 10)
    monkeypatch.setattr(waveform, "MOMENTS_SECONDS", 0.3)
    result = process(halves(tmp_path / "a.aac", 20), tmp_path / "out", steps=["facts", "thumbs"])
    assert result.columns["duration"] == pytest.approx(20, abs=0.3) and result.files["waveform"]


TOLD = {"artist": "Hidden Søren", "album_artist": "Hidden Band", "performer": "Hidden choir", "date": "1987"}
TOLD |= {"copyright": "Hidden Ltd", "composer": "Hidden Bach", "title": "Größe ✓", "album": "Wald"}
TELLING = [part for item in TOLD.items() for part in ("-metadata", "=".join(item))]


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("a.mp3", ["-id3v2_version", "3", "-write_id3v1", "1"]),
        ("b.mp3", ["-id3v2_version", "4", "-write_apetag", "1"]),
        ("a.flac", []),
        ("a.ogg", ["-c:a", "libvorbis", "-metadata", "lyrics=" + "long " * 24_000]),
        ("a.opus", ["-c:a", "libopus"]),
        ("b.ogg", ["-c:a", "flac"]),
        ("a.m4a", ["-c:a", "aac"]),
        ("a.mka", ["-c:a", "flac"]),
        ("a.wav", ["-write_bext", "1", "-metadata", "originator=Hidden me"]),
        ("a.aiff", ["-write_id3v2", "1"]),
        ("a.wv", []),
        ("a.tta", []),
    ],
)
def test_who_made_a_sound_is_hidden_and_the_sound_stays(tmp_path, name, args):
    source = made.tone(tmp_path / name, *TELLING, *args)
    assert b"Hidden" in source.read_bytes() or b"H\0i\0d" in source.read_bytes()
    result = process(source, tmp_path / "out", steps=["facts"])
    given = made.patched(source, tmp_path / f"given-{name}", "facts", patches=result.patches)
    assert given.stat().st_size == source.stat().st_size
    data = given.read_bytes()
    assert not [
        word for word in ("Hidden", "1987") if word.encode() in data or word.encode("utf-16-le") in data
    ]
    after = probe(given).tags
    assert not {"artist", "album_artist", "performer", "date", "composer"} & {
        k for k, v in after.items() if v.strip()
    }
    if probe(source).tags.get("title"):
        assert after["title"] == "Größe ✓"
    assert decoded(given) == decoded(source)


def _id3(name, text):
    frame = name + struct.pack(">IH", len(text) + 1, 0) + b"\0" + text
    return b"ID3\3\0\0" + bytes((0, 0, 0, len(frame))) + frame


def _chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _riff(form, *parts):
    return _chunk(b"RIFF", form + b"".join(parts))


MAKER = _chunk(b"LIST", b"ncdt" + _chunk(b"nctg", b"\3\0\6\0Hidden"))
MANY = (
    struct.pack("<I", 3000) + struct.pack("<I3s", 3, b"a=b") * 2999 + struct.pack("<I", 13) + b"artist=Hidden"
)
DSF = b"DSD " + struct.pack("<QQQ", 28, 52, 28)


@pytest.mark.parametrize(
    ("demuxer", "data"),
    [
        ("mp3", _id3(b"TIT2", b"Seen") + _id3(b"TPE1", b"Hidden")),
        ("dsf", DSF + _id3(b"TPE1", b"Hidden")),
        ("flac", b"fLaC\x84" + (len(MANY) + 4).to_bytes(3, "big") + bytes(4) + MANY),
        ("flac", b"fLaC\x82\xff\xff\xffgobl" + b"Hidden"),
        ("avi", _riff(b"AVI ", MAKER)),
        ("wav", _riff(b"WAVE", _chunk(b"LIST", b"exif" + _chunk(b"ecor", b"Hidden")))),
    ],
    ids=["two tags", "dsf", "many comments", "too long", "nikon", "exif"],
)
def test_who_made_a_sound_is_hidden_wherever_it_is_said(tmp_path, demuxer, data):
    source = tmp_path / "a"
    source.write_bytes(data)
    found = hiding.look(source, Format(demuxer, ""), Facts())
    new = made.patched(source, tmp_path / "new", "facts", patches=found.patches).read_bytes()
    assert b"Hidden" in data and b"Hidden" not in new and (b"Seen" in new) == (b"Seen" in data)


def test_a_sound_behind_another_one_has_its_names_kept_back(tmp_path):
    one = made.tone(tmp_path / "a.ogg", *TELLING, "-c:a", "libvorbis")
    (tmp_path / "b.ogg").write_bytes(one.read_bytes() * 2)
    assert not hiding.look(one, Format("ogg", ""), Facts()).facts_stay
    assert hiding.look(tmp_path / "b.ogg", Format("ogg", ""), Facts()).facts_stay


@pytest.mark.parametrize("tag", ["date", "publisher", "make", "artist"])
def test_a_sound_in_which_nothing_is_overwritten_is_kept_back(tmp_path, tag):
    source = made.tone(tmp_path / "a.wma", "-metadata", f"{tag}=1987")
    result = process(source, tmp_path / "out", steps=["facts"])
    assert result.data["facts_stay"]


def test_chunks_without_end_are_not_walked_to_the_end(tmp_path):
    nested = b""
    for _ in range(2000):
        nested = _chunk(b"LIST", b"hdrl" + nested)
    (tmp_path / "deep").write_bytes(_riff(b"WAVE", nested))
    (tmp_path / "wide").write_bytes(_riff(b"WAVE", _chunk(b"junk", b"") * 6000))
    assert not hiding.look(tmp_path / "deep", Format("wav", ""), Facts()).facts_stay
    assert hiding.look(tmp_path / "wide", Format("wav", ""), Facts()).facts_stay


def decoded(path) -> bytes:
    """What is heard; anything that ffmpeg finds wrong, such as a checksum, is an error."""
    command = [ffmpeg.find(), "-v", "error", "-xerror", "-i", path, "-map", "0:a", "-f", "md5", "-"]
    ended = subprocess.run(command, check=True, capture_output=True)
    assert not ended.stderr, ended.stderr.decode()
    return ended.stdout


@pytest.mark.parametrize("name", ["a.mp3", "a.flac", "a.ogg", "a.wav", "a.aiff", "b.mp3"])
def test_mutated_tags_are_looked_through_in_bounds(tmp_path, name):
    from goblin.media.av import hiding

    args = ["-write_apetag", "1"] if name == "b.mp3" else []
    whole, chance = made.tone(tmp_path / name, *TELLING, *args).read_bytes(), random.Random(5)
    form = formats.of(tmp_path / name)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 20)):
            at = chance.choice([chance.randrange(600), chance.randrange(len(data))])
            data[at] = chance.choice([0, 1, 0x7F, 0xFF, chance.randrange(256)])
        bad = tmp_path / "bad"
        bad.write_bytes(data)
        for found in hiding.look(bad, form, facts.Facts()).patches.values():
            assert all(at >= 0 and length > 0 and at + length <= len(data) for at, length, _ in found)


def test_a_tag_that_cannot_be_walked_goes_whole(tmp_path):
    source = made.tone(tmp_path / "a.mp3", *TELLING)
    data = bytearray(source.read_bytes())
    data[5] |= 0x80  # as if its bytes were written apart
    source.write_bytes(data)
    result = process(source, tmp_path / "out", steps=["facts"])
    given = made.patched(source, tmp_path / "given.mp3", "facts", patches=result.patches)
    assert b"Hidden" not in given.read_bytes() and decoded(given)

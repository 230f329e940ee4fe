"""Videos of every kind: facts, poster, the playable copy, what is hidden, hostile files."""

import base64
import struct
import subprocess

import pytest
from PIL import Image, ImageStat

from goblin import media
from goblin.media import Missing, Unreadable, ffmpeg
from goblin.media.av import facts, formats, mp4, poster
from goblin.media.video import Video
from goblin.web.tiles import quantise, tile_of
from tests import made

SAMPLE = (
    "VID_2019",
    "small_video_rotate",
    "cityCC0",
    "city_hevc10",
    "bunny_av1",
    "city.wmv",
    "phone_h264",
    "tiny",
)
PLACE = "+54.3233+010.1228/"


def process(source, out, progress=lambda percent, step="": None, **options):
    out.mkdir(exist_ok=True)
    return Video().process(source, out, options, progress)


def probe(path):
    return facts.probe(ffmpeg.find(), path, formats.of(path))


def brightness(path):
    with Image.open(path) as image:
        return ImageStat.Stat(image.convert("L")).mean[0]


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """One of each container and codec that this machine's ffmpeg can write."""
    folder = tmp_path_factory.mktemp("films")
    made.film(folder / "fast.mp4", *made.H264, "-movflags", "+faststart")
    made.film(folder / "late.mp4", *made.H264)
    made.film(folder / "phone.mov", *made.H264)
    made.film(folder / "box.mkv", *made.H264)
    made.film(folder / "old.avi", "-c:v", "mpeg4", "-c:a", "mp3")
    made.film(folder / "web.webm", "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis")
    made.film(folder / "flash.flv", "-c:v", "flv1", "-c:a", "mp3")
    made.film(folder / "tv.ts", "-c:v", "mpeg2video", "-c:a", "mp2")
    made.film(folder / "dvd.mpg", "-r", "25", "-c:v", "mpeg2video", "-c:a", "mp2")
    made.film(folder / "win.wmv", "-c:v", "wmv2", "-c:a", "wmav2")
    made.film(folder / "free.ogv", "-c:v", "libtheora", "-c:a", "libvorbis")
    return folder


@pytest.mark.parametrize(
    ("name", "mime", "copy"),
    [
        ("fast.mp4", "video/mp4", None),
        ("late.mp4", "video/mp4", "copied"),
        ("phone.mov", "video/quicktime", "copied"),
        ("box.mkv", "video/x-matroska", "copied"),
        ("web.webm", "video/webm", None),
        ("old.avi", "video/x-msvideo", "encoded"),
        ("flash.flv", "video/x-flv", "encoded"),
        ("tv.ts", "video/mp2t", "encoded"),
        ("dvd.mpg", "video/mpeg", "encoded"),
        ("win.wmv", "video/x-ms-wmv", "encoded"),
        ("free.ogv", "video/ogg", "encoded"),
    ],
)
def test_every_container_plays_as_it_is_or_gets_one_copy(films, tmp_path, name, mime, copy):
    source = films / name
    assert Video().sniff(source.read_bytes()[:4096], "x.txt") == mime
    told = []
    result = process(source, tmp_path, lambda part, *_: told.append(part))
    assert (result.columns["width"], result.columns["height"]) == (160, 90)
    assert result.columns["duration"] == pytest.approx(1, abs=0.2)
    assert result.data["plays"] == (copy is None) and ("play" in result.files) == (copy is not None)
    assert told == sorted(told) and told[-1] == 100
    for offset, length, text in sum(result.patches.values(), []):
        assert 0 <= offset < offset + length <= source.stat().st_size
        assert 0 < len(base64.b64decode(text)) <= length
    if copy:
        found = probe(tmp_path / result.files["play"].name)
        assert (found.video.codec, found.video.pixels, found.audio.codec) == (
            "h264",
            "yuv420p",
            "aac",
        ) or copy == "copied"
        assert found.duration == pytest.approx(1, abs=0.2) and found.video.shown == (160, 90)
        assert mp4.Boxes(tmp_path / "play.mp4").starts_early()


def test_posters_fit_and_never_grow(tmp_path):
    source = made.silent(tmp_path / "wide.mp4", *made.H264, size="1440x600")
    result = process(source, tmp_path / "out")
    sizes = {
        role: (result.files[role].width, result.files[role].height) for role in ("thumb", "thumb2", "view")
    }
    assert sizes == {"thumb": (320, 133), "thumb2": (640, 266), "view": (1280, 533)}
    for role, size in sizes.items():
        with Image.open(tmp_path / "out" / result.files[role].name) as image:
            assert image.size == size and image.format == "JPEG" and not image.getexif()
    assert len(result.columns["placeholder"]) == 7


def test_poster_is_not_the_black_beginning(tmp_path):
    black = ["-f", "lavfi", "-i", "color=black:size=160x90:rate=10:duration=2"]
    light = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=1"]
    join = ["-filter_complex", "[0][1]concat=n=2", *made.H264, "-g", "100"]
    source = made.make(tmp_path / "fade.mp4", *black, *light, *join)
    result = process(source, tmp_path / "out")
    assert brightness(tmp_path / "out" / result.files["thumb"].name) > poster.DARK


def test_only_black_is_shown_black(tmp_path):
    source = made.make(
        tmp_path / "night.mp4", "-f", "lavfi", "-i", "color=black:size=64x64:duration=1", *made.H264
    )
    assert brightness(tmp_path / process(source, tmp_path).files["thumb"].name) < 5


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_applied_to_facts_poster_and_copy(tmp_path, degrees):
    upright = made.silent(tmp_path / "upright.mov", *made.H264)
    turned = tmp_path / "turned.mov"
    turned.write_bytes(_with_rotation(upright.read_bytes(), degrees))
    size = (90, 160) if degrees % 180 else (160, 90)
    result = process(turned, tmp_path / "out")
    assert result.columns["rotation"] == degrees
    assert (result.columns["width"], result.columns["height"]) == size
    assert (result.files["view"].width, result.files["view"].height) == size
    assert probe(tmp_path / "out" / "play.mp4").video.turned == size


def _with_rotation(data, degrees):
    """The file with the matrix of its first track turned (ISO/IEC 14496-12, section 8.3.2)."""
    at = data.index(b"tkhd") + 4 + 40
    one = 1 << 16
    matrix = {90: (0, one, 0, -one, 0, 0), 180: (-one, 0, 0, 0, -one, 0), 270: (0, -one, 0, one, 0, 0)}[
        degrees
    ]
    return data[:at] + struct.pack(">9i", *matrix, 0, 0, 1 << 30) + data[at + 36 :]


def test_wide_pixels_become_square_and_ten_bits_eight(tmp_path):
    args = ["-vf", "setsar=16/11", "-c:v", "mpeg4"]
    source = made.silent(tmp_path / "pal.avi", *args, size="352x288")
    result = process(source, tmp_path / "out")
    assert (result.columns["width"], result.columns["height"]) == (352, 288)
    assert result.data["shown"] == [512, 288]
    assert (result.files["view"].width, result.files["view"].height) == (512, 288)
    found = probe(tmp_path / "out" / "play.mp4").video
    assert (found.width, found.height, found.aspect) == (512, 288, 1)
    ten = made.silent(
        tmp_path / "ten.mkv", "-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-preset", "ultrafast"
    )
    result = process(ten, tmp_path / "out")
    assert probe(tmp_path / "out" / result.files["play"].name).video.pixels == "yuv420p"


def test_copies_stay_within_the_height_and_have_even_sides(tmp_path):
    source = made.silent(tmp_path / "odd.avi", "-c:v", "mpeg4", size="322x182")
    result = process(source, tmp_path / "out", height=101)
    play = result.files["play"]
    assert play.height <= 102 and play.height % 2 == play.width % 2 == 0
    assert probe(tmp_path / "out" / play.name).video.shown == (play.width, play.height)


def test_sound_only_in_a_video_container_becomes_audio(tmp_path):
    for name, args in {"voice.mp4": ["-c:a", "aac"], "voice.mkv": ["-c:a", "libvorbis"]}.items():
        source = made.tone(tmp_path / name, *args)
        assert media.identify(source.read_bytes()[:4096], name)[0] == "video"
        result = process(source, tmp_path / "out")
        assert result.columns["kind"] == "audio" and "waveform" in result.files


def test_place_time_and_camera_are_read_and_hidden_in_mp4(tmp_path):
    tags = ["-metadata", f"location={PLACE}", "-metadata", "creation_time=2026-08-01T17:03:11Z"]
    tags += ["-metadata", "make=Kiel", "-metadata", "model=Camera 7", "-metadata", "title=Beach"]
    fast = ["-movflags", "+faststart+use_metadata_tags"]
    _hides(made.film(tmp_path / "a.mp4", *made.H264, *tags, *fast), tmp_path)
    _hides(made.film(tmp_path / "b.mov", *made.H264, *tags, "-movflags", "+use_metadata_tags"), tmp_path)
    _hides(made.film(tmp_path / "c.mkv", *made.H264, *tags), tmp_path)
    plain = made.film(tmp_path / "d.mp4", *made.H264, *tags[:4], "-movflags", "+faststart")
    result = _hides(plain, tmp_path, camera="")
    assert result.data["plays"] is True


def _hides(source, tmp_path, camera="Kiel Camera 7"):
    result = process(source, tmp_path / "out")
    columns = result.columns
    assert (columns["lat"], columns["lon"]) == (
        pytest.approx(54.3233, abs=1e-4),
        pytest.approx(10.1228, abs=1e-4),
    )
    assert columns["taken"] == "2026-08-01T17:03:11" and result.data.get("camera", "") == camera
    assert "place_stays" not in result.data
    target = tmp_path / f"given{source.suffix}"
    for which in (["place"], ["facts"], ["place", "facts"]):
        found = probe(made.patched(source, target, *which, patches=result.patches))
        said = str(found.tags)
        assert ("54.32" in said) == ("place" not in which)
        assert ("Camera 7" in said) == ("facts" not in which and bool(camera))
        assert ("2026-08-01" in said) == ("facts" not in which)
        assert found.duration == pytest.approx(1, abs=0.2) and found.video and found.audio
        assert b"+54.3233" not in target.read_bytes() or "place" not in which
    done = subprocess.run(
        [ffmpeg.find(), "-v", "error", "-xerror", "-i", target, "-f", "null", "-"], capture_output=True
    )
    assert done.returncode == 0 and not done.stderr
    if "play" in result.files:
        assert b"54.32" not in (tmp_path / "out" / result.files["play"].name).read_bytes()
    return result


def test_a_drones_subtitles_keep_the_original_back(tmp_path):
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,000 --> 00:00:00,900\nGPS(10.1228, 54.3233, 20) BAROMETER:3\n")
    film = made.film(tmp_path / "plain.mp4", *made.H264, "-movflags", "+faststart")
    both = ["-i", str(film), "-i", str(words), "-c", "copy", "-c:s", "mov_text", "-movflags", "+faststart"]
    drone = made.make(tmp_path / "drone.mp4", *both)
    result = process(drone, tmp_path / "out")
    assert result.data["place_stays"] is True and result.data["plays"] is False
    assert b"54.3233" not in (tmp_path / "out" / result.files["play"].name).read_bytes()
    words.write_text("1\n00:00:00,000 --> 00:00:00,900\nHello there, it is 12.5 degrees\n")
    assert "place_stays" not in process(made.make(tmp_path / "talk.mp4", *both), tmp_path / "out").data


def test_a_live_recording_without_duration_is_measured(tmp_path):
    live = ["-c:v", "libvpx", "-deadline", "realtime", "-f", "webm", "-live", "1"]
    source = made.silent(tmp_path / "live.webm", *live, seconds=2)
    result = process(source, tmp_path / "out")
    assert result.columns["duration"] == pytest.approx(2, abs=0.2)
    assert result.files["play"].name == "play.webm"
    assert probe(tmp_path / "out" / "play.webm").duration == pytest.approx(2, abs=0.2)


def test_a_cut_file_lasts_as_long_as_what_is_there(tmp_path):
    source = made.film(tmp_path / "whole.mp4", *made.H264, "-movflags", "+faststart", seconds=4, rate=25)
    source.write_bytes(source.read_bytes()[: source.stat().st_size * 6 // 10])
    assert 1 < process(source, tmp_path / "out").columns["duration"] < 3.5


@pytest.mark.long
def test_hostile_files_end_in_a_sentence_or_a_right_result(corpus, tmp_path):
    rows = [
        row
        for row in made.ground_truth(corpus, "hostile/")
        if row["path"].endswith((".mp4", ".mov", ".avi", ".m3u8", ".m3u", ".mpd"))
    ]
    assert len(rows) > 15
    for row in rows:
        source = corpus / row["path"]
        known = media.identify(source.read_bytes()[:4096], source.name)
        if row["kind"] == "hostile-playlist" and not source.name.startswith(("ffmpeg_read", "mov_dref")):
            assert known is None, row["path"]
        if known and known[0] == "video":
            _is_safe(source, tmp_path / source.name)


def _is_safe(source, out):
    try:
        result = process(source, out)
    except Unreadable as sentence:
        assert str(sentence).endswith(".") and len(str(sentence)) < 120
        return
    for file in result.files.values():
        assert b"root:" not in (out / file.name).read_bytes()


def test_copies_of_the_hostile_avi_show_no_other_file(corpus, tmp_path):
    with pytest.raises(Unreadable):
        process(corpus / "hostile/ffmpeg_read_passwd.avi", tmp_path)


def _check(row, corpus, out):
    result = process(corpus / row["path"], out)
    columns = result.columns
    if row["width"]:
        assert (columns["width"], columns["height"]) == (int(row["width"]), int(row["height"])), row["path"]
    assert columns["duration"] == pytest.approx(float(row["duration_s"]), abs=0.2), row["path"]
    assert columns.get("kind", "video") == ("video" if row["width"] else "audio"), row["path"]
    if row["lat"]:
        assert columns["lat"] == pytest.approx(float(row["lat"]), abs=1e-4), row["path"]
        assert columns["lon"] == pytest.approx(float(row["lon"]), abs=1e-4), row["path"]
        assert result.patches["place"] and "place_stays" not in result.data
    assert not row["title"] or columns["title"] == row["title"]
    assert result.data["plays"] or "play" in result.files


@pytest.mark.long
def test_sample_of_the_corpus(corpus, tmp_path):
    rows = [row for row in made.ground_truth(corpus, "video/") if any(name in row["path"] for name in SAMPLE)]
    assert len(rows) >= len(SAMPLE)
    for row in rows:
        _check(row, corpus, tmp_path / "out")


@pytest.mark.long
def test_all_of_the_corpus(corpus, tmp_path):
    rows = made.ground_truth(corpus, "video/", "audio/audio_only.mkv", "heic/livephoto/IMG_7943_HEVC")
    for row in rows:
        _check(row, corpus, tmp_path / "out")


def test_a_phones_own_clock_and_camera(corpus, tmp_path):
    result = process(corpus / "heic/livephoto/IMG_7943_HEVC.MOV", tmp_path)
    assert (result.columns["taken"], result.columns["taken_offset"]) == ("2026-03-23T15:57:19", "+01:00")
    assert result.data["camera"] == "Apple iPhone 13 Pro"
    given = made.patched(
        corpus / "heic/livephoto/IMG_7943_HEVC.MOV",
        tmp_path / "x.mov",
        "place",
        "facts",
        patches=result.patches,
    )
    assert not {"49.1989", "iPhone", "2026-03"} & {
        part for part in ("49.1989", "iPhone", "2026-03") if part in str(probe(given).tags)
    }


def test_runs_within_the_sandbox_limits(films, tmp_path):
    from goblin.media.sandbox import Failed, Sandbox

    box = Sandbox()
    try:
        told = []
        (tmp_path / "out").mkdir()
        source, out = films / "old.avi", tmp_path / "out"
        result = box.run("video", source, out, {"ffmpeg": ""}, lambda part, *_: told.append(part))
        assert result.columns["codec"] == "mpeg4" and (tmp_path / "out" / "play.mp4").stat().st_size > 1000
        broken = tmp_path / "broken.mp4"
        broken.write_bytes(films.joinpath("late.mp4").read_bytes()[:3000])
        with pytest.raises(Failed, match="damaged"):
            box.run("video", broken, tmp_path / "out", {"ffmpeg": ""})
    finally:
        box.close()


def test_a_picture_brighter_than_the_screen_is_tamed(tmp_path):
    bright = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc,format=yuv420p10le"
    source = made.silent(tmp_path / "hdr.mp4", "-vf", bright, "-c:v", "libx264")
    assert probe(source).video.bright == "smpte2084"
    result = process(source, tmp_path / "out")
    copy = probe(tmp_path / "out" / result.files["play"].name).video
    assert copy.pixels == "yuv420p" and "smpte2084" not in copy.colour and "bt709" in copy.colour


def test_a_camcorders_stream_is_encoded_as_it_hides_the_place(tmp_path):
    args = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-f", "mpegts"]
    for mode, stays in (("0", False), ("1", True)):
        source = made.silent(tmp_path / f"{mode}.mts", *args, "-mpegts_m2ts_mode", mode)
        assert Video().sniff(source.read_bytes()[:4096], "") == "video/mp2t"
        result = process(source, tmp_path / "out")
        assert result.data.get("place_stays", False) == stays and "play" in result.files


def test_makers_own_boxes_and_xmp_are_hidden(tmp_path):
    source = made.silent(tmp_path / "x.mp4", *made.H264, "-movflags", "+faststart")
    xmp = bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + b"<exif:GPSLatitude>54,19.4N</exif:GPSLatitude>"
    around = bytes.fromhex("ffcc8263f8554a938814587a02521fdd") + b"<rdf:SphericalVideo/>"
    with source.open("ab") as file:
        for body in (xmp, around):
            file.write(struct.pack(">I", len(body) + 8) + b"uuid" + body)
    result = process(source, tmp_path / "out")
    given = made.patched(source, tmp_path / "given.mp4", "place", patches=result.patches).read_bytes()
    assert b"GPSLatitude" not in given and b"SphericalVideo" in given and b"Lavf" in given


def test_tracks_of_measurements_keep_the_original_back(tmp_path):
    source = made.silent(tmp_path / "x.mov", *made.H264, "-write_tmcd", "1", "-timecode", "00:00:00:00")
    assert not mp4.patches(source, mp4.Boxes(source))[1]
    source.write_bytes(
        source.read_bytes().replace(b"tmcd\x00\x00\x00\x00\x00\x00\x00\x01", b"gpmd" + bytes(7) + b"\x01")
    )
    assert mp4.patches(source, mp4.Boxes(source))[1]


def test_without_ffmpeg_a_sentence_names_it(films, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match="ffmpeg"):
        process(films / "fast.mp4", tmp_path, ffmpeg="/nowhere/ffmpeg")


def test_what_ffmpeg_said_is_kept_for_the_keeper(tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\x00\x00\x00\x18ftypisom" + bytes(500))
    with pytest.raises(Unreadable) as caught:
        process(broken, tmp_path)
    assert "ffmpeg ended with" in str(caught.value.__cause__)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_a_brighter_picture_that_names_its_transfer_function_only(tmp_path, transfer):
    words = f"setparams=color_trc={transfer},format=yuv420p10le"
    source = made.silent(tmp_path / "hdr.mp4", "-vf", words, "-c:v", "libx264")
    found = probe(source).video
    assert found.bright == transfer and "bt2020" not in found.colour
    result = process(source, tmp_path / "out")
    copy = probe(tmp_path / "out" / result.files["play"].name).video
    assert copy.pixels == "yuv420p" and "bt709" in copy.colour
    assert brightness(tmp_path / "out" / "thumb.jpg") > poster.DARK


def test_where_this_ffmpeg_cannot_tame_it_is_shown_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(ffmpeg, "has_filter", lambda program, name: False)
    words = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc,format=yuv420p10le"
    source = made.silent(tmp_path / "hdr.mp4", "-vf", words, "-c:v", "libx264")
    result = process(source, tmp_path / "out")
    assert probe(tmp_path / "out" / result.files["play"].name).video.pixels == "yuv420p"


def test_a_hidef_camcorders_oblong_pixels_are_shown_wide(tmp_path):
    source = made.silent(
        tmp_path / "hdv.mp4", *made.H264, "-vf", "setsar=4/3", "-movflags", "+faststart", size="144x108"
    )
    result = process(source, tmp_path / "out")
    assert result.data["plays"] and result.data["shown"] == [192, 108]
    assert (result.files["thumb"].width, result.files["thumb"].height) == (192, 108)


def test_a_changing_frame_rate_keeps_its_moments(tmp_path):
    """As phones and screens record: ten frames in the first second, two in each of the next ones."""
    moments = "setpts='if(lt(N,10),N*0.1,1+(N-10)*0.5)/TB'"
    source = made.silent(
        tmp_path / "vfr.mkv", "-vf", moments, "-vsync", "vfr", "-c:v", "mpeg2video", "-q:v", "3", seconds=2
    )
    result = process(source, tmp_path / "out")
    assert result.columns["duration"] == pytest.approx(6, abs=0.7)
    program, copy = ffmpeg.find(), tmp_path / "out" / "play.mp4"
    told = ["-i", str(copy), *ffmpeg.as_recorded(program), "-f", "framehash", "-hash", "crc32", "-"]
    shown = ffmpeg.call(program, told, 30).output
    times = [int(line.split(b",")[2]) for line in shown.splitlines() if line[:1].isdigit()]
    gaps = [after - before for before, after in zip(times, times[1:], strict=False)]
    assert len(times) == pytest.approx(20, abs=2) and max(gaps) > 3 * min(gaps)


def test_of_several_tracks_the_default_one_is_played_and_all_are_named(tmp_path):
    tones = [word for hertz in (300, 600, 900) for word in ("-f", "lavfi", "-i", f"sine={hertz}:duration=1")]
    picture = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1"]
    maps = [word for number in range(4) for word in ("-map", str(number))]
    names = [
        *("-metadata:s:a:0", "language=eng", "-disposition:a:0", "comment"),
        *("-metadata:s:a:1", "language=ger", "-disposition:a:1", "default"),
        *("-metadata:s:a:2", "language=fre", "-disposition:a:2", "0"),
    ]
    codecs = ["-c:v", "mpeg4", "-c:a", "mp3", "-ac:a:1", "2", "-ac:a:0", "1", "-ac:a:2", "1"]
    source = made.make(tmp_path / "many.mkv", *picture, *tones, *maps, *codecs, *names)
    result = process(source, tmp_path / "out")
    assert result.data["tracks"] == "Deutsch, Français, English"
    copy = probe(tmp_path / "out" / "play.mp4")
    assert len(copy.sounds) == 1 and copy.audio.channels == "stereo"  # the German one
    alone = made.film(tmp_path / "one.mkv", *made.H264)
    assert "tracks" not in process(alone, tmp_path / "out").data


def test_a_silent_film_says_so(tmp_path):
    result = process(made.silent(tmp_path / "still.mp4", *made.H264), tmp_path / "out")
    assert result.data["sound"] is False and result.columns["audio_codec"] is None
    assert probe(tmp_path / "out" / "play.mp4").audio is None


def test_the_poster_follows_the_option(tmp_path):
    film = made.film(tmp_path / "a.mp4", *made.H264, size="640x360")
    files = process(film, tmp_path / "out", sizes="100 200 400", steps=["thumbs"]).files
    assert {role: (file.width, file.height) for role, file in files.items()} == {
        "view": (400, 225),
        "thumb2": (200, 112),
        "thumb": (100, 56),
    }


def test_a_film_of_wide_pixels_is_as_wide_in_a_list_as_it_is_shown(site, tmp_path):
    ann = site.sign_in("ann")
    args = ("-vf", "setsar=16/11", *made.H264)
    film = site.ready(ann, "wide.mp4", made.film(tmp_path / "wide.mp4", *args, size="176x144").read_bytes())
    assert (film.width, film.height) == (176, 144)
    tile = tile_of(film)
    assert tile.ratio == quantise(256, 144) != quantise(176, 144)
    film.thumbs = "thumb.jpg 320"  # as an older goblin wrote it
    assert tile_of(film).ratio == quantise(176, 144)

"""Subtitles inside films: taken out, shown and changed like others, never twice, in bounds."""

import subprocess

import pytest
from booted import JSON

from goblin import jobs, reprocessing, sidecars
from goblin.db import from_now
from goblin.models import Media, Sidecar
from goblin.models.sidecar import GONE


def srt(words: str, count: int = 2) -> str:
    return "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},800\n{words} {n}\n\n" for n in range(count))


TRACKS = (
    # codec, what is said of it, its words
    ("subrip", {"language": "ger"}, "default", "Häschen <i>du</i>"),
    ("ass", {"language": "eng", "title": "SDH <b>\u202ehi"}, "hearing_impaired", "Hello"),
    ("webvtt", {"language": "eng", "title": "Forced"}, "forced", "Elvish"),
)


def made(folder, name="film.mkv", tracks=TRACKS, codec=None):
    """A film of a second with subtitles inside."""
    args, maps = ["-f", "lavfi", "-i", "testsrc=s=64x48:d=1:r=10"], ["-map", "0"]
    for number, (own, said, disposition, words) in enumerate(tracks):
        text = folder / f"{number}.srt"
        text.write_text(words if "-->" in words else srt(words))
        args += ["-i", text]
        maps += [
            "-map",
            str(number + 1),
            f"-c:s:{number}",
            codec or own,
            f"-disposition:s:{number}",
            disposition,
        ]
        maps += [part for item in said.items() for part in (f"-metadata:s:s:{number}", "=".join(item))]
    out = folder / name
    video = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast"]
    subprocess.run(["ffmpeg", "-y", "-v", "error", *args, *maps, *video, out], check=True)
    return out.read_bytes()


@pytest.fixture(scope="module")
def mkv(tmp_path_factory):
    return made(tmp_path_factory.mktemp("mkv"))


@pytest.fixture
def ann(site):
    return site.sign_in("ann")


def told(browser, medium):
    return browser.get(f"/u/ann/m/{medium.slug}/", headers=JSON).json["subtitles"]


def test_tracks_of_an_mkv_become_subtitles(site, ann, mkv):
    film = site.ready(ann, "film.mkv", mkv, visibility="public")
    assert film.state == "processed" and not [role for role in film.files if role.startswith("track")]
    found = told(site.browser(), film)
    assert [(s["language"], s["label"], s["sdh"], s["forced"]) for s in found] == [
        ("de", "Deutsch", False, False),
        ("en", "English: SDH <b>hi", True, False),
        ("en", "English: Forced", False, True),
    ]
    text = site.browser().get(found[0]["url"]).text
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:00.800\nHäschen <i>du</i> 0\n")
    assert "Hello 1" in site.browser().get(found[1]["url"]).text
    assert "Elvish 1" in site.browser().get(found[2]["url"]).text
    page = site.browser().get(f"/u/ann/m/{film.slug}/")
    assert "SDH &lt;b&gt;hi" in page and "\u202e" not in page
    assert [track["kind"] for track in page.html.find_all("track")] == ["subtitles", "captions", "subtitles"]
    assert "from inside the film" in ann.get(f"/u/ann/m/{film.slug}/files/")


def test_tracks_of_an_mp4_become_subtitles(site, ann, tmp_path):
    film = site.ready(ann, "film.mp4", made(tmp_path, "film.mp4", TRACKS[:2], "mov_text"))
    assert [(s["language"], s["label"]) for s in told(ann, film)] == [
        ("de", "Deutsch"),
        ("en", "English (for the hard of hearing)"),
    ]


def test_a_film_whose_subtitles_tell_the_place_is_for_whom_the_place_is(site, ann, tmp_path):
    tracks = (("subrip", {"language": "eng"}, "default", "GPS(10.1393,54.3233,19)"),)
    item = site.ready(ann, "drone.mkv", made(tmp_path, tracks=tracks), visibility="public")
    address = f"/f/{item.id}/download/drone.mkv"
    site.browser().get(address, status=404)
    ann.get(address)
    reprocessing.begin(reprocessing.plan(reprocessing.Wish(kind="video", force=True)))
    jobs.process(item.id)
    assert Media.by_id(item.id).todo, "while its subtitles are still to be looked at"
    site.browser().get(address, status=404)
    site.process()
    site.browser().get(address, status=404)
    Media.update(show_place=True).where(Media.id == item.id).execute()
    site.browser().get(address)


def test_what_was_changed_or_removed_stays_so(site, ann, mkv):
    film = site.ready(ann, "film.mkv", mkv)
    one, two, _ = told(ann, film)
    at = f"/u/ann/m/{film.slug}/files/"
    ann.post(f"{at}{one['id']}/", {"text": "WEBVTT\n\n00:01.000 --> 00:02.000\nMine\n", "language": "fr"})
    ann.post(f"{at}{two['id']}/delete/")
    reprocessing.begin(reprocessing.plan(reprocessing.Wish(ids=[film.id])))
    site.process()
    after = told(ann, film)
    assert [s["label"] for s in after] == ["Français", "English: Forced"]
    assert "Mine" in ann.get(after[0]["url"]).text
    ann.post(f"{at}{two['id']}/restore/")
    assert len(told(ann, film)) == 3
    ann.post(f"{at}{two['id']}/delete/")
    Sidecar.update(deleted=from_now(days=-99)).where(Sidecar.id == two["id"]).execute()
    sidecars.empty_trash()
    assert (Sidecar.get_by_id(two["id"]).kind, Sidecar.get_by_id(two["id"]).vtt) == (GONE, None)
    ann.post(f"{at}{two['id']}/restore/", status=404)
    reprocessing.begin(reprocessing.plan(reprocessing.Wish(ids=[film.id])))
    site.process()
    assert [s["label"] for s in told(ann, film)] == ["Français", "English: Forced"]


def test_films_that_are_here_already_get_theirs_by_preparing_again(site, ann, mkv):
    film = site.ready(ann, "film.mkv", mkv)
    Sidecar.delete().execute()
    made = " ".join(part for part in film.made.split() if not part.startswith("subtitles:"))
    Media.update(made=made).where(Media.id == film.id).execute()
    plan = reprocessing.plan(reprocessing.Wish())
    assert plan.work == [(film.id, "video", "subtitles")]
    reprocessing.begin(plan)
    site.process()
    assert len(told(ann, film)) == 3 and reprocessing.plan(reprocessing.Wish()).work == []


def test_many_and_large_tracks_are_bounded(site, ann, tmp_path):
    large = srt("x" * 900 + "\n" + "y" * 900, 99)
    huge = "".join(large.replace("00:00:", f"{n:02}:00:") for n in range(16))
    tracks = [("subrip", {}, "0", huge)] + [("subrip", {}, "0", f"Words {n}") for n in range(34)]
    film = site.ready(ann, "film.mkv", made(tmp_path, tracks=tracks))
    assert film.state == "processed"
    names = [s["name"] for s in told(ann, film)]
    assert len(names) == 31 and "film.2.vtt" in names and "film.1.vtt" not in names


def test_a_film_without_any_has_no_such_run(site, ann, tmp_path):
    medium = site.upload(ann, "film.mp4", made(tmp_path, "film.mp4", ()))
    jobs.process(medium.id)
    film = Media.by_id(medium.id)
    assert film.todo == "transcode"
    assert "subtitles:" in film.made and told(ann, film) == []


def test_a_backup_and_doctor_know_that_they_have_no_file(site, ann, mkv):
    from goblin import checkup

    site.ready(ann, "film.mkv", mkv)
    assert not [f.sentence for f in checkup.check_originals(deep=True) if f.mark == checkup.WRONG]
    assert len(list(checkup.originals())) == 1
